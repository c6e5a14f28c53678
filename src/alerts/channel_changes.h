#pragma once
// What a caller wants of a channel: only the members that are set change; and the rules that a channel must meet before
// it is stored. Pure but for the look at the system's time-zone database.

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "alerts/channel.h"
#include "base/error.h"

namespace tallystick::alerts {

struct ChannelChange {
  std::optional<std::string> name = {};
  std::optional<bool> is_enabled = {};
  std::optional<std::string> url = {};
  std::optional<std::vector<std::string>> recipients = {};
  std::optional<std::string> secret = {};
  std::optional<Severity> min_severity = {};
  std::optional<std::vector<std::string>> subjects = {};
  std::optional<std::optional<QuietHours>> quiet_hours = {};  // of nothing: there are none any more
};

void apply(const ChannelChange& change, Channel& channel);

// One mailbox without a display name, of printable ASCII: "jane@example.com".
[[nodiscard]] bool is_mailbox(std::string_view text);

// kUnprocessable "validation_failed" with one field error per offending member.
[[nodiscard]] base::Result<void> validate(const Channel& channel);

}  // namespace tallystick::alerts
