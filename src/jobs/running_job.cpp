#include "jobs/running_job.h"

#include "base/utf8.h"

namespace tallystick::jobs {
namespace {

constexpr std::int64_t kProgressIntervalUs = base::kMicrosPerSecond;

}  // namespace

void RunningJob::set_progress(const Progress& progress) {
  Progress cleaned{progress.done, progress.total, base::clean_utf8(progress.note, kMaxNoteBytes)};
  const std::lock_guard lock(mutex_);
  progress_ = std::move(cleaned);
}

bool RunningJob::is_cancelled() const {
  if (is_stopping_) {
    has_seen_stop_ = true;
    return true;
  }
  return is_cancel_requested_ || is_lost_;
}

Progress RunningJob::progress() const {
  const std::lock_guard lock(mutex_);
  return progress_;
}

bool RunningJob::is_write_due(std::int64_t now_us, std::int64_t extend_every_us) const {
  const std::lock_guard lock(mutex_);
  const std::int64_t since = now_us - extended_at_us_;
  return since >= extend_every_us || (progress_ != written_ && since >= kProgressIntervalUs);
}

bool RunningJob::has_lease(std::int64_t now_us, std::int64_t lease_us) const {
  const std::lock_guard lock(mutex_);
  return now_us - extended_at_us_ < lease_us;
}

void RunningJob::note_written(const Progress& progress, std::int64_t now_us) {
  const std::lock_guard lock(mutex_);
  written_ = progress;
  extended_at_us_ = now_us;
}

}  // namespace tallystick::jobs
