#pragma once
// A file in memory: it has a path while this object lives, and another process may read it without it being copied
// there. One thread at a time.

#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <span>
#include <string>
#include <string_view>

#include "base/error.h"

namespace tallystick::base {

class MemoryFile {
 public:
  MemoryFile() = default;
  MemoryFile(MemoryFile&& other) noexcept;
  MemoryFile& operator=(MemoryFile&& other) noexcept;
  ~MemoryFile();

  // The pieces one after another. Error code of all: "memory_file_failed".
  [[nodiscard]] static Result<MemoryFile> make(std::initializer_list<std::string_view> pieces = {});
  // The memory file that process `pid`, of the same user, has open as `fd`; for reading. Refused when it is no memory
  // file, or not of that size.
  [[nodiscard]] static Result<MemoryFile> open_of_process(std::int64_t pid, int fd, std::size_t size);

  // Sets the size and gives what is to be written to, valid until the next call. Pages that are there already are used
  // again, with what they hold.
  [[nodiscard]] Result<std::span<char>> resize(std::size_t size);

  [[nodiscard]] bool is_open() const { return fd_ >= 0; }
  [[nodiscard]] int fd() const { return fd_; }
  [[nodiscard]] std::size_t size() const { return size_; }
  // "/proc/self/fd/7"
  [[nodiscard]] std::string path() const;

 private:
  void swap(MemoryFile& other) noexcept;

  int fd_ = -1;
  std::size_t size_ = 0;
  char* mapped_ = nullptr;
  std::size_t mapped_size_ = 0;
};

}  // namespace tallystick::base
