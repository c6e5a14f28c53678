#pragma once
// Time as integer microseconds since 1970-01-01T00:00:00Z, and the clock as something passed in, so
// that tests and simulations decide it. Thread-safe.

#include <atomic>
#include <compare>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/error.h"

namespace tallystick::base {

inline constexpr std::int64_t kMicrosPerMilli = 1'000;
inline constexpr std::int64_t kMicrosPerSecond = 1'000'000;
inline constexpr std::int64_t kMicrosPerMinute = 60 * kMicrosPerSecond;
inline constexpr std::int64_t kMicrosPerHour = 60 * kMicrosPerMinute;
inline constexpr std::int64_t kMicrosPerDay = 24 * kMicrosPerHour;

// A moment in UTC. Differences are plain microseconds.
struct Timestamp {
  std::int64_t us = 0;

  friend constexpr auto operator<=>(Timestamp, Timestamp) = default;
  friend constexpr Timestamp operator+(Timestamp t, std::int64_t delta_us) { return {t.us + delta_us}; }
  friend constexpr Timestamp operator-(Timestamp t, std::int64_t delta_us) { return {t.us - delta_us}; }
  friend constexpr std::int64_t operator-(Timestamp a, Timestamp b) { return a.us - b.us; }
};

// RFC 3339 with any offset, fraction of up to nine digits (cut to microseconds); years 1970 to 9999.
// Error code: "bad_timestamp".
[[nodiscard]] Result<Timestamp> parse_rfc3339(std::string_view text);

// "2026-11-21T04:22:01.123456Z"; the fraction is left out when it is zero. What lies outside the
// years 1 to 9999 is written as the nearest time inside.
[[nodiscard]] std::string format_rfc3339(Timestamp time);

class Clock {
 public:
  virtual ~Clock() = default;
  // Wall time; may step.
  [[nodiscard]] virtual Timestamp now() const = 0;
  // Never goes back; microseconds from an arbitrary start. For time-outs and durations.
  [[nodiscard]] virtual std::int64_t monotonic_us() const = 0;
};

class SystemClock final : public Clock {
 public:
  [[nodiscard]] Timestamp now() const override;
  [[nodiscard]] std::int64_t monotonic_us() const override;
};

// For tests and simulations: stands still until moved.
class ManualClock final : public Clock {
 public:
  explicit ManualClock(Timestamp start) : now_us_(start.us) {}
  [[nodiscard]] Timestamp now() const override { return {now_us_.load()}; }
  [[nodiscard]] std::int64_t monotonic_us() const override { return now_us_.load(); }
  void advance_us(std::int64_t us) { now_us_ += us; }
  void set(Timestamp time) { now_us_ = time.us; }

 private:
  std::atomic<std::int64_t> now_us_;
};

}  // namespace tallystick::base
