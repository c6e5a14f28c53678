#pragma once
// The coarse class of a user agent, stored whatever the consent, and whether it has a browser's form.
// Literal scans only; pure.

#include <string_view>

#include "journal/event.h"

namespace tallystick::quality {

// A browser's form (docs/quality.md, `ua_missing`): "Mozilla/", "Opera/" or "UCWEB/" with a version
// number, then a comment in parentheses that says something. Every browser since 1996 sends that.
[[nodiscard]] bool has_browser_form(std::string_view user_agent);

// kUnknown for none; never kCrawler: that is the crawler list's word.
[[nodiscard]] journal::AgentClass classify_agent(std::string_view user_agent);

}  // namespace tallystick::quality
