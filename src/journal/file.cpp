#include "journal/file.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <utility>

#include <fcntl.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <system_error>
#include <unistd.h>

#include "base/encoding.h"

namespace tallystick::journal {
namespace {

constexpr std::size_t kMaxParts = 512;  // below the system's limit of 1024 for one call
constexpr std::uint64_t kMaxTextBytes = 64ULL << 20;

std::unexpected<base::Error> fail_errno(const char* what, const std::filesystem::path& path) {
  const int code = errno;
  const bool is_full = code == ENOSPC || code == EDQUOT;
  const auto kind = code == ENOENT ? base::ErrorKind::kNotFound : base::ErrorKind::kUnavailable;
  return base::fail(kind,
                    code == ENOENT ? "file_missing" : (is_full ? "disk_full" : "io_error"),
                    std::string(what) + " " + path.filename().string() + ": " + std::generic_category().message(code));
}

class SystemFile final : public File {
 public:
  SystemFile(int descriptor, std::filesystem::path path) : descriptor_(descriptor), path_(std::move(path)) {}
  SystemFile(const SystemFile&) = delete;
  SystemFile& operator=(const SystemFile&) = delete;
  ~SystemFile() override { ::close(descriptor_); }

  base::Result<void> write_at(std::span<const Bytes> parts, std::uint64_t offset) override {
    std::array<iovec, kMaxParts> vectors{};
    while (!parts.empty()) {
      const std::size_t count = std::min(parts.size(), kMaxParts);
      std::transform(
          parts.begin(), parts.begin() + static_cast<std::ptrdiff_t>(count), vectors.begin(), [](Bytes part) {
            return iovec{const_cast<std::uint8_t*>(part.data()), part.size()};
          });
      TALLY_TRY(write_vectors(std::span(vectors).first(count), offset));
      parts = parts.subspan(count);
    }
    return {};
  }

  base::Result<std::size_t> read_at(std::span<std::uint8_t> out, std::uint64_t offset) const override {
    std::size_t done = 0;
    while (done < out.size()) {
      const ssize_t got = ::pread(descriptor_, out.data() + done, out.size() - done, static_cast<off_t>(offset + done));
      if (got < 0 && errno == EINTR) {
        continue;
      }
      if (got < 0) {
        return fail_errno("Cannot read", path_);
      }
      if (got == 0) {
        break;
      }
      done += static_cast<std::size_t>(got);
    }
    return done;
  }

  base::Result<void> sync() override {
    if (::fdatasync(descriptor_) != 0) {
      return fail_errno("Cannot sync", path_);
    }
    return {};
  }

  base::Result<void> truncate(std::uint64_t size) override {
    if (::ftruncate(descriptor_, static_cast<off_t>(size)) != 0) {
      return fail_errno("Cannot truncate", path_);
    }
    return {};
  }

  base::Result<std::uint64_t> size() const override {
    struct stat status {};
    if (::fstat(descriptor_, &status) != 0) {
      return fail_errno("Cannot examine", path_);
    }
    return static_cast<std::uint64_t>(status.st_size);
  }

 private:
  // A short write is continued: when the disk is full the next call says so.
  base::Result<void> write_vectors(std::span<iovec> vectors, std::uint64_t& offset) {
    while (!vectors.empty()) {
      const ssize_t put =
          ::pwritev(descriptor_, vectors.data(), static_cast<int>(vectors.size()), static_cast<off_t>(offset));
      if (put < 0 && errno == EINTR) {
        continue;
      }
      if (put < 0) {
        return fail_errno("Cannot write", path_);
      }
      offset += static_cast<std::uint64_t>(put);
      auto left = static_cast<std::size_t>(put);
      while (!vectors.empty() && left >= vectors.front().iov_len) {
        left -= vectors.front().iov_len;
        vectors = vectors.subspan(1);
      }
      if (!vectors.empty()) {
        vectors.front().iov_base = static_cast<std::uint8_t*>(vectors.front().iov_base) + left;
        vectors.front().iov_len -= left;
      }
    }
    return {};
  }

  int descriptor_;
  std::filesystem::path path_;
};

}  // namespace

base::Result<std::unique_ptr<File>> SystemFiles::open(const std::filesystem::path& path, OpenMode mode) {
  int flags = O_CLOEXEC | (mode == OpenMode::kRead ? O_RDONLY : O_RDWR);
  if (mode == OpenMode::kCreate) {
    flags |= O_CREAT | O_TRUNC;
  }
  const int descriptor = ::open(path.c_str(), flags, 0600);
  if (descriptor < 0) {
    return fail_errno("Cannot open", path);
  }
  return std::make_unique<SystemFile>(descriptor, path);
}

base::Result<void> SystemFiles::rename(const std::filesystem::path& from, const std::filesystem::path& to) {
  if (::rename(from.c_str(), to.c_str()) != 0) {
    return fail_errno("Cannot rename", from);
  }
  return {};
}

base::Result<void> SystemFiles::remove(const std::filesystem::path& path) {
  if (::unlink(path.c_str()) != 0 && errno != ENOENT) {
    return fail_errno("Cannot remove", path);
  }
  return {};
}

base::Result<void> SystemFiles::sync_directory(const std::filesystem::path& path) {
  const int descriptor = ::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (descriptor < 0) {
    return fail_errno("Cannot open", path);
  }
  base::Result<void> result;
  if (::fsync(descriptor) != 0) {
    result = fail_errno("Cannot sync", path);
  }
  ::close(descriptor);
  return result;
}

base::Result<std::string> load_text(FileSystem& files, const std::filesystem::path& path) {
  TALLY_ASSIGN(const auto file, files.open(path, OpenMode::kRead));
  TALLY_ASSIGN(const std::uint64_t size, file->size());
  if (size > kMaxTextBytes) {
    return base::fail(base::ErrorKind::kTooLarge, "file_too_large", path.filename().string() + " is too large.");
  }
  std::string text(size, '\0');
  TALLY_ASSIGN(const std::size_t got, file->read_at({reinterpret_cast<std::uint8_t*>(text.data()), text.size()}, 0));
  text.resize(got);
  return text;
}

base::Result<void> save_text(FileSystem& files, const std::filesystem::path& path, std::string_view text) {
  const std::filesystem::path beside = path.string() + ".tmp";
  {
    TALLY_ASSIGN(const auto file, files.open(beside, OpenMode::kCreate));
    const Bytes bytes = base::as_bytes(text);
    TALLY_TRY(file->write_at(std::span(&bytes, 1), 0));
    TALLY_TRY(file->sync());
  }
  TALLY_TRY(files.rename(beside, path));
  return files.sync_directory(path.parent_path());
}

}  // namespace tallystick::journal
