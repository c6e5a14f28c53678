#include "capture/identity.h"

#include <algorithm>
#include <array>
#include <cstring>

#include "base/encoding.h"
#include "base/uuid.h"

namespace tallystick::capture {
namespace {

constexpr std::size_t kUserDigits = 64;
constexpr std::size_t kMaxUserAgentBytes = 512;
constexpr std::string_view kUserDomain = "user:";
constexpr std::string_view kSessionDomain = "session:";

bool is_hash(std::string_view text) {
  return text.size() == kUserDigits && std::ranges::all_of(text, [](char c) { return base::hex_value(c) >= 0; });
}

void write_hex(const crypto::Digest& digest, char* out) {
  constexpr std::string_view kDigits = "0123456789abcdef";
  for (const std::uint8_t byte : digest) {
    *out++ = kDigits[byte >> 4];
    *out++ = kDigits[byte & 15];
  }
}

}  // namespace

bool is_user_id(std::string_view user_id) {
  base::Uuid ignored;
  return is_hash(user_id) || base::parse_uuid_into(user_id, ignored);
}

std::optional<crypto::Digest> hash_user(const crypto::HmacKey& pepper, std::string_view user_id) {
  std::array<char, kUserDomain.size() + kUserDigits> message{};
  std::memcpy(message.data(), kUserDomain.data(), kUserDomain.size());
  char* const digits = message.data() + kUserDomain.size();
  base::Uuid id;
  if (is_hash(user_id)) {
    std::ranges::transform(
        user_id, digits, [](char c) { return c >= 'A' && c <= 'F' ? static_cast<char>(c + 32) : c; });
  } else if (base::parse_uuid_into(user_id, id)) {
    std::array<char, 36> text{};
    base::format_uuid_into(id, text.data());
    write_hex(crypto::sha256(std::string_view(text.data(), text.size())), digits);
  } else {
    return std::nullopt;
  }
  return pepper.sign(std::string_view(message.data(), message.size()));
}

std::optional<crypto::Digest> hash_session(const crypto::HmacKey& pepper, std::string_view session_id) {
  const bool is_good = !session_id.empty() && session_id.size() <= kMaxSessionBytes &&
                       std::ranges::all_of(session_id, [](char c) { return c > ' ' && c < 0x7f; });
  if (!is_good) {
    return std::nullopt;
  }
  std::array<char, kSessionDomain.size() + kMaxSessionBytes> message{};
  std::memcpy(message.data(), kSessionDomain.data(), kSessionDomain.size());
  std::memcpy(message.data() + kSessionDomain.size(), session_id.data(), session_id.size());
  return pepper.sign(std::string_view(message.data(), kSessionDomain.size() + session_id.size()));
}

journal::Personal make_personal(const RequestIdentity& identity, const journal::Consent& consent) {
  journal::Personal personal;
  if (!consent.has_analytics) {
    return personal;
  }
  personal.user = identity.user;
  personal.session = identity.session;
  if (!identity.ip.is_unspecified()) {
    personal.ip = base::truncate_ip(identity.ip);
  }
  personal.user_agent = identity.user_agent.substr(0, kMaxUserAgentBytes);
  return personal;
}

}  // namespace tallystick::capture
