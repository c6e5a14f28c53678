#include "journal/proof.h"

#include <algorithm>
#include <bit>

#include "journal/merkle.h"

namespace tallystick::journal {
namespace {

std::unexpected<base::Error> out_of_range() {
  return base::fail(base::ErrorKind::kNotFound, "proof_out_of_range", "the tree has no such leaf or size");
}

// MTH(D[first:end]) of RFC 9162, where `first` is a multiple of the smallest power of two that spans the range.
crypto::Digest range_hash(const TileStore& tree, std::uint64_t first, std::uint64_t end) {
  Frontier range;
  for (unsigned height = 64; height-- > 0;) {
    if (((end - first) >> height & 1U) != 0) {
      range.append_subtree(height, tree.subtree(height, (first + range.size()) >> height));
    }
  }
  return range.root();
}

// The largest power of two smaller than `size`, which is at least 2: where the tree divides.
std::uint64_t split_of(std::uint64_t size) {
  return std::bit_floor(size - 1);
}

}  // namespace

base::Result<Proof> make_inclusion_proof(const TileStore& tree, std::uint64_t index, std::uint64_t tree_size) {
  if (index >= tree_size || tree_size > tree.size()) {
    return out_of_range();
  }
  Proof proof;
  std::uint64_t first = 0;
  std::uint64_t end = tree_size;
  while (end - first > 1) {
    const std::uint64_t middle = first + split_of(end - first);
    if (index < middle) {
      proof.push_back(range_hash(tree, middle, end));
      end = middle;
    } else {
      proof.push_back(range_hash(tree, first, middle));
      first = middle;
    }
  }
  std::reverse(proof.begin(), proof.end());
  return proof;
}

base::Result<Proof> make_consistency_proof(const TileStore& tree, std::uint64_t from_size, std::uint64_t to_size) {
  if (from_size > to_size || to_size > tree.size()) {
    return out_of_range();
  }
  Proof proof;
  if (from_size == 0) {
    return proof;
  }
  std::uint64_t first = 0;
  std::uint64_t end = to_size;
  while (from_size != end) {
    const std::uint64_t middle = first + split_of(end - first);
    if (from_size <= middle) {
      proof.push_back(range_hash(tree, middle, end));
      end = middle;
    } else {
      proof.push_back(range_hash(tree, first, middle));
      first = middle;
    }
  }
  // When the old tree is itself a subtree on the left edge, the verifier has its hash already.
  if (first != 0) {
    proof.push_back(range_hash(tree, first, end));
  }
  std::reverse(proof.begin(), proof.end());
  return proof;
}

// RFC 9162 section 2.1.3.2, names as there.
bool verify_inclusion(const crypto::Digest& leaf,
                      std::uint64_t index,
                      std::uint64_t tree_size,
                      std::span<const crypto::Digest> proof,
                      const crypto::Digest& root) {
  if (index >= tree_size) {
    return false;
  }
  std::uint64_t fn = index;
  std::uint64_t sn = tree_size - 1;
  crypto::Digest r = leaf;
  for (const crypto::Digest& p : proof) {
    if (sn == 0) {
      return false;
    }
    if ((fn & 1U) != 0 || fn == sn) {
      r = node_hash(p, r);
      while ((fn & 1U) == 0 && fn != 0) {
        fn >>= 1U;
        sn >>= 1U;
      }
    } else {
      r = node_hash(r, p);
    }
    fn >>= 1U;
    sn >>= 1U;
  }
  return sn == 0 && r == root;
}

// RFC 9162 section 2.1.4.2, names as there.
bool verify_consistency(std::uint64_t from_size,
                        std::uint64_t to_size,
                        std::span<const crypto::Digest> proof,
                        const crypto::Digest& from_root,
                        const crypto::Digest& to_root) {
  if (from_size > to_size) {
    return false;
  }
  if (from_size == to_size || from_size == 0) {
    const bool is_same = from_size == to_size ? from_root == to_root : from_root == empty_root();
    return proof.empty() && is_same && (from_size != 0 || from_root == empty_root());
  }
  const bool is_subtree = std::has_single_bit(from_size);
  if (proof.empty() && !is_subtree) {
    return false;
  }
  std::uint64_t fn = from_size - 1;
  std::uint64_t sn = to_size - 1;
  while ((fn & 1U) != 0) {
    fn >>= 1U;
    sn >>= 1U;
  }
  crypto::Digest fr = is_subtree ? from_root : proof[0];
  crypto::Digest sr = fr;
  for (const crypto::Digest& c : proof.subspan(is_subtree ? 0 : 1)) {
    if (sn == 0) {
      return false;
    }
    if ((fn & 1U) != 0 || fn == sn) {
      fr = node_hash(c, fr);
      sr = node_hash(c, sr);
      while ((fn & 1U) == 0 && fn != 0) {
        fn >>= 1U;
        sn >>= 1U;
      }
    } else {
      sr = node_hash(sr, c);
    }
    fn >>= 1U;
    sn >>= 1U;
  }
  return sn == 0 && fr == from_root && sr == to_root;
}

}  // namespace tallystick::journal
