#include "crypto/secret_file.h"

#include <cerrno>
#include <utility>

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <system_error>
#include <unistd.h>

namespace tallystick::crypto {
namespace {

class Descriptor {
 public:
  explicit Descriptor(int value) : value_(value) {}
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  ~Descriptor() {
    if (value_ >= 0) {
      ::close(value_);
    }
  }
  [[nodiscard]] int get() const { return value_; }
  [[nodiscard]] bool is_open() const { return value_ >= 0; }

 private:
  int value_;
};

std::unexpected<base::Error> io_error(const std::filesystem::path& file, std::string_view action) {
  const int error = errno;
  return base::fail(base::ErrorKind::kUnavailable,
                    "key_file_io",
                    fmt::format("cannot {} {}: {}", action, file.string(), std::generic_category().message(error)));
}

std::int64_t nanoseconds(const timespec& time) {
  return static_cast<std::int64_t>(time.tv_sec) * 1'000'000'000 + time.tv_nsec;
}

FileVersion version_of(const struct stat& status) {
  return {status.st_ino, nanoseconds(status.st_mtim), nanoseconds(status.st_ctim), status.st_size};
}

base::Result<void> write_all(int descriptor, std::string_view text, const std::filesystem::path& file) {
  while (!text.empty()) {
    const ssize_t written = ::write(descriptor, text.data(), text.size());
    if (written < 0) {
      if (errno == EINTR) {
        continue;
      }
      return io_error(file, "write");
    }
    text.remove_prefix(static_cast<std::size_t>(written));
  }
  return {};
}

base::Result<void> sync_directory_of(const std::filesystem::path& file) {
  const std::filesystem::path parent = file.has_parent_path() ? file.parent_path() : std::filesystem::path(".");
  const Descriptor directory(::open(parent.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!directory.is_open() || ::fsync(directory.get()) != 0) {
    return io_error(parent, "sync");
  }
  return {};
}

std::filesystem::path with_suffix(const std::filesystem::path& file, const char* suffix) {
  std::filesystem::path out = file;
  out += suffix;
  return out;
}

}  // namespace

base::Result<std::optional<SecretFile>> load_secret_file(const std::filesystem::path& file) {
  const Descriptor descriptor(::open(file.c_str(), O_RDONLY | O_CLOEXEC));
  if (!descriptor.is_open()) {
    if (errno == ENOENT) {
      return std::optional<SecretFile>();
    }
    return io_error(file, "open");
  }
  struct stat status {};
  if (::fstat(descriptor.get(), &status) != 0) {
    return io_error(file, "stat");
  }
  if (!S_ISREG(status.st_mode) || (status.st_mode & 077U) != 0) {
    return base::fail(base::ErrorKind::kForbidden,
                      "key_file_mode",
                      fmt::format("{} must be a regular file that only its owner may read (chmod 600)", file.string()));
  }
  if (status.st_size > static_cast<off_t>(kMaxSecretFileBytes)) {
    return base::fail(base::ErrorKind::kTooLarge, "key_file_bad", fmt::format("{} is too large", file.string()));
  }
  SecretFile out{std::string(static_cast<std::size_t>(status.st_size), '\0'), version_of(status)};
  std::size_t used = 0;
  while (used < out.text.size()) {
    const ssize_t got = ::read(descriptor.get(), out.text.data() + used, out.text.size() - used);
    if (got < 0 && errno == EINTR) {
      continue;
    }
    if (got < 0) {
      return io_error(file, "read");
    }
    if (got == 0) {
      break;
    }
    used += static_cast<std::size_t>(got);
  }
  out.text.resize(used);
  return std::optional(std::move(out));
}

base::Result<std::optional<FileVersion>> load_file_version(const std::filesystem::path& file) {
  struct stat status {};
  if (::stat(file.c_str(), &status) != 0) {
    if (errno == ENOENT) {
      return std::optional<FileVersion>();
    }
    return io_error(file, "stat");
  }
  return std::optional(version_of(status));
}

base::Result<FileVersion> replace_secret_file(const std::filesystem::path& file, std::string_view text) {
  const std::filesystem::path fresh = with_suffix(file, ".new");
  // Left by a crash; made anew so that its mode is ours.
  if (::unlink(fresh.c_str()) != 0 && errno != ENOENT) {
    return io_error(fresh, "remove");
  }
  const Descriptor descriptor(::open(fresh.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600));
  if (!descriptor.is_open()) {
    return io_error(fresh, "create");
  }
  TALLY_TRY(write_all(descriptor.get(), text, fresh));
  if (::fsync(descriptor.get()) != 0) {
    return io_error(fresh, "sync");
  }
  if (::rename(fresh.c_str(), file.c_str()) != 0) {
    return io_error(file, "replace");
  }
  TALLY_TRY(sync_directory_of(file));
  struct stat status {};
  if (::fstat(descriptor.get(), &status) != 0) {
    return io_error(file, "stat");
  }
  return version_of(status);
}

base::Result<SecretFileLock> SecretFileLock::acquire(const std::filesystem::path& file) {
  const std::filesystem::path lock = with_suffix(file, ".lock");
  const int descriptor = ::open(lock.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
  if (descriptor < 0) {
    return io_error(lock, "create");
  }
  SecretFileLock out(descriptor);
  while (::flock(descriptor, LOCK_EX) != 0) {
    if (errno != EINTR) {
      return io_error(lock, "lock");
    }
  }
  return out;
}

SecretFileLock::SecretFileLock(SecretFileLock&& other) noexcept : descriptor_(std::exchange(other.descriptor_, -1)) {}

SecretFileLock::~SecretFileLock() {
  if (descriptor_ >= 0) {
    ::close(descriptor_);
  }
}

}  // namespace tallystick::crypto
