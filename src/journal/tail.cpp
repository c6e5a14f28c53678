#include "journal/tail.h"

#include <algorithm>
#include <chrono>

namespace tallystick::journal {

std::filesystem::path Tail::path_of(std::uint64_t first) const {
  return segments_directory_ / segment_name(first);
}

std::uint64_t Tail::first() const {
  const std::lock_guard lock(mutex_);
  return views_.empty() ? 0 : views_.front().first;
}

std::vector<SegmentView> Tail::segments() const {
  const std::lock_guard lock(mutex_);
  return views_;
}

std::optional<SegmentView> Tail::find(std::uint64_t sequence) const {
  const std::lock_guard lock(mutex_);
  const auto after = std::upper_bound(
      views_.begin(), views_.end(), sequence, [](std::uint64_t value, const auto& view) { return value < view.first; });
  const auto found = after == views_.begin() ? after : after - 1;
  if (found == views_.end() || sequence >= found->end) {
    return std::nullopt;
  }
  return *found;
}

std::uint64_t Tail::skip_without(std::uint64_t from, RecordKind kind) const {
  const std::lock_guard lock(mutex_);
  for (const SegmentView& view : views_) {
    if (view.end > from && (!view.index || view.index->may_have(kind))) {
      return std::max(from, view.first);
    }
  }
  return std::max(from, size());
}

std::uint64_t Tail::wait_beyond(std::uint64_t sequence, std::int64_t wait_us) const {
  if (wait_us > 0 && size() <= sequence) {
    std::unique_lock lock(mutex_);
    grown_.wait_for(lock, std::chrono::microseconds(wait_us), [&] { return size() > sequence || is_closed_; });
  }
  return size();
}

void Tail::add_segment(SegmentView view) {
  const std::lock_guard lock(mutex_);
  size_.store(view.end, std::memory_order_release);
  views_.push_back(std::move(view));
}

void Tail::advance(std::uint64_t end, std::uint64_t body_end, base::Timestamp first, base::Timestamp last) {
  {
    const std::lock_guard lock(mutex_);
    SegmentView& view = views_.back();
    view.end = end;
    view.body_end = body_end;
    view.first_received = std::min(view.first_received, first);
    view.last_received = std::max(view.last_received, last);
    size_.store(end, std::memory_order_release);
  }
  grown_.notify_all();
}

void Tail::seal_last() {
  const std::lock_guard lock(mutex_);
  views_.back().is_sealed = true;
}

void Tail::set_index(std::uint64_t first, std::shared_ptr<const SegmentIndex> index) {
  const std::lock_guard lock(mutex_);
  for (SegmentView& view : views_) {
    if (view.first == first) {
      view.index = std::move(index);
      return;
    }
  }
}

std::vector<std::uint64_t> Tail::drop_before(std::uint64_t sequence) {
  std::vector<std::uint64_t> dropped;
  const std::lock_guard lock(mutex_);
  while (views_.size() > 1 && views_.front().is_sealed && views_.front().end <= sequence) {
    dropped.push_back(views_.front().first);
    views_.erase(views_.begin());
  }
  return dropped;
}

void Tail::close() {
  {
    const std::lock_guard lock(mutex_);
    is_closed_ = true;
  }
  grown_.notify_all();
}

}  // namespace tallystick::journal
