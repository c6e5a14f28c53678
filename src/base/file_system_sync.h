#pragma once
// Makes durable whatever was written below a folder, by whom ever and into how many files, with one call: what a
// program that writes hundreds of small files for one change cannot say as cheaply file by file. It waits for
// everything else that is unwritten on the same file system, too. Thread-safe.

#include <filesystem>

#include "base/error.h"

namespace tallystick::base {

class FileSystemSync {
 public:
  // Failures to write are reported from now on. Error code: "folder_failed".
  [[nodiscard]] static Result<FileSystemSync> open(const std::filesystem::path& folder);
  ~FileSystemSync();
  FileSystemSync(FileSystemSync&& other) noexcept;
  FileSystemSync& operator=(FileSystemSync&&) = delete;

  // Error code: "file_write_failed", also for what was lost between two calls.
  [[nodiscard]] Result<void> sync() const;

 private:
  explicit FileSystemSync(int fd) : fd_(fd) {}

  int fd_;
};

}  // namespace tallystick::base
