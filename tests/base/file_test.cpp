#include "base/file.h"

#include <gtest/gtest.h>

#include "base/random.h"

namespace tallystick::base {
namespace {

namespace fs = std::filesystem;

class FileTest : public testing::Test {
 protected:
  FileTest() : folder_(fs::temp_directory_path() / ("tallystick-file-" + std::to_string(SystemRandom().next_u64()))) {
    fs::create_directories(folder_);
  }
  ~FileTest() override { fs::remove_all(folder_); }
  fs::path folder_;
};

TEST_F(FileTest, WritesReplaceTheWholeContentAndSetTheMode) {
  const fs::path file = folder_ / "key";
  ASSERT_TRUE(write_file_atomically(file, "a longer first content", 0644));
  ASSERT_TRUE(write_file_atomically(file, "second", 0600));
  EXPECT_EQ(read_file(file, 100).value(), "second");
  EXPECT_EQ(fs::status(file).permissions(), fs::perms::owner_read | fs::perms::owner_write);
  EXPECT_EQ(std::distance(fs::directory_iterator(folder_), fs::directory_iterator()), 1) << "no temporary file stays";
}

TEST_F(FileTest, ReadsAreBoundedAndNameWhatIsMissing) {
  ASSERT_TRUE(write_file_atomically(folder_ / "big", std::string(101, 'x')));
  EXPECT_EQ(read_file(folder_ / "big", 100).error().code, "file_too_large");
  EXPECT_TRUE(read_file(folder_ / "big", 101));
  EXPECT_EQ(read_file(folder_ / "none", 100).error().code, "file_not_found");
  EXPECT_EQ(write_file_atomically(folder_ / "no" / "such" / "folder", "x").error().code, "file_write_failed");
}

TEST_F(FileTest, FoldersAreMadeWithTheirMode) {
  ASSERT_TRUE(make_folder(folder_ / "data" / "keys", 0700));
  EXPECT_EQ(fs::status(folder_ / "data" / "keys").permissions(), fs::perms::owner_all);
  ASSERT_TRUE(make_folder(folder_ / "data" / "keys", 0700)) << "again is fine";
}

}  // namespace
}  // namespace tallystick::base
