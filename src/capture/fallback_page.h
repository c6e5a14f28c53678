#pragma once
// The pages a visitor sees where a redirect cannot be: small, accessible, without script or outside resource, readable
// in light and dark, with a way on. Pure.

#include <cstdint>
#include <string>
#include <string_view>

namespace tallystick::capture {

enum class FallbackReason : std::uint8_t { kUnknownLink, kExpired, kPaused, kHostNotAllowed };

// `way_on`: the partner's public page; shown as a link when it is a sound http(s) URL. Everything is escaped.
[[nodiscard]] std::string make_fallback_page(FallbackReason reason, std::string_view way_on);

}  // namespace tallystick::capture
