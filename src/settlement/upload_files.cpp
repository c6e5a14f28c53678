#include "settlement/upload_files.h"

#include <algorithm>
#include <cerrno>
#include <utility>
#include <vector>

#include <boost/json.hpp>
#include <fcntl.h>
#include <fmt/format.h>
#include <system_error>
#include <unistd.h>

#include "base/encoding.h"
#include "base/file.h"
#include "crypto/sha256.h"

namespace tallystick::settlement {
namespace {

namespace fs = std::filesystem;
namespace json = boost::json;

constexpr std::size_t kMaxDescriptionBytes = 4'096;
constexpr std::size_t kCopyBytes = 256UZ * 1024;
constexpr std::uint32_t kFileMode = 0600;
constexpr std::uint32_t kFolderMode = 0700;

std::unexpected<base::Error> write_failure(std::string_view what) {
  const bool is_full = errno == ENOSPC;
  return base::fail(base::ErrorKind::kUnavailable,
                    is_full ? "disk_full" : "file_write_failed",
                    fmt::format("cannot {} the report: {}", what, std::generic_category().message(errno)));
}

std::unexpected<base::Error> not_found() {
  return base::fail(base::ErrorKind::kNotFound,
                    "upload_not_found",
                    "there is no such upload of this partner on this node; it may have expired or been completed");
}

class Descriptor {
 public:
  Descriptor(const fs::path& file, int flags) : number_(::open(file.c_str(), flags | O_CLOEXEC, kFileMode)) {}
  ~Descriptor() {
    if (number_ >= 0) {
      ::close(number_);
    }
  }
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  [[nodiscard]] int number() const { return number_; }

 private:
  int number_;
};

base::Result<void> write_at(int file, std::int64_t offset, std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t written = ::pwrite(file, bytes.data(), bytes.size(), offset);
    if (written < 0 && errno == EINTR) {
      continue;
    }
    if (written < 0) {
      return write_failure("write");
    }
    offset += written;
    bytes.remove_prefix(static_cast<std::size_t>(written));
  }
  return {};
}

base::Result<StoredFile> digest_file(int file) {
  crypto::Sha256 hash;
  StoredFile stored;
  std::vector<char> buffer(kCopyBytes);
  while (true) {
    const ssize_t bytes = ::read(file, buffer.data(), buffer.size());
    if (bytes < 0 && errno == EINTR) {
      continue;
    }
    if (bytes < 0) {
      return write_failure("read back");
    }
    if (bytes == 0) {
      break;
    }
    hash.update(std::string_view(buffer.data(), static_cast<std::size_t>(bytes)));
    stored.bytes += bytes;
  }
  stored.digest = base::to_hex(hash.finish());
  return stored;
}

std::string serialize_upload(const Upload& upload) {
  return json::serialize(json::object{{"partner_id", base::format_uuid(upload.partner_id)},
                                      {"file_name", upload.file_name},
                                      {"profile", upload.profile},
                                      {"expires_at_us", upload.expires_at.us}});
}

base::Result<Upload> parse_upload(const base::Uuid& id, std::string_view text) {
  boost::system::error_code error;
  const json::value value = json::parse(text, error);
  const json::object* object = error ? nullptr : value.if_object();
  const auto text_of = [&](std::string_view name) {
    const json::value* member = object == nullptr ? nullptr : object->if_contains(name);
    return member != nullptr && member->is_string() ? std::string(member->get_string()) : std::string();
  };
  const json::value* expires = object == nullptr ? nullptr : object->if_contains("expires_at_us");
  Upload upload;
  upload.id = id;
  TALLY_ASSIGN(upload.partner_id, base::parse_uuid(text_of("partner_id")));
  upload.file_name = text_of("file_name");
  upload.profile = text_of("profile");
  upload.expires_at.us = expires != nullptr && expires->is_int64() ? expires->get_int64() : 0;
  return upload;
}

}  // namespace

fs::path UploadFiles::path_of(std::string_view digest) const {
  return directory_ / digest.substr(0, 2) / digest;
}

fs::path UploadFiles::part_of(const base::Uuid& id) const {
  return uploads() / (base::format_uuid(id) + ".part");
}

fs::path UploadFiles::description_of(const base::Uuid& id) const {
  return uploads() / (base::format_uuid(id) + ".json");
}

base::Result<void> UploadFiles::make_folder_of(std::string_view digest) const {
  TALLY_TRY(base::make_folder(directory_, kFolderMode));
  return base::make_folder(path_of(digest).parent_path(), kFolderMode);
}

base::Result<StoredFile> UploadFiles::store(std::string_view content) {
  StoredFile file{base::to_hex(crypto::sha256(content)), static_cast<std::int64_t>(content.size())};
  if (fs::exists(path_of(file.digest))) {
    return file;
  }
  TALLY_TRY(make_folder_of(file.digest));
  TALLY_TRY(base::write_file_atomically(path_of(file.digest), content, kFileMode));
  return file;
}

