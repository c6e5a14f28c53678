#pragma once
// Users and sessions as keyed hashes: HMAC-SHA-256 with the pepper over "user:" or "session:" and the value, so that
// neither can be told from the other's hash, nor guessed without the pepper. Pure.

#include <optional>
#include <string_view>

#include "base/ip.h"
#include "crypto/sha256.h"
#include "journal/event.h"

namespace tallystick::capture {

inline constexpr std::size_t kMaxSessionBytes = 128;

// A user id is 64 hex digits (the SHA-256 of a UUID in lower case), or the UUID itself, which is brought to that form
// first, so that both name the same person. Empty when it is neither.
[[nodiscard]] std::optional<crypto::Digest> hash_user(const crypto::HmacKey& pepper, std::string_view user_id);
[[nodiscard]] bool is_user_id(std::string_view user_id);

// 1 to kMaxSessionBytes printable ASCII characters; empty when not.
[[nodiscard]] std::optional<crypto::Digest> hash_session(const crypto::HmacKey& pepper, std::string_view session_id);

// What a request tells of a person; used in memory whatever the consent.
struct RequestIdentity {
  std::optional<crypto::Digest> user = {};
  std::optional<crypto::Digest> session = {};
  base::IpAddress ip = {};
  std::string_view user_agent = {};
};

// All of it with analytics consent, the address truncated and the user agent bounded; nothing without.
[[nodiscard]] journal::Personal make_personal(const RequestIdentity& identity, const journal::Consent& consent);

}  // namespace tallystick::capture
