#include "engine/memory_file.h"

#include <cerrno>
#include <utility>

#include <sys/mman.h>
#include <system_error>
#include <unistd.h>

namespace tallystick::engine {

MemoryFile::MemoryFile(MemoryFile&& other) noexcept
    : fd_(std::exchange(other.fd_, -1)), size_(std::exchange(other.size_, 0)) {}

MemoryFile& MemoryFile::operator=(MemoryFile&& other) noexcept {
  std::swap(fd_, other.fd_);
  std::swap(size_, other.size_);
  return *this;
}

MemoryFile::~MemoryFile() {
  if (fd_ >= 0) {
    ::close(fd_);
  }
}

base::Result<MemoryFile> MemoryFile::make(std::initializer_list<std::string_view> pieces) {
  MemoryFile file;
  file.fd_ = ::memfd_create("tallystick-insert", MFD_CLOEXEC);
  for (std::string_view rest : pieces) {
    while (!rest.empty()) {
      const ::ssize_t written = ::write(file.fd_, rest.data(), rest.size());
      if (written <= 0) {
        return base::fail(base::ErrorKind::kUnavailable, "memory_file_failed", std::generic_category().message(errno));
      }
      rest.remove_prefix(static_cast<std::size_t>(written));
      file.size_ += static_cast<std::size_t>(written);
    }
  }
  if (file.fd_ < 0) {
    return base::fail(base::ErrorKind::kUnavailable, "memory_file_failed", "no descriptor is left");
  }
  return file;
}

std::string MemoryFile::path() const {
  return "/proc/self/fd/" + std::to_string(fd_);
}

}  // namespace tallystick::engine
