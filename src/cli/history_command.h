#pragma once
// `tallystick demo --history`: a history written straight into the data directory of a server that does not run.

#include <cstdint>
#include <string>
#include <string_view>

#include "base/error.h"
#include "cli/context.h"

namespace tallystick::cli {

struct HistoryOptions {
  std::string period;  // "30d", "36h"; empty: no history is wanted
  std::uint64_t events = 1'000'000;
  std::uint64_t seed = 1;
  std::string until;  // RFC 3339; empty: now
};

// Days or hours, in microseconds: an hour to ten years. Error code: "bad_period".
[[nodiscard]] base::Result<std::int64_t> parse_period_us(std::string_view text);

// Error codes also: "journal_locked" (the server runs), "bad_timestamp", "history_exists", those of the stores.
[[nodiscard]] base::Result<int> make_history(Context& context, const HistoryOptions& options);

}  // namespace tallystick::cli
