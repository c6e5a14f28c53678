#pragma once
// Answers of the warehouse that hold for a moment: what ids mean, how far the logs are loaded. A dashboard asks for
// half a dozen reports at once, each of which would ask for them again. Thread-safe.

#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <string>

#include "base/time.h"
#include "warehouse/rows.h"

namespace tallystick::insights {

class RecentAnswers {
 public:
  static constexpr std::int64_t kLifetimeUs = base::kMicrosPerSecond;

  // `clock` must outlive it.
  explicit RecentAnswers(const base::Clock& clock) : clock_(clock) {}

  // What was kept under that key within the last kLifetimeUs; null: nothing.
  [[nodiscard]] std::shared_ptr<const warehouse::Rows> find(const std::string& key) const;
  // `asked_us`: when it was asked for, by clock.monotonic_us(); from then on it grows old.
  void keep(const std::string& key, std::shared_ptr<const warehouse::Rows> rows, std::int64_t asked_us);

  [[nodiscard]] std::int64_t now_us() const { return clock_.monotonic_us(); }

 private:
  static constexpr std::size_t kMaxKept = 256;

  struct Kept {
    std::shared_ptr<const warehouse::Rows> rows;
    std::int64_t asked_us = 0;
  };

  const base::Clock& clock_;
  mutable std::mutex mutex_;
  std::map<std::string, Kept, std::less<>> kept_;
};

}  // namespace tallystick::insights
