#pragma once
// Principals and their API keys as plain values. The key itself is shown once, when it is made; only its SHA-256 is
// kept.

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "access/roles.h"
#include "base/time.h"
#include "base/uuid.h"
#include "crypto/sha256.h"

namespace tallystick::access {

inline constexpr std::string_view kKeyPrefix = "tsk_";
inline constexpr std::size_t kKeyBytes = 32;  // 256 random bits, written as 64 hex digits
inline constexpr std::size_t kMaxKeyNameBytes = 200;
inline constexpr std::size_t kMaxPrincipalNameBytes = 200;
inline constexpr std::size_t kMaxTenantBytes = 64;

enum class PrincipalKind : std::uint8_t { kPerson, kProgram };
[[nodiscard]] std::string_view name_of(PrincipalKind kind);
// Error code: "unknown_kind".
[[nodiscard]] base::Result<PrincipalKind> parse_principal_kind(std::string_view name);

// Somebody or something that has keys. The tenant never changes, and no change of role moves it between staff and
// tenants: what its keys may reach stays on one side.
struct Principal {
  base::Uuid id;
  std::string name;
  PrincipalKind kind = PrincipalKind::kProgram;
  Role role = Role::kSupport;
  std::string tenant;  // empty: staff
  bool is_disabled = false;
  base::Timestamp created_at;
  base::Timestamp updated_at;
  std::int64_t version = 1;

  friend bool operator==(const Principal&, const Principal&) = default;
};

struct ApiKey {
  base::Uuid id;
  std::string name;
  crypto::Digest digest{};
  std::vector<std::string> scopes;
  std::string tenant;       // empty: staff
  base::Uuid principal_id;  // nil: a key of its own, which its scopes alone bound
  base::Timestamp created_at;
  base::Timestamp expires_at;    // zero: never
  base::Timestamp revoked_at;    // zero: not revoked
  base::Timestamp last_used_at;  // to the minute; zero: never

  [[nodiscard]] bool has_principal() const { return !principal_id.is_nil(); }
  [[nodiscard]] bool is_valid_at(base::Timestamp now) const {
    return revoked_at.us == 0 && (expires_at.us == 0 || now < expires_at);
  }
};

// A key as it opens doors: no more than the role of its principal, and none whose principal is disabled.
struct UsableKey {
  ApiKey key;        // `scopes` are the effective ones
  std::string role;  // empty: a key of its own
};

// A key that was just made, with its secret.
struct NewApiKey {
  ApiKey key;
  std::string secret;
};

}  // namespace tallystick::access
