#pragma once
// From reasons to class and score. Pure; the same everywhere, inline and in revisions.

#include <cstdint>

#include "journal/event.h"

namespace tallystick::quality {

// The class a reason stands for by itself (20-quality, the table).
[[nodiscard]] journal::VerdictClass class_of(journal::Reason reason);
// The weight of a reason by itself, 0 to 100.
[[nodiscard]] std::uint8_t weight_of(journal::Reason reason);

// givt before sivt before suspect before valid. The score is 100 minus what the reasons leave of 100: each, in the
// order of the enumeration, leaves (100 - weight) percent of what was left, cut to whole numbers.
[[nodiscard]] journal::Verdict make_verdict(std::uint32_t reasons, std::uint32_t rules_version);

// The verdict with one more reason: for revisions, such as `no_impression` after the grace time.
[[nodiscard]] journal::Verdict with_reason(const journal::Verdict& verdict,
                                           journal::Reason reason,
                                           std::uint32_t rules_version);

}  // namespace tallystick::quality
