#pragma once
// API keys as plain values. The key itself is shown once, when it is made; only its SHA-256 is kept.

#include <string>
#include <vector>

#include "base/time.h"
#include "base/uuid.h"
#include "crypto/sha256.h"

namespace tallystick::access {

inline constexpr std::string_view kKeyPrefix = "tsk_";
inline constexpr std::size_t kKeyBytes = 32;  // 256 random bits, written as 64 hex digits
inline constexpr std::size_t kMaxKeyNameBytes = 200;
inline constexpr std::size_t kMaxTenantBytes = 64;

struct ApiKey {
  base::Uuid id;
  std::string name;
  crypto::Digest digest{};
  std::vector<std::string> scopes;
  std::string tenant;  // empty: staff
  base::Timestamp created_at;
  base::Timestamp expires_at;    // zero: never
  base::Timestamp revoked_at;    // zero: not revoked
  base::Timestamp last_used_at;  // to the minute; zero: never

  [[nodiscard]] bool is_valid_at(base::Timestamp now) const {
    return revoked_at.us == 0 && (expires_at.us == 0 || now < expires_at);
  }
};

// A key that was just made, with its secret.
struct NewApiKey {
  ApiKey key;
  std::string secret;
};

}  // namespace tallystick::access
