#pragma once
// What a partner's links bring, by day, placement and link (30-partners, "Outputs"). Its placements are those signed
// into the links, not attributed ones. docs/api/insights.md has the formulas.

#include <optional>
#include <string_view>

#include "base/error.h"
#include "insights/names.h"
#include "insights/reader.h"
#include "insights/report_table.h"
#include "insights/variance.h"

namespace tallystick::insights {

// `variances` null: nothing is reconciled here. Error code also: "partner_not_found".
[[nodiscard]] base::Result<Report> load_partner_report(Reader& reader,
                                                       std::string_view slug_or_id,
                                                       VarianceSource* variances);

// Each of the three has a row per day (grouped = 3), per placement (5) and per link (6), with that one set: day,
// placement_id, link_id, grouped.
struct PartnerAnswers {
  Named partner;
  PlacementNames names;
  Reader::SharedRows links;     // id, slug
  warehouse::Rows impressions;  // impressions; no links
  warehouse::Rows clicks;       // clicks (in the basis), gross, givt, sivt, net, forwarded, failed
  warehouse::Rows conversions;  // currency_code, conversions, reversed, revenue_minor
  std::optional<PeriodVariance> variance;
};
// Pure.
[[nodiscard]] Report make_partner_report(const PartnerAnswers& answers, const Period& period);

}  // namespace tallystick::insights
