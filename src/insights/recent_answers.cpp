#include "insights/recent_answers.h"

#include <utility>

namespace tallystick::insights {

std::shared_ptr<const warehouse::Rows> RecentAnswers::find(const std::string& key) const {
  const std::int64_t now_us = clock_.monotonic_us();
  const std::lock_guard lock(mutex_);
  const auto found = kept_.find(key);
  return found == kept_.end() || now_us - found->second.asked_us >= kLifetimeUs ? nullptr : found->second.rows;
}

void RecentAnswers::keep(const std::string& key, std::shared_ptr<const warehouse::Rows> rows, std::int64_t asked_us) {
  const std::lock_guard lock(mutex_);
  if (kept_.size() >= kMaxKept) {
    std::erase_if(kept_, [asked_us](const auto& entry) { return asked_us - entry.second.asked_us >= kLifetimeUs; });
  }
  if (kept_.size() < kMaxKept) {
    kept_[key] = {std::move(rows), asked_us};
  }
}

}  // namespace tallystick::insights
