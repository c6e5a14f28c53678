#pragma once
// Whole files read and written: bounded reads, and writes that leave either the old or the new content
// after a crash at any instruction. Thread-safe.

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>

#include "base/error.h"

namespace tallystick::base {

// Error codes: "file_not_found", "file_too_large", "file_read_failed".
[[nodiscard]] Result<std::string> read_file(const std::filesystem::path& file, std::size_t max_bytes);

// Writes beside the file, syncs, renames over it and syncs the folder. `mode` as for chmod, whatever the umask.
// Error code: "file_write_failed".
[[nodiscard]] Result<void> write_file_atomically(const std::filesystem::path& file,
                                                 std::string_view content,
                                                 std::uint32_t mode = 0644);

// Makes the folder and its parents when absent, and gives the last one `mode`. Error code: "folder_failed".
[[nodiscard]] Result<void> make_folder(const std::filesystem::path& folder, std::uint32_t mode = 0755);

}  // namespace tallystick::base
