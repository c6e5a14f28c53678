#pragma once
// An alert as a plain value: something that a person should look at, told once however often it happens
// (80-platform, "Alerts").

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/error.h"
#include "base/time.h"
#include "base/uuid.h"

namespace tallystick::alerts {

enum class Severity : std::uint8_t { kInfo, kWarning, kCritical };
inline constexpr std::size_t kSeverityCount = 3;
[[nodiscard]] std::string_view name_of(Severity severity);
// Error code: "unknown_severity".
[[nodiscard]] base::Result<Severity> parse_severity(std::string_view text);

enum class State : std::uint8_t { kOpen, kAcknowledged, kResolved };
[[nodiscard]] std::string_view name_of(State state);
// Error code: "unknown_state".
[[nodiscard]] base::Result<State> parse_state(std::string_view text);

// What somebody noticed. Like occurrences share a key ("dead_letters", "link_signature:<partner>").
struct Occurrence {
  std::string dedupe_key;
  Severity severity = Severity::kWarning;
  std::string subject;   // "partner:<id>", "journal", ...
  std::string summary;   // one sentence for an operator, with what to do
  std::string evidence;  // a JSON object; empty: {}
  std::int64_t count = 1;
};

struct Alert {
  base::Uuid id;
  std::string dedupe_key;
  Severity severity = Severity::kWarning;
  std::string subject;
  std::string summary;
  std::string evidence;  // of the last occurrence
  State state = State::kOpen;
  std::string notes;
  std::int64_t occurrences = 0;
  base::Timestamp first_at;
  base::Timestamp last_at;
};

}  // namespace tallystick::alerts
