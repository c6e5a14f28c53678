#include "jobs/outcome.h"

#include <algorithm>

#include "base/utf8.h"

namespace tallystick::jobs {
namespace {

constexpr std::size_t kMaxCodeBytes = 100;
constexpr int kMostDoublings = 20;  // beyond the longest delay already

void finish(Job& job, State state, base::Timestamp now) {
  job.state = state;
  job.finished_at = now;
}

void put_back(Job& job, base::Timestamp at) {
  job.state = State::kQueued;
  job.draft.run_at = at;
}

void give_up_lease(Job& job) {
  job.lease_owner.clear();
  job.lease_until = {};
}

void note_error(Job& job, std::string_view code, std::string_view message) {
  job.error_code = base::clean_utf8(code, kMaxCodeBytes);
  job.error_message = base::clean_utf8(message, kMaxErrorBytes);
}

}  // namespace

std::int64_t retry_delay_us(int attempts, std::uint64_t random) {
  const int doublings = std::clamp(attempts - 1, 0, kMostDoublings);
  const std::int64_t whole = std::min(kFirstRetryUs << doublings, kLongestRetryUs);
  const std::int64_t half = whole / 2;
  return half + static_cast<std::int64_t>(random % static_cast<std::uint64_t>(half + 1));
}

bool is_final(base::ErrorKind kind) {
  using enum base::ErrorKind;
  return kind == kInvalid || kind == kUnprocessable || kind == kNotFound || kind == kForbidden || kind == kTooLarge;
}

Job end_attempt(
    Job job, const base::Result<std::string>& result, bool was_stopped, base::Timestamp now, std::uint64_t random) {
  give_up_lease(job);
  if (result) {
    finish(job, State::kDone, now);
    job.result = *result;
    job.error_code.clear();
    job.error_message.clear();
  } else if (job.is_cancel_requested) {
    finish(job, State::kCancelled, now);
  } else if (was_stopped) {
    put_back(job, now);
    --job.attempts;
  } else {
    note_error(job, result.error().code, result.error().message);
    if (is_final(result.error().kind) || job.attempts >= job.draft.max_attempts) {
      finish(job, State::kDead, now);
    } else {
      put_back(job, now + retry_delay_us(job.attempts, random));
    }
  }
  return job;
}

Job end_lost_attempt(Job job, base::Timestamp now) {
  give_up_lease(job);
  note_error(job, "worker_lost", "the server that did it stopped, or lost the database for longer than the lease");
  if (job.is_cancel_requested) {
    finish(job, State::kCancelled, now);
  } else if (job.attempts >= job.draft.max_attempts) {
    finish(job, State::kDead, now);
  } else {
    put_back(job, now);
  }
  return job;
}

}  // namespace tallystick::jobs
