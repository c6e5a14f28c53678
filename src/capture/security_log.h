#pragma once
// Forged links and the like: journaled as records of their own, but not one for each of a flood. Thread-safe.

#include <array>
#include <atomic>
#include <cstdint>
#include <optional>
#include <string_view>

namespace tallystick::capture {

enum class SecurityEventType : std::uint8_t { kLinkSignature, kDestinationHost, kPostbackSource, kPostbackSignature };
inline constexpr std::size_t kSecurityEventTypeCount = 4;
[[nodiscard]] std::string_view name_of(SecurityEventType type);  // "link_signature", ...

class SecurityLog {
 public:
  explicit SecurityLog(std::int64_t interval_us) : interval_us_(interval_us) {}

  // How many of this type were left out since the last one admitted; nothing when this one is left out, too.
  [[nodiscard]] std::optional<std::uint32_t> admit(SecurityEventType type, std::int64_t now_us);

 private:
  struct State {
    std::atomic<std::int64_t> next_us{INT64_MIN};
    std::atomic<std::uint32_t> suppressed{0};
  };
  std::int64_t interval_us_;
  std::array<State, kSecurityEventTypeCount> states_;
};

}  // namespace tallystick::capture
