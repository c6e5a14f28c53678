#include "server/jobs_parts.h"

#include <algorithm>
#include <filesystem>
#include <utility>

#include <boost/json.hpp>
#include <fmt/format.h>
#include <unistd.h>

#include "alerts/delivery.h"
#include "base/file.h"
#include "server/housekeeping.h"

namespace tallystick::server {
namespace {

namespace json = boost::json;

constexpr std::size_t kMaxNodeNameBytes = 64;
constexpr std::int64_t kCountIntervalUs = base::kMicrosPerSecond;
constexpr const char* kRetention = "retention";

bool is_node_name(std::string_view name) {
  const auto is_fit = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.' || c == '-' ||
           c == '_';
  };
  return !name.empty() && name.size() <= kMaxNodeNameBytes && std::ranges::all_of(name, is_fit);
}

// The host's name, and something that no other data directory on it has.
std::string make_node_name(base::Random& random) {
  constexpr std::size_t kMaxHostBytes = 40;
  std::array<char, 256> host{};
  std::string name;
  if (::gethostname(host.data(), host.size() - 1) == 0) {
    name = std::string(host.data()).substr(0, kMaxHostBytes);
  }
  if (!is_node_name(name)) {
    name = "node";
  }
  return fmt::format("{}-{:06x}", name, random.next_u64() & 0xff'ffff);
}

// As configured; else the one that was made when the data directory was: only one server has it open at a time.
base::Result<std::string> find_node_name(const base::Config& config, const DataDirectory& data, base::Random& random) {
  std::string name = config.text("node.name");
  if (name.empty() && std::filesystem::exists(data.node_file())) {
    TALLY_ASSIGN(name, base::read_file(data.node_file(), kMaxNodeNameBytes + 2));
    while (name.ends_with('\n')) {
      name.pop_back();
    }
  } else if (name.empty()) {
    name = make_node_name(random);
    TALLY_TRY(base::write_file_atomically(data.node_file(), name + "\n"));
  }
  if (!is_node_name(name)) {
    return base::fail(base::ErrorKind::kInvalid,
                      "bad_node_name",
                      fmt::format("the name of a node, in node.name or {}, has 1 to {} letters, digits, dots, hyphens "
                                  "and underscores",
                                  data.node_file().string(),
                                  kMaxNodeNameBytes));
  }
  return name;
}

}  // namespace

base::Result<std::unique_ptr<JobsParts>> JobsParts::make(const Rooms& rooms, const DataDirectory& data) {
  TALLY_ASSIGN(std::string node, find_node_name(rooms.config, data, rooms.random));
  return std::make_unique<JobsParts>(rooms, std::move(node));
}

JobsParts::JobsParts(const Rooms& rooms, std::string node)
    : rooms_(rooms),
      node_(std::move(node)),
      queue_(rooms.database, rooms.audit, rooms.clock, rooms.random),
      runner_(
          queue_, rooms.log, {.threads = static_cast<unsigned>(rooms.config.integer("jobs.threads")), .node = node_}) {
  runner_.set_death_observer([this](const jobs::Job& job) { return tell_death(job); });
}

base::Result<void> JobsParts::add_retention(journal::Journal& journal) {
  runner_.add_handler(kRetention, [this, &journal](jobs::JobContext&) -> base::Result<std::string> {
    TALLY_ASSIGN(const RetentionReport report, apply_retention(journal, rooms_.config, rooms_.clock, rooms_.log));
    const base::Timestamp before =
        rooms_.clock.now() - rooms_.config.integer("jobs.retention_days") * base::kMicrosPerDay;
    TALLY_ASSIGN(const std::int64_t removed, queue_.remove_finished(before));
    return json::serialize(json::object{{"records_erased", report.records_erased},
                                        {"segments_dropped", report.segments_dropped},
                                        {"jobs_removed", removed}});
  });
  return runner_.add_schedule(
      {.name = kRetention, .cron = "17 * * * *", .draft = {.kind = kRetention}, .is_per_node = true});
}

void JobsParts::add_routes(http::Router& router, const jobs::MakeIdempotent& make_idempotent) {
  jobs::add_routes(router, queue_, runner_, make_idempotent);
}

base::Result<void> JobsParts::tell_death(const jobs::Job& job) {
  if (job.draft.kind == alerts::kDeliverJob) {
    return {};  // what cannot be told is not told of: it would be on the same channel
  }
  const std::string id = base::format_uuid(job.id);
  const json::object evidence = {{"job", id},
                                 {"kind", job.draft.kind},
                                 {"attempts", job.attempts},
                                 {"code", job.error_code},
                                 {"message", job.error_message}};
  TALLY_ASSIGN([[maybe_unused]] const alerts::Alert alert,
               rooms_.alerts.raise(
                   {.dedupe_key = "jobs.dead:" + job.draft.kind,
                    .severity = alerts::Severity::kWarning,
                    .subject = job.draft.subject.empty() ? "jobs" : job.draft.subject,
                    .summary = fmt::format("a job {} failed for good ({}); see: tallystick jobs show {}, then retry it",
                                           job.draft.kind,
                                           job.error_code,
                                           id),
                    .evidence = json::serialize(evidence)}));
  return {};
}

base::Result<jobs::QueueStatistics> JobsParts::statistics() {
  const std::lock_guard lock(mutex_);
  const std::int64_t now_us = rooms_.clock.monotonic_us();
  if (counted_at_us_ == 0 || now_us - counted_at_us_ >= kCountIntervalUs) {
    counted_ = queue_.statistics();
    counted_at_us_ = now_us;
  }
  return counted_;
}

void JobsParts::add_metrics(base::Metrics& metrics) {
  const auto add = [&](std::string name, std::string help, auto read) {
    metrics.add_gauge(std::move(name), std::move(help), [this, read](base::MetricSamples& samples) {
      if (const auto counts = statistics()) {
        samples.add({}, static_cast<double>(read(*counts)));
      }
    });
  };
  add("tallystick_jobs_queued", "Jobs that wait, for a worker or for their time, on any node.", [](const auto& counts) {
    return counts.queued;
  });
  add("tallystick_jobs_running", "Jobs that workers of any node have.", [](const auto& counts) {
    return counts.running;
  });
  add("tallystick_jobs_dead", "Jobs that failed for good.", [](const auto& counts) { return counts.dead; });
  add("tallystick_jobs_oldest_queued_age_seconds",
      "For how long the job that waits longest could have run.",
      [this](const auto& counts) {
        const base::Timestamp since = counts.oldest_due_at;
        return since.us == 0 ? 0.0 : static_cast<double>(rooms_.clock.now() - since) / double{base::kMicrosPerSecond};
      });
  metrics.add_counter("tallystick_jobs_finished_total",
                      "Attempts that ended on this node since the start, by the state the job then had.",
                      [this](base::MetricSamples& samples) {
                        for (const jobs::EndedCount& ended : runner_.ended_counts()) {
                          samples.add({{"kind", ended.kind}, {"state", std::string(jobs::name_of(ended.state))}},
                                      static_cast<double>(ended.count));
                        }
                      });
}

void JobsParts::add_health(Health& health) {
  health.add("jobs", false, [this] {
    const jobs::RunnerStatus status = runner_.status();
    return HealthState{
        status.error.empty(),
        status.error.empty() ? fmt::format("{} of {} threads at work", status.running, status.threads) : status.error};
  });
}

}  // namespace tallystick::server
