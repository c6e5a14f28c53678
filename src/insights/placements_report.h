#pragma once
// Every placement with what it showed: impressions gross and net, unique users and merchants, slots filled, saturation
// (60-exposure; the source's "Placement Overview"). docs/api/insights.md has the formulas.

#include "base/error.h"
#include "insights/names.h"
#include "insights/reader.h"
#include "insights/report_table.h"

namespace tallystick::insights {

[[nodiscard]] base::Result<Report> load_placements_report(Reader& reader);

// What the queries of the report answered.
struct PlacementsAnswers {
  PlacementNames names;
  warehouse::Rows counts;     // placement_id, gross, givt, sivt, net, viewable
  warehouse::Rows users;      // placement_id, is_total, users
  warehouse::Rows merchants;  // placement_id, is_total, merchants
  warehouse::Rows slots;      // placement_id, sessions, session_merchants, slots_max
};
// Pure.
[[nodiscard]] Report make_placements_report(const PlacementsAnswers& answers, Basis basis, bool is_exact);

}  // namespace tallystick::insights
