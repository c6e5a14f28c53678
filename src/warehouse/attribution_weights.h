#pragma once
// How a conversion is shared out over the placements in which its user saw its merchant: five models, in integers. The
// weights of a conversion follow each other from 0 to their total, so that the parts of an amount always add up to it.
// sql/attribution_shares.sql says the same in SQL and is tested against this. Pure functions, thread-safe.

#include <array>
#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "base/time.h"
#include "base/uuid.h"

namespace tallystick::warehouse {

enum class AttributionModel : std::uint8_t { kLast = 1, kFirst = 2, kLinear = 3, kTimeDecay = 4, kPosition = 5 };
inline constexpr std::array kAttributionModels{AttributionModel::kLast,
                                               AttributionModel::kFirst,
                                               AttributionModel::kLinear,
                                               AttributionModel::kTimeDecay,
                                               AttributionModel::kPosition};

// "last", "first", "linear", "time_decay", "position".
[[nodiscard]] std::string_view name_of(AttributionModel model);
// Error code: "unknown_model".
[[nodiscard]] base::Result<AttributionModel> parse_attribution_model(std::string_view name);

// Both ends belong to the windows.
inline constexpr std::int64_t kClickWindowUs = base::kMicrosPerHour;
inline constexpr std::int64_t kConversionWindowUs = 7 * base::kMicrosPerDay;
// An exposure reported later than this after it occurred is counted, but is no touch. Capture refuses what is more than
// 10 minutes old; the rest is for what a retry played back.
inline constexpr std::int64_t kTouchReportedWithinUs = 11 * base::kMicrosPerMinute;

// 2^20 halved over a day, by the hour: entry h is 2^20 * 2^(-h / 24), rounded.
inline constexpr std::array<std::uint64_t, 24> kDecayWeights{
    1'048'576, 1'018'725, 989'724, 961'548, 934'175, 907'581, 881'744, 856'642, 832'255, 808'563, 785'544, 763'181,
    741'455,   720'347,   699'841, 679'917, 660'561, 641'757, 623'487, 605'738, 588'493, 571'740, 555'464, 539'651};

// An exposure of the conversion's user and merchant within the window. In the order of (occurred_at, sequence, log_id).
struct Touch {
  base::Timestamp occurred_at;
  std::uint64_t sequence = 0;
  std::uint32_t log_id = 0;
  base::Uuid placement_id;
};

struct Share {
  base::Uuid placement_id;
  std::uint64_t weight_before = 0;
  std::uint64_t weight_after = 0;
  std::uint64_t weight_total = 0;

  friend bool operator==(const Share&, const Share&) = default;
};

// Touches in any order, none after `converted_at`. A share per placement, in the order of the placements' first
// touches. Without touches all of it falls to `fallback`.
[[nodiscard]] std::vector<Share> share_out(AttributionModel model,
                                           std::span<const Touch> touches,
                                           base::Timestamp converted_at,
                                           base::Uuid fallback);

// What of an amount falls to a share.
[[nodiscard]] std::int64_t part_of(std::int64_t amount_minor, const Share& share);

}  // namespace tallystick::warehouse
