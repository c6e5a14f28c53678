#include "insights/recent_answers.h"

#include <exception>
#include <utility>

#include <pthread.h>

namespace tallystick::insights {

RecentAnswers::RecentAnswers(const base::Clock& clock)
    : clock_(clock), thread_([this](const std::stop_token& stop) { ask_again(stop); }) {}

RecentAnswers::~RecentAnswers() = default;

RecentAnswers::Kept* RecentAnswers::find(const std::string& key, std::int64_t now_us) {
  const auto found = kept_.find(key);
  return found == kept_.end() || now_us - found->second.asked_us >= kUsableUs ? nullptr : &found->second;
}

base::Result<RecentAnswers::SharedRows> RecentAnswers::get(const std::string& key, Ask ask) {
  const std::int64_t now_us = clock_.monotonic_us();
  {
    std::unique_lock lock(mutex_);
    if (Kept* const kept = find(key, now_us)) {
      SharedRows rows = kept->rows;
      if (now_us - kept->asked_us >= kFreshUs && !kept->is_asked_again) {
        kept->is_asked_again = true;
        due_.push_back({key, std::move(ask)});
        lock.unlock();
        changed_.notify_one();
      }
      return rows;
    }
  }
  TALLY_ASSIGN(warehouse::Rows answer, ask());
  auto rows = std::make_shared<const warehouse::Rows>(std::move(answer));
  const std::lock_guard lock(mutex_);
  keep(key, rows, now_us);
  return rows;
}

void RecentAnswers::keep(const std::string& key, SharedRows rows, std::int64_t asked_us) {
  if (rows->empty()) {
    kept_.erase(key);
    return;
  }
  if (kept_.size() >= kMaxKept) {
    std::erase_if(kept_, [asked_us](const auto& entry) { return asked_us - entry.second.asked_us >= kUsableUs; });
  }
  const auto found = kept_.find(key);
  if (found == kept_.end() ? kept_.size() < kMaxKept : found->second.asked_us <= asked_us) {
    kept_[key] = {std::move(rows), asked_us};
  }
}

// Null: none. Whoever asks when nothing is usable any more is told why.
RecentAnswers::SharedRows RecentAnswers::answer_of(const Due& due) {
  try {
    if (auto answer = due.ask()) {
      return std::make_shared<const warehouse::Rows>(*std::move(answer));
    }
  } catch (const std::exception&) {  // NOLINT(bugprone-empty-catch): as above
  }
  return nullptr;
}

void RecentAnswers::ask_again(const std::stop_token& stop) {
  pthread_setname_np(pthread_self(), "recent answers");
  std::unique_lock lock(mutex_);
  while (changed_.wait(lock, stop, [this] { return !due_.empty(); }) && !stop.stop_requested()) {
    const Due due = std::move(due_.front());
    due_.pop_front();
    lock.unlock();
    const std::int64_t asked_us = clock_.monotonic_us();
    SharedRows rows = answer_of(due);
    lock.lock();
    if (rows) {
      keep(due.key, std::move(rows), asked_us);
    } else if (Kept* const kept = find(due.key, asked_us)) {
      kept->is_asked_again = false;
    }
  }
}

}  // namespace tallystick::insights
