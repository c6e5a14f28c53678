#pragma once
// Finds the events of a request body without parsing them, so that a broken one cannot spoil its neighbours. A body is
// one event object, or an object with the member "events", an array; it may also hold "consent" for all of them. Pure.

#include <cstdint>
#include <string_view>
#include <vector>

namespace tallystick::capture {

enum class SplitFault : std::uint8_t { kNone, kNotJson, kEmpty, kTooMany };

struct SplitBody {
  std::vector<std::string_view> events;  // each from its first to its last character
  std::string_view consent;              // empty: none
};

// Reuses the memory of `out`. Brackets are counted, not matched by kind: what lies between two commas is judged by
// the parser of the event.
[[nodiscard]] SplitFault split_events(std::string_view body, std::size_t max_events, SplitBody& out);

}  // namespace tallystick::capture
