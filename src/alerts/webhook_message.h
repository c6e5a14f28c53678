#pragma once
// The generic webhook, signed as the Standard Webhooks specification says: HMAC-SHA-256 over "<id>.<timestamp>.<body>"
// with the bytes behind "whsec_". Pure.

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "alerts/notice.h"
#include "base/error.h"
#include "base/random.h"
#include "base/time.h"

namespace tallystick::alerts {

inline constexpr std::string_view kWebhookSecretPrefix = "whsec_";
inline constexpr std::size_t kMinWebhookSecretBytes = 24;
inline constexpr std::size_t kMaxWebhookSecretBytes = 64;

// The key in "whsec_<base64>". Error code: "bad_webhook_secret".
[[nodiscard]] base::Result<std::vector<std::uint8_t>> parse_webhook_secret(std::string_view text);
[[nodiscard]] std::string make_webhook_secret(base::Random& random);

// "v1,<base64>"
[[nodiscard]] std::string sign_webhook(const std::vector<std::uint8_t>& key,
                                       std::string_view id,
                                       std::int64_t timestamp_s,
                                       std::string_view body);

// {"type": "alert.raised", "timestamp": ..., "source": ..., "data": the alert}
[[nodiscard]] std::string make_webhook_body(const Notice& notice);
// webhook-id, webhook-timestamp, webhook-signature. `now`: of this attempt.
[[nodiscard]] std::vector<std::pair<std::string, std::string>> make_webhook_headers(
    const Notice& notice, const std::vector<std::uint8_t>& key, std::string_view body, base::Timestamp now);

}  // namespace tallystick::alerts
