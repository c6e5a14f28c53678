#include "bench/warehouse/served_history.h"

#include <algorithm>
#include <chrono>
#include <map>
#include <stdexcept>
#include <thread>
#include <utility>

#include <boost/json.hpp>
#include <fmt/format.h>

#include "base/time.h"
#include "bench/load_generator.h"
#include "bench/warehouse/plain_tables.h"
#include "bench/warehouse/processes.h"

namespace tallystick::bench {
namespace {

namespace json = boost::json;

constexpr double kStalledSeconds = 60;
constexpr double kSettlingSeconds = 120;
constexpr std::uint64_t kEngineBoundBytes = 2ULL << 30;  // said to the server, and its default
constexpr int kQuietPolls = 30;                          // without a merge, one after another
constexpr auto kPollInterval = std::chrono::milliseconds(100);

json::value make_history(const std::filesystem::path& data, std::uint64_t events, int days) {
  const support::CommandResult result = support::run_command({support::tallystick_binary(),
                                                              "demo",
                                                              "--history",
                                                              fmt::format("{}d", days),
                                                              "--events",
                                                              std::to_string(events),
                                                              "--json"},
                                                             support::command_environment(data),
                                                             std::chrono::seconds(1'200));
  const std::size_t start = result.output.find('{');
  if (result.exit_code != 0 || start == std::string::npos) {
    throw std::runtime_error("the history could not be written: " + result.output);
  }
  return json::parse(result.output.substr(start));
}

base::Result<json::value> parse(const std::string& text) {
  boost::system::error_code error;
  json::value value = json::parse(text, error);
  if (error) {
    return base::fail(base::ErrorKind::kInternal, "bad_answer", "no JSON: " + text.substr(0, 200));
  }
  return value;
}

}  // namespace

ServedHistory::ServedHistory(std::uint64_t events, int days)
    : history_(make_history(folder_.path() / "data", events, days)) {}

std::string ServedHistory::engine_socket() const {
  return (folder_.path() / "data" / "engine" / "socket").string();
}

base::Result<std::string> ServedHistory::get(const std::string& target) {
  http::ClientRequest request;
  request.url = fmt::format("http://127.0.0.1:{}{}", server_->port(), target);
  request.headers = {{"Authorization", "Bearer " + key_}};
  TALLY_ASSIGN(http::ClientResponse response, client_.send(request));
  if (response.status != 200) {
    return base::fail(base::ErrorKind::kInternal,
                      "bad_answer",
                      fmt::format("{} answered {}: {}", target, response.status, response.body.substr(0, 300)));
  }
  return std::move(response.body);
}

base::Result<ServedHistory::Progress> ServedHistory::ask_progress() {
  TALLY_ASSIGN(const std::string body, get("/api/warehouse"));
  TALLY_ASSIGN(const json::value status, parse(body));
  Progress progress;
  progress.is_up = status.at("state") == "up";
  if (const auto* logs = status.as_object().if_contains("logs"); logs != nullptr && !logs->as_array().empty()) {
    const json::value& log = logs->at(0);
    progress.loaded = log.at("loaded").to_number<std::uint64_t>();
    progress.log_size = log.at("log_size").to_number<std::uint64_t>();
    database_ = json::value_to<std::string>(status.at("database"));
  }
  return progress;
}

void ServedHistory::sample_memory(LoadResult& load) const {
  const pid_t server = server_->process().pid();
  load.server_peak_bytes = std::max(load.server_peak_bytes, peak_memory_bytes(server));
  load.server_cpu_seconds = cpu_seconds(server);
  if (const auto engine = find_child(server, "engine")) {
    load.engine_peak_bytes = std::max(load.engine_peak_bytes, peak_memory_bytes(*engine));
    load.engine_own_peak_bytes = std::max(load.engine_own_peak_bytes, own_memory_bytes(*engine));
    load.engine_cpu_seconds = cpu_seconds(*engine);
  }
}

base::Result<LoadResult> ServedHistory::load() {
  server_ = std::make_unique<support::ServerProcess>(
      folder_.path() / "data",
      std::map<std::string, std::string>{{"ENGINE_ENABLED", "true"},
                                         {"ENGINE_MEMORY_BYTES", std::to_string(kEngineBoundBytes)},
                                         {"LOG_LEVEL", "warning"}});
  key_ = server_->first_key();
  LoadResult load;
  load.engine_bound_bytes = kEngineBoundBytes;
  const double start_s = now_s();
  double moved_s = start_s;
  Progress before;
  for (;;) {
    TALLY_ASSIGN(const Progress now, ask_progress());
    sample_memory(load);
    if (!now.is_up && now.loaded == 0) {
      load.ready_seconds = now_s() - start_s;
    }
    if (now.log_size > 0 && now.loaded >= now.log_size) {
      load.records = now.log_size;
      break;
    }
    if (now.loaded > before.loaded) {
      moved_s = now_s();
      before = now;
    } else if (now_s() - moved_s > kStalledSeconds) {
      return base::fail(base::ErrorKind::kTimeout,
                        "load_stalled",
                        fmt::format("{} of {} records are loaded, and no more come", now.loaded, now.log_size));
    }
    std::this_thread::sleep_for(kPollInterval);
  }
  load.seconds = now_s() - start_s;
  const double load_cpu_s = load.server_cpu_seconds + load.engine_cpu_seconds;
  load.settled_seconds = wait_until_settled(load.records);
  load.merged_seconds = std::max(load.settled_seconds, 0.0) + wait_until_merged();
  LoadResult after = load;
  sample_memory(after);
  load.settling_cpu_seconds = after.server_cpu_seconds + after.engine_cpu_seconds - load_cpu_s;
  return load;
}

// Merges that were put off while the history was loaded begin when it is. Reports are timed when they rest.
double ServedHistory::wait_until_merged() {
  const double start_s = now_s();
  double rested_s = start_s;
  PlainTables engine(engine_socket(), database_);
  for (int quiet = 0; quiet < kQuietPolls && now_s() - start_s < kSettlingSeconds;) {
    const auto merges = engine.ask_in(database_, "SELECT count() FROM system.merges");
    quiet = merges && std::stoull(*merges) == 0 ? quiet + 1 : 0;
    rested_s = quiet > 0 ? rested_s : now_s();
    std::this_thread::sleep_for(kPollInterval);
  }
  return rested_s - start_s;
}

// All but the last minutes of a history are old enough to be settled.
double ServedHistory::wait_until_settled(std::uint64_t records) {
  const double start_s = now_s();
  PlainTables engine(engine_socket(), database_);
  while (now_s() - start_s < kSettlingSeconds) {
    const auto settled =
        engine.ask_in(database_, "SELECT max(end) FROM load_positions WHERE stage = 'settle' AND state = 'done'");
    if (settled && std::stoull(*settled) + records / 100 >= records) {
      return now_s() - start_s;
    }
    std::this_thread::sleep_for(kPollInterval);
  }
  return -1;
}

base::Result<std::uint64_t> ServedHistory::check_counts() {
  const auto text_of = [this](const char* name) {
    return json::value_to<std::string>(history_.at(name));
  };
  TALLY_ASSIGN(const std::string body,
               get(fmt::format("/api/insights/placements?from={}&to={}", text_of("from"), text_of("until"))));
  TALLY_ASSIGN(const json::value report, parse(body));
  std::map<std::string, json::object> rows;
  for (const json::value& row : report.at("by_placement").as_array()) {
    rows[json::value_to<std::string>(row.at("placement_id"))] = row.as_object();
  }
  std::uint64_t checked = 0;
  for (const json::value& placement : history_.at("placements").as_array()) {
    const json::value& ours = placement.at("impressions");
    const auto of = [&](const char* name) {
      return ours.at(name).to_number<std::uint64_t>();
    };
    const std::pair<const char*, std::uint64_t> expected[] = {{"net_impressions", of("valid") + of("suspect")},
                                                              {"givt_impressions", of("givt")},
                                                              {"sivt_impressions", of("sivt")}};
    const json::object& row = rows[json::value_to<std::string>(placement.at("id"))];
    for (const auto& [name, count] : expected) {
      const json::value* const reported = row.if_contains(name);
      const std::uint64_t theirs = reported == nullptr ? 0 : reported->to_number<std::uint64_t>();
      if (theirs != count) {
        return base::fail(base::ErrorKind::kInternal,
                          "bad_answer",
                          fmt::format("{} of {}: {} reported, {} written",
                                      name,
                                      json::value_to<std::string>(placement.at("slug")),
                                      theirs,
                                      count));
      }
      ++checked;
    }
  }
  return checked;
}

base::Result<Subject> ServedHistory::find_subject(int days) {
  Subject subject;
  subject.days = days;
  subject.partner = "past-outdoor";
  subject.merchant = "past-brand-001";
  TALLY_ASSIGN(const std::string body, get("/api/merchants/" + subject.merchant));
  TALLY_ASSIGN(const json::value merchant, parse(body));
  subject.merchant_id = json::value_to<std::string>(merchant.at("id"));
  const json::value& placement = history_.at("placements").at(0);
  subject.placement = json::value_to<std::string>(placement.at("slug"));
  subject.placement_id = json::value_to<std::string>(placement.at("id"));
  // The reports' days end with today.
  const base::Timestamp now = base::SystemClock().now();
  const base::Timestamp first{(now.us / base::kMicrosPerDay - (days - 1)) * base::kMicrosPerDay};
  subject.start = base::format_rfc3339(first).substr(0, 10) + " 00:00:00";
  return subject;
}

}  // namespace tallystick::bench
