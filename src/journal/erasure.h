#pragma once
// Overwriting personal parts in place (15-journal, "Erasure without breaking the proofs"): which records are meant, and
// the zeroing itself. Each function may run beside the writer and readers; erasures one at a time.

#include <cstdint>
#include <vector>

#include "base/error.h"
#include "base/time.h"
#include "crypto/sha256.h"
#include "journal/layout.h"
#include "journal/tail.h"

namespace tallystick::journal {

struct ErasureTargets {
  std::vector<std::uint64_t> sequences;  // ascending
  std::uint64_t records_scanned = 0;
};
// The records that name the user, and those of the user's sessions that name no other. Reads the log twice.
[[nodiscard]] base::Result<ErasureTargets> find_user_records(const Tail& tail,
                                                             FileSystem& files,
                                                             const crypto::Digest& user);

// The sequence of the first record not received before `before`.
[[nodiscard]] base::Result<std::uint64_t> find_first_not_before(const Tail& tail,
                                                                FileSystem& files,
                                                                std::uint64_t from,
                                                                base::Timestamp before);

// Zeroes what the erasure names, from sequence `from` on, and syncs. Returns how many records had a personal part.
[[nodiscard]] base::Result<std::uint64_t> zero_personal(const Tail& tail,
                                                        FileSystem& files,
                                                        const PendingErasure& erasure,
                                                        std::uint64_t from);

}  // namespace tallystick::journal
