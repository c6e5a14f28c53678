#include "journal/tile_store.h"

#include <atomic>
#include <fstream>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include <gtest/gtest.h>
#include <rapidcheck.h>

#include "tests/journal/reference_tree.h"
#include "tests/support/temporary_directory.h"

namespace tallystick::journal {
namespace {

const std::vector<crypto::Digest>& leaves() {
  static const std::vector<crypto::Digest> all = make_leaves(70'000);
  return all;
}

class TileStoreTest : public testing::Test {
 protected:
  [[nodiscard]] std::filesystem::path directory() const { return temporary_.path() / "tree"; }
  [[nodiscard]] std::filesystem::path level_file(int level) const {
    return directory() / ("level-" + std::to_string(level));
  }
  [[nodiscard]] std::unique_ptr<TileStore> open() const {
    auto store = TileStore::open(directory());
    EXPECT_TRUE(store) << store.error().message;
    return std::move(*store);
  }
  static std::span<const crypto::Digest> slice(std::size_t first, std::size_t end) {
    return std::span(leaves()).subspan(first, end - first);
  }

  support::TemporaryDirectory temporary_;
};

TEST_F(TileStoreTest, AnEmptyTreeHasTheEmptyRoot) {
  const auto store = open();
  EXPECT_EQ(store->size(), 0U);
  EXPECT_EQ(store->root(0), empty_root());
  EXPECT_FALSE(store->hash_tile(0, 0, 1, 0));
}

TEST_F(TileStoreTest, HasTheRootOfEverySizeBeforeAndAfterFlushAndReopening) {
  const std::vector<std::size_t> sizes = {
      0, 1, 2, 3, 255, 256, 257, 511, 512, 513, 1000, 65'535, 65'536, 65'537, 70'000};
  auto store = open();
  std::size_t done = 0;
  for (const std::size_t step : {1U, 2U, 300U, 40'000U, 29'697U}) {
    ASSERT_TRUE(store->append(slice(done, done + step)));
    done += step;
    if (step == 300) {
      ASSERT_TRUE(store->flush());
    }
  }
  const auto check = [&] {
    ASSERT_EQ(store->size(), 70'000U);
    for (const std::size_t size : sizes) {
      EXPECT_EQ(store->root(size), reference_root(slice(0, size))) << size;
    }
  };
  check();
  ASSERT_TRUE(store->flush());
  check();
  store = open();
  check();
  EXPECT_EQ(std::filesystem::file_size(level_file(0)), 70'000U * 32);
  EXPECT_EQ(std::filesystem::file_size(level_file(1)), 273U * 32);
  EXPECT_EQ(std::filesystem::file_size(level_file(2)), 32U);
}

TEST_F(TileStoreTest, TruncationIsAsIfNeverAppended) {
  auto store = open();
  ASSERT_TRUE(store->append(slice(0, 66'000)));
  ASSERT_TRUE(store->flush());
  ASSERT_TRUE(store->append(slice(66'000, 67'000)));
  for (const std::size_t size : {66'500U, 66'000U, 65'536U, 65'535U, 256U, 255U, 0U}) {
    ASSERT_TRUE(store->truncate(size));
    ASSERT_EQ(store->size(), size);
    EXPECT_EQ(store->root(size), reference_root(slice(0, size))) << size;
    ASSERT_TRUE(store->append(slice(size, size + 300)));
    EXPECT_EQ(store->root(size + 300), reference_root(slice(0, size + 300))) << size;
    ASSERT_TRUE(store->flush());
    store = open();
    EXPECT_EQ(store->size(), size + 300);
  }
  EXPECT_THROW((void)store->truncate(301), std::invalid_argument);
}

TEST_F(TileStoreTest, OpeningCutsWhatACrashLeftUneven) {
  struct Case {
    int level;
    std::uintmax_t bytes;
    std::uint64_t size;
  };
  const std::vector<Case> cases = {
      {0, 66'000U * 32 - 1, 65'999},       // a torn hash
      {0, 600U * 32, 600},                 // leaves short: higher levels are cut
      {1, 100U * 32 + 7, 101U * 256 - 1},  // level 1 short: leaves that it should cover are cut
      {1, 0, 255},
      {2, 0, 65'535},
  };
  for (const Case& c : cases) {
    std::filesystem::remove_all(directory());
    {
      const auto store = open();
      ASSERT_TRUE(store->append(slice(0, 66'000)));
      ASSERT_TRUE(store->flush());
    }
    std::filesystem::resize_file(level_file(c.level), c.bytes);
    const auto store = open();
    ASSERT_EQ(store->size(), c.size);
    EXPECT_EQ(store->root(c.size), reference_root(slice(0, c.size)));
    ASSERT_TRUE(store->append(slice(c.size, 66'000)));
    EXPECT_EQ(store->root(66'000), reference_root(slice(0, 66'000)));
  }
}

TEST_F(TileStoreTest, OpeningChangesNoFile) {
  {
    const auto store = open();
    ASSERT_TRUE(store->append(slice(0, 66'000)));
    ASSERT_TRUE(store->flush());
  }
  std::filesystem::remove(level_file(1));
  auto store = open();
  EXPECT_EQ(store->size(), 255U);
  EXPECT_EQ(store->leaf_count(), 66'000U);
  EXPECT_FALSE(std::filesystem::exists(level_file(1)));
  EXPECT_EQ(std::filesystem::file_size(level_file(0)), 66'000U * 32);
  EXPECT_EQ(std::filesystem::file_size(level_file(2)), 32U);
  ASSERT_TRUE(store->truncate(255));
  EXPECT_EQ(std::filesystem::file_size(level_file(0)), 255U * 32);
  EXPECT_EQ(std::filesystem::file_size(level_file(2)), 0U);
}

TEST_F(TileStoreTest, MakesTheUpperLevelsAgainFromTheLeaves) {
  for (const std::size_t size : {66'000U, 65'536U, 300U, 255U, 0U}) {
    std::filesystem::remove_all(directory());
    {
      const auto store = open();
      ASSERT_TRUE(store->append(slice(0, 66'000)));
      ASSERT_TRUE(store->flush());
    }
    std::filesystem::remove(level_file(1));
    std::ofstream(level_file(2), std::ios::binary) << "damaged";
    auto store = open();
    EXPECT_EQ(store->fold_leaves(size).root(), reference_root(slice(0, size)));
    ASSERT_TRUE(store->rebuild_from_leaves(size));
    for (int round = 0; round < 2; ++round) {
      ASSERT_EQ(store->size(), size);
      EXPECT_EQ(store->root(size), reference_root(slice(0, size)));
      for (std::uint64_t i = 0; i < size / 256; ++i) {
        ASSERT_EQ(store->subtree(8, i), reference_root(slice(i * 256, (i + 1) * 256)));
      }
      ASSERT_TRUE(store->flush());
      store = open();
    }
    ASSERT_TRUE(store->append(slice(size, 70'000)));
    EXPECT_EQ(store->root(70'000), reference_root(slice(0, 70'000)));
    EXPECT_EQ(store->root(size), reference_root(slice(0, size)));
  }
}

TEST_F(TileStoreTest, SaysWhenAFileCannotBeSynced) {
  auto store = open();
  ASSERT_TRUE(store->append(slice(0, 300)));
  ASSERT_TRUE(store->flush());
  EXPECT_TRUE(store->sync());
  std::filesystem::remove(level_file(2));
  std::filesystem::create_symlink("/dev/null", level_file(2));  // cannot be synced
  ASSERT_TRUE(store->append(slice(300, 66'000)));
  ASSERT_TRUE(store->flush());
  const auto synced = store->sync();
  ASSERT_FALSE(synced);
  EXPECT_EQ(synced.error().code, "tile_store_io");
}

TEST_F(TileStoreTest, TilesHoldTheHashesOfTheirLevel) {
  const auto store = open();
  ASSERT_TRUE(store->append(slice(0, 66'000)));
  const auto text_of = [](const crypto::Digest& hash) {
    return std::string(hash.begin(), hash.end());
  };
  const auto full = store->hash_tile(0, 3, 256, 66'000);
  ASSERT_TRUE(full);
  ASSERT_EQ(full->size(), 8192U);
  EXPECT_EQ(full->substr(0, 32), text_of(leaves()[768]));
  EXPECT_EQ(full->substr(8160), text_of(leaves()[1023]));
  const auto partial = store->hash_tile(0, 257, 208, 66'000);  // 66000 = 257 * 256 + 208
  ASSERT_TRUE(partial);
  EXPECT_EQ(partial->substr(207 * 32), text_of(leaves()[65'999]));
  const auto upper = store->hash_tile(1, 1, 1, 66'000);
  ASSERT_TRUE(upper);
  EXPECT_EQ(*upper, text_of(reference_root(slice(65'536, 65'792))));
  EXPECT_TRUE(store->hash_tile(2, 0, 1, 66'000));
}

TEST_F(TileStoreTest, HasNoTilesOutsideTheTree) {
  const auto store = open();
  ASSERT_TRUE(store->append(slice(0, 1'000)));
  struct Case {
    unsigned level;
    std::uint64_t index;
    unsigned width;
    std::uint64_t tree_size;
  };
  const std::vector<Case> cases = {{0, 3, 256, 1'000},
                                   {0, 3, 233, 1'000},
                                   {0, 4, 1, 1'000},
                                   {0, 0, 0, 1'000},
                                   {0, 0, 257, 1'000},
                                   {0, 2, 256, 767},
                                   {0, 3, 256, 9'999},
                                   {1, 0, 4, 1'000},
                                   {2, 0, 1, 1'000},
                                   {8, 0, 1, 1'000},
                                   {63, 0, 1, 1'000},
                                   {0, ~std::uint64_t{0}, 1, 1'000},
                                   {0, std::uint64_t{1} << 56U, 256, 1'000}};
  for (const Case& c : cases) {
    const auto tile = store->hash_tile(c.level, c.index, c.width, c.tree_size);
    ASSERT_FALSE(tile) << c.level << "/" << c.index << ".p/" << c.width;
    EXPECT_EQ(tile.error().code, "tile_not_found");
  }
  EXPECT_TRUE(store->hash_tile(0, 3, 232, 1'000));
  EXPECT_TRUE(store->hash_tile(1, 0, 3, 1'000));
}

TEST_F(TileStoreTest, AppendsInAnyPortionsGiveTheSameTree) {
  EXPECT_TRUE(rc::check([this] {
    std::filesystem::remove_all(directory());
    auto store = open();
    std::size_t done = 0;
    const auto portions = *rc::gen::container<std::vector<int>>(rc::gen::inRange(0, 700));
    for (const int portion : portions) {
      const std::size_t end = std::min<std::size_t>(done + static_cast<std::size_t>(portion), 5'000);
      RC_ASSERT(store->append(slice(done, end)).has_value());
      done = end;
      if (portion % 3 == 0) {
        RC_ASSERT(store->flush().has_value());
      }
      if (portion % 7 == 0) {
        RC_ASSERT(store->flush().has_value());
        store = open();
      }
    }
    RC_ASSERT(store->size() == done);
    RC_ASSERT(store->root(done) == reference_root(slice(0, done)));
  }));
}

TEST_F(TileStoreTest, ReadersSeeConsistentTreesWhileTheWriterAppends) {
  const auto store = open();
  ASSERT_TRUE(store->append(slice(0, 300)));
  const crypto::Digest root = reference_root(slice(0, 300));
  std::atomic<bool> is_done{false};
  std::thread reader([&] {
    do {
      const std::uint64_t size = store->size();
      ASSERT_EQ(store->root(300), root);
      ASSERT_TRUE(store->hash_tile(0, 0, 256, size));
      const auto last = store->hash_tile(0, (size - 1) / 256, static_cast<unsigned>((size - 1) % 256 + 1), size);
      ASSERT_TRUE(last);
      const crypto::Digest& leaf = leaves()[size - 1];
      ASSERT_EQ(last->substr(last->size() - 32), std::string(leaf.begin(), leaf.end()));
    } while (!is_done);
  });
  for (std::size_t done = 300; done < 20'000; done += 197) {
    ASSERT_TRUE(store->append(slice(done, done + 197)));
    ASSERT_TRUE(store->flush());
  }
  is_done = true;
  reader.join();
}

}  // namespace
}  // namespace tallystick::journal
