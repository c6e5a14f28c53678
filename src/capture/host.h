#pragma once
// The host of a URL, and allow-lists of whole host names (10-capture: "matched on the whole registrable host, never a
// substring"). Browsers disagree about odd URLs, so anything odd has no host and is refused. Pure.

#include <span>
#include <string>
#include <string_view>

namespace tallystick::capture {

// The host of an absolute http or https URL, as written; empty when the URL is none, or holds a user name, a backslash,
// a control character, white space, or a host with other characters than letters, digits, '-' and '.'.
[[nodiscard]] std::string_view host_of(std::string_view url);

// An allow-list entry: a lower-case host name, or "*." and one with a dot in it. Room `partners` also refuses public
// suffixes when an entry is made; this is the last line of defence.
[[nodiscard]] bool is_sound_allowed_host(std::string_view entry);

// Whether `host` is one of the entries: "example.com" is itself only; "*.example.com" is any name under it.
[[nodiscard]] bool is_allowed_host(std::string_view host, std::span<const std::string> entries);

}  // namespace tallystick::capture
