#pragma once
// Host names and the allow-list of a partner. An entry is a whole host name, which covers exactly itself, or
// "*." and a host name, which covers every name below it and not itself. Compared label by label, never as
// a substring. Thread-safe.

#include <span>
#include <string>
#include <string_view>

#include "base/error.h"

namespace tallystick::partners {

// Lower-cased; two labels or more of letters, digits and inner hyphens (RFC 1123), 253 bytes at most; no address,
// no trailing dot; an international name in its xn-- form. Error code: "bad_host".
[[nodiscard]] base::Result<std::string> parse_host(std::string_view text);

// A host as above, or "*." and a host. A public suffix ("co.uk", "*.com") would open the list to strangers and is
// refused. Error codes: "bad_host", "public_suffix".
[[nodiscard]] base::Result<std::string> parse_allowed_host(std::string_view text);

// `host` and `allowed_hosts` in their normal form.
[[nodiscard]] bool is_host_allowed(std::string_view host, std::span<const std::string> allowed_hosts);

}  // namespace tallystick::partners
