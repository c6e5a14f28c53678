#include "base/memory_file.h"

#include <cerrno>
#include <filesystem>
#include <utility>

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <system_error>
#include <unistd.h>

namespace tallystick::base {

namespace {

constexpr const char* kName = "tallystick";
constexpr std::string_view kLinkBegin = "/memfd:tallystick ";

std::unexpected<Error> failed(std::string message) {
  return fail(ErrorKind::kUnavailable, "memory_file_failed", std::move(message));
}

std::unexpected<Error> failed_with(int error) {
  return failed(std::generic_category().message(error));
}

}  // namespace

MemoryFile::MemoryFile(MemoryFile&& other) noexcept {
  swap(other);
}

MemoryFile& MemoryFile::operator=(MemoryFile&& other) noexcept {
  swap(other);
  return *this;
}

MemoryFile::~MemoryFile() {
  if (mapped_ != nullptr) {
    ::munmap(mapped_, mapped_size_);
  }
  if (fd_ >= 0) {
    ::close(fd_);
  }
}

void MemoryFile::swap(MemoryFile& other) noexcept {
  std::swap(fd_, other.fd_);
  std::swap(size_, other.size_);
  std::swap(mapped_, other.mapped_);
  std::swap(mapped_size_, other.mapped_size_);
}

Result<MemoryFile> MemoryFile::make(std::initializer_list<std::string_view> pieces) {
  MemoryFile file;
  file.fd_ = ::memfd_create(kName, MFD_CLOEXEC);
  if (file.fd_ < 0) {
    return failed_with(errno);
  }
  for (std::string_view rest : pieces) {
    while (!rest.empty()) {
      const ::ssize_t written = ::write(file.fd_, rest.data(), rest.size());
      if (written <= 0) {
        return failed_with(errno);
      }
      rest.remove_prefix(static_cast<std::size_t>(written));
      file.size_ += static_cast<std::size_t>(written);
    }
  }
  return file;
}

Result<MemoryFile> MemoryFile::open_of_process(std::int64_t pid, int fd, std::size_t size) {
  const std::string link = fmt::format("/proc/{}/fd/{}", pid, fd);
  // Before it is opened: opening a pipe or a device may do something.
  std::error_code error;
  const std::string target = std::filesystem::read_symlink(link, error).string();
  if (error || !target.starts_with(kLinkBegin)) {
    return failed(link + " is not a memory file that may be read");
  }
  MemoryFile file;
  file.fd_ = ::open(link.c_str(), O_RDONLY | O_CLOEXEC);
  if (file.fd_ < 0) {
    return failed_with(errno);
  }
  struct ::stat state {};
  if (::fstat(file.fd_, &state) != 0) {
    return failed_with(errno);
  }
  if (!S_ISREG(state.st_mode) || std::cmp_not_equal(state.st_size, size)) {
    return failed(link + " has another size");
  }
  file.size_ = size;
  return file;
}

Result<std::span<char>> MemoryFile::resize(std::size_t size) {
  if (::ftruncate(fd_, static_cast<::off_t>(size)) != 0) {
    return failed_with(errno);
  }
  size_ = size;
  if (size > mapped_size_) {
    if (mapped_ != nullptr) {
      ::munmap(mapped_, std::exchange(mapped_size_, 0));
      mapped_ = nullptr;
    }
    // Further than the file goes: a little more the next time is then no new map, of which every page is a fault again.
    const std::size_t reserved = size + size / 2;
    void* const mapped = ::mmap(nullptr, reserved, PROT_READ | PROT_WRITE, MAP_SHARED, fd_, 0);
    if (mapped == MAP_FAILED) {
      return failed_with(errno);
    }
    mapped_ = static_cast<char*>(mapped);
    mapped_size_ = reserved;
  }
  // Pages that are missing come in one go, which costs a fraction of a fault each. A wish: older kernels know no such.
  if (size > 0) {
    (void)::madvise(mapped_, size, MADV_POPULATE_WRITE);
  }
  return std::span(mapped_, size);
}

std::string MemoryFile::path() const {
  return "/proc/self/fd/" + std::to_string(fd_);
}

}  // namespace tallystick::base
