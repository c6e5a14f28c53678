#include "base/file.h"

#include <cerrno>
#include <utility>

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <system_error>
#include <unistd.h>

namespace tallystick::base {
namespace {

class Descriptor {
 public:
  explicit Descriptor(int fd) : fd_(fd) {}
  ~Descriptor() {
    if (fd_ >= 0) {
      ::close(fd_);
    }
  }
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  [[nodiscard]] int get() const { return fd_; }
  // The close that can fail: on some file systems a write error shows only here.
  [[nodiscard]] bool close() { return ::close(std::exchange(fd_, -1)) == 0; }

 private:
  int fd_;
};

std::unexpected<Error> failed(ErrorKind kind,
                              std::string code,
                              std::string_view what,
                              const std::filesystem::path& file) {
  return fail(kind,
              std::move(code),
              fmt::format("cannot {} {}: {}", what, file.string(), std::generic_category().message(errno)));
}

std::unexpected<Error> write_failed(std::string_view what, const std::filesystem::path& file) {
  return failed(errno == ENOSPC ? ErrorKind::kUnavailable : ErrorKind::kInternal, "file_write_failed", what, file);
}

Result<void> write_all(int fd, std::string_view content, const std::filesystem::path& file) {
  while (!content.empty()) {
    const ssize_t written = ::write(fd, content.data(), content.size());
    if (written < 0 && errno != EINTR) {
      return write_failed("write", file);
    }
    content.remove_prefix(written < 0 ? 0 : static_cast<std::size_t>(written));
  }
  return {};
}

Result<void> sync_folder(const std::filesystem::path& folder) {
  const Descriptor fd(::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (fd.get() < 0 || ::fsync(fd.get()) != 0) {
    return write_failed("sync", folder);
  }
  return {};
}

Result<void> write_and_sync(const std::filesystem::path& file, std::string_view content, std::uint32_t mode) {
  Descriptor fd(::open(file.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600));
  if (fd.get() < 0) {
    return write_failed("create", file);
  }
  if (::fchmod(fd.get(), static_cast<mode_t>(mode)) != 0) {
    return write_failed("change the mode of", file);
  }
  TALLY_TRY(write_all(fd.get(), content, file));
  if (::fsync(fd.get()) != 0 || !fd.close()) {
    return write_failed("sync", file);
  }
  return {};
}

}  // namespace

Result<std::string> read_file(const std::filesystem::path& file, std::size_t max_bytes) {
  const Descriptor fd(::open(file.c_str(), O_RDONLY | O_CLOEXEC));
  if (fd.get() < 0) {
    return errno == ENOENT ? failed(ErrorKind::kNotFound, "file_not_found", "open", file)
                           : failed(ErrorKind::kInternal, "file_read_failed", "open", file);
  }
  std::string content;
  char buffer[64 * 1024];
  while (true) {
    const ssize_t got = ::read(fd.get(), buffer, sizeof buffer);
    if (got == 0) {
      return content;
    }
    if (got < 0) {
      if (errno == EINTR) {
        continue;
      }
      return failed(ErrorKind::kInternal, "file_read_failed", "read", file);
    }
    if (content.size() + static_cast<std::size_t>(got) > max_bytes) {
      return fail(
          ErrorKind::kTooLarge, "file_too_large", fmt::format("{} is larger than {} bytes", file.string(), max_bytes));
    }
    content.append(buffer, static_cast<std::size_t>(got));
  }
}

Result<void> write_file_atomically(const std::filesystem::path& file, std::string_view content, std::uint32_t mode) {
  std::filesystem::path temporary = file;
  temporary += fmt::format(".{}.tmp", ::getpid());
  if (auto written = write_and_sync(temporary, content, mode); !written) {
    ::unlink(temporary.c_str());
    return written;
  }
  if (::rename(temporary.c_str(), file.c_str()) != 0) {
    auto error = write_failed("replace", file);
    ::unlink(temporary.c_str());
    return error;
  }
  return sync_folder(file.has_parent_path() ? file.parent_path() : std::filesystem::path("."));
}

Result<void> make_folder(const std::filesystem::path& folder, std::uint32_t mode) {
  std::error_code error;
  const bool is_made = std::filesystem::create_directories(folder, error);
  if (!error && is_made) {
    std::filesystem::permissions(folder, static_cast<std::filesystem::perms>(mode), error);
  }
  if (error) {
    return fail(
        ErrorKind::kInternal, "folder_failed", fmt::format("cannot make {}: {}", folder.string(), error.message()));
  }
  return {};
}

}  // namespace tallystick::base
