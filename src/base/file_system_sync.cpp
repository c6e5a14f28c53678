#include "base/file_system_sync.h"

#include <cerrno>
#include <string>
#include <utility>

#include <fcntl.h>
#include <system_error>
#include <unistd.h>

namespace tallystick::base {

Result<FileSystemSync> FileSystemSync::open(const std::filesystem::path& folder) {
  const int fd = ::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (fd < 0) {
    return fail(ErrorKind::kUnavailable,
                "folder_failed",
                "cannot open " + folder.string() + ": " + std::generic_category().message(errno));
  }
  return FileSystemSync(fd);
}

FileSystemSync::~FileSystemSync() {
  if (fd_ >= 0) {
    ::close(fd_);
  }
}

FileSystemSync::FileSystemSync(FileSystemSync&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}

Result<void> FileSystemSync::sync() const {
  if (::syncfs(fd_) != 0) {
    return fail(ErrorKind::kUnavailable,
                "file_write_failed",
                "what was written is not on disk: " + std::generic_category().message(errno));
  }
  return {};
}

}  // namespace tallystick::base
