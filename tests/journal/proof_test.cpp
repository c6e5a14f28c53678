#include "journal/proof.h"

#include <memory>
#include <vector>

#include <gtest/gtest.h>
#include <rapidcheck.h>

#include "tests/journal/reference_tree.h"
#include "tests/support/temporary_directory.h"

namespace tallystick::journal {
namespace {

class ProofTest : public testing::Test {
 protected:
  static constexpr std::size_t kLeaves = 3'000;

  void SetUp() override {
    auto store = TileStore::open(temporary_.path());
    ASSERT_TRUE(store);
    tree_ = std::move(*store);
    leaves_ = make_leaves(kLeaves);
    ASSERT_TRUE(tree_->append(leaves_));
    for (std::size_t size = 0; size <= kLeaves; ++size) {
      roots_.push_back(tree_->root(size));
    }
  }

  support::TemporaryDirectory temporary_;
  std::unique_ptr<TileStore> tree_;
  std::vector<crypto::Digest> leaves_;
  std::vector<crypto::Digest> roots_;
};

TEST_F(ProofTest, EveryLeafOfEverySmallTreeIsIncluded) {
  for (std::uint64_t size = 1; size <= 70; ++size) {
    for (std::uint64_t index = 0; index < size; ++index) {
      const auto proof = make_inclusion_proof(*tree_, index, size);
      ASSERT_TRUE(proof);
      ASSERT_TRUE(verify_inclusion(leaves_[index], index, size, *proof, roots_[size])) << index << " of " << size;
    }
  }
}

TEST_F(ProofTest, EverySmallTreeIsAPrefixOfEveryLarger) {
  for (std::uint64_t to = 0; to <= 70; ++to) {
    for (std::uint64_t from = 0; from <= to; ++from) {
      const auto proof = make_consistency_proof(*tree_, from, to);
      ASSERT_TRUE(proof);
      ASSERT_TRUE(verify_consistency(from, to, *proof, roots_[from], roots_[to])) << from << " to " << to;
    }
  }
}

// RFC 9162 section 2.1.5: the tree of seven leaves and its prefixes of three, four and six.
TEST_F(ProofTest, HasThePathsOfTheExampleInRfc9162) {
  const auto hash = [&](std::size_t first, std::size_t end) {
    return reference_root(std::span(leaves_).subspan(first, end - first));
  };
  EXPECT_EQ(*make_inclusion_proof(*tree_, 0, 7), (Proof{leaves_[1], hash(2, 4), hash(4, 7)}));
  EXPECT_EQ(*make_inclusion_proof(*tree_, 3, 7), (Proof{leaves_[2], hash(0, 2), hash(4, 7)}));
  EXPECT_EQ(*make_inclusion_proof(*tree_, 4, 7), (Proof{leaves_[5], leaves_[6], hash(0, 4)}));
  EXPECT_EQ(*make_inclusion_proof(*tree_, 6, 7), (Proof{hash(4, 6), hash(0, 4)}));
  EXPECT_EQ(*make_consistency_proof(*tree_, 3, 7), (Proof{leaves_[2], leaves_[3], hash(0, 2), hash(4, 7)}));
  EXPECT_EQ(*make_consistency_proof(*tree_, 4, 7), (Proof{hash(4, 7)}));
  EXPECT_EQ(*make_consistency_proof(*tree_, 6, 7), (Proof{hash(4, 6), leaves_[6], hash(0, 4)}));
}

TEST_F(ProofTest, InclusionHoldsForThatLeafThatPlaceThatSizeAndThatRootOnly) {
  EXPECT_TRUE(rc::check([this] {
    const auto size = *rc::gen::inRange<std::uint64_t>(2, kLeaves + 1);
    const auto index = *rc::gen::inRange<std::uint64_t>(0, size);
    Proof proof = *make_inclusion_proof(*tree_, index, size);
    const auto is_ok = [&] {
      return verify_inclusion(leaves_[index], index, size, proof, roots_[size]);
    };
    RC_ASSERT(is_ok());
    const auto other = *rc::gen::distinctFrom(rc::gen::inRange<std::uint64_t>(0, size), index);
    RC_ASSERT(!verify_inclusion(leaves_[other], index, size, proof, roots_[size]));
    RC_ASSERT(!verify_inclusion(leaves_[index], other, size, proof, roots_[size]));
    RC_ASSERT(!verify_inclusion(leaves_[index], index, size, proof, roots_[size - 1]));
    RC_ASSERT(!verify_inclusion(leaves_[index], size, size, proof, roots_[size]));
    const auto hash = *rc::gen::inRange<std::size_t>(0, proof.size());
    const auto bit = *rc::gen::inRange<std::size_t>(0, 256);
    proof[hash][bit / 8] ^= static_cast<std::uint8_t>(1U << bit % 8);
    RC_ASSERT(!is_ok());
    proof[hash][bit / 8] ^= static_cast<std::uint8_t>(1U << bit % 8);
    proof.push_back(proof[0]);
    RC_ASSERT(!is_ok());
    proof.pop_back();
    proof.pop_back();
    RC_ASSERT(!is_ok());
  }));
}

TEST_F(ProofTest, ConsistencyHoldsForThoseSizesAndRootsOnly) {
  EXPECT_TRUE(rc::check([this] {
    const auto to = *rc::gen::inRange<std::uint64_t>(3, kLeaves + 1);
    const auto from = *rc::gen::inRange<std::uint64_t>(1, to);
    Proof proof = *make_consistency_proof(*tree_, from, to);
    const auto is_ok = [&] {
      return verify_consistency(from, to, proof, roots_[from], roots_[to]);
    };
    RC_ASSERT(is_ok());
    RC_ASSERT(!verify_consistency(from, to, proof, roots_[from - 1], roots_[to]));
    RC_ASSERT(!verify_consistency(from, to, proof, roots_[from], roots_[to - 1]));
    RC_ASSERT(!verify_consistency(to, from, proof, roots_[to], roots_[from]));
    const auto hash = *rc::gen::inRange<std::size_t>(0, proof.size());
    const auto bit = *rc::gen::inRange<std::size_t>(0, 256);
    proof[hash][bit / 8] ^= static_cast<std::uint8_t>(1U << bit % 8);
    RC_ASSERT(!is_ok());
    proof[hash][bit / 8] ^= static_cast<std::uint8_t>(1U << bit % 8);
    proof.push_back(proof[0]);
    RC_ASSERT(!is_ok());
    proof.pop_back();
    proof.pop_back();
    RC_ASSERT(!is_ok());
  }));
}

TEST_F(ProofTest, TheEmptyTreeAndTheSameTreeNeedNoHashes) {
  EXPECT_TRUE(verify_consistency(0, 0, {}, empty_root(), empty_root()));
  EXPECT_TRUE(verify_consistency(0, 5, {}, empty_root(), roots_[5]));
  EXPECT_TRUE(verify_consistency(5, 5, {}, roots_[5], roots_[5]));
  EXPECT_FALSE(verify_consistency(0, 5, {}, roots_[1], roots_[5]));
  EXPECT_FALSE(verify_consistency(0, 0, {}, roots_[1], roots_[1]));
  EXPECT_FALSE(verify_consistency(5, 5, {}, roots_[5], roots_[4]));
  EXPECT_FALSE(verify_consistency(5, 5, Proof{roots_[1]}, roots_[5], roots_[5]));
  EXPECT_FALSE(verify_consistency(0, 5, Proof{roots_[1]}, empty_root(), roots_[5]));
}

TEST_F(ProofTest, NothingIsProvedBeyondTheTree) {
  EXPECT_EQ(make_inclusion_proof(*tree_, 5, 5).error().code, "proof_out_of_range");
  EXPECT_EQ(make_inclusion_proof(*tree_, 0, 0).error().code, "proof_out_of_range");
  EXPECT_EQ(make_inclusion_proof(*tree_, 0, kLeaves + 1).error().code, "proof_out_of_range");
  EXPECT_EQ(make_consistency_proof(*tree_, 6, 5).error().code, "proof_out_of_range");
  EXPECT_EQ(make_consistency_proof(*tree_, 5, kLeaves + 1).error().code, "proof_out_of_range");
}

}  // namespace
}  // namespace tallystick::journal
