#include "jobs/runner.h"

#include <algorithm>
#include <array>
#include <atomic>
#include <chrono>
#include <condition_variable>
#include <exception>
#include <map>
#include <mutex>
#include <optional>
#include <thread>
#include <utility>

#include <boost/json.hpp>
#include <fmt/format.h>
#include <pthread.h>

#include "base/thread.h"
#include "jobs/lease_keeper.h"
#include "jobs/outcome.h"
#include "jobs/running_job.h"
#include "jobs/scheduler.h"
#include "jobs/store.h"

namespace tallystick::jobs {
namespace {

constexpr int kMaxRecordTries = 30;
constexpr int kMaxRecordTriesAtStop = 3;  // the lease ends, and the job runs again
constexpr auto kRecordPause = std::chrono::milliseconds(200);

void begin_thread(const std::string& name) {
  pthread_setname_np(pthread_self(), name.c_str());
  base::ask_for_batch_scheduling();  // capture goes first
}

}  // namespace

struct Runner::State {
  State(Queue& its_queue, base::Log& its_log, const RunnerOptions& its_options)
      : queue(its_queue),
        log(its_log),
        options(its_options),
        owner_prefix(fmt::format("{}#{:016x}.", options.node, queue.random_.next_u64())),
        keeper(queue.database_, log, queue.clock_, options, owner_prefix),
        scheduler(queue.database_, queue, queue.audit_, queue.clock_, options.node) {}

  Queue& queue;
  base::Log& log;
  const RunnerOptions options;
  const std::string owner_prefix;  // of this runner's leases; each has a number of its own
  std::map<std::string, Handler, std::less<>> handlers;
  Claimant claimant;
  LeaseKeeper keeper;
  Scheduler scheduler;

  std::atomic<bool> is_stopping{false};
  std::atomic<std::uint64_t> leases{0};
  mutable std::mutex mutex;
  std::condition_variable wake;
  bool has_due = false;
  bool is_done = false;  // the workers have ended, so the keeper may
  std::string last_error;
  std::map<std::pair<std::string, jobs::State>, std::uint64_t> ended;
  std::vector<std::jthread> workers;
  std::jthread keeper_thread;

