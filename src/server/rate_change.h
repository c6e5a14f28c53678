#pragma once
// Whether a rate of the last day is off from its mean of the seven days before, in exact integers: CTR is clicks per
// impression, RPM revenue per thousand. A mean is over all impressions of the seven days together, so that a quiet day
// weighs little. Pure.

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "alerts/model.h"
#include "insights/rate_figures.h"

namespace tallystick::server {

struct RateLimits {
  std::int64_t min_impressions = 1'000;  // in the last day
  // Clicks or conversions that the last day should have by the mean. Chance alone moves a count of n by its square
  // root: 20 % of 400 are four of those.
  std::int64_t min_events = 400;
  std::int64_t max_change_percent = 20;
};

// What is compared: the numerator of the rate, and the count of events behind it.
struct RateSample {
  std::int64_t amount = 0;
  std::int64_t events = 0;
  std::int64_t impressions = 0;
};

enum class RateVerdict : std::uint8_t { kTooFew, kSteady, kOff };

struct RateChange {
  RateVerdict verdict = RateVerdict::kTooFew;
  std::int64_t per_mille = 0;  // of the mean: -500 is half of it, 1000 twice; cut to a million
};

[[nodiscard]] RateChange compare_rates(const RateSample& now, const RateSample& mean, const RateLimits& limits);

// Every rate of every subject: an occurrence for each that is off, with key "rates:<ctr|rpm.EUR>:<kind>:<id>", and how
// many were compared or had too few data.
struct RateFindings {
  std::vector<alerts::Occurrence> occurrences;
  std::int64_t compared = 0;
  std::int64_t too_few = 0;
};
[[nodiscard]] RateFindings find_changed_rates(const insights::SubjectFigures& now,
                                              const insights::SubjectFigures& before,
                                              const RateLimits& limits);

}  // namespace tallystick::server
