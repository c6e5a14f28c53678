#pragma once
// A job that a worker of this process has leased: what its handler sees, and what the keeper of leases tells it.
// Thread-safe: the worker, the threads of its handler, and the keeper.

#include <atomic>
#include <cstdint>
#include <mutex>
#include <optional>

#include "jobs/model.h"
#include "jobs/runner.h"

namespace tallystick::jobs {

class RunningJob final : public JobContext {
 public:
  // `is_stopping` is the runner's and outlives it. `leased_at_us`: monotonic.
  RunningJob(Job job, const std::atomic<bool>& is_stopping, std::int64_t leased_at_us)
      : job_(std::move(job)),
        is_stopping_(is_stopping),
        extended_at_us_(leased_at_us),
        written_(job_.progress),
        progress_(job_.progress) {}

  [[nodiscard]] const Job& job() const override { return job_; }
  void set_progress(const Progress& progress) override;
  [[nodiscard]] bool is_cancelled() const override;

  // Whether the handler saw that the server stops.
  [[nodiscard]] bool was_stopped() const { return has_seen_stop_; }
  [[nodiscard]] Progress progress() const;

  // The keeper's.
  void cancel() { is_cancel_requested_ = true; }
  void lose() { is_lost_ = true; }
  [[nodiscard]] bool is_lost() const { return is_lost_; }
  // Whether there is progress to write, or the lease is to be extended.
  [[nodiscard]] bool is_write_due(std::int64_t now_us, std::int64_t extend_every_us) const;
  [[nodiscard]] bool has_lease(std::int64_t now_us, std::int64_t lease_us) const;
  void note_written(const Progress& progress, std::int64_t now_us);

 private:
  const Job job_;
  const std::atomic<bool>& is_stopping_;
  std::atomic<bool> is_cancel_requested_{false};
  std::atomic<bool> is_lost_{false};
  mutable std::atomic<bool> has_seen_stop_{false};
  mutable std::mutex mutex_;
  std::int64_t extended_at_us_;
  Progress written_;
  Progress progress_;
};

}  // namespace tallystick::jobs