  void work();
  void keep();
  [[nodiscard]] base::Result<void> keep_once(bool& is_prepared);
  void note_turn(const base::Result<void>& turn);
  [[nodiscard]] bool wait_for_due();
  [[nodiscard]] base::Result<std::optional<Job>> claim();
  void perform(const Job& job, std::int64_t leased_at_us);
  [[nodiscard]] base::Result<std::string> call(RunningJob& running);
  [[nodiscard]] base::Result<std::optional<Job>> record(const RunningJob& running,
                                                        const base::Result<std::string>& result);
  void report(const Job& job, const base::Result<std::string>& result);
};

// True: there may be something to claim. False: stop.
bool Runner::State::wait_for_due() {
  std::unique_lock lock(mutex);
  wake.wait(lock, [this] { return has_due || is_stopping; });
  return !is_stopping;
}

void Runner::State::work() {
  while (wait_for_due()) {
    // Read before the claim: a lease must never seem to last longer here than it does in the database.
    const std::int64_t leased_at_us = queue.clock_.monotonic_us();
    auto job = claim();
    if (!job || !*job) {
      const std::lock_guard lock(mutex);
      has_due = false;  // the keeper looks again soon, and says why if the database fails
      continue;
    }
    perform(**job, leased_at_us);
  }
}

base::Result<std::optional<Job>> Runner::State::claim() {
  return queue.database_.write<std::optional<Job>>([&](soci::session& session) -> base::Result<std::optional<Job>> {
    const base::Timestamp now = queue.clock_.now();
    auto job = lock_due_job(session, claimant, now);
    if (job) {
      job->state = jobs::State::kRunning;
      ++job->attempts;
      job->lease_owner = fmt::format("{}{}", owner_prefix, ++leases);
      job->lease_until = now + options.lease_us;
      job->started_at = now;
      job->progress = {};
      update(session, *job);
    }
    return job;
  });
}

base::Result<std::string> Runner::State::call(RunningJob& running) {
  try {
    auto result = handlers.find(running.job().draft.kind)->second(running);
    boost::system::error_code error;
    if (result && (result->size() > kMaxResultBytes || !boost::json::parse(*result, error).is_object() || error)) {
      // What it did is done; doing it again would not make the result better.
      log.error("a job's result is no JSON object of a decent size", {{"kind", running.job().draft.kind}});
      return "{}";
    }
    return result;
  } catch (const std::exception& exception) {
    return base::fail(base::ErrorKind::kInternal, "exception", exception.what());
  }
}

void Runner::State::perform(const Job& job, std::int64_t leased_at_us) {
  const auto running = std::make_shared<RunningJob>(job, is_stopping, leased_at_us);
  keeper.add(running);
  const auto result = call(*running);
  for (int i = 0; i < (is_stopping ? kMaxRecordTriesAtStop : kMaxRecordTries); ++i) {
    const auto recorded = record(*running, result);
    if (recorded) {
      if (*recorded) {
        report(**recorded, result);
      } else {
        log.warning("a job's lease was lost while it ran; another worker does it again",
                    {{"job", base::format_uuid(job.id)}, {"kind", job.draft.kind}});
      }
      break;
    }
    log.error("how a job ended could not be recorded, to be tried again", recorded.error());
    std::this_thread::sleep_for(kRecordPause);
  }
  keeper.remove(running);
}

// The job as it is then; nothing when the lease was lost.
base::Result<std::optional<Job>> Runner::State::record(const RunningJob& running,
                                                       const base::Result<std::string>& result) {
  return queue.database_.write<std::optional<Job>>([&](soci::session& session) -> base::Result<std::optional<Job>> {
    auto job = lock_job(session, running.job().id);
    if (!job || job->state != jobs::State::kRunning || job->lease_owner != running.job().lease_owner) {
      return std::nullopt;
    }
    job->progress = running.progress();
    Job ended_job =
        end_attempt(*std::move(job), result, running.was_stopped(), queue.clock_.now(), queue.random_.next_u64());
    update(session, ended_job);
    return ended_job;
  });
}

void Runner::State::report(const Job& job, const base::Result<std::string>& result) {
  {
    const std::lock_guard lock(mutex);
    ++ended[{job.draft.kind, job.state}];
  }
  const std::string id = base::format_uuid(job.id);
  if (result || job.state == jobs::State::kCancelled) {
    log.info("job ended", {{"job", id}, {"kind", job.draft.kind}, {"state", name_of(job.state)}});
    return;
  }
  log.warning("job failed",
              {{"job", id},
               {"kind", job.draft.kind},
               {"state", name_of(job.state)},
               {"attempts", job.attempts},
               {"code", result.error().code},
               {"detail", result.error().message}});
}

void Runner::State::keep() {
  bool is_prepared = false;
  std::unique_lock lock(mutex);
  while (!is_done) {
    lock.unlock();
    base::Result<void> turn;
    try {
      turn = keep_once(is_prepared);
    } catch (const std::exception& exception) {
      turn = base::fail(base::ErrorKind::kInternal, "exception", exception.what());
    }
    lock.lock();
    note_turn(turn);
    wake.wait_for(lock, std::chrono::microseconds(options.poll_interval_us), [this] { return is_done; });
  }
}

// Says once that the database fails, and once that it is back. Under the mutex.
void Runner::State::note_turn(const base::Result<void>& turn) {
  const std::string error = turn ? "" : turn.error().code + ": " + turn.error().message;
  if (error != last_error && !turn) {
    log.error("the job queue cannot be tended, to be tried again", turn.error());
  } else if (error != last_error) {
    log.info("the job queue is tended again");
  }
  last_error = error;
}

base::Result<void> Runner::State::keep_once(bool& is_prepared) {
  if (!is_prepared) {
    TALLY_TRY(keeper.take_up_own());
    TALLY_TRY(scheduler.store());
    is_prepared = true;
  }
  TALLY_TRY(keeper.turn());
  if (is_stopping) {
    return {};
  }
  TALLY_TRY(scheduler.queue_due());
  TALLY_ASSIGN(const bool is_due, queue.database_.read<bool>([&](soci::session& session) -> base::Result<bool> {
    return has_due_job(session, claimant, queue.clock_.now());
  }));
  if (is_due) {
    const std::lock_guard lock(mutex);
    has_due = true;
    wake.notify_all();
  }
  return {};
}

Runner::Runner(Queue& queue, base::Log& log, const RunnerOptions& options)
    : state_(std::make_unique<State>(queue, log, options)) {}

Runner::~Runner() {
  stop();
}

void Runner::add_handler(std::string kind, Handler handler) {
  state_->handlers.insert_or_assign(std::move(kind), std::move(handler));
}

base::Result<void> Runner::add_schedule(const Schedule& schedule) {
  return state_->scheduler.add(schedule);
}

void Runner::set_death_observer(DeathObserver observer) {
  state_->keeper.set_death_observer(std::move(observer));
}

void Runner::start() {
  state_->claimant.node = state_->options.node;
  for (const auto& [kind, handler] : state_->handlers) {
    state_->claimant.kinds.push_back(kind);
  }
  for (unsigned i = 0; i < state_->options.threads; ++i) {
    state_->workers.emplace_back([this, i] {
      begin_thread(fmt::format("job-{}", i));
      state_->work();
    });
  }
  state_->keeper_thread = std::jthread([this] {
    begin_thread("job-keeper");
    state_->keep();
  });
}

void Runner::stop() {
  {
    const std::lock_guard lock(state_->mutex);
    state_->is_stopping = true;
    state_->wake.notify_all();
  }
  state_->workers.clear();  // waits; their leases are kept meanwhile
  {
    const std::lock_guard lock(state_->mutex);
    state_->is_done = true;
    state_->wake.notify_all();
  }
  if (state_->keeper_thread.joinable()) {
    state_->keeper_thread.join();
  }
}

base::Result<std::vector<ScheduleStatus>> Runner::schedules() {
  return state_->scheduler.list();
}

base::Result<Job> Runner::run_schedule(std::string_view name, const access::ChangeContext& context) {
  return state_->scheduler.run_now(name, context);
}

std::vector<EndedCount> Runner::ended_counts() const {
  const std::lock_guard lock(state_->mutex);
  std::vector<EndedCount> counts;
  for (const auto& [key, count] : state_->ended) {
    counts.push_back({key.first, key.second, count});
  }
  return counts;
}

RunnerStatus Runner::status() const {
  const std::lock_guard lock(state_->mutex);
  return {state_->options.threads, state_->keeper.size(), state_->last_error};
}

}  // namespace tallystick::jobs
