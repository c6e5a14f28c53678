#pragma once
// The destination template of a link: an absolute URL whose path, query and fragment may hold macros that the
// redirect fills in, URL-encoded (10-capture, "Clicks"). The host is fixed, so it can be held against the
// allow-list before anybody is sent there. Pure; thread-safe.

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"

namespace tallystick::partners {

inline constexpr std::size_t kMaxDestinationBytes = 2'048;

enum class Macro : std::uint8_t { kClickId, kPartner, kPlacement, kCampaign, kSession, kSub, kGdpr, kGdprConsent };
// "click_id", without braces.
[[nodiscard]] std::string_view name_of(Macro macro);

struct Destination {
  std::string text;  // the template, its scheme and host in lower case
  bool is_https = true;
  std::string host;           // normal form of hosts.h
  std::uint16_t port = 0;     // 0: the scheme's
  std::vector<Macro> macros;  // in their order, repeated as in the text
};

// "https://" (or "http://", for the caller to allow), a host, optionally a port, then path, query and fragment of the
// characters of RFC 3986 with whole percent-escapes. No user name, no address, no white space, no backslash.
// Error codes: "bad_destination", "bad_host", "unknown_macro", "macro_in_host".
[[nodiscard]] base::Result<Destination> parse_destination(std::string_view text);

}  // namespace tallystick::partners
