#pragma once
// The country of an address, from a MaxMind database (MMDB). The file is copied into memory once, so that
// replacing or truncating it cannot harm a running server. Immutable; thread-safe.

#include <array>
#include <memory>
#include <string>

#include "base/error.h"
#include "base/ip.h"
#include "crypto/sha256.h"

namespace tallystick::quality {

class GeoDatabase {
 public:
  static constexpr std::size_t kMaxBytes = 512U << 20U;

  // Error codes: "geo_database_unreadable", "bad_geo_database".
  [[nodiscard]] static base::Result<std::shared_ptr<const GeoDatabase>> load(const std::string& path);
  ~GeoDatabase();
  GeoDatabase(const GeoDatabase&) = delete;
  GeoDatabase& operator=(const GeoDatabase&) = delete;

  // ISO 3166-1 alpha-2; zero bytes when the database does not know.
  [[nodiscard]] std::array<char, 2> find_country(const base::IpAddress& address) const;
  [[nodiscard]] const crypto::Digest& digest() const { return digest_; }

 private:
  struct Handle;
  GeoDatabase(std::unique_ptr<Handle> handle, const crypto::Digest& digest);
  std::unique_ptr<Handle> handle_;
  crypto::Digest digest_;
};

}  // namespace tallystick::quality
