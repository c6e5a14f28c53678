#pragma once
// The Merkle tree of RFC 9162 section 2.1 (the same as RFC 6962): hashes of leaves and nodes, and the frontier, which
// is all that is needed to append leaves and know the root. Values; no thread rule.

#include <array>
#include <bit>
#include <cstdint>
#include <span>
#include <string_view>

#include "crypto/sha256.h"

namespace tallystick::journal {

// SHA-256(0x00 || entry).
[[nodiscard]] crypto::Digest leaf_hash(std::span<const std::uint8_t> entry);
[[nodiscard]] crypto::Digest leaf_hash(std::string_view entry);
// SHA-256(0x01 || left || right).
[[nodiscard]] crypto::Digest node_hash(const crypto::Digest& left, const crypto::Digest& right);
// Of no leaves: SHA-256 of nothing.
[[nodiscard]] crypto::Digest empty_root();

// The roots of the full subtrees that the leaves so far divide into, largest first: one for every 1 bit of the size.
class Frontier {
 public:
  [[nodiscard]] std::uint64_t size() const { return size_; }
  [[nodiscard]] crypto::Digest root() const;

  // `on_subtree(height, hash)` is told of every full subtree that the leaf completes, the leaf itself (height 0) first.
  template <typename OnSubtree>
  void append(const crypto::Digest& leaf, OnSubtree&& on_subtree) {
    crypto::Digest node = leaf;
    unsigned height = 0;
    on_subtree(height, node);
    for (std::uint64_t rest = size_; (rest & 1U) != 0; rest >>= 1U) {
      node = node_hash(nodes_[--count_], node);
      on_subtree(++height, node);
    }
    nodes_[count_++] = node;
    ++size_;
  }
  void append(const crypto::Digest& leaf) {
    append(leaf, [](unsigned, const crypto::Digest&) {});
  }

  // Takes the root of the next full subtree of 2^height leaves. The size so far must be a multiple of 2^(height + 1),
  // which holds when the subtrees of a size are given from the largest to the smallest.
  void append_subtree(unsigned height, const crypto::Digest& hash) {
    nodes_[count_++] = hash;
    size_ += std::uint64_t{1} << height;
  }

 private:
  std::uint64_t size_ = 0;
  std::size_t count_ = 0;
  std::array<crypto::Digest, 64> nodes_{};
};

}  // namespace tallystick::journal
