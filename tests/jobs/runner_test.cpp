#include "jobs/runner.h"

#include <atomic>
#include <latch>
#include <map>
#include <mutex>

#include <gmock/gmock.h>

#include "tests/jobs/jobs_fixture.h"

namespace tallystick::jobs {
namespace {

base::Result<std::string> give_up() {
  return base::fail(base::ErrorKind::kUnavailable, "given_up", "asked to stop");
}

class Runners : public JobsTest {
 protected:
  // Works until it is told to stop.
  static base::Result<std::string> work_on(JobContext& context) {
    while (!context.is_cancelled()) {
      std::this_thread::yield();
    }
    return give_up();
  }
};

TEST_P(Runners, ADoneJobHasItsResultAndItsLastProgress) {
  const auto node = make_node("a");
  node->runner.add_handler("sum", [](JobContext& context) -> base::Result<std::string> {
    EXPECT_EQ(context.job().draft.payload, R"({"n":2})");
    EXPECT_EQ(context.job().attempts, 1);
    context.set_progress({2, 2, "added\x01up"});
    return R"({"sum":3})";
  });
  node->runner.start();
  const Job job = wait_for(enqueue({.kind = "sum", .payload = R"({"n":2})"}).id, State::kDone);
  EXPECT_EQ(job.result, R"({"sum":3})");
  EXPECT_EQ(job.attempts, 1);
  EXPECT_EQ(job.progress, (Progress{2, 2, "added up"}));
  EXPECT_EQ(job.finished_at, clock_.now());
  EXPECT_EQ(job.lease_owner, "");
}

TEST_P(Runners, ProgressIsWrittenWhileTheJobRuns) {
  const auto node = make_node("a");
  node->runner.add_handler("long", [&](JobContext& context) -> base::Result<std::string> {
    context.set_progress({5, 10, "half"});
    wait_for_end();
    return "{}";
  });
  node->runner.start();
  const Job job = enqueue({.kind = "long"});
  wait_for(job.id, State::kRunning);
  wait_until([&] {
    clock_.advance_us(base::kMicrosPerMilli);
    return queue().get(job.id)->progress.done == 5;
  });
  may_end_ = true;
  wait_for(job.id, State::kDone);
}

TEST_P(Runners, AFailureComesAgainAfterItsBackOffAndDiesAfterTheLast) {
  const auto node = make_node("a");
  std::atomic<int> calls{0};
  node->runner.add_handler("fails", [&](JobContext&) -> base::Result<std::string> {
    ++calls;
    throw std::runtime_error("no luck");
  });
  std::mutex mutex;
  std::vector<std::string> told;
  node->runner.set_death_observer([&](const Job& job) -> base::Result<void> {
    const std::lock_guard lock(mutex);
    told.push_back(job.draft.kind + " " + job.error_code + " " + job.error_message);
    return told.size() == 1 ? base::fail(base::ErrorKind::kUnavailable, "later", "not now") : base::Result<void>();
  });
  const Job job = enqueue({.kind = "fails", .max_attempts = 2});
  node->runner.start();
  wait_until([&] { return calls == 1 && queue().get(job.id)->state == State::kQueued; });
  const Job again = *queue().get(job.id);
  EXPECT_EQ(again.error_message, "no luck");
  EXPECT_GE(again.draft.run_at, clock_.now() + 5 * base::kMicrosPerSecond);
  EXPECT_LE(again.draft.run_at, clock_.now() + 10 * base::kMicrosPerSecond);
  clock_.set(again.draft.run_at);
  EXPECT_EQ(wait_for(job.id, State::kDead).attempts, 2);
  wait_until([&] { return queue().get(job.id)->is_death_told; });
  EXPECT_THAT(told, testing::ElementsAre("fails exception no luck", "fails exception no luck"))
      << "what could not be told is told again";
}

TEST_P(Runners, AFinalErrorIsNotTriedAgain) {
  const auto node = make_node("a");
  node->runner.add_handler("wrong", [](JobContext&) -> base::Result<std::string> {
    return base::fail(base::ErrorKind::kUnprocessable, "no_report", "this is no report");
  });
  node->runner.start();
  const Job job = wait_for(enqueue({.kind = "wrong"}).id, State::kDead);
  EXPECT_EQ(job.attempts, 1);
  EXPECT_EQ(job.error_code, "no_report");
}

TEST_P(Runners, ARunningJobIsCancelled) {
  const auto node = make_node("a");
  node->runner.add_handler("long", work_on);
  node->runner.start();
  const Job job = enqueue({.kind = "long"});
  wait_for(job.id, State::kRunning);
  ASSERT_TRUE(queue().cancel(job.id, context_));
  wait_for(job.id, State::kCancelled);
}

TEST_P(Runners, StoppingPutsTheJobBackAndDoesNotCountTheAttempt) {
  const Job job = enqueue({.kind = "long", .max_attempts = 1});
  {
    const auto node = make_node("a");
    node->runner.add_handler("long", work_on);
    node->runner.start();
    wait_for(job.id, State::kRunning);
    node->runner.stop();
  }
  const Job stopped = *queue().get(job.id);
  EXPECT_EQ(stopped.state, State::kQueued);
  EXPECT_EQ(stopped.attempts, 0);
  const auto next = make_node("a");
  next->runner.add_handler("long", [](JobContext&) -> base::Result<std::string> { return "{}"; });
  next->runner.start();
  wait_for(job.id, State::kDone);
}

TEST_P(Runners, TwoNodesNeverRunOneJobAtOnce) {
  constexpr int kJobs = 40;
  std::mutex mutex;
  std::map<base::Uuid, int> runs;
  std::atomic<int> overlaps{0};
  std::map<base::Uuid, int> inside;
  std::vector<std::unique_ptr<Node>> nodes;
  for (const char* name : {"a", "b"}) {
    nodes.push_back(make_node(name, 3));
    nodes.back()->runner.add_handler("count", [&](JobContext& context) -> base::Result<std::string> {
      {
        const std::lock_guard lock(mutex);
        ++runs[context.job().id];
        overlaps += ++inside[context.job().id] > 1 ? 1 : 0;
      }
      std::this_thread::yield();
      const std::lock_guard lock(mutex);
      --inside[context.job().id];
      return "{}";
    });
  }
  for (int i = 0; i < kJobs; ++i) {
    enqueue({.kind = "count"});
  }
  for (auto& node : nodes) {
    node->runner.start();
  }
  wait_until([&] { return std::ssize(jobs({.state = State::kDone})) == kJobs; });
  for (auto& node : nodes) {
    node->runner.stop();
  }
  EXPECT_EQ(overlaps, 0);
  EXPECT_EQ(runs.size(), std::size_t{kJobs});
  for (const auto& [id, count] : runs) {
    EXPECT_EQ(count, 1) << base::format_uuid(id);
  }
}

TEST_P(Runners, AnEndedLeaseIsTakenUpByAnotherNodeAndTheFirstWritesNothing) {
  const auto slow = make_node("slow", 1);
  std::latch is_running(1);
  std::atomic<bool> was_told{false};
  slow->runner.add_handler("work", [&](JobContext& context) -> base::Result<std::string> {
    is_running.count_down();
    while (!may_end_) {
      was_told = was_told || context.is_cancelled();
      std::this_thread::yield();
    }
    return R"({"by":"slow"})";
  });
  slow->runner.start();
  const Job job = enqueue({.kind = "work"});
  is_running.wait();
  // As a node sees it that was cut off from the database while its clock went on.
  ASSERT_TRUE(database().write<bool>([&](soci::session& session) -> base::Result<bool> {
    session << "UPDATE jobs SET lease_until = 1";
    return true;
  }));
  const auto other = make_node("other", 1);
  other->runner.add_handler("work", [](JobContext&) -> base::Result<std::string> { return R"({"by":"other"})"; });
  // The slow one may see the ended lease first and queue the job again, and then must not take it: it has one thread.
  other->runner.start();
  const Job done = wait_for(job.id, State::kDone);
  EXPECT_EQ(done.result, R"({"by":"other"})");
  EXPECT_EQ(done.attempts, 2);
  wait_until([&] { return was_told.load(); });
  may_end_ = true;
  slow->runner.stop();
  EXPECT_EQ(queue().get(job.id)->result, R"({"by":"other"})");
}

TEST_P(Runners, ALeaseIsExtendedWhileTheHandlerWorks) {
  const auto node = make_node("a", 1);
  std::atomic<bool> was_told{false};
  node->runner.add_handler("work", [&](JobContext& context) -> base::Result<std::string> {
    while (!may_end_) {
      was_told = was_told || context.is_cancelled();
      std::this_thread::yield();
    }
    return "{}";
  });
  node->runner.start();
  const Job job = enqueue({.kind = "work"});
  wait_for(job.id, State::kRunning);
  const base::Timestamp first = queue().get(job.id)->lease_until;
  for (int i = 0; i < 10; ++i) {
    const base::Timestamp before = queue().get(job.id)->lease_until;
    clock_.advance_us(20 * base::kMicrosPerSecond);
    wait_until([&] { return queue().get(job.id)->lease_until > before; });
  }
  EXPECT_GT(queue().get(job.id)->lease_until, first + 2 * base::kMicrosPerMinute);
  EXPECT_FALSE(was_told);
  may_end_ = true;
  EXPECT_EQ(wait_for(job.id, State::kDone).attempts, 1);
}

TEST_P(Runners, ANodeTakesUpAtOnceWhatItLeftWhenItDied) {
  const Job job = enqueue({.kind = "work"});
  ASSERT_TRUE(database().write<bool>([&](soci::session& session) -> base::Result<bool> {
    const std::int64_t until = (clock_.now() + base::kMicrosPerMinute).us;
    session << "UPDATE jobs SET state = 'running', attempts = 1, lease_owner = 'a#00000000000000aa.1', lease_until = "
               ":until",
        soci::use(until);
    return true;
  }));
  const auto stranger = make_node("b");
  stranger->runner.add_handler("work", [](JobContext&) -> base::Result<std::string> { return R"({"by":"b"})"; });
  stranger->runner.start();
  const auto same = make_node("a");
  same->runner.add_handler("other", [](JobContext&) -> base::Result<std::string> { return "{}"; });
  EXPECT_EQ(queue().get(job.id)->state, State::kRunning);
  same->runner.start();
  EXPECT_EQ(wait_for(job.id, State::kDone).attempts, 2);
}

TEST_P(Runners, AJobOfANodeWaitsForIt) {
  const auto a = make_node("a");
  std::atomic<int> done_by_a{0};
  a->runner.add_handler("work", [&](JobContext&) -> base::Result<std::string> {
    ++done_by_a;
    return "{}";
  });
  const Job of_b = enqueue({.kind = "work", .priority = 1, .node = "b"});
  const Job of_any = enqueue({.kind = "work"});
  a->runner.start();
  wait_for(of_any.id, State::kDone);
  EXPECT_EQ(queue().get(of_b.id)->state, State::kQueued);
  const auto b = make_node("b");
  b->runner.add_handler("work", [](JobContext&) -> base::Result<std::string> { return R"({"by":"b"})"; });
  b->runner.start();
  EXPECT_EQ(wait_for(of_b.id, State::kDone).result, R"({"by":"b"})");
  EXPECT_EQ(done_by_a, 1);
}

TEST_P(Runners, AResultThatIsNoObjectIsLeftOutAndTheJobIsDone) {
  const auto node = make_node("a");
  node->runner.add_handler("odd", [](JobContext&) -> base::Result<std::string> { return "[1,"; });
  node->runner.start();
  EXPECT_EQ(wait_for(enqueue({.kind = "odd"}).id, State::kDone).result, "{}");
  wait_until([&] { return !node->runner.ended_counts().empty(); });
  const auto counts = node->runner.ended_counts();
  EXPECT_EQ(counts.front().kind, "odd");
  EXPECT_EQ(counts.front().state, State::kDone);
  EXPECT_EQ(counts.front().count, 1U);
}

TALLY_ON_BOTH_DATABASES(Runners);

}  // namespace
}  // namespace tallystick::jobs
