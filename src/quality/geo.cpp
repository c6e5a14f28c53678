#include "quality/geo.h"

#include <cstring>
#include <memory>

#include <fcntl.h>
#include <fmt/format.h>
#include <maxminddb.h>
#include <netinet/in.h>
#include <sys/mman.h>
#include <unistd.h>

namespace tallystick::quality {

namespace {

class File {
 public:
  explicit File(int fd) : fd_(fd) {}
  ~File() {
    if (fd_ >= 0) {
      ::close(fd_);
    }
  }
  File(const File&) = delete;
  File& operator=(const File&) = delete;
  [[nodiscard]] int fd() const { return fd_; }

 private:
  int fd_;
};

bool write_all(int fd, const std::uint8_t* data, std::size_t size) {
  while (size > 0) {
    const ssize_t done = ::write(fd, data, size);
    if (done <= 0) {
      return false;
    }
    data += done;
    size -= static_cast<std::size_t>(done);
  }
  return true;
}

base::Result<crypto::Digest> copy_file(int from, int to, const std::string& path) {
  const auto unreadable = [&](std::string_view why) {
    return base::fail(base::ErrorKind::kUnavailable, "geo_database_unreadable", fmt::format("{}: {}", path, why));
  };
  crypto::Sha256 digest;
  std::array<std::uint8_t, 65536> buffer;
  std::size_t total = 0;
  while (true) {
    const ssize_t size = ::read(from, buffer.data(), buffer.size());
    if (size < 0) {
      return unreadable(std::strerror(errno));
    }
    if (size == 0) {
      return digest.finish();
    }
    total += static_cast<std::size_t>(size);
    if (total > GeoDatabase::kMaxBytes) {
      return unreadable(fmt::format("larger than {} bytes", GeoDatabase::kMaxBytes));
    }
    const std::span<const std::uint8_t> part(buffer.data(), static_cast<std::size_t>(size));
    digest.update(part);
    if (!write_all(to, part.data(), part.size())) {
      return unreadable("no memory for a copy");
    }
  }
}

}  // namespace

struct GeoDatabase::Handle {
  MMDB_s database{};
  bool is_open = false;
  ~Handle() {
    if (is_open) {
      MMDB_close(&database);
    }
  }
};

GeoDatabase::GeoDatabase(std::unique_ptr<Handle> handle, const crypto::Digest& digest)
    : handle_(std::move(handle)), digest_(digest) {}
GeoDatabase::~GeoDatabase() = default;

base::Result<std::shared_ptr<const GeoDatabase>> GeoDatabase::load(const std::string& path) {
  const File source(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (source.fd() < 0) {
    return base::fail(
        base::ErrorKind::kUnavailable, "geo_database_unreadable", fmt::format("{}: {}", path, std::strerror(errno)));
  }
  const File copy(::memfd_create("tallystick-geo", MFD_CLOEXEC));
  if (copy.fd() < 0) {
    return base::fail(base::ErrorKind::kUnavailable,
                      "geo_database_unreadable",
                      fmt::format("memfd_create: {}", std::strerror(errno)));
  }
  TALLY_ASSIGN(const crypto::Digest digest, copy_file(source.fd(), copy.fd(), path));
  auto handle = std::make_unique<Handle>();
  const std::string name = fmt::format("/proc/self/fd/{}", copy.fd());
  const int status = MMDB_open(name.c_str(), MMDB_MODE_MMAP, &handle->database);
  if (status != MMDB_SUCCESS) {
    return base::fail(
        base::ErrorKind::kInvalid, "bad_geo_database", fmt::format("{}: {}", path, MMDB_strerror(status)));
  }
  handle->is_open = true;
  return std::shared_ptr<const GeoDatabase>(new GeoDatabase(std::move(handle), digest));
}

std::array<char, 2> GeoDatabase::find_country(const base::IpAddress& address) const {
  union {
    sockaddr_in v4;
    sockaddr_in6 v6;
    sockaddr any;
  } socket{};
  if (address.is_v4()) {
    socket.v4.sin_family = AF_INET;
    std::memcpy(&socket.v4.sin_addr, address.bytes.data() + 12, 4);
  } else {
    socket.v6.sin6_family = AF_INET6;
    std::memcpy(&socket.v6.sin6_addr, address.bytes.data(), 16);
  }
  int error = MMDB_SUCCESS;
  MMDB_lookup_result_s found = MMDB_lookup_sockaddr(&handle_->database, &socket.any, &error);
  if (error != MMDB_SUCCESS || !found.found_entry) {
    return {};
  }
  MMDB_entry_data_s data{};
  for (const char* member : {"country", "registered_country"}) {
    if (MMDB_get_value(&found.entry, &data, member, "iso_code", nullptr) == MMDB_SUCCESS && data.has_data &&
        data.type == MMDB_DATA_TYPE_UTF8_STRING && data.data_size == 2) {
      return {data.utf8_string[0], data.utf8_string[1]};
    }
  }
  return {};
}

}  // namespace tallystick::quality
