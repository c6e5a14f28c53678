#pragma once
// The definition of the Merkle tree hash in RFC 9162 section 2.1.1, written down as it stands there: the measure for
// the incremental implementation.

#include <bit>
#include <span>
#include <string>
#include <vector>

#include "journal/merkle.h"

namespace tallystick::journal {

inline crypto::Digest reference_root(std::span<const crypto::Digest> leaves) {
  if (leaves.empty()) {
    return crypto::sha256(std::string_view());
  }
  if (leaves.size() == 1) {
    return leaves[0];
  }
  const std::size_t split = std::bit_floor(leaves.size() - 1);
  return node_hash(reference_root(leaves.first(split)), reference_root(leaves.subspan(split)));
}

inline std::vector<crypto::Digest> make_leaves(std::size_t count) {
  std::vector<crypto::Digest> out;
  out.reserve(count);
  for (std::size_t i = 0; i < count; ++i) {
    out.push_back(leaf_hash("entry " + std::to_string(i)));
  }
  return out;
}

}  // namespace tallystick::journal
