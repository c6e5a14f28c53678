#pragma once
// The limits and times of the capture path, in one place. Plain values.

#include <cstddef>
#include <cstdint>

#include "base/time.h"
#include "capture/consent.h"
#include "capture/throttle.h"

namespace tallystick::capture {

inline constexpr std::size_t kMaxImpressionsPerRequest = 50;
inline constexpr std::size_t kMaxExposuresPerRequest = 1000;
inline constexpr std::size_t kMaxConversionsPerRequest = 50;

struct CaptureSettings {
  ConsentSettings consent;
  Rate clicks_per_client{.per_second = 50, .burst = 200};
  Rate requests_per_client{.per_second = 200, .burst = 1000};  // of the POST endpoints and postbacks
  std::size_t client_slots = 1U << 17;
  std::size_t partner_slots = 1U << 12;
  std::size_t max_outstanding = 16 * 1024;      // requests of one reactor that wait for the journal; then 503
  std::size_t max_batch_bytes = 4U << 20;       // a turn beyond it is submitted in parts
  std::size_t max_forwarding_sequences = 4096;  // in one record
  std::int64_t forwarding_interval_us = base::kMicrosPerSecond;
  std::int64_t judge_window_us = base::kMicrosPerHour;  // of the past, told to the judge at start
  std::int64_t unforwarded_after_us = 5 * base::kMicrosPerMinute;
  std::int64_t security_interval_us =
      base::kMicrosPerSecond;                     // one record of a type in this time, the rest are counted
  std::size_t max_dead_letter_bytes = 16 * 1024;  // of the raw event; a longer one keeps its size only
  std::int64_t dead_letter_alert_above = 100;
};

}  // namespace tallystick::capture
