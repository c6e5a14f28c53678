#pragma once
// A file in memory that the engine can open by name while this object lives. One thread at a time.

#include <cstddef>
#include <initializer_list>
#include <string>
#include <string_view>

#include "base/error.h"

namespace tallystick::engine {

class MemoryFile {
 public:
  MemoryFile() = default;
  MemoryFile(MemoryFile&& other) noexcept;
  MemoryFile& operator=(MemoryFile&& other) noexcept;
  ~MemoryFile();

  // The pieces one after another. Error code: "memory_file_failed".
  [[nodiscard]] static base::Result<MemoryFile> make(std::initializer_list<std::string_view> pieces);

  [[nodiscard]] std::size_t size() const { return size_; }
  // "/proc/self/fd/7"
  [[nodiscard]] std::string path() const;

 private:
  int fd_ = -1;
  std::size_t size_ = 0;
};

}  // namespace tallystick::engine
