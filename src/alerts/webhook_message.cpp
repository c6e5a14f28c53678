#include "alerts/webhook_message.h"

#include <array>

#include <boost/json.hpp>
#include <fmt/format.h>

#include "alerts/alert_json.h"
#include "base/encoding.h"
#include "crypto/sha256.h"

namespace tallystick::alerts {
namespace {

namespace json = boost::json;

constexpr std::size_t kNewWebhookSecretBytes = 32;

}  // namespace

base::Result<std::vector<std::uint8_t>> parse_webhook_secret(std::string_view text) {
  if (text.starts_with(kWebhookSecretPrefix)) {
    auto key = base::from_base64(text.substr(kWebhookSecretPrefix.size()));
    if (key && key->size() >= kMinWebhookSecretBytes && key->size() <= kMaxWebhookSecretBytes) {
      return key;
    }
  }
  return base::fail(base::ErrorKind::kInvalid,
                    "bad_webhook_secret",
                    fmt::format("whsec_ and the base64 of {} to {} random bytes: openssl rand -base64 32",
                                kMinWebhookSecretBytes,
                                kMaxWebhookSecretBytes));
}

std::string make_webhook_secret(base::Random& random) {
  std::array<std::uint8_t, kNewWebhookSecretBytes> key{};
  random.fill(key);
  return std::string(kWebhookSecretPrefix) + base::to_base64(key);
}

std::string sign_webhook(const std::vector<std::uint8_t>& key,
                         std::string_view id,
                         std::int64_t timestamp_s,
                         std::string_view body) {
  const crypto::Digest digest = crypto::HmacKey(key).sign(fmt::format("{}.{}.{}", id, timestamp_s, body));
  return "v1," + base::to_base64(digest);
}

std::string make_webhook_body(const Notice& notice) {
  return json::serialize(json::object{{"type", fmt::format("alert.{}", name_of(notice.cause))},
                                      {"timestamp", base::format_rfc3339(notice.caused_at)},
                                      {"source", notice.source},
                                      {"data", to_json(notice.alert)}});
}

std::vector<std::pair<std::string, std::string>> make_webhook_headers(const Notice& notice,
                                                                      const std::vector<std::uint8_t>& key,
                                                                      std::string_view body,
                                                                      base::Timestamp now) {
  const std::string id = base::format_uuid(notice.id);
  const std::int64_t timestamp_s = now.us / base::kMicrosPerSecond;
  return {{"webhook-id", id},
          {"webhook-timestamp", fmt::format("{}", timestamp_s)},
          {"webhook-signature", sign_webhook(key, id, timestamp_s, body)}};
}

}  // namespace tallystick::alerts
