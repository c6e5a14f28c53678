#pragma once
// One merchant: where it was shown, to how many, at which rank, and the way from impressions to conversions
// (60-exposure; the source's "Merchant Exposure Summary"). docs/api/insights.md has the formulas.

#include <string_view>

#include "base/error.h"
#include "insights/attribution_tally.h"
#include "insights/names.h"
#include "insights/reader.h"
#include "insights/report_table.h"

namespace tallystick::insights {

// Error code also: "merchant_not_found".
[[nodiscard]] base::Result<Report> load_merchant_report(Reader& reader, std::string_view slug_or_id);

struct MerchantAnswers {
  Named merchant;
  PlacementNames names;
  warehouse::Rows counts;  // placement_id, gross, givt, sivt, net, rank_sum, rank_count (the last two in the basis)
  warehouse::Rows users;   // placement_id, is_total, users
  AttributionTally attribution;
};
// Pure.
[[nodiscard]] Report make_merchant_report(const MerchantAnswers& answers, Basis basis, bool is_exact);

}  // namespace tallystick::insights
