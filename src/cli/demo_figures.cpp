#include "cli/demo_figures.h"

#include <algorithm>
#include <chrono>
#include <ostream>
#include <string>
#include <thread>

#include <boost/json.hpp>
#include <fmt/format.h>
#include <fmt/ostream.h>

#include "cli/output.h"
#include "cli/progress.h"
#include "cli/report_tables.h"

namespace tallystick::cli {
namespace {

namespace json = boost::json;

constexpr std::int64_t kLongestWaitUs = 15 * base::kMicrosPerSecond;
constexpr auto kPause = std::chrono::milliseconds(250);
constexpr const char* kPlacementsReport = "/api/insights/placements?days=1";
constexpr const char* kPerformance = "/api/insights/performance?days=1";

// Records of the log that the report's figures hold.
std::uint64_t loaded_in(const json::value& report) {
  std::uint64_t loaded = 0;
  for (const json::value& log : report.at("as_of").at("logs").as_array()) {
    loaded = std::max(loaded, log.at("sequence").to_number<std::uint64_t>());
  }
  return loaded;
}

// The report once it holds `records`, or the last one within the time; or why there is none.
base::Result<json::value> wait_for_report(Context& context,
                                          ApiClient& api,
                                          std::uint64_t records,
                                          std::int64_t end_us) {
  Progress progress(context.terminal, context.clock, "loading");
  while (true) {
    auto report = api.get(kPlacementsReport);
    const bool is_late = context.clock.monotonic_us() >= end_us;
    if (report) {
      const std::uint64_t loaded = loaded_in(*report);
      if (loaded >= records || is_late) {
        return report;
      }
      progress.update(loaded, records, "the warehouse catches up with the log");
    } else if (is_late || report.error().code != "warehouse_unavailable") {
      return report;
    }
    std::this_thread::sleep_for(kPause);
  }
}

bool has_attributed_clicks(const json::value& report) {
  for (const json::value& row : report.at("by_placement").as_array()) {
    if (!row.at("placement_id").is_null() && row.at("clicks").to_number<std::int64_t>() > 0) {
      return true;
    }
  }
  return false;
}

// Attribution follows the load by a pass: a report without any attributed click is asked for again.
base::Result<json::value> wait_for_attribution(Context& context, ApiClient& api, std::int64_t end_us) {
  while (true) {
    auto report = api.get(kPerformance);
    if (!report || has_attributed_clicks(*report) || context.clock.monotonic_us() >= end_us) {
      return report;
    }
    std::this_thread::sleep_for(kPause);
  }
}

}  // namespace

void show_demo_figures(Context& context, ApiClient& api, std::uint64_t records) {
  if (context.is_json) {
    return;  // one document: the demo's own
  }
  std::ostream& out = context.terminal.out;
  const std::int64_t end_us = context.clock.monotonic_us() + kLongestWaitUs;
  const auto placements = wait_for_report(context, api, records, end_us);
  if (!placements) {
    fmt::print(out, "\nNo figures from the warehouse: {}\n", placements.error().message);
    return;
  }
  fmt::print(out, "\nToday's figures from the warehouse (tallystick report show --help has more)\n");
  print_section(out, placements->as_object(), "by_placement");
  if (const auto performance = wait_for_attribution(context, api, end_us)) {
    print_section(out, performance->as_object(), "by_placement");
    print_section(out, performance->as_object(), "totals");
  }
  if (const std::uint64_t loaded = loaded_in(*placements); loaded < records) {
    fmt::print(out,
               "\nThe warehouse is still behind: {} of {} records are in these figures.\n",
               with_thousands(loaded),
               with_thousands(records));
  }
}

}  // namespace tallystick::cli
