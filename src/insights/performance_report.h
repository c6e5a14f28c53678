#pragma once
// What placements bring: clicks, conversions and revenue under a chosen attribution model, per impression
// (60-exposure; the source's "Placement Performance Scorecard", without its fan-out). docs/api/insights.md has the
// formulas.

#include "base/error.h"
#include "insights/attribution_tally.h"
#include "insights/names.h"
#include "insights/reader.h"
#include "insights/report_table.h"

namespace tallystick::insights {

[[nodiscard]] base::Result<Report> load_performance_report(Reader& reader);

struct PerformanceAnswers {
  PlacementNames names;
  warehouse::Rows impressions;  // placement_id, impressions
  AttributionTally attribution;
};
// Pure.
[[nodiscard]] Report make_performance_report(const PerformanceAnswers& answers, Model model);

}  // namespace tallystick::insights
