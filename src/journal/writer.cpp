#include "journal/writer.h"

#include <algorithm>
#include <utility>

#include "base/thread.h"

namespace tallystick::journal {
namespace {

constexpr std::uint64_t kGroupBytes = 1 << 20;      // a reader finds a record by walking through its group
constexpr std::uint64_t kTakenBytes = 4 << 20;      // between two looks at the size of the segment
constexpr std::size_t kPrefetchDistance = 8;        // the memory of ids is larger than any cache
constexpr std::uint64_t kOverlapBytes = 256 << 10;  // worth writing while a sync is under way

std::unexpected<base::Error> unavailable(std::string code, std::string message) {
  return base::fail(base::ErrorKind::kUnavailable, std::move(code), std::move(message));
}

base::Error append_error(const base::Error& cause) {
  const bool is_full = cause.code == "disk_full";
  return {base::ErrorKind::kUnavailable, is_full ? "disk_full" : "journal_write_failed", cause.message};
}

}  // namespace

Writer::Writer(const Options& options,
               const base::Clock& clock,
               FileSystem& files,
               Tail& tail,
               Tree& tree,
               WriterStart start,
               Events events)
    : options_(options),
      clock_(clock),
      files_(files),
      tail_(tail),
      tree_(tree),
      events_(std::move(events)),
      segment_(std::move(start.segment)),
      index_(std::move(start.index)),
      dedupe_(std::move(start.dedupe)),
      next_sequence_(tail.size()),
      first_received_(start.first_received),
      last_received_(start.last_received),
      remembered_ids_(dedupe_.size()) {
  set_reserve();
  writing_ = std::thread([this] { run_writing(); });
  syncing_ = std::thread([this] { run_syncing(); });
}

Writer::~Writer() {
  stop();
}

void Writer::stop() {
  {
    const std::lock_guard lock(mutex_);
    is_stopping_ = true;
  }
  work_.notify_all();
  if (writing_.joinable()) {
    writing_.join();
  }
  {
    const std::lock_guard lock(mutex_);
    is_writer_done_ = true;
  }
  written_ready_.notify_all();
  if (syncing_.joinable()) {
    syncing_.join();
    (void)segment_->trim();  // else it is done when the journal is opened
  }
}

// With a sync now and then there is nothing to save.
void Writer::set_reserve() {
  segment_->set_reserve(options_.sync == SyncMode::kAlways ? options_.reserve_bytes : 0, options_.segment_bytes);
}

void Writer::submit(std::unique_ptr<Batch> batch, BatchOwner& owner) {
  std::unique_lock lock(mutex_);
  if (is_stopping_) {
    lock.unlock();
    batch->error_ = unavailable("journal_stopped", "The journal is closing.").error();
    owner.on_batch_done(std::move(batch));
    return;
  }
  const std::uint64_t bytes = batch->bytes();
  if (failure_) {
    batch->error_ = failure_;
  } else if (queued_bytes_.load(std::memory_order_relaxed) + bytes > options_.max_queued_bytes) {
    batch->error_ = unavailable("journal_busy", "More is waiting to be written than the journal may hold.").error();
  }
  queued_bytes_.fetch_add(bytes, std::memory_order_relaxed);
  waiting_bytes_ += bytes;
  queue_.push_back({std::move(batch), &owner});
  const bool is_for_writing = has_overlapping_work();
  const bool is_for_syncing = has_work_to_sync();
  lock.unlock();
  if (is_for_writing) {
    work_.notify_one();
  } else if (is_for_syncing) {
    written_ready_.notify_one();
  }
}

// For the writing thread. While a sync is under way small batches gather, so that the next sync carries all of them;
// large ones are written meanwhile.
bool Writer::has_overlapping_work() const {
  return !queue_.empty() && !is_appending_ &&
         (options_.sync == SyncMode::kInterval || is_stopping_ || (is_syncing_ && waiting_bytes_ >= kOverlapBytes));
}

// For the syncing thread, which is free and writes what it will sync.
bool Writer::has_work_to_sync() const {
  return !queue_.empty() && !is_appending_ && !is_syncing_ && !is_stopping_ && options_.sync == SyncMode::kAlways;
}

std::vector<Writer::Submission> Writer::take() {
  std::vector<Submission> taken;
  std::uint64_t bytes = 0;
  auto at = queue_.begin();
  for (; at != queue_.end() && bytes < kTakenBytes; ++at) {
    bytes += at->batch->bytes();
  }
  if (at == queue_.end()) {
    taken.swap(queue_);
  } else {
    taken.assign(std::make_move_iterator(queue_.begin()), std::make_move_iterator(at));
    queue_.erase(queue_.begin(), at);
  }
  waiting_bytes_ -= bytes;
  return taken;
}

void Writer::run_writing() {
  base::ask_for_short_slices();
  std::unique_lock lock(mutex_);
  for (;;) {
    work_.wait(lock, [this] { return has_overlapping_work() || (is_stopping_ && !is_appending_); });
    if (queue_.empty()) {
      return;
    }
    append_taken(lock);
  }
}

void Writer::append_taken(std::unique_lock<std::mutex>& lock) {
  std::vector<Submission> taken = take();
  is_appending_ = true;
  lock.unlock();
  append(std::move(taken));
  lock.lock();
  is_appending_ = false;
  // What was submitted meanwhile woke nobody.
  if (is_stopping_ || has_overlapping_work()) {
    work_.notify_one();
  } else if (has_work_to_sync()) {
    written_ready_.notify_one();
  }
}

void Writer::append(std::vector<Submission> taken) {
  const auto rolled = roll_segment();
  Group group;
  std::uint64_t bytes = 0;
  for (Submission& submission : taken) {
    bytes += submission.batch->bytes();
    if (!rolled && !submission.batch->error_) {
      fail_batch(*submission.batch, append_error(rolled.error()));
    }
    group.submissions.push_back(std::move(submission));
    if (bytes >= kGroupBytes) {
      write_group(group);
      group = {};
      bytes = 0;
    }
  }
  if (!group.submissions.empty()) {
    write_group(group);
  }
}

void Writer::write_group(Group& group) {
  {
    const std::lock_guard appending(appending_);
    const base::Timestamp now = clock_.now();
    dedupe_.expire(now);
    parts_.assign(1, Bytes());
    parts_bytes_ = 0;
    group.position = {next_sequence_, segment_->end()};
    for (Submission& submission : group.submissions) {
      if (!submission.batch->error_) {
        stage(*submission.batch, group, now);
      }
    }
    if (!group.leaves.empty()) {
      const auto header = make_group_header({static_cast<std::uint32_t>(group.leaves.size()),
                                             static_cast<std::uint32_t>(parts_bytes_),
                                             group.position.sequence,
                                             tail_.size()});
      parts_.front() = header;
      const std::uint64_t bytes = kGroupHeaderBytes + parts_bytes_;
      auto written = segment_->append(parts_, bytes);
      if (written) {
        bytes_written_.fetch_add(bytes, std::memory_order_relaxed);
        groups_.fetch_add(1, std::memory_order_relaxed);
        first_received_ = std::min(first_received_, group.first_received);
        last_received_ = std::max(last_received_, group.last_received);
        is_disk_full_ = false;
      } else {
        fail_group(group, append_error(written.error()));
        next_sequence_ = group.position.sequence;
        if (segment_->is_broken()) {
          set_failed(written.error());
        }
      }
    }
    group.end_offset = segment_->end();
    remembered_ids_.store(dedupe_.size(), std::memory_order_relaxed);
    hand_over(std::move(group));
  }
}

// Numbers the records that are new; an id whose window has passed is neither asked for nor remembered. Runs of them are
// written straight from the batch's memory.
void Writer::stage(Batch& batch, Group& group, base::Timestamp now) {
  const std::uint64_t first = next_sequence_;
  const std::size_t parts_before = parts_.size();
  const std::uint64_t bytes_before = parts_bytes_;
  const std::uint8_t* run_start = nullptr;
  std::size_t run_bytes = 0;
  const auto end_run = [&] {
    if (run_bytes > 0) {
      parts_.emplace_back(run_start, run_bytes);
      parts_bytes_ += run_bytes;
      run_bytes = 0;
    }
  };
  bool is_full = false;
  for (std::size_t i = 0; i < batch.items_.size(); ++i) {
    Batch::Item& item = batch.items_[i];
    if (item.header.window != DedupeWindow::kNone &&
        item.header.received_at + dedupe_.window_us(item.header.window) <= now) {
      item.header.window = DedupeWindow::kNone;  // its window has passed, as in a history that is written afterwards
    }
    if (i + kPrefetchDistance < batch.items_.size()) {
      dedupe_.prefetch(batch.items_[i + kPrefetchDistance].header);
    }
    if (item.header.window != DedupeWindow::kNone) {
      const Dedupe::Answer answer = dedupe_.insert(item.header, next_sequence_);
      if (answer.is_full) {
        is_full = true;
        break;
      }
      if (answer.is_duplicate) {
        item.outcome = Outcome::kDuplicate;
        item.sequence = answer.sequence;
        end_run();
        continue;
      }
    }
    item.outcome = Outcome::kAccepted;
    item.sequence = next_sequence_++;
    group.leaves.push_back(item.leaf);
    group.ids.push_back(item.header.event_id);
    group.kinds.add(item.header.kind);
    group.first_received = std::min(group.first_received, item.header.received_at);
    group.last_received = std::max(group.last_received, item.header.received_at);
    if (run_bytes == 0) {
      run_start = batch.frames_.data() + item.offset;
    }
    run_bytes += item.length;
  }
  end_run();
  if (is_full) {
    fail_batch(batch, unavailable("dedupe_memory_full", "The memory of event ids is full.").error());
    parts_.resize(parts_before);
    parts_bytes_ = bytes_before;
    group.leaves.resize(group.leaves.size() - (next_sequence_ - first));
    group.ids.resize(group.leaves.size());
    next_sequence_ = first;
  }
}

// Nothing of the batch was or will be appended: its ids may come again.
void Writer::fail_batch(Batch& batch, const base::Error& error) {
  for (Batch::Item& item : batch.items_) {
    if (item.outcome == Outcome::kAccepted && item.header.window != DedupeWindow::kNone) {
      dedupe_.forget(item.header);
    }
    item.outcome = Outcome::kPending;
    item.sequence = 0;
  }
  batch.error_ = error;
}

void Writer::fail_group(Group& group, const base::Error& error) {
  for (Submission& submission : group.submissions) {
    if (!submission.batch->error_) {
      fail_batch(*submission.batch, error);
    }
  }
  group.leaves.clear();
  group.ids.clear();
  is_disk_full_ = error.code == "disk_full";
}

void Writer::hand_over(Group group) {
  std::vector<Submission> done;
  bool is_awaited = false;
  {
    const std::lock_guard lock(mutex_);
    if (failure_ && !group.leaves.empty()) {
      fail_group(group, *failure_);
    }
    if (options_.sync == SyncMode::kInterval) {
      done.swap(group.submissions);  // written is acknowledged
    }
    if (!group.leaves.empty()) {
      handed_over_ = group.position.sequence + group.leaves.size();
    }
    is_awaited = written_.empty();  // else the syncing thread knows
    if (!group.leaves.empty() || !group.submissions.empty()) {
      written_.push_back(std::move(group));
    }
  }
  if (is_awaited) {
    written_ready_.notify_one();
  }
  give_back(done);
}

base::Result<void> Writer::roll_segment() {
  {
    const std::lock_guard appending(appending_);
    const bool is_full = segment_->end() >= options_.segment_bytes && next_sequence_ > segment_->first_sequence();
    if (!is_full && !segment_->is_sealed()) {
      return {};
    }
  }
  {
    std::unique_lock lock(mutex_);
    is_sync_wanted_ = true;
    written_ready_.notify_one();
    synced_.wait(lock, [this] { return written_.empty() && !is_syncing_; });
    if (failure_) {
      return std::unexpected(*failure_);
    }
  }
  auto rolled = roll_segment_now();
  if (!rolled) {
    is_disk_full_ = rolled.error().code == "disk_full";
    if (segment_->is_broken()) {
      set_failed(rolled.error());
    }
  }
  return rolled;
}

base::Result<void> Writer::roll_segment_now() {
  const std::lock_guard appending(appending_);
  SegmentFooter footer;
  footer.first_sequence = segment_->first_sequence();
  footer.end_sequence = next_sequence_;
  footer.first_received = first_received_;
  footer.last_received = last_received_;
  TALLY_TRY(segment_->seal(footer));
  TALLY_ASSIGN(auto fresh,
               SegmentWriter::create(files_, tail_.path_of(next_sequence_), {next_sequence_, clock_.now()}));
  const std::uint64_t sealed_first = segment_->first_sequence();
  const auto sealed_index = index_;
  segment_ = std::move(fresh);
  set_reserve();
  index_ = std::make_shared<GrowingIndex>(next_sequence_);
  first_received_ = {INT64_MAX};
  last_received_ = {INT64_MIN};
  tail_.seal_last();
  SegmentView view;
  view.first = view.end = next_sequence_;
  view.index = index_;
  tail_.add_segment(std::move(view));
  events_.on_sealed(sealed_first, sealed_index);
  return {};
}

void Writer::add_statistics(Statistics& statistics) const {
  statistics.groups = groups_;
  statistics.bytes_written = bytes_written_;
  statistics.syncs = syncs_;
  statistics.sync_us_total = sync_us_total_;
  statistics.duplicates = duplicates_;
  statistics.remembered_ids = remembered_ids_;
  statistics.queued_bytes = queued_bytes_;
  statistics.failed_appends = failed_appends_;
  statistics.is_disk_full = is_disk_full_;
}

}  // namespace tallystick::journal
