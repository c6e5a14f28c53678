#pragma once
// Small files that hold secrets: mode 0600, replaced as a whole, synced before anything relies on them. Error codes:
// "key_file_mode" when others may read or write the file, "key_file_io" when the system refuses.

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>

#include "base/error.h"

namespace tallystick::crypto {

inline constexpr std::size_t kMaxSecretFileBytes = 1U << 20;

// What tells one version of a replaced file from another.
struct FileVersion {
  std::uint64_t inode = 0;
  std::int64_t modified_ns = 0;
  std::int64_t changed_ns = 0;
  std::int64_t bytes = 0;

  friend bool operator==(const FileVersion&, const FileVersion&) = default;
};

struct SecretFile {
  std::string text;
  FileVersion version;
};

// Nothing when there is no such file.
[[nodiscard]] base::Result<std::optional<SecretFile>> load_secret_file(const std::filesystem::path& file);
// Nothing when there is no such file. Reads no content.
[[nodiscard]] base::Result<std::optional<FileVersion>> load_file_version(const std::filesystem::path& file);
// Writes "<file>.new", syncs, renames, syncs the directory: a crash leaves the old file or the new one. Hold a
// SecretFileLock of the same file.
[[nodiscard]] base::Result<FileVersion> replace_secret_file(const std::filesystem::path& file, std::string_view text);

// Keeps other processes from changing the file meanwhile ("<file>.lock", flock). Blocks until they are done.
class SecretFileLock {
 public:
  [[nodiscard]] static base::Result<SecretFileLock> acquire(const std::filesystem::path& file);
  SecretFileLock(SecretFileLock&& other) noexcept;
  SecretFileLock& operator=(SecretFileLock&&) = delete;
  ~SecretFileLock();

 private:
  explicit SecretFileLock(int descriptor) : descriptor_(descriptor) {}
  int descriptor_;
};

}  // namespace tallystick::crypto
