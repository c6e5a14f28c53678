#pragma once
// Channels as JSON: the form of the API and of the audit trail, which show neither a secret nor the whole of a URL, and
// what callers send. Pure.

#include <string_view>

#include <boost/json.hpp>

#include "alerts/channel.h"
#include "alerts/channel_changes.h"
#include "base/error.h"

namespace tallystick::alerts {

[[nodiscard]] boost::json::object to_json(const Channel& channel);

// Quiet hours as the API writes them, null for none; also the form in which they are stored.
[[nodiscard]] boost::json::value to_json(const std::optional<QuietHours>& hours);

struct ChannelDraft {
  ChannelKind kind = ChannelKind::kSlack;
  ChannelChange change;
};

// Error codes of both: "bad_json", "not_an_object", "validation_failed".
[[nodiscard]] base::Result<ChannelDraft> parse_channel_draft(std::string_view body);
[[nodiscard]] base::Result<ChannelChange> parse_channel_change(std::string_view body);
// What to_json() wrote.
[[nodiscard]] base::Result<std::optional<QuietHours>> parse_stored_quiet_hours(std::string_view text);

}  // namespace tallystick::alerts
