#pragma once
// What came in and what became of it, counted since the start (I9: whatever is rejected is counted, with its code).
// Thread-safe.

#include <array>
#include <cstdint>
#include <string_view>

#include "base/metrics.h"
#include "capture/event_fault.h"

namespace tallystick::capture {

enum class Endpoint : std::uint8_t { kImpression, kExposure, kConversion, kPostback };
inline constexpr std::size_t kEndpointCount = 4;
[[nodiscard]] std::string_view name_of(Endpoint endpoint);

enum class ClickOutcome : std::uint8_t {
  kRedirected,
  kDuplicate,
  kPrefetch,
  kBadRequest,
  kBadSignature,
  kExpired,
  kUnknown,
  kPaused,
  kHostNotAllowed,
  kThrottled,
  kUnavailable,
};
inline constexpr std::size_t kClickOutcomeCount = 11;
[[nodiscard]] std::string_view name_of(ClickOutcome outcome);

struct CaptureStatistics {
  std::array<base::Counter, kEndpointCount> accepted;
  std::array<base::Counter, kEndpointCount> duplicate;
  std::array<std::array<base::Counter, kEventCodeCount>, kEndpointCount> rejected;  // [endpoint][code]
  std::array<base::Counter, kEndpointCount> throttled;                              // requests
  std::array<base::Counter, kEndpointCount> unavailable;                            // requests
  std::array<base::Counter, kClickOutcomeCount> clicks;
  base::Counter forwarded;
  base::Counter forwarding_failed;
  base::Counter security_events;

  [[nodiscard]] base::Counter& of(ClickOutcome outcome) { return clicks[static_cast<std::size_t>(outcome)]; }
};

// tallystick_capture_* families. `statistics` must outlive `metrics`.
void add_metrics(base::Metrics& metrics, const CaptureStatistics& statistics);

}  // namespace tallystick::capture
