#pragma once
// A channel as a plain value: where alerts are told, which of them, and when not (80-platform, "Alerts").

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "alerts/model.h"
#include "alerts/quiet_hours.h"
#include "base/error.h"
#include "base/time.h"
#include "base/uuid.h"

namespace tallystick::alerts {

enum class ChannelKind : std::uint8_t { kSlack, kPagerduty, kWebhook, kEmail };
inline constexpr std::size_t kChannelKindCount = 4;
[[nodiscard]] std::string_view name_of(ChannelKind kind);
// Error code: "unknown_channel_kind".
[[nodiscard]] base::Result<ChannelKind> parse_channel_kind(std::string_view text);

inline constexpr std::size_t kMaxChannels = 50;
inline constexpr std::size_t kMaxChannelNameBytes = 100;
inline constexpr std::size_t kMaxRecipients = 20;
inline constexpr std::size_t kMaxSubjectFilters = 20;
inline constexpr std::size_t kMaxSubjectFilterBytes = 200;

inline constexpr std::string_view kPagerdutyUrl = "https://events.pagerduty.com/v2/enqueue";

struct Channel {
  base::Uuid id;
  std::string name;
  ChannelKind kind = ChannelKind::kSlack;
  bool is_enabled = true;
  std::string url;                      // not of e-mail; may hold a token, so only shown_url() is shown
  std::vector<std::string> recipients;  // of e-mail
  std::string secret;                   // PagerDuty: routing key; webhook: "whsec_..."; otherwise empty
  Severity min_severity = Severity::kWarning;
  std::vector<std::string> subjects;  // "partner:*", "journal"; empty: all
  std::optional<QuietHours> quiet_hours;
  base::Timestamp created_at;
  base::Timestamp updated_at;
  std::int64_t version = 1;

  friend bool operator==(const Channel&, const Channel&) = default;
};

// Of Slack, whose path is the credential, scheme and host alone ("https://hooks.slack.com/***"); of others without the
// query. Empty for e-mail.
[[nodiscard]] std::string shown_url(const Channel& channel);

// Enabled, severe enough, and one of its subjects: equal to a filter, or beginning as a filter that ends in '*'.
[[nodiscard]] bool wants(const Channel& channel, const Alert& alert);

}  // namespace tallystick::alerts
