#include "capture/security_log.h"

namespace tallystick::capture {

std::string_view name_of(SecurityEventType type) {
  switch (type) {
    case SecurityEventType::kLinkSignature:
      return "link_signature";
    case SecurityEventType::kDestinationHost:
      return "destination_host";
    case SecurityEventType::kPostbackSource:
      return "postback_source";
    case SecurityEventType::kPostbackSignature:
      return "postback_signature";
  }
  return "unknown";
}

std::optional<std::uint32_t> SecurityLog::admit(SecurityEventType type, std::int64_t now_us) {
  State& state = states_[static_cast<std::size_t>(type)];
  std::int64_t next = state.next_us.load(std::memory_order_relaxed);
  if (now_us < next || !state.next_us.compare_exchange_strong(next, now_us + interval_us_, std::memory_order_relaxed)) {
    state.suppressed.fetch_add(1, std::memory_order_relaxed);
    return std::nullopt;
  }
  return state.suppressed.exchange(0, std::memory_order_relaxed);
}

}  // namespace tallystick::capture
