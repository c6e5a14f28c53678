#include "jobs/queue.h"

#include <atomic>

#include <gmock/gmock.h>

#include "jobs/store.h"
#include "tests/jobs/jobs_fixture.h"

namespace tallystick::jobs {
namespace {

class Queues : public JobsTest {
 protected:
  std::vector<std::string> kinds_of(const JobFilter& filter) {
    std::vector<std::string> kinds;
    for (const Job& job : jobs(filter)) {
      kinds.push_back(job.draft.kind);
    }
    return kinds;
  }
  // What a claimant would get, and has then: it is marked as running.
  std::string claim(const Claimant& claimant) {
    return *database().write<std::string>([&](soci::session& session) -> base::Result<std::string> {
      auto job = lock_due_job(session, claimant, clock_.now());
      if (!job) {
        return "none";
      }
      job->state = State::kRunning;
      update(session, *job);
      return job->draft.kind;
    });
  }
  void set_state(const base::Uuid& id, State state) {
    ASSERT_TRUE(database().write<bool>([&](soci::session& session) -> base::Result<bool> {
      auto job = find_job(session, id);
      job->state = state;
      job->finished_at = state == State::kQueued || state == State::kRunning ? base::Timestamp{} : clock_.now();
      update(session, *job);
      return true;
    }));
  }
};

TEST_P(Queues, AJobComesBackAsItWasAskedFor) {
  const Draft draft{.kind = "report.import",
                    .payload = R"({"file":"a.csv"})",
                    .subject = "partner:1",
                    .priority = 7,
                    .run_at = clock_.now() + 5,
                    .max_attempts = 3,
                    .dedupe_key = "k",
                    .node = "n",
                    .actor = "key:1"};
  const Job made = enqueue(draft);
  const Job job = *queue().get(made.id);
  EXPECT_EQ(job.draft.kind, draft.kind);
  EXPECT_EQ(job.draft.payload, draft.payload);
  EXPECT_EQ(job.draft.subject, draft.subject);
  EXPECT_EQ(job.draft.priority, 7);
  EXPECT_EQ(job.draft.run_at, draft.run_at);
  EXPECT_EQ(job.draft.max_attempts, 3);
  EXPECT_EQ(job.draft.dedupe_key, "k");
  EXPECT_EQ(job.draft.node, "n");
  EXPECT_EQ(job.draft.actor, "key:1");
  EXPECT_EQ(job.state, State::kQueued);
  EXPECT_EQ(job.attempts, 0);
  EXPECT_EQ(job.created_at, clock_.now());
  EXPECT_EQ(queue().get(base::Uuid{}).error().code, "job_not_found");
}

TEST_P(Queues, NeitherTheJobNorItsCauseExistsWithoutTheOther) {
  const auto failed = database().write<Job>([&](soci::session& session) -> base::Result<Job> {
    TALLY_TRY(queue().enqueue(session, {.kind = "a"}));
    return base::fail(base::ErrorKind::kConflict, "no", "the caller thinks again");
  });
  EXPECT_FALSE(failed);
  EXPECT_TRUE(jobs().empty());
}

TEST_P(Queues, OneJobOfAKeyIsUnderWay) {
  const Job first = enqueue({.kind = "a", .dedupe_key = "k"});
  EXPECT_EQ(enqueue({.kind = "a", .dedupe_key = "k"}).id, first.id);
  set_state(first.id, State::kRunning);
  EXPECT_EQ(enqueue({.kind = "a", .dedupe_key = "k"}).id, first.id);
  set_state(first.id, State::kDone);
  const Job second = enqueue({.kind = "a", .dedupe_key = "k"});
  EXPECT_NE(second.id, first.id);
  EXPECT_NE(enqueue({.kind = "a"}).id, enqueue({.kind = "a"}).id) << "without a key any number";
}

TEST_P(Queues, NodesThatQueueOneKeyAtOnceGetOneJob) {
  constexpr int kThreads = 4;
  std::vector<std::unique_ptr<Node>> nodes;
  std::vector<std::thread> threads;
  std::atomic<int> failures{0};
  for (int i = 0; i < kThreads; ++i) {
    nodes.push_back(make_node("n" + std::to_string(i)));
  }
  for (auto& node : nodes) {
    threads.emplace_back([&] {
      for (int i = 0; i < 5; ++i) {
        failures += node->queue.enqueue({.kind = "a", .dedupe_key = "k"}) ? 0 : 1;
      }
    });
  }
  for (std::thread& thread : threads) {
    thread.join();
  }
  EXPECT_EQ(failures, 0);
  EXPECT_EQ(jobs().size(), 1U);
}

TEST_P(Queues, WhatIsNoJobIsRefused) {
  EXPECT_EQ(queue().enqueue({.kind = "a", .payload = "[]"}).error().code, "bad_job");
  EXPECT_EQ(queue().enqueue({.kind = "a", .payload = "{"}).error().code, "bad_job");
  EXPECT_EQ(queue().enqueue({.kind = ""}).error().code, "bad_job");
  EXPECT_EQ(queue().enqueue({.kind = "a", .max_attempts = 0}).error().code, "bad_job");
  const std::string long_text(kMaxPayloadBytes, 'x');
  EXPECT_EQ(queue().enqueue({.kind = "a", .payload = R"({"a":")" + long_text + "\"}"}).error().code, "job_too_large");
}

TEST_P(Queues, ListsNewestFirstByStateKindAndSubject) {
  std::vector<Job> made;
  for (const char* kind : {"a", "b", "c"}) {
    clock_.advance_us(base::kMicrosPerMilli);
    made.push_back(enqueue({.kind = kind, .subject = std::string("partner:") + kind}));
  }
  set_state(made[1].id, State::kDead);
  EXPECT_THAT(kinds_of({}), testing::ElementsAre("c", "b", "a"));
  EXPECT_THAT(kinds_of({.state = State::kDead}), testing::ElementsAre("b"));
  EXPECT_THAT(kinds_of({.kind = "c"}), testing::ElementsAre("c"));
  EXPECT_THAT(kinds_of({.subject = "partner:a"}), testing::ElementsAre("a"));
  const auto rest = queue().list({}, base::format_uuid(made[2].id), 1);
  ASSERT_EQ(rest->size(), 1U);
  EXPECT_EQ(rest->front().id, made[1].id);
}

TEST_P(Queues, PriorityComesFirstThenTheTime) {
  enqueue({.kind = "later", .run_at = clock_.now() - 1});
  enqueue({.kind = "sooner", .run_at = clock_.now() - 2});
  enqueue({.kind = "urgent", .priority = 1});
  enqueue({.kind = "not yet", .priority = 9, .run_at = clock_.now() + 1});
  enqueue({.kind = "of n", .priority = 5, .node = "n"});
  enqueue({.kind = "unknown", .priority = 9});
  const Claimant claimant{"m", {"later", "sooner", "urgent", "not yet", "of n"}};
  EXPECT_EQ(claim(claimant), "urgent");
  EXPECT_EQ(claim(claimant), "sooner");
  EXPECT_EQ(claim(claimant), "later");
  EXPECT_EQ(claim(claimant), "none");
  EXPECT_EQ(claim({"n", claimant.kinds}), "of n");
  EXPECT_EQ(claim({"n", {}}), "none");
}

TEST_P(Queues, ADeadJobIsRetriedWithFreshAttempts) {
  const Job job = enqueue({.kind = "a", .dedupe_key = "k"});
  EXPECT_EQ(queue().retry(job.id, context_).error().code, "job_not_dead");
  set_state(job.id, State::kDead);
  const Job other = enqueue({.kind = "a", .dedupe_key = "k"});
  EXPECT_EQ(queue().retry(job.id, context_).error().code, "job_already_queued");
  set_state(other.id, State::kDone);
  clock_.advance_us(7);
  const auto retried = queue().retry(job.id, context_);
  ASSERT_TRUE(retried);
  EXPECT_EQ(retried->state, State::kQueued);
  EXPECT_EQ(retried->attempts, 0);
  EXPECT_EQ(retried->draft.run_at, clock_.now());
  EXPECT_EQ(retried->finished_at, base::Timestamp{});
  EXPECT_EQ(queue().retry(base::Uuid{}, context_).error().code, "job_not_found");
}

TEST_P(Queues, CancellingIsAtOnceOrARequest) {
  const Job queued = enqueue({.kind = "a"});
  EXPECT_EQ(queue().cancel(queued.id, context_)->state, State::kCancelled);
  EXPECT_EQ(queue().cancel(queued.id, context_).error().code, "job_finished");
  clock_.advance_us(base::kMicrosPerMilli);
  const Job running = enqueue({.kind = "a"});
  set_state(running.id, State::kRunning);
  const auto asked = queue().cancel(running.id, context_);
  EXPECT_EQ(asked->state, State::kRunning);
  EXPECT_TRUE(asked->is_cancel_requested);
  EXPECT_TRUE(queue().cancel(running.id, context_)) << "asking twice is no error, and no second change";
  EXPECT_EQ(queue().cancel(base::Uuid{}, context_).error().code, "job_not_found");
  const auto trail = access::AuditLog::list(database(), {.action = "job.cancel"}, "", 10);
  ASSERT_EQ(trail->size(), 2U);
  EXPECT_EQ(trail->front().context.actor, "key:1");
  EXPECT_EQ(trail->front().change.subject, "job:" + base::format_uuid(running.id));
  EXPECT_THAT(trail->back().change.after, testing::HasSubstr(R"("state":"cancelled")"));
}

TEST_P(Queues, CountsWhatWaitsAndSinceWhen) {
  EXPECT_EQ(queue().statistics()->oldest_due_at, base::Timestamp{});
  const base::Timestamp since = clock_.now();
  enqueue({.kind = "a"});
  enqueue({.kind = "a", .run_at = since + base::kMicrosPerDay});
  set_state(enqueue({.kind = "a"}).id, State::kRunning);
  set_state(enqueue({.kind = "a"}).id, State::kDead);
  set_state(enqueue({.kind = "a"}).id, State::kDone);
  clock_.advance_us(base::kMicrosPerMinute);
  const auto counts = queue().statistics();
  EXPECT_EQ(counts->queued, 2);
  EXPECT_EQ(counts->running, 1);
  EXPECT_EQ(counts->dead, 1);
  EXPECT_EQ(counts->oldest_due_at, since);
}

TEST_P(Queues, OldJobsAreRemovedOnceTheyHaveEnded) {
  enqueue({.kind = "queued"});
  set_state(enqueue({.kind = "done"}).id, State::kDone);
  set_state(enqueue({.kind = "dead"}).id, State::kDead);
  clock_.advance_us(base::kMicrosPerDay);
  set_state(enqueue({.kind = "fresh"}).id, State::kDone);
  EXPECT_EQ(*queue().remove_finished(clock_.now() - 1), 2);
  EXPECT_THAT(kinds_of({}), testing::UnorderedElementsAre("fresh", "queued"));
}

TALLY_ON_BOTH_DATABASES(Queues);

}  // namespace
}  // namespace tallystick::jobs
