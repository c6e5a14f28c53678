#include "base/file_system_sync.h"

#include <fstream>
#include <utility>

#include <gtest/gtest.h>

#include "tests/support/temporary_directory.h"

namespace tallystick::base {
namespace {

// What a disk would have lost cannot be seen from here; tests/warehouse/live/power_cut_test.cpp shows what it is for.
TEST(FileSystemSync, SyncsAFolderAlsoAfterItWasMoved) {
  const support::TemporaryDirectory folder;
  std::ofstream(folder.path() / "file") << "content";
  auto opened = FileSystemSync::open(folder.path());
  ASSERT_TRUE(opened) << opened.error().message;
  const FileSystemSync disk = *std::move(opened);
  EXPECT_TRUE(disk.sync());
  std::filesystem::rename(folder.path() / "file", folder.path() / "other");
  EXPECT_TRUE(disk.sync());
}

TEST(FileSystemSync, NamesTheFolderThatIsMissing) {
  const support::TemporaryDirectory folder;
  const auto opened = FileSystemSync::open(folder.path() / "none");
  ASSERT_FALSE(opened);
  EXPECT_EQ(opened.error().code, "folder_failed");
  EXPECT_NE(opened.error().message.find((folder.path() / "none").string()), std::string::npos);
}

}  // namespace
}  // namespace tallystick::base
