#pragma once
// The files of reports, kept as evidence: each once, under its SHA-256, below the data directory. Large ones come in
// pieces through an upload, which is a file of its own until it is complete. Thread-safe: pieces of one upload are
// taken one at a time.

#include <cstdint>
#include <filesystem>
#include <mutex>
#include <string>
#include <string_view>

#include "base/error.h"
#include "base/random.h"
#include "base/time.h"
#include "base/uuid.h"

namespace tallystick::settlement {

struct StoredFile {
  std::string digest;  // SHA-256, in hex
  std::int64_t bytes = 0;
};

// What an upload was begun with.
struct Upload {
  base::Uuid id;
  base::Uuid partner_id;
  std::string file_name;
  std::string profile;        // empty: to be recognised
  std::int64_t received = 0;  // bytes
  base::Timestamp expires_at;
};

struct UploadLimits {
  std::int64_t max_file_bytes = 2LL << 30;
  std::int64_t max_uploads = 100;  // begun and not complete
  std::int64_t lifetime_us = 24 * base::kMicrosPerHour;
};

class UploadFiles {
 public:
  // `directory` is made when it is needed.
  UploadFiles(std::filesystem::path directory,
              const UploadLimits& limits,
              const base::Clock& clock,
              base::Random& random)
      : directory_(std::move(directory)), limits_(limits), clock_(clock), random_(random) {}

  // Error codes: "file_write_failed", "folder_failed".
  [[nodiscard]] base::Result<StoredFile> store(std::string_view content);
  [[nodiscard]] std::filesystem::path path_of(std::string_view digest) const;

  // Error code: "too_many_uploads".
  [[nodiscard]] base::Result<Upload> begin(const base::Uuid& partner_id,
                                           std::string_view file_name,
                                           std::string_view profile);
  // The bytes at `offset`, which is what was received so far, or less when a piece is sent again. Error codes:
  // "upload_not_found", "bad_offset", "file_too_large".
  [[nodiscard]] base::Result<Upload> append(const base::Uuid& partner_id,
                                            const base::Uuid& id,
                                            std::int64_t offset,
                                            std::string_view piece);
  // Error codes: "upload_not_found", "empty_report".
  [[nodiscard]] base::Result<StoredFile> complete(const Upload& upload);
  [[nodiscard]] base::Result<Upload> find(const base::Uuid& partner_id, const base::Uuid& id) const;
  // Removes uploads that nobody completed in time.
  [[nodiscard]] base::Result<void> remove_expired();

  [[nodiscard]] const UploadLimits& limits() const { return limits_; }

 private:
  [[nodiscard]] std::filesystem::path uploads() const { return directory_ / "uploads"; }
  [[nodiscard]] std::filesystem::path part_of(const base::Uuid& id) const;
  [[nodiscard]] std::filesystem::path description_of(const base::Uuid& id) const;
  [[nodiscard]] base::Result<void> make_folder_of(std::string_view digest) const;

  const std::filesystem::path directory_;
  const UploadLimits limits_;
  const base::Clock& clock_;
  base::Random& random_;
  std::mutex mutex_;
};

}  // namespace tallystick::settlement
