#include "base/memory_file.h"

#include <array>
#include <cstring>
#include <utility>

#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/file.h"

namespace tallystick::base {
namespace {

using testing::HasSubstr;

TEST(MemoryFile, HoldsThePiecesUnderAPath) {
  const auto file = MemoryFile::make({"one,", "", "two"});
  ASSERT_TRUE(file) << file.error().message;
  EXPECT_TRUE(file->is_open());
  EXPECT_EQ(file->size(), 7U);
  EXPECT_EQ(read_file(file->path(), 100).value(), "one,two");
}

TEST(MemoryFile, IsNothingUntilItIsMade) {
  MemoryFile file;
  EXPECT_FALSE(file.is_open());
  EXPECT_FALSE(file.resize(10));
}

TEST(MemoryFile, GrowsAndShrinksAndKeepsWhatItHolds) {
  auto file = MemoryFile::make();
  ASSERT_TRUE(file);
  auto place = file->resize(4);
  ASSERT_TRUE(place);
  ASSERT_EQ(place->size(), 4U);
  std::memcpy(place->data(), "abcd", 4);
  place = file->resize(100'000);
  ASSERT_TRUE(place);
  place->back() = 'z';
  EXPECT_EQ(read_file(file->path(), 200'000).value(), "abcd" + std::string(99'995, '\0') + "z");
  ASSERT_TRUE(file->resize(2));
  EXPECT_EQ(file->size(), 2U);
  EXPECT_EQ(read_file(file->path(), 100).value(), "ab");
}

// What grows by little every time is not mapped anew, which would make every page of it a fault again.
TEST(MemoryFile, StaysInItsPlaceWhileItGrowsALittle) {
  auto file = MemoryFile::make();
  ASSERT_TRUE(file);
  auto place = file->resize(1'000'000);
  ASSERT_TRUE(place);
  const char* const before = place->data();
  place = file->resize(1'400'000);
  ASSERT_TRUE(place);
  EXPECT_EQ(place->data(), before);
  place->back() = 'z';
  EXPECT_EQ(read_file(file->path(), 2'000'000).value().size(), 1'400'000U) << "the file is no longer than asked for";
}

TEST(MemoryFile, MovesWithItsMemory) {
  auto made = MemoryFile::make();
  ASSERT_TRUE(made);
  const auto place = made->resize(1);
  ASSERT_TRUE(place);
  MemoryFile moved = *std::move(made);
  place->front() = 'x';
  MemoryFile assigned;
  assigned = std::move(moved);
  EXPECT_EQ(read_file(assigned.path(), 100).value(), "x");
}

// The other process is a child: its files are its own.
TEST(MemoryFile, AnotherProcessReadsItInItsPlace) {
  auto file = MemoryFile::make({"shared"});
  ASSERT_TRUE(file);
  const ::pid_t owner = ::getpid();
  const ::pid_t child = ::fork();
  ASSERT_GE(child, 0);
  if (child == 0) {
    const int fd = std::exchange(*file, MemoryFile()).fd();  // closed here
    const auto opened = MemoryFile::open_of_process(owner, fd, 6);
    const bool is_read = opened && opened->size() == 6 && read_file(opened->path(), 100).value_or("") == "shared";
    ::_exit(is_read ? 0 : 1);
  }
  int status = 0;
  ASSERT_EQ(::waitpid(child, &status, 0), child);
  EXPECT_TRUE(WIFEXITED(status));
  EXPECT_EQ(WEXITSTATUS(status), 0);
}

std::string refusal(int fd, std::size_t size) {
  const auto opened = MemoryFile::open_of_process(::getpid(), fd, size);
  return opened ? "" : opened.error().code + ": " + opened.error().message;
}

TEST(MemoryFile, OpensNothingElse) {
  const auto file = MemoryFile::make({"abc"});
  ASSERT_TRUE(file);
  EXPECT_EQ(refusal(file->fd(), 3), "");
  EXPECT_THAT(refusal(file->fd(), 2), HasSubstr("another size"));
  EXPECT_THAT(refusal(file->fd(), 4), HasSubstr("another size"));
  EXPECT_THAT(refusal(1'000'000, 3), HasSubstr("memory_file_failed"));

  const int plain = ::open("/etc/passwd", O_RDONLY | O_CLOEXEC);
  ASSERT_GE(plain, 0);
  EXPECT_THAT(refusal(plain, 3), HasSubstr("is not a memory file"));
  ::close(plain);
  const int foreign = ::memfd_create("other", MFD_CLOEXEC);
  ASSERT_GE(foreign, 0);
  EXPECT_THAT(refusal(foreign, 0), HasSubstr("is not a memory file"));
  ::close(foreign);
  std::array<int, 2> pipe{};
  ASSERT_EQ(::pipe2(pipe.data(), O_CLOEXEC), 0);
  EXPECT_THAT(refusal(pipe[0], 0), HasSubstr("is not a memory file"));
  ::close(pipe[0]);
  ::close(pipe[1]);
  EXPECT_FALSE(MemoryFile::open_of_process(0x7FFF'FFFF, 3, 3)) << "no such process";
}

}  // namespace
}  // namespace tallystick::base
