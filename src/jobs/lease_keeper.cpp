#include "jobs/lease_keeper.h"

#include <algorithm>
#include <optional>

#include "jobs/outcome.h"

namespace tallystick::jobs {
namespace {

constexpr std::int64_t kMaxTakenUp = 100;  // a turn
constexpr std::int64_t kMaxDeathsTold = 20;
constexpr std::int64_t kExtensionsPerLease = 4;

using RunningJobs = std::vector<std::shared_ptr<RunningJob>>;

}  // namespace

void LeaseKeeper::add(const std::shared_ptr<RunningJob>& job) {
  const std::lock_guard lock(mutex_);
  running_.push_back(job);
}

void LeaseKeeper::remove(const std::shared_ptr<RunningJob>& job) {
  const std::lock_guard lock(mutex_);
  std::erase(running_, job);
}

std::size_t LeaseKeeper::size() const {
  const std::lock_guard lock(mutex_);
  return running_.size();
}

RunningJobs LeaseKeeper::running() const {
  const std::lock_guard lock(mutex_);
  RunningJobs jobs = running_;
  std::ranges::sort(jobs, {}, [](const auto& each) { return each->job().id; });  // locks are taken in one order
  return jobs;
}

base::Result<void> LeaseKeeper::take_up_own() {
  return options_.node.empty() ? base::Result<void>() : take_up(options_.node + "#");
}

base::Result<void> LeaseKeeper::turn() {
  const RunningJobs jobs = running();
  for (const auto& job : jobs) {
    // Without the database for this long, another node may have it by now.
    if (!job->has_lease(clock_.monotonic_us(), options_.lease_us)) {
      job->lose();
    }
  }
  TALLY_TRY(hear_requests(jobs));
  TALLY_TRY(write_due(jobs));
  TALLY_ASSIGN(const bool has_ended, database_.read<bool>([&](soci::session& session) -> base::Result<bool> {
    return has_ended_lease(session, clock_.now());
  }));
  if (has_ended) {
    TALLY_TRY(take_up(""));
  }
  return tell_deaths();
}

base::Result<void> LeaseKeeper::hear_requests(const RunningJobs& jobs) {
  if (jobs.empty()) {
    return {};
  }
  TALLY_TRY(database_.read<bool>([&](soci::session& session) -> base::Result<bool> {
    for (const auto& job : jobs) {
      const auto is_requested = find_cancel_request(session, job->job().id, job->job().lease_owner);
      if (is_requested.value_or(false)) {
        job->cancel();
      } else if (!is_requested) {
        job->lose();
      }
    }
    return true;
  }));
  return {};
}

base::Result<void> LeaseKeeper::write_due(const RunningJobs& jobs) {
  const std::int64_t now_us = clock_.monotonic_us();
  const base::Timestamp until = clock_.now() + options_.lease_us;
  RunningJobs due;
  std::ranges::copy_if(jobs, std::back_inserter(due), [&](const auto& job) {
    return !job->is_lost() && job->is_write_due(now_us, options_.lease_us / kExtensionsPerLease);
  });
  if (due.empty()) {
    return {};
  }
  std::vector<Progress> written;
  TALLY_TRY(database_.write<bool>([&](soci::session& session) -> base::Result<bool> {
    for (const auto& job : due) {
      written.push_back(job->progress());
      if (!extend_lease(session, job->job().id, job->job().lease_owner, until, written.back())) {
        job->lose();
      }
    }
    return true;
  }));
  for (std::size_t i = 0; i < due.size(); ++i) {
    due[i]->note_written(written[i], now_us);
  }
  return {};
}

base::Result<void> LeaseKeeper::take_up(const std::string& abandoned_by) {
  using Jobs = std::vector<Job>;
  const base::Timestamp now = clock_.now();
  TALLY_ASSIGN(const Jobs ended, database_.write<Jobs>([&](soci::session& session) -> base::Result<Jobs> {
    Jobs jobs;
    for (const Job& job : lock_abandoned_jobs(session, now, abandoned_by, owner_prefix_, kMaxTakenUp)) {
      jobs.push_back(end_lost_attempt(job, now));
      update(session, jobs.back());
    }
    return jobs;
  }));
  for (const Job& job : ended) {
    log_.warning("a job's worker was lost",
                 {{"job", base::format_uuid(job.id)},
                  {"kind", job.draft.kind},
                  {"attempts", job.attempts},
                  {"state", name_of(job.state)}});
  }
  return {};
}

base::Result<void> LeaseKeeper::tell_deaths() {
  if (!on_death_) {
    return {};
  }
  using Jobs = std::vector<Job>;
  TALLY_ASSIGN(const Jobs deaths, database_.read<Jobs>([](soci::session& session) -> base::Result<Jobs> {
    return load_untold_deaths(session, kMaxDeathsTold);
  }));
  for (const Job& job : deaths) {
    // First told, then noted: a crash in between tells it again, and the other way round it would be lost.
    TALLY_TRY(on_death_(job));
    TALLY_TRY(database_.write<bool>([&](soci::session& session) -> base::Result<bool> {
      set_death_told(session, job.id);
      return true;
    }));
  }
  return {};
}

}  // namespace tallystick::jobs
