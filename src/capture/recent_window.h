#pragma once
// What a restart must know again of the journal's recent past: the judge's counters. Blocks; before serving.

#include <cstdint>

#include "base/error.h"
#include "base/time.h"
#include "journal/journal.h"
#include "quality/judge.h"

namespace tallystick::capture {

// The first record received at or after `since`, by bisection (times of receipt ascend but for a batch's width).
[[nodiscard]] base::Result<std::uint64_t> find_sequence_at(const journal::Journal& journal, base::Timestamp since);

// Tells the judge of the impressions and clicks received since then, oldest first, and lets it watch the clicks whose
// impression is still missing and that were not revised for it yet. The number of records read.
[[nodiscard]] base::Result<std::uint64_t> rebuild_judge(const journal::Journal& journal,
                                                        quality::Judge& judge,
                                                        base::Timestamp since);

}  // namespace tallystick::capture
