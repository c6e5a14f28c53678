#include "jobs/queue.h"

#include <boost/json.hpp>
#include <fmt/format.h>

#include "jobs/json.h"
#include "jobs/store.h"

namespace tallystick::jobs {
namespace {

constexpr int kMaxEnqueueTries = 5;
constexpr std::int64_t kRemovalStep = 1'000;

std::unexpected<base::Error> fail_absent() {
  return base::fail(base::ErrorKind::kNotFound, "job_not_found", "there is no job of this id");
}

bool is_json_object(const std::string& text) {
  boost::system::error_code error;
  return boost::json::parse(text, error).is_object() && !error;
}

base::Result<void> expect_sound(const Draft& draft) {
  if (draft.payload.size() > kMaxPayloadBytes) {
    return base::fail(base::ErrorKind::kTooLarge,
                      "job_too_large",
                      fmt::format("a job's payload has at most {} bytes; keep the data elsewhere and name it there",
                                  kMaxPayloadBytes));
  }
  if (draft.kind.empty() || draft.max_attempts < 1 || !is_json_object(draft.payload)) {
    return base::fail(base::ErrorKind::kInvalid,
                      "bad_job",
                      "a job has a kind, at least one attempt and a payload that is a JSON object");
  }
  return {};
}

std::string audit_state(const Job& job) {
  return boost::json::serialize(to_summary_json(job));
}

std::string audit_subject(const Job& job) {
  return "job:" + base::format_uuid(job.id);
}

}  // namespace

base::Result<Job> Queue::enqueue(soci::session& session, const Draft& draft) {
  TALLY_TRY(expect_sound(draft));
  Job job;
  job.created_at = clock_.now();
  job.id = base::make_uuid_v7(job.created_at, random_);
  job.draft = draft;
  if (job.draft.run_at.us == 0) {
    job.draft.run_at = job.created_at;
  }
  // Should the job of this key finish between the two statements, ours is wanted after all.
  for (int i = 0; i < kMaxEnqueueTries; ++i) {
    if (insert_if_wanted(session, job)) {
      return job;
    }
    if (auto found = find_unfinished(session, draft.dedupe_key)) {
      return *std::move(found);
    }
  }
  return base::fail(base::ErrorKind::kUnavailable, "database_busy", "jobs of one key came and went; try again");
}

base::Result<Job> Queue::enqueue(const Draft& draft) {
  return database_.write<Job>([&](soci::session& session) { return enqueue(session, draft); });
}

base::Result<std::vector<Job>> Queue::list(const JobFilter& filter, std::string_view before_id, std::int64_t max_jobs) {
  return database_.read<std::vector<Job>>([&](soci::session& session) -> base::Result<std::vector<Job>> {
    return load_jobs(session, filter, before_id, max_jobs);
  });
}

base::Result<Job> Queue::get(const base::Uuid& id) {
  return database_.read<Job>([&](soci::session& session) -> base::Result<Job> {
    auto job = find_job(session, id);
    if (!job) {
      return fail_absent();
    }
    return *std::move(job);
  });
}

base::Result<Job> Queue::retry(const base::Uuid& id, const access::ChangeContext& context) {
  return database_.write<Job>([&](soci::session& session) -> base::Result<Job> {
    const auto before = lock_job(session, id);
    if (!before) {
      return fail_absent();
    }
    if (before->state != State::kDead && before->state != State::kCancelled) {
      return base::fail(
          base::ErrorKind::kConflict,
          "job_not_dead",
          fmt::format("the job is {}; only a dead or cancelled one is tried again", name_of(before->state)));
    }
    if (const auto other = find_unfinished(session, before->draft.dedupe_key)) {
      return base::fail(
          base::ErrorKind::kConflict,
          "job_already_queued",
          fmt::format("job {} does the same and is {}", base::format_uuid(other->id), name_of(other->state)));
    }
    Job job = *before;
    job.state = State::kQueued;
    job.draft.run_at = clock_.now();
    job.attempts = 0;
    job.progress = {};
    job.error_code.clear();
    job.error_message.clear();
    job.is_cancel_requested = false;
    job.is_death_told = false;
    job.finished_at = {};
    update(session, job);
    TALLY_TRY(
        audit_.append(session, {"job.retry", audit_subject(job), audit_state(*before), audit_state(job)}, context));
    return job;
  });
}

base::Result<Job> Queue::cancel(const base::Uuid& id, const access::ChangeContext& context) {
  return database_.write<Job>([&](soci::session& session) -> base::Result<Job> {
    const auto before = lock_job(session, id);
    if (!before) {
      return fail_absent();
    }
    Job job = *before;
    if (job.state == State::kRunning) {
      if (job.is_cancel_requested) {
        return job;
      }
      job.is_cancel_requested = true;
    } else if (job.state == State::kQueued) {
      job.state = State::kCancelled;
      job.finished_at = clock_.now();
    } else {
      return base::fail(base::ErrorKind::kConflict,
                        "job_finished",
                        fmt::format("the job is {} already; there is nothing to cancel", name_of(job.state)));
    }
    update(session, job);
    TALLY_TRY(
        audit_.append(session, {"job.cancel", audit_subject(job), audit_state(*before), audit_state(job)}, context));
    return job;
  });
}

base::Result<QueueStatistics> Queue::statistics() {
  return database_.read<QueueStatistics>(
      [&](soci::session& session) -> base::Result<QueueStatistics> { return count_jobs(session, clock_.now()); });
}

base::Result<std::int64_t> Queue::remove_finished(base::Timestamp before) {
  std::int64_t removed = 0;
  while (true) {
    TALLY_ASSIGN(const std::int64_t step,
                 database_.write<std::int64_t>([&](soci::session& session) -> base::Result<std::int64_t> {
                   return jobs::remove_finished(session, before, kRemovalStep);
                 }));
    removed += step;
    if (step < kRemovalStep) {
      return removed;
    }
  }
}

}  // namespace tallystick::jobs
