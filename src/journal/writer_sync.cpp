// The syncing thread of Writer.
#include <algorithm>
#include <chrono>
#include <utility>

#include "base/thread.h"
#include "journal/writer.h"

namespace tallystick::journal {

void Writer::run_syncing() {
  base::ask_for_short_slices();
  std::vector<Group> groups;
  while (wait_for_groups(groups)) {
    commit(groups);
    groups.clear();
  }
}

// False when the writing thread has ended and nothing is left. What is written already goes first: a new segment is
// begun only when nothing waits for its sync.
bool Writer::wait_for_groups(std::vector<Group>& groups) {
  std::unique_lock lock(mutex_);
  written_ready_.wait(lock, [this] { return !written_.empty() || is_writer_done_ || has_work_to_sync(); });
  if (written_.empty() && has_work_to_sync()) {
    append_taken(lock);
  }
  if (options_.sync == SyncMode::kInterval && !written_.empty()) {
    written_ready_.wait_for(lock, std::chrono::microseconds(options_.sync_interval_us), [this] {
      return is_sync_wanted_ || is_writer_done_;
    });
  }
  if (written_.empty()) {
    return !is_writer_done_;
  }
  groups.swap(written_);
  is_syncing_ = true;
  is_sync_wanted_ = false;
  if (has_overlapping_work()) {
    work_.notify_one();
  }
  return true;
}

void Writer::commit(std::vector<Group>& groups) {
  if (groups.empty()) {
    return;
  }
  const bool has_records = std::any_of(groups.begin(), groups.end(), [](const Group& g) { return !g.leaves.empty(); });
  base::Result<void> synced;
  if (has_records) {
    const std::int64_t start_us = clock_.monotonic_us();
    synced = segment_->sync();
    sync_us_total_ += static_cast<std::uint64_t>(clock_.monotonic_us() - start_us);
    ++syncs_;
  }
  if (!synced) {
    recover_from_failed_sync(groups, synced.error());
  }
  std::vector<Submission> done;
  for (Group& group : groups) {
    if (!group.leaves.empty()) {
      extend_log(group);
    }
    std::move(group.submissions.begin(), group.submissions.end(), std::back_inserter(done));
  }
  {
    const std::lock_guard lock(mutex_);
    is_syncing_ = false;
  }
  synced_.notify_all();
  give_back(done);
  if (has_records && synced) {
    events_.on_grown();
  }
}

// After a failed sync it is unknown what reached the disk, and asking again may answer falsely: nothing of these
// groups is ever reported durable. Out of space (delayed allocation, quotas) the file is cut back to what is durable
// and the log goes on; after anything else, or when batches were already acknowledged, it stops until it is opened
// anew.
void Writer::recover_from_failed_sync(std::vector<Group>& groups, const base::Error& error) {
  const std::lock_guard appending(appending_);
  {
    const std::lock_guard lock(mutex_);
    std::move(written_.begin(), written_.end(), std::back_inserter(groups));
    written_.clear();
  }
  const auto first = std::find_if(groups.begin(), groups.end(), [](const Group& g) { return !g.leaves.empty(); });
  const GroupPosition position = first->position;
  const bool may_go_on = error.code == "disk_full" && options_.sync == SyncMode::kAlways &&
                         segment_->roll_back(position.offset).has_value();
  const base::Error cause{base::ErrorKind::kUnavailable, may_go_on ? "disk_full" : "journal_failed", error.message};
  for (Group& group : groups) {
    fail_group(group, cause);
  }
  next_sequence_ = position.sequence;
  {
    const std::lock_guard lock(mutex_);
    handed_over_ = position.sequence;
  }
  remembered_ids_.store(dedupe_.size(), std::memory_order_relaxed);
  if (!may_go_on) {
    set_failed(error);
  }
}

void Writer::extend_log(Group& group) {
  {
    const std::lock_guard lock(tree_.writing);
    if (const auto appended = tree_.tiles->append(group.leaves); !appended) {
      set_failed(appended.error());
      return;  // durable, and found again when the journal is opened anew, but not part of the tree
    }
  }
  index_->add(group.position, group.ids, group.kinds);
  tail_.advance(
      group.position.sequence + group.leaves.size(), group.end_offset, group.first_received, group.last_received);
}

void Writer::give_back(std::vector<Submission>& submissions) {
  for (Submission& submission : submissions) {
    const Batch& batch = *submission.batch;
    queued_bytes_.fetch_sub(batch.bytes(), std::memory_order_relaxed);
    if (batch.error()) {
      ++failed_appends_;
    } else {
      duplicates_ += static_cast<std::uint64_t>(std::count_if(
          batch.items_.begin(), batch.items_.end(), [](const auto& i) { return i.outcome == Outcome::kDuplicate; }));
    }
    submission.owner->on_batch_done(std::move(submission.batch));
  }
  submissions.clear();
}

void Writer::set_failed(const base::Error& error) {
  const std::lock_guard lock(mutex_);
  if (!failure_) {
    failure_ = base::Error{base::ErrorKind::kUnavailable,
                           "journal_failed",
                           "The journal stopped and must be opened anew: " + error.message};
  }
}

base::Result<void> Writer::flush() {
  std::unique_lock lock(mutex_);
  is_sync_wanted_ = true;
  written_ready_.notify_one();
  const std::uint64_t target = handed_over_;
  synced_.wait(lock, [&] { return tail_.size() >= std::min(target, handed_over_) || failure_; });
  if (failure_) {
    return std::unexpected(*failure_);
  }
  return {};
}

}  // namespace tallystick::journal
