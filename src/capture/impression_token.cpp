#include "capture/impression_token.h"

#include <array>
#include <charconv>

#include "capture/link_signature.h"

namespace tallystick::capture {
namespace {

constexpr std::size_t kMaxTokenBytes = 96;

std::string make_message(const base::Uuid& placement_id,
                         const base::Uuid& event_id,
                         std::string_view expiry,
                         std::string_view key_id) {
  std::string message = "impression\n";
  message += base::format_uuid(placement_id);
  message += '\n';
  message += base::format_uuid(event_id);
  message += '\n';
  message += expiry;
  message += '\n';
  message += key_id;
  return message;
}

}  // namespace

std::string make_impression_token(const base::Uuid& placement_id,
                                  const base::Uuid& event_id,
                                  base::Timestamp expires_at,
                                  const crypto::KeyRing& keys) {
  const auto signer = keys.signer(crypto::KeyPurpose::kImpressionToken);
  const std::string expiry = std::to_string(expires_at.us / base::kMicrosPerSecond);
  std::array<char, kSignatureCharacters> signature{};
  write_signature(signer.key->sign(make_message(placement_id, event_id, expiry, signer.id)), signature.data());
  return signer.id + "." + expiry + "." + std::string(signature.data(), signature.size());
}

bool is_impression_token_good(std::string_view token,
                              const base::Uuid& placement_id,
                              const base::Uuid& event_id,
                              const crypto::KeyRing& keys,
                              base::Timestamp now) {
  const std::size_t first = token.find('.');
  const std::size_t second = first == std::string_view::npos ? first : token.find('.', first + 1);
  if (second == std::string_view::npos || token.size() > kMaxTokenBytes) {
    return false;
  }
  const std::string_view key_id = token.substr(0, first);
  const std::string_view expiry = token.substr(first + 1, second - first - 1);
  std::int64_t seconds = 0;
  const auto [end, error] = std::from_chars(expiry.data(), expiry.data() + expiry.size(), seconds);
  if (error != std::errc() || end != expiry.data() + expiry.size() || seconds < 0 ||
      now.us / base::kMicrosPerSecond >= seconds) {
    return false;
  }
  const auto key = keys.find_verifier(crypto::KeyPurpose::kImpressionToken, key_id, now);
  return key != nullptr &&
         is_signature_of(key->sign(make_message(placement_id, event_id, expiry, key_id)), token.substr(second + 1));
}

}  // namespace tallystick::capture
