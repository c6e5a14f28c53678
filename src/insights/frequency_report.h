#pragma once
// How often people saw something: users by the number of impressions they had (the source's "Frequency Distribution"),
// of everything, one merchant or one placement. Counted over the events, since frequencies of days do not add up: all
// of them while they are few, else those of a share of the users, chosen by their pseudonym, which is random.
// docs/api/insights.md has the formulas.

#include <cstdint>
#include <optional>
#include <string>

#include "base/error.h"
#include "insights/names.h"
#include "insights/reader.h"
#include "insights/report_table.h"

namespace tallystick::insights {

// Beyond so many impressions a sample is counted, unless the exact figure is asked for: bounds time and memory.
inline constexpr std::int64_t kMaxCountedImpressions = 2'000'000;

// Of every `one_in` users, a power of two, so that about kMaxCountedImpressions / 2 or fewer are looked at.
[[nodiscard]] std::int64_t choose_sample(std::int64_t impressions, bool is_exact);

// Slugs or ids, either may be empty. Error codes also: "merchant_not_found", "placement_not_found".
[[nodiscard]] base::Result<Report> load_frequency_report(Reader& reader,
                                                         const std::string& merchant,
                                                         const std::string& placement);

struct FrequencyAnswers {
  std::optional<Named> merchant;
  std::optional<Named> placement;
  std::int64_t one_in = 1;
  warehouse::Rows buckets;  // bucket (1, 2, 3, 4, 6, 11, 21: its lower end), users, impressions
  std::int64_t without_user = 0;
};
// Pure.
[[nodiscard]] Report make_frequency_report(const FrequencyAnswers& answers);

}  // namespace tallystick::insights
