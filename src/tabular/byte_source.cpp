#include "tabular/byte_source.h"

#include <algorithm>
#include <cerrno>

#include <fcntl.h>
#include <sys/stat.h>
#include <system_error>
#include <unistd.h>

namespace tallystick::tabular {
namespace {

std::unexpected<base::Error> read_failure() {
  return base::fail(base::ErrorKind::kUnavailable,
                    "file_read_failed",
                    "cannot read the file: " + std::generic_category().message(errno));
}

}  // namespace

base::Result<std::size_t> MemorySource::read(std::span<char> out) {
  const std::size_t bytes = std::min(out.size(), bytes_.size() - position_);
  std::copy_n(bytes_.data() + position_, bytes, out.data());
  position_ += bytes;
  return bytes;
}

base::Result<void> MemorySource::rewind() {
  position_ = 0;
  return {};
}

base::Result<std::unique_ptr<FileSource>> FileSource::open(const std::filesystem::path& file) {
  const int descriptor = ::open(file.c_str(), O_RDONLY | O_CLOEXEC);
  if (descriptor < 0) {
    if (errno == ENOENT) {
      return base::fail(base::ErrorKind::kNotFound, "file_not_found", file.string() + " does not exist");
    }
    return read_failure();
  }
  std::unique_ptr<FileSource> source(new FileSource(descriptor));
  struct stat status {};
  if (::fstat(descriptor, &status) != 0) {
    return read_failure();
  }
  if (!S_ISREG(status.st_mode)) {
    return base::fail(base::ErrorKind::kInvalid, "file_read_failed", file.string() + " is not a plain file");
  }
  return source;
}

FileSource::~FileSource() {
  ::close(descriptor_);
}

base::Result<std::size_t> FileSource::read(std::span<char> out) {
  while (true) {
    const ssize_t bytes = ::read(descriptor_, out.data(), out.size());
    if (bytes >= 0) {
      return static_cast<std::size_t>(bytes);
    }
    if (errno != EINTR) {
      return read_failure();
    }
  }
}

base::Result<void> FileSource::rewind() {
  if (::lseek(descriptor_, 0, SEEK_SET) < 0) {
    return read_failure();
  }
  return {};
}

}  // namespace tallystick::tabular
