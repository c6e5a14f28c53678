#pragma once
// What a run knew, kept with it as JSON so that it can be explained later: how far each log was in the warehouse, which
// imports stated the claims, which days were loaded around the period, for which job. Pure.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/time.h"
#include "base/uuid.h"
#include "settlement/claims.h"
#include "settlement/truth.h"
#include "settlement/truth_position.h"

namespace tallystick::settlement {

inline constexpr std::size_t kMaxSourceImports = 1'000;  // named one by one; beyond, the newest

struct RunSources {
  std::string job_id = {};    // empty: no job asked
  base::Timestamp claims_at;  // rows that were imported before it are in the run
  std::int64_t margin_days = 0;
  std::vector<base::Uuid> imports = {};  // as far as they are named; only parse_sources() fills it
};

[[nodiscard]] std::string make_sources(const RunSources& sources,
                                       const TruthPosition& position,
                                       const ClaimSide& claims,
                                       const TruthSide& truth);
// Nothing when it is not what make_sources writes.
[[nodiscard]] std::optional<RunSources> parse_sources(std::string_view json);

}  // namespace tallystick::settlement
