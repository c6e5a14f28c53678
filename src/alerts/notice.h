#pragma once
// What is told: an alert as it is now, why, and by whom. The messages of all kinds are built from it. Plain value.

#include <string>
#include <string_view>

#include "alerts/delivery.h"
#include "alerts/model.h"
#include "base/time.h"
#include "base/uuid.h"

namespace tallystick::alerts {

struct Notice {
  base::Uuid id;  // of the delivery: the same at each attempt
  Cause cause = Cause::kRaised;
  base::Timestamp caused_at;  // when the delivery was asked for
  Alert alert;
  std::string source;  // who tells it: a host name
};

inline constexpr std::size_t kMaxSummaryBytes = 1'000;

// "Critical: the disk is full; make room", "Resolved: ...": one line for people, at most kMaxSummaryBytes.
[[nodiscard]] std::string headline_of(const Notice& notice);

// A made-up alert, for the test button.
[[nodiscard]] Notice make_test_notice(const base::Uuid& id, base::Timestamp now, std::string source);

}  // namespace tallystick::alerts
