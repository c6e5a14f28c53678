#pragma once
// What the rates of every partner and placement are made of, for whoever watches them: impressions, clicks, and
// conversions with their revenue by currency. As reports count them: a placement's clicks and revenue by attribution,
// a partner's by its own links. Functions of one reader.

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "base/error.h"
#include "insights/reader.h"

namespace tallystick::insights {

struct RevenueFigures {
  std::int64_t conversions = 0;
  std::int64_t revenue_minor = 0;
};

struct RateFigures {
  std::string slug;  // empty: what the events name has no record
  std::int64_t impressions = 0;
  std::int64_t clicks = 0;
  std::map<std::string, RevenueFigures, std::less<>> by_currency;
};

// By kind ("partner", "placement") and id; what belongs to none is left out.
using SubjectFigures = std::map<std::pair<std::string, std::string>, RateFigures>;

struct RateReading {
  SubjectFigures subjects;
  std::optional<double> lag_seconds;  // of the warehouse behind the log, if it is known
};

// Of the reader's period and basis.
[[nodiscard]] base::Result<RateReading> load_rate_figures(Reader& reader);

}  // namespace tallystick::insights
