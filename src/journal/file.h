#pragma once
// The few file operations that the journal's durability rests on, as a seam: tests put a file system here
// that runs full, fails, writes short or forgets what was not synced. Errors: kUnavailable "disk_full"
// (ENOSPC, EDQUOT) or "io_error". A File may be read from any thread while one other thread writes.

#include <cstdint>
#include <filesystem>
#include <memory>
#include <span>
#include <string>
#include <string_view>

#include "base/error.h"

namespace tallystick::journal {

using Bytes = std::span<const std::uint8_t>;

class File {
 public:
  virtual ~File() = default;
  // All parts one after the other, or an error; then an unknown part of them was written.
  [[nodiscard]] virtual base::Result<void> write_at(std::span<const Bytes> parts, std::uint64_t offset) = 0;
  // Fewer bytes than asked for only at the end of the file.
  [[nodiscard]] virtual base::Result<std::size_t> read_at(std::span<std::uint8_t> out, std::uint64_t offset) const = 0;
  // Returns when the contents and the size are on the disk.
  [[nodiscard]] virtual base::Result<void> sync() = 0;
  [[nodiscard]] virtual base::Result<void> truncate(std::uint64_t size) = 0;
  [[nodiscard]] virtual base::Result<std::uint64_t> size() const = 0;
};

enum class OpenMode : std::uint8_t { kRead, kReadWrite, kCreate };

class FileSystem {
 public:
  virtual ~FileSystem() = default;
  // kCreate empties a file that exists.
  [[nodiscard]] virtual base::Result<std::unique_ptr<File>> open(const std::filesystem::path& path, OpenMode mode) = 0;
  [[nodiscard]] virtual base::Result<void> rename(const std::filesystem::path& from,
                                                  const std::filesystem::path& to) = 0;
  [[nodiscard]] virtual base::Result<void> remove(const std::filesystem::path& path) = 0;
  // Makes creations, renames and removals in it survive a crash.
  [[nodiscard]] virtual base::Result<void> sync_directory(const std::filesystem::path& path) = 0;
};

// The operating system's. Stateless.
class SystemFiles final : public FileSystem {
 public:
  [[nodiscard]] base::Result<std::unique_ptr<File>> open(const std::filesystem::path& path, OpenMode mode) override;
  [[nodiscard]] base::Result<void> rename(const std::filesystem::path& from, const std::filesystem::path& to) override;
  [[nodiscard]] base::Result<void> remove(const std::filesystem::path& path) override;
  [[nodiscard]] base::Result<void> sync_directory(const std::filesystem::path& path) override;
};

// The whole of a small file; kNotFound "file_missing".
[[nodiscard]] base::Result<std::string> load_text(FileSystem& files, const std::filesystem::path& path);
// Atomically and durably: written beside, synced, renamed, directory synced.
[[nodiscard]] base::Result<void> save_text(FileSystem& files, const std::filesystem::path& path, std::string_view text);

}  // namespace tallystick::journal