base::Result<Upload> UploadFiles::begin(const base::Uuid& partner_id,
                                        std::string_view file_name,
                                        std::string_view profile) {
  const std::lock_guard lock(mutex_);
  TALLY_TRY(base::make_folder(directory_, kFolderMode));
  TALLY_TRY(base::make_folder(uploads(), kFolderMode));
  const auto is_part = [](const fs::directory_entry& entry) {
    return entry.path().extension() == ".json";
  };
  std::error_code ignored;
  if (std::count_if(fs::directory_iterator(uploads(), ignored), fs::directory_iterator(), is_part) >=
      limits_.max_uploads) {
    return base::fail(
        base::ErrorKind::kRateLimited,
        "too_many_uploads",
        fmt::format("{} uploads are under way; complete them, or wait until they expire", limits_.max_uploads));
  }
  Upload upload;
  upload.id = base::make_uuid_v7(clock_.now(), random_);
  upload.partner_id = partner_id;
  upload.file_name = file_name;
  upload.profile = profile;
  upload.expires_at = clock_.now() + limits_.lifetime_us;
  TALLY_TRY(base::write_file_atomically(description_of(upload.id), serialize_upload(upload), kFileMode));
  return upload;
}

base::Result<Upload> UploadFiles::find(const base::Uuid& partner_id, const base::Uuid& id) const {
  const auto text = base::read_file(description_of(id), kMaxDescriptionBytes);
  if (!text) {
    return not_found();
  }
  TALLY_ASSIGN(Upload upload, parse_upload(id, *text));
  if (upload.partner_id != partner_id || upload.expires_at <= clock_.now()) {
    return not_found();
  }
  std::error_code error;
  const auto bytes = fs::file_size(part_of(id), error);
  upload.received = error ? 0 : static_cast<std::int64_t>(bytes);
  return upload;
}

base::Result<Upload> UploadFiles::append(const base::Uuid& partner_id,
                                         const base::Uuid& id,
                                         std::int64_t offset,
                                         std::string_view piece) {
  const std::lock_guard lock(mutex_);
  TALLY_ASSIGN(Upload upload, find(partner_id, id));
  if (offset < 0 || offset > upload.received) {
    return base::fail(base::ErrorKind::kConflict,
                      "bad_offset",
                      fmt::format("{} bytes were received; the next piece begins there", upload.received));
  }
  const auto size = static_cast<std::int64_t>(piece.size());
  if (offset > limits_.max_file_bytes - size) {
    return base::fail(base::ErrorKind::kTooLarge,
                      "file_too_large",
                      fmt::format("a report has at most {} bytes (settlement.max_file_bytes)", limits_.max_file_bytes));
  }
  const Descriptor file(part_of(id), O_WRONLY | O_CREAT);
  if (file.number() < 0) {
    return write_failure("write");
  }
  TALLY_TRY(write_at(file.number(), offset, piece));
  upload.received = std::max(upload.received, offset + size);
  return upload;
}

base::Result<StoredFile> UploadFiles::complete(const Upload& upload) {
  const std::lock_guard lock(mutex_);
  const fs::path part = part_of(upload.id);
  const Descriptor file(part, O_RDONLY);
  if (file.number() < 0) {
    return base::fail(base::ErrorKind::kUnprocessable, "empty_report", "nothing was uploaded");
  }
  if (::fsync(file.number()) != 0) {
    return write_failure("write");
  }
  TALLY_ASSIGN(StoredFile stored, digest_file(file.number()));
  TALLY_TRY(make_folder_of(stored.digest));
  if (::rename(part.c_str(), path_of(stored.digest).c_str()) != 0) {
    return write_failure("store");
  }
  const Descriptor folder(path_of(stored.digest).parent_path(), O_RDONLY | O_DIRECTORY);
  if (folder.number() < 0 || ::fsync(folder.number()) != 0) {
    return write_failure("store");
  }
  std::error_code ignored;
  fs::remove(description_of(upload.id), ignored);
  return stored;
}

base::Result<void> UploadFiles::remove_expired() {
  const std::lock_guard lock(mutex_);
  std::error_code error;
  std::vector<base::Uuid> expired;
  for (const auto& entry : fs::directory_iterator(uploads(), error)) {
    const auto id = base::parse_uuid(entry.path().stem().string());
    if (!id || entry.path().extension() != ".json") {
      continue;
    }
    const auto text = base::read_file(entry.path(), kMaxDescriptionBytes);
    const auto upload = text ? parse_upload(*id, *text) : base::Result<Upload>(Upload{});
    if (!upload || upload->expires_at <= clock_.now()) {
      expired.push_back(*id);
    }
  }
  for (const base::Uuid& id : expired) {
    fs::remove(part_of(id), error);
    fs::remove(description_of(id), error);
  }
  return {};
}

}  // namespace tallystick::settlement
