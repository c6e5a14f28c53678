#pragma once
// A report as JSON, with all that a reader must know to trust it: period, zone, basis, what is estimated, how fresh.
// Pure.

#include <cstdint>
#include <optional>
#include <vector>

#include <boost/json.hpp>

#include "base/time.h"
#include "insights/question.h"
#include "insights/report_table.h"

namespace tallystick::insights {

// How far the warehouse is: every record below `sequence` of a log is in the figures.
struct LogFreshness {
  std::uint32_t log_id = 0;
  std::uint64_t sequence = 0;
  base::Timestamp received_at;  // of the newest of them; 0: none
};

struct Freshness {
  std::vector<LogFreshness> logs;
  // Records of the log that are not in the figures yet, and the age of the oldest; unknown without a loader here.
  std::optional<std::uint64_t> lag_records;
  std::optional<double> lag_seconds;
};

// {"report", "title", subject..., "period", "basis", "exact", "estimated", "as_of", "columns", <section>: ..., "notes"}
[[nodiscard]] boost::json::object to_json(const Report& report, const Question& question, const Freshness& freshness);
[[nodiscard]] boost::json::value to_json(const Cell& cell);

}  // namespace tallystick::insights
