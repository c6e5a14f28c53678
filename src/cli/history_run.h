#pragma once
// Writes a whole history: plan, log and tally together, with what follows from events: forwardings of clicks and
// revisions of verdicts. One thread, beside the journal's own.

#include <cstdint>
#include <functional>

#include "base/error.h"
#include "base/random.h"
#include "cli/history_model.h"
#include "cli/history_people.h"
#include "cli/history_tally.h"
#include "journal/journal.h"

namespace tallystick::cli {

struct HistoryOutcome {
  HistoryTally tally;
  std::uint64_t visits = 0;
  std::uint64_t records = 0;
  std::uint64_t first_sequence = 0;
  std::size_t most_waiting = 0;  // events that were under way at one time
};

// `progress` is called now and then with the number of events so far. Error codes: "history_exists" (the log holds this
// very history already), those of the journal.
[[nodiscard]] base::Result<HistoryOutcome> write_history(journal::Journal& journal,
                                                         const HistoryWorld& world,
                                                         const HistorySettings& settings,
                                                         const HistoryPeople& people,
                                                         base::Random& random,
                                                         const std::function<void(std::uint64_t)>& progress);

// How many people there are in a history of so many events.
[[nodiscard]] std::uint64_t history_users(std::uint64_t events);

}  // namespace tallystick::cli
