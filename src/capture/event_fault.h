#pragma once
// Why an event was refused: a stable code that programs test for, the member at fault, and a sentence for people.
// Plain values.

#include <cstdint>
#include <string>
#include <string_view>

namespace tallystick::capture {

enum class EventCode : std::uint8_t {
  kNone,
  kMalformedEvent,  // not a JSON object
  kMissingField,
  kMalformedField,
  kDuplicateField,
  kBadUserId,
  kNegativeRank,
  kUnknownPlacement,
  kUnknownMerchant,
  kUnknownPartner,
  kUnknownExposureUnit,
  kStaleEvent,
  kFutureEvent,
  kBadToken,
  kUnknownCurrency,
};
inline constexpr std::size_t kEventCodeCount = 15;

[[nodiscard]] std::string_view name_of(EventCode code);  // "stale_event", ...

struct EventFault {
  EventCode code = EventCode::kNone;
  std::string_view member = {};  // a literal

  [[nodiscard]] bool is_set() const { return code != EventCode::kNone; }
  // Keeps the first of several.
  void set(EventCode new_code, std::string_view new_member) {
    if (!is_set()) {
      *this = {new_code, new_member};
    }
  }
};

// A sentence without outside text in it: "rank_position must not be negative".
void append_detail(const EventFault& fault, std::string& out);

}  // namespace tallystick::capture
