#pragma once
// `tallystick demo --settle`: a month of traffic and seven networks' reports of it, with planted differences, imported
// and reconciled by a server of its own; every cause has to be found with its exact amount.

#include <cstdint>
#include <string>

#include "base/error.h"
#include "base/time_zone.h"
#include "cli/context.h"

namespace tallystick::cli {

struct SettleOptions {
  bool is_wanted = false;
  std::string month;  // "2026-10"; empty: the last one that is over
  std::uint64_t seed = 1;
  std::int64_t conversions = 20'000;
};

struct SettleMonth {
  base::Date first, last;
};
// Empty: the last month that ended three days ago or earlier, since its last rows come after it. Error codes:
// "bad_month", "month_not_over".
[[nodiscard]] base::Result<SettleMonth> parse_settle_month(std::string_view text, base::Timestamp now);

// Exit code 1 when anything differs. Error codes also: "journal_locked", "demo_exists", those of the stores and of the
// server.
[[nodiscard]] base::Result<int> run_settlement(Context& context, const SettleOptions& options);

}  // namespace tallystick::cli
