#pragma once
// Where the bytes of a table come from: read in pieces and, because a table is looked at before it is read, from the
// beginning again. One thread.

#include <cstddef>
#include <filesystem>
#include <memory>
#include <span>
#include <string_view>

#include "base/error.h"

namespace tallystick::tabular {

class ByteSource {
 public:
  virtual ~ByteSource() = default;
  // At most `out.size()` bytes, one at least until the end; then 0. Error code: "file_read_failed".
  [[nodiscard]] virtual base::Result<std::size_t> read(std::span<char> out) = 0;
  [[nodiscard]] virtual base::Result<void> rewind() = 0;
};

// Bytes in memory, which must outlive it.
class MemorySource final : public ByteSource {
 public:
  explicit MemorySource(std::string_view bytes) : bytes_(bytes) {}
  [[nodiscard]] base::Result<std::size_t> read(std::span<char> out) override;
  [[nodiscard]] base::Result<void> rewind() override;

 private:
  std::string_view bytes_;
  std::size_t position_ = 0;
};

class FileSource final : public ByteSource {
 public:
  // Error codes: "file_not_found", "file_read_failed" (also for what is no plain file).
  [[nodiscard]] static base::Result<std::unique_ptr<FileSource>> open(const std::filesystem::path& file);
  ~FileSource() override;
  FileSource(const FileSource&) = delete;
  FileSource& operator=(const FileSource&) = delete;

  [[nodiscard]] base::Result<std::size_t> read(std::span<char> out) override;
  [[nodiscard]] base::Result<void> rewind() override;

 private:
  explicit FileSource(int descriptor) : descriptor_(descriptor) {}

  int descriptor_;
};

}  // namespace tallystick::tabular
