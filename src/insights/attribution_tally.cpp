#include "insights/attribution_tally.h"

#include <fmt/format.h>

#include "insights/names.h"
#include "insights/quotient.h"
#include "insights/sources.h"

namespace tallystick::insights {

void Attributed::add(const Attributed& other) {
  clicks += other.clicks;
  conversion_parts += other.conversion_parts;
  reversed_parts += other.reversed_parts;
  revenue.add(other.revenue);
}

AttributionTally make_attribution(const warehouse::Rows& clicks,
                                  const warehouse::Rows& all_clicks,
                                  const warehouse::Rows& conversions) {
  AttributionTally tally;
  std::int64_t attributed_clicks = 0;
  for (std::size_t i = 0; i < clicks.size(); ++i) {
    tally[std::string(clicks.text(i, "placement_id"))].clicks += clicks.integer(i, "clicks");
    attributed_clicks += clicks.integer(i, "clicks");
  }
  // Attribution follows the load by seconds; the newest clicks count at once, under no placement.
  const std::int64_t counted_clicks = all_clicks.empty() ? 0 : all_clicks.integer(0, "clicks");
  if (counted_clicks != attributed_clicks) {
    tally[std::string(kNilId)].clicks += counted_clicks - attributed_clicks;
  }
  for (std::size_t i = 0; i < conversions.size(); ++i) {
    Attributed& line = tally[std::string(conversions.text(i, "placement_id"))];
    line.conversion_parts += conversions.integer(i, "parts");
    line.reversed_parts += conversions.integer(i, "reversed_parts");
    line.revenue.add(conversions.text(i, "currency_code"), conversions.integer(i, "revenue_minor"));
  }
  return tally;
}

Attributed total_of(const AttributionTally& tally) {
  Attributed total;
  for (const auto& [placement_id, line] : tally) {
    total.add(line);
  }
  return total;
}

base::Result<AttributionTally> load_attribution(Reader& reader, std::string_view merchant_id) {
  const bool is_of_merchant = !merchant_id.empty();
  const Passes passes = reader.passes();
  warehouse::Parameters parameters;
  if (is_of_merchant) {
    parameters.emplace_back("merchant", std::string(merchant_id));
  }
  const std::string_view filter = is_of_merchant ? "merchant_id = {merchant:UUID}" : "1";
  auto clicks_by_placement =
      reader.start("SELECT placement_id, sum(toInt64(clicks)) AS clicks FROM " + click_attributions(passes, filter) +
                       " WHERE class <= {max_class:Int8} GROUP BY placement_id",
                   parameters);
  auto counted_clicks = reader.start("SELECT sum(clicks) AS clicks FROM " + click_hours(reader.coverage(), filter) +
                                         " WHERE class <= {max_class:Int8}",
                                     parameters);
  // A conversion that names only its click has its merchant from there, as attribution found it.
  const std::string_view may_be_of_merchant =
      is_of_merchant ? "merchant_id IN ({merchant:UUID}, toUUID('00000000-0000-0000-0000-000000000000'))" : "1";
  const std::string_view is_merchants =
      is_of_merchant ? " AND (c.merchant = {merchant:UUID} OR (c.merchant = "
                       "toUUID('00000000-0000-0000-0000-000000000000') AND s.share_merchant = {merchant:UUID}))"
                     : "";
  const std::string one = fmt::format("{}", kPartsPerConversion);
  std::string sql = "SELECT s.placement_id AS placement_id, c.currency_code AS currency_code, toInt64(sum(" +
                    part_of(one) + ")) AS parts, toInt64(sumIf(" + part_of(one) +
                    ", c.is_reversed)) AS reversed_parts, toInt64(sum(" + part_of("c.revenue_minor") +
                    ")) AS revenue_minor FROM " + conversions(reader.conversion_verdicts(), may_be_of_merchant) +
                    " AS c LEFT JOIN " + conversion_shares(passes, may_be_of_merchant) +
                    " AS s ON c.conversion_key = s.conversion_key WHERE c.is_counted";
  sql += is_merchants;
  sql += " GROUP BY placement_id, currency_code";
  TALLY_ASSIGN(const warehouse::Rows shares, reader.query(sql, parameters));
  TALLY_ASSIGN(const warehouse::Rows clicks, clicks_by_placement.get());
  TALLY_ASSIGN(const warehouse::Rows all_clicks, counted_clicks.get());
  return make_attribution(clicks, all_clicks, shares);
}

}  // namespace tallystick::insights
