#pragma once
// What one thread does for all jobs of a runner, turn by turn: extends leases and writes progress, hears of
// cancellations and of leases lost, takes up what dead workers left, and tells of deaths. Handlers may hold the
// database's only write session, so their own threads never write for the queue while they work. One thread, but for
// add() and remove().

#include <cstdint>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "base/error.h"
#include "base/log.h"
#include "base/time.h"
#include "jobs/runner.h"
#include "jobs/running_job.h"
#include "jobs/store.h"
#include "records/database.h"

namespace tallystick::jobs {

class LeaseKeeper {
 public:
  // All must outlive it. `owner_prefix`: begins the lease owners of this runner and of no other.
  LeaseKeeper(records::Database& database,
              base::Log& log,
              const base::Clock& clock,
              const RunnerOptions& options,
              std::string owner_prefix)
      : database_(database), log_(log), clock_(clock), options_(options), owner_prefix_(std::move(owner_prefix)) {}

  void add(const std::shared_ptr<RunningJob>& job);
  void remove(const std::shared_ptr<RunningJob>& job);
  [[nodiscard]] std::size_t size() const;

  void set_death_observer(DeathObserver observer) { on_death_ = std::move(observer); }

  // Takes up what earlier runners of this node's name left.
  [[nodiscard]] base::Result<void> take_up_own();
  [[nodiscard]] base::Result<void> turn();

 private:
  [[nodiscard]] std::vector<std::shared_ptr<RunningJob>> running() const;
  [[nodiscard]] base::Result<void> hear_requests(const std::vector<std::shared_ptr<RunningJob>>& jobs);
  [[nodiscard]] base::Result<void> write_due(const std::vector<std::shared_ptr<RunningJob>>& jobs);
  [[nodiscard]] base::Result<void> take_up(const std::string& abandoned_by);
  [[nodiscard]] base::Result<void> tell_deaths();

  records::Database& database_;
  base::Log& log_;
  const base::Clock& clock_;
  const RunnerOptions options_;
  const std::string owner_prefix_;
  DeathObserver on_death_;
  mutable std::mutex mutex_;
  std::vector<std::shared_ptr<RunningJob>> running_;
};

}  // namespace tallystick::jobs
