#include <utility>

#include "capture/alert_sink.h"

namespace tallystick::capture {

void AlertQueue::push(Alert alert) {
  const std::lock_guard lock(mutex_);
  if (waiting_.size() < kMaxWaiting) {
    waiting_.push_back(std::move(alert));
  }
}

std::vector<Alert> AlertQueue::take_all() {
  const std::lock_guard lock(mutex_);
  return std::exchange(waiting_, {});
}

}  // namespace tallystick::capture
