#include "quality/geo.h"

#include <cstring>
#include <memory>

#include <fmt/format.h>
#include <maxminddb.h>
#include <netinet/in.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/file.h"

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

bool write_all(int fd, std::string_view content) {
  while (!content.empty()) {
    const ssize_t done = ::write(fd, content.data(), content.size());
    if (done <= 0) {
      return false;
    }
    content.remove_prefix(static_cast<std::size_t>(done));
  }
  return true;
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
  const auto unreadable = [](std::string why) {
    return base::fail(base::ErrorKind::kUnavailable, "geo_database_unreadable", std::move(why));
  };
  const auto content = base::read_file(path, kMaxBytes);
  if (!content) {
    return unreadable(content.error().message);
  }
  const File copy(::memfd_create("tallystick-geo", MFD_CLOEXEC));
  if (copy.fd() < 0 || !write_all(copy.fd(), *content)) {
    return unreadable(fmt::format("no memory for a copy of {}", path));
  }
  auto handle = std::make_unique<Handle>();
  const std::string name = fmt::format("/proc/self/fd/{}", copy.fd());
  const int status = MMDB_open(name.c_str(), MMDB_MODE_MMAP, &handle->database);
  if (status != MMDB_SUCCESS) {
    return base::fail(
        base::ErrorKind::kInvalid, "bad_geo_database", fmt::format("{}: {}", path, MMDB_strerror(status)));
  }
  handle->is_open = true;
  return std::shared_ptr<const GeoDatabase>(new GeoDatabase(std::move(handle), crypto::sha256(*content)));
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
