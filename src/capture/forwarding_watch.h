#pragma once
// Clicks whose redirect is not known to have been handed over: all clicks, until a forwarding record names them.
// Bounded. One thread.

#include <cstdint>
#include <map>
#include <vector>

#include "base/time.h"
#include "journal/record.h"

namespace tallystick::capture {

class ForwardingWatch {
 public:
  // Of every record, in order.
  void take(const journal::Record& record);
  // Forgets and returns the clicks received before `before` that are still open.
  [[nodiscard]] std::vector<std::uint64_t> take_overdue(base::Timestamp before);
  [[nodiscard]] std::size_t size() const { return open_.size(); }

 private:
  static constexpr std::size_t kMaxOpen = 1'000'000;
  std::map<std::uint64_t, base::Timestamp> open_;  // by sequence
  std::vector<std::uint64_t> sequences_;
};

}  // namespace tallystick::capture
