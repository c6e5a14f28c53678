#pragma once
// Writes what a settlement plan says happened into the journal, as the server would have recorded it: impressions,
// clicks, forwardings, conversions by API and by postback in every status they went through, and the verdicts that were
// revised. One thread, beside the journal's own.

#include <cstdint>
#include <functional>

#include "base/error.h"
#include "base/random.h"
#include "cli/history_model.h"
#include "cli/history_people.h"
#include "cli/settle_model.h"
#include "journal/journal.h"

namespace tallystick::cli {

struct SettleTraffic {
  std::uint64_t records = 0;
  std::uint64_t impressions = 0;
  std::uint64_t clicks = 0;
  std::uint64_t conversions = 0;  // status events
  std::uint64_t revisions = 0;
};

// `world`: partners as the plan's slots, kSettleLinks links for each of them in this order, and placements. `progress`
// is called now and then with the records so far and those that are due. Error codes: those of the journal.
[[nodiscard]] base::Result<SettleTraffic> write_settle_traffic(
    journal::Journal& journal,
    const HistoryWorld& world,
    const SettlePlan& plan,
    const SettleSettings& settings,
    const HistoryPeople& people,
    base::Random& random,
    const std::function<void(std::uint64_t, std::uint64_t)>& progress);

inline constexpr std::size_t kSettleLinks = 2;

}  // namespace tallystick::cli
