#pragma once
// The JSON of an incoming webhook of Slack, as Mattermost and Rocket.Chat take it too: a text, and an attachment with
// fields. Pure.

#include <string>

#include "alerts/notice.h"

namespace tallystick::alerts {

[[nodiscard]] std::string make_slack_message(const Notice& notice);

}  // namespace tallystick::alerts
