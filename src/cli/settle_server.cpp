#include "cli/settle_server.h"

#include <chrono>
#include <thread>
#include <utility>

#include <boost/json.hpp>
#include <fmt/format.h>

namespace tallystick::cli {
namespace {

namespace json = boost::json;

constexpr std::chrono::milliseconds kLevelPoll(200);
constexpr std::int64_t kLevelTimeoutUs = 10 * base::kMicrosPerMinute;

// How many records of the only log are loaded.
std::uint64_t loaded_records(const json::value& status) {
  const json::array& logs = status.at("logs").as_array();
  return logs.empty() ? 0 : logs.front().at("loaded").to_number<std::uint64_t>();
}

std::string warehouse_error(const json::value& status) {
  const json::value* error = status.as_object().if_contains("error");
  return error != nullptr && error->is_string() ? std::string(error->get_string()) : std::string();
}

}  // namespace

SettleServer::SettleServer(std::unique_ptr<server::Application> application, std::string key)
    : application_(std::move(application)), api_(application_->local_url(), std::move(key)) {}

base::Result<SettleServer> SettleServer::start(const base::Config& config, std::string key) {
  server::StartOptions options;
  options.binary = "/proc/self/exe";
  TALLY_ASSIGN(auto application, server::Application::start(config, options));
  return SettleServer(std::move(application), std::move(key));
}

base::Result<void> SettleServer::wait_for_warehouse(std::uint64_t records,
                                                    const base::Clock& clock,
                                                    const std::function<void(std::uint64_t)>& progress) {
  const std::int64_t deadline_us = clock.monotonic_us() + kLevelTimeoutUs;
  for (;;) {
    TALLY_ASSIGN(const json::value status, api_.get("/api/warehouse"));
    const std::uint64_t loaded = loaded_records(status);
    progress(loaded);
    if (loaded >= records) {
      return {};
    }
    if (clock.monotonic_us() > deadline_us) {
      return base::fail(
          base::ErrorKind::kTimeout,
          "warehouse_behind",
          fmt::format(
              "after ten minutes the warehouse has {} of {} records. {}", loaded, records, warehouse_error(status)));
    }
    std::this_thread::sleep_for(kLevelPoll);
  }
}

}  // namespace tallystick::cli
