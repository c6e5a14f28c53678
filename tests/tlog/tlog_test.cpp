#include <algorithm>
#include <filesystem>
#include <fstream>
#include <memory>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "journal/checkpoint.h"
#include "journal/merkle.h"
#include "journal/tile_path.h"
#include "journal/tile_store.h"
#include "tests/support/child_process.h"
#include "tests/support/temporary_directory.h"

namespace tallystick::journal {
namespace {

constexpr std::string_view kOrigin = "tallystick.example/log";

// A log as the static files that C2SP tlog-tiles describes, made with our code and read with Go's.
class ForeignVerifier : public testing::Test {
 protected:
  void SetUp() override { tree_ = *TileStore::open(temporary_.path() / "tree"); }

  [[nodiscard]] static std::string entry(std::uint64_t index) {
    return "entry " + std::to_string(index) + std::string(index % 7, '\xff');
  }

  void append_until(std::uint64_t size) {
    std::vector<crypto::Digest> leaves;
    for (std::uint64_t i = tree_->size(); i < size; ++i) {
      leaves.push_back(leaf_hash(entry(i)));
    }
    ASSERT_TRUE(tree_->append(leaves));
  }

  void write(const std::filesystem::path& path, const std::string& bytes) const {
    const auto file = temporary_.path() / "log" / path;
    std::filesystem::create_directories(file.parent_path());
    std::ofstream(file, std::ios::binary) << bytes;
  }

  void publish() {
    const std::uint64_t size = tree_->size();
    for (unsigned level = 0; level_count(size, level) > 0; ++level) {
      const std::uint64_t count = level_count(size, level);
      for (std::uint64_t i = 0; i * kTileWidth < count; ++i) {
        const auto width = static_cast<unsigned>(std::min<std::uint64_t>(kTileWidth, count - i * kTileWidth));
        write(format_tile_path({level, i, width}), *tree_->hash_tile(level, i, width, size));
        if (level == 0) {
          write(format_tile_path({std::nullopt, i, width}), entry_bundle(i * kTileWidth, width));
        }
      }
    }
    write("checkpoint", make_checkpoint_note(kOrigin, size, tree_->root(size), key_));
  }

  [[nodiscard]] static std::string entry_bundle(std::uint64_t first, unsigned width) {
    std::string out;
    for (std::uint64_t i = first; i < first + width; ++i) {
      const std::string bytes = entry(i);
      out += static_cast<char>(bytes.size() >> 8U);
      out += static_cast<char>(bytes.size() & 0xffU);
      out += bytes;
    }
    return out;
  }

  support::CommandResult check(std::uint64_t index, const std::string& from = "") const {
    std::vector<std::string> command = {TLOGCHECK_BINARY,
                                        "-url",
                                        "file://" + (temporary_.path() / "log").string(),
                                        "-vkey",
                                        format_verifier_key(make_verifier_key(kOrigin, key_.public_key())),
                                        "-index",
                                        std::to_string(index)};
    if (!from.empty()) {
      command.insert(command.end(), {"-from-checkpoint", from});
    }
    return support::run_command(command);
  }

  void flip_byte(const std::filesystem::path& path, std::size_t at) const {
    std::fstream file(temporary_.path() / "log" / path, std::ios::in | std::ios::out | std::ios::binary);
    file.seekg(static_cast<std::streamoff>(at));
    const char byte = static_cast<char>(file.get() ^ 1);
    file.seekp(static_cast<std::streamoff>(at));
    file.put(byte);
  }

  support::TemporaryDirectory temporary_;
  crypto::Ed25519Key key_{crypto::Ed25519Seed{5}};
  std::unique_ptr<TileStore> tree_;
};

TEST_F(ForeignVerifier, AgreesOnInclusionAndConsistencyAtManySizes) {
  std::string older;
  for (const std::uint64_t size : {1U, 2U, 255U, 256U, 257U, 1'000U, 65'537U, 70'001U}) {
    append_until(size);
    publish();
    for (const std::uint64_t index : {std::uint64_t{0}, size / 2, size - 1}) {
      const auto result = check(index, older);
      ASSERT_EQ(result.exit_code, 0) << size << ": " << result.output;
      EXPECT_NE(result.output.find("record " + std::to_string(index) + " is in the log"), std::string::npos);
    }
    const auto copy = temporary_.path() / ("checkpoint-" + std::to_string(size));
    std::filesystem::copy_file(temporary_.path() / "log" / "checkpoint", copy);
    older = copy.string();
  }
}

TEST_F(ForeignVerifier, RefusesWhatWasChanged) {
  append_until(1'000);
  publish();
  ASSERT_EQ(check(5).exit_code, 0);
  flip_byte("tile/entries/000", 3);  // in the first entry
  EXPECT_EQ(check(0).exit_code, 1);
  EXPECT_EQ(check(5).exit_code, 0);
  flip_byte("tile/0/000", 4 * 32);  // the sibling of record 5, which its proof needs
  EXPECT_EQ(check(5).exit_code, 1);
  flip_byte("tile/0/000", 4 * 32);
  flip_byte("checkpoint", 30);
  EXPECT_EQ(check(5).exit_code, 1);
}

TEST_F(ForeignVerifier, RefusesAnOlderTreeThatIsNoPrefix) {
  append_until(600);
  const auto forged = temporary_.path() / "forged";
  std::ofstream(forged) << make_checkpoint_note(kOrigin, 500, tree_->root(499), key_);
  publish();
  const auto result = check(5, forged.string());
  EXPECT_EQ(result.exit_code, 1);
  EXPECT_NE(result.output.find("consistency"), std::string::npos);
}

}  // namespace
}  // namespace tallystick::journal
