#pragma once
// Clicks and conversions by the placement they are attributed to, for every report that shows them: each click and each
// conversion's revenue once, whatever was shown before it, so that the rows add up to the whole (60-exposure). What
// cannot be given to a placement stands under the nil id.

#include <cstdint>
#include <map>
#include <string>
#include <string_view>

#include "base/error.h"
#include "insights/reader.h"
#include "insights/revenue.h"

namespace tallystick::insights {

struct Attributed {
  std::int64_t clicks = 0;
  std::int64_t conversion_parts = 0;  // kPartsPerConversion each
  std::int64_t reversed_parts = 0;    // of these, the reversed
  Revenue revenue;

  void add(const Attributed& other);
};

// By placement id.
using AttributionTally = std::map<std::string, Attributed, std::less<>>;

// Of the period and basis; of one merchant when `merchant_id` is not empty.
[[nodiscard]] base::Result<AttributionTally> load_attribution(Reader& reader, std::string_view merchant_id);

// Pure. `clicks`: placement_id, clicks. `all_clicks`: clicks; what the first lacks is not attributed yet.
// `conversions`: placement_id, currency_code, parts, reversed_parts, revenue_minor.
[[nodiscard]] AttributionTally make_attribution(const warehouse::Rows& clicks,
                                                const warehouse::Rows& all_clicks,
                                                const warehouse::Rows& conversions);
[[nodiscard]] Attributed total_of(const AttributionTally& tally);

}  // namespace tallystick::insights
