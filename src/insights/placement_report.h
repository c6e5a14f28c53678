#pragma once
// One placement: who fills it, how much of it the first three and five merchants take, and at which hours of the day it
// is seen (60-exposure; the source's "Placement Deep Dive"). docs/api/insights.md has the formulas.

#include <string_view>

#include "base/error.h"
#include "insights/names.h"
#include "insights/reader.h"
#include "insights/report_table.h"

namespace tallystick::insights {

inline constexpr std::size_t kTopMerchants = 10;

// Error code also: "placement_not_found".
[[nodiscard]] base::Result<Report> load_placement_report(Reader& reader, std::string_view slug_or_id);

struct PlacementAnswers {
  Named placement;
  warehouse::Rows top;     // merchant_id, slug, name, impressions; most first, kTopMerchants at most
  warehouse::Rows shown;   // merchants, impressions: of all that name a merchant
  warehouse::Rows totals;  // gross, givt, sivt, net, viewable
  warehouse::Rows hours;   // hour, impressions
};
// Pure.
[[nodiscard]] Report make_placement_report(const PlacementAnswers& answers, Basis basis);

}  // namespace tallystick::insights
