#pragma once
// Inclusion and consistency proofs (RFC 9162 section 2.1.3 and 2.1.4). Making them needs the stored tree; checking them
// needs nothing. Thread-safe.

#include <cstdint>
#include <span>
#include <vector>

#include "base/error.h"
#include "crypto/sha256.h"
#include "journal/tile_store.h"

namespace tallystick::journal {

using Proof = std::vector<crypto::Digest>;

inline constexpr std::size_t kMaxProofHashes = 64;  // the height of a tree that a 64-bit size can count, and one

// That leaf `index` is in the tree of the first `tree_size` leaves. Error code: "proof_out_of_range".
[[nodiscard]] base::Result<Proof> make_inclusion_proof(const TileStore& tree,
                                                       std::uint64_t index,
                                                       std::uint64_t tree_size);
// That the tree of `from_size` leaves is a prefix of the tree of `to_size`. Error code: "proof_out_of_range".
[[nodiscard]] base::Result<Proof> make_consistency_proof(const TileStore& tree,
                                                         std::uint64_t from_size,
                                                         std::uint64_t to_size);

[[nodiscard]] bool verify_inclusion(const crypto::Digest& leaf,
                                    std::uint64_t index,
                                    std::uint64_t tree_size,
                                    std::span<const crypto::Digest> proof,
                                    const crypto::Digest& root);
// The empty tree is a prefix of every tree; its root and an empty proof are still asked for.
[[nodiscard]] bool verify_consistency(std::uint64_t from_size,
                                      std::uint64_t to_size,
                                      std::span<const crypto::Digest> proof,
                                      const crypto::Digest& from_root,
                                      const crypto::Digest& to_root);

}  // namespace tallystick::journal
