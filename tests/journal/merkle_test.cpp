#include "journal/merkle.h"

#include <array>
#include <string_view>
#include <vector>

#include <gtest/gtest.h>

#include "base/encoding.h"
#include "tests/journal/reference_tree.h"

namespace tallystick::journal {
namespace {

// The eight leaves and roots of the Certificate Transparency reference implementation.
TEST(Merkle, AgreesWithTheVectorsOfCertificateTransparency) {
  constexpr std::array<std::string_view, 8> kLeaves = {
      "", "00", "10", "2021", "3031", "40414243", "5051525354555657", "606162636465666768696a6b6c6d6e6f"};
  constexpr std::array<std::string_view, 9> kRoots = {
      "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
      "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
      "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
      "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
      "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
      "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
      "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
      "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
      "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
  };
  Frontier frontier;
  EXPECT_EQ(base::to_hex(frontier.root()), kRoots[0]);
  for (std::size_t i = 0; i < kLeaves.size(); ++i) {
    frontier.append(leaf_hash(*base::from_hex(kLeaves[i])));
    EXPECT_EQ(frontier.size(), i + 1);
    EXPECT_EQ(base::to_hex(frontier.root()), kRoots[i + 1]);
  }
}

TEST(Merkle, TheFrontierHasTheRootOfTheDefinitionAtEverySize) {
  const auto leaves = make_leaves(300);
  Frontier frontier;
  for (std::size_t size = 0; size <= leaves.size(); ++size) {
    ASSERT_EQ(frontier.root(), reference_root(std::span(leaves).first(size))) << size;
    if (size < leaves.size()) {
      frontier.append(leaves[size]);
    }
  }
}

TEST(Merkle, TellsOfEveryFullSubtreeOnce) {
  const auto leaves = make_leaves(64);
  std::array<std::vector<crypto::Digest>, 8> subtrees;
  Frontier frontier;
  for (const auto& leaf : leaves) {
    frontier.append(leaf, [&](unsigned height, const crypto::Digest& hash) { subtrees[height].push_back(hash); });
  }
  for (std::size_t height = 0; height <= 6; ++height) {
    const std::size_t width = std::size_t{1} << height;
    ASSERT_EQ(subtrees[height].size(), 64 / width);
    for (std::size_t i = 0; i < subtrees[height].size(); ++i) {
      EXPECT_EQ(subtrees[height][i], reference_root(std::span(leaves).subspan(i * width, width)));
    }
  }
  EXPECT_TRUE(subtrees[7].empty());
}

}  // namespace
}  // namespace tallystick::journal
