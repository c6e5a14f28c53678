#include "warehouse/load_pipeline.h"

#include <algorithm>
#include <exception>
#include <utility>

#include <pthread.h>

namespace tallystick::warehouse {

LoadPipeline::LoadPipeline(const journal::Journal& journal,
                           std::unique_ptr<LoadWriter> writer,
                           std::uint32_t log_id,
                           std::uint64_t first,
                           const LoadLimits& limits,
                           const base::Clock& clock,
                           LoadCounters& counters,
                           Between between)
    : journal_(journal),
      writer_(std::move(writer)),
      limits_(limits),
      batch_rows_(std::max<std::size_t>(limits.batch_rows / 8, 1)),
      clock_(clock),
      counters_(counters),
      between_(std::move(between)),
      assembler_(journal, log_id),
      reader_(journal.make_reader(first)),
      loaded_(first) {
  batch_->begin_at(first);
  max_rows_ = max_rows();
  thread_ = std::jthread([this](const std::stop_token& stop) { write_batches(stop); });
}

LoadPipeline::~LoadPipeline() {
  thread_.request_stop();
  changed_.notify_all();
}

base::Result<void> LoadPipeline::check() const {
  if (error_) {
    return std::unexpected(*error_);
  }
  return {};
}

// The last ones are small again: with nothing left to read, nothing is done but writing the last.
std::size_t LoadPipeline::max_rows() const {
  const std::uint64_t end = journal_.size();
  const std::uint64_t left = (end - std::min(end, batch_->first)) / 2;
  const std::uint64_t least = std::max<std::uint64_t>(limits_.batch_rows / 8, 1);
  return std::min<std::size_t>(batch_rows_, std::max(left, least));
}

bool LoadPipeline::is_full() const {
  return batch_->rows() >= max_rows_ || batch_->days.days().size() >= kMaxBatchDays ||
         batch_->bytes() >= kMaxBatchBytes || !batch_->impressions.has_room_for(kRecordsPerStep);
}

base::Result<bool> LoadPipeline::step(std::uint64_t end, std::int64_t wait_us) {
  journal::Record record;
  std::size_t count = 0;
  bool is_level = false;
  while (count < kRecordsPerStep && reader_->position() < end) {
    TALLY_ASSIGN(const bool is_there, reader_->next(record, count == 0 ? wait_us : 0));
    if (!is_there) {
      is_level = true;
      break;
    }
    const bool was_empty = batch_->is_empty() && !assembler_.is_waiting();
    TALLY_TRY(assembler_.take(record, *batch_));
    ++count;
    if (was_empty) {
      batch_since_us_ = clock_.monotonic_us();
    }
    if (batch_->rows() >= max_rows_ || batch_->days.days().size() >= kMaxBatchDays) {
      break;
    }
  }
  TALLY_TRY(hand_over_when_due(is_level));
  return count > 0;
}

base::Result<void> LoadPipeline::hand_over_when_due(bool is_level) {
  if (is_full()) {
    was_full_ = true;
    give_back_at_us_ = clock_.monotonic_us() + kKeepMemoryUs;
    return hand_over();
  }
  const std::int64_t now_us = clock_.monotonic_us();
  {
    std::unique_lock lock(mutex_);
    TALLY_TRY(check());
    if (!is_idle()) {
      return {};
    }
    if (now_us >= give_back_at_us_) {
      give_back_memory();
    }
    // With nothing left to read there is nothing to wait for, unless the last batch has only just been made of as
    // little.
    const std::int64_t since_us = is_level ? std::min(batch_since_us_, handed_over_us_) : batch_since_us_;
    const bool is_due = now_us - since_us >= limits_.flush_interval_us || (is_level && was_full_);
    if (batch_->is_empty() && !assembler_.is_waiting()) {
      // Nothing of it is for the warehouse: the position moves with the next batch that has something.
      counters_.records += batch_->end - batch_->first;
      counters_.skipped += batch_->skipped_records;
      batch_->begin_at(batch_->end);
      loaded_.store(batch_->end, std::memory_order_release);
    } else if (is_due) {
      lock.unlock();
      was_full_ = false;
      return hand_over();
    }
    if (now_us < next_between_us_ || !between_) {
      return {};
    }
    next_between_us_ = now_us + kBetweenIntervalUs;
    is_between_due_ = true;
  }
  changed_.notify_all();
  return {};
}

base::Result<void> LoadPipeline::hand_over() {
  TALLY_TRY(assembler_.finish(*batch_));
  std::unique_lock lock(mutex_);
  if (!is_taken_ && !error_) {  // whoever has to wait does this, instead of the writer
    lock.unlock();
    batch_->impressions.set_order(order_.make_of(batch_->impressions));
    lock.lock();
  }
  changed_.wait(lock, [this] { return is_taken_ || error_; });
  TALLY_TRY(check());
  const std::uint64_t next = batch_->end;
  waiting_ = std::move(batch_);
  is_taken_ = false;
  batch_ = spares_.empty() ? std::make_unique<LoadBatch>() : std::move(spares_.back());
  if (!spares_.empty()) {
    spares_.pop_back();
  }
  if (!spare_impressions_.empty()) {
    batch_->impressions = std::move(spare_impressions_.back());
    spare_impressions_.pop_back();
  }
  lock.unlock();
  changed_.notify_all();
  batch_->begin_at(next);
  batch_rows_ = std::min(batch_rows_ * 2, limits_.batch_rows);
  max_rows_ = max_rows();
  handed_over_us_ = clock_.monotonic_us();
  return {};
}

base::Result<void> LoadPipeline::drain() {
  if (!batch_->is_empty() || assembler_.is_waiting()) {
    TALLY_TRY(hand_over());
  }
  std::unique_lock lock(mutex_);
  changed_.wait(lock, [this] { return is_idle() || error_; });
  TALLY_TRY(check());
  loaded_.store(batch_->end, std::memory_order_release);
  return {};
}

void LoadPipeline::give_back_memory() {
  spares_.clear();
  spare_impressions_.clear();
  order_ = {};
  writer_->give_back_memory();
  if (batch_->impressions.empty()) {
    batch_->impressions = make_impression_block();
  } else {
    is_last_large_ = true;
  }
  give_back_at_us_ = INT64_MAX;
}

std::size_t LoadPipeline::kept_rows() {
  const std::lock_guard lock(mutex_);
  std::size_t rows = batch_->impressions.capacity();
  for (const Block& block : spare_impressions_) {
    rows += block.capacity();
  }
  return rows;
}

void LoadPipeline::write_batches(const std::stop_token& stop) {
  pthread_setname_np(pthread_self(), "warehouse write");
  std::unique_lock lock(mutex_);
  while (changed_.wait(lock, stop, [this] { return waiting_ || is_between_due_; }) && !stop.stop_requested()) {
    std::unique_ptr<LoadBatch> batch = std::move(waiting_);
    is_between_due_ = false;
    is_busy_ = true;
    lock.unlock();
    changed_.notify_all();
    auto done = work(batch.get());
    lock.lock();
    if (!done) {
      error_ = std::move(done).error();
    }
    if (batch) {
      spares_.push_back(std::move(batch));
    }
    is_busy_ = false;
    changed_.notify_all();
    if (error_) {
      return;
    }
  }
}

base::Result<void> LoadPipeline::work(LoadBatch* batch) {
  try {
    if (batch != nullptr) {
      TALLY_TRY(write(*batch));
      counters_.records += batch->end - batch->first;
      counters_.skipped += batch->skipped_records;
      ++counters_.batches;
      loaded_.store(batch->end, std::memory_order_release);
    }
    if (between_) {
      between_(*writer_, loaded());
    }
  } catch (const std::exception& exception) {
    return base::fail(base::ErrorKind::kInternal, "exception", exception.what());
  }
  return {};
}

base::Result<void> LoadPipeline::write(LoadBatch& batch) {
  bool is_taken = false;
  const auto done = writer_->write(batch, [&] {
    take_back(batch);
    is_taken = true;
  });
  if (done && !is_taken) {
    take_back(batch);
  }
  return done;
}

void LoadPipeline::take_back(LoadBatch& batch) {
  {
    const std::lock_guard lock(mutex_);
    Block impressions = std::exchange(batch.impressions, make_impression_block());
    if (!std::exchange(is_last_large_, false)) {
      spare_impressions_.push_back(std::move(impressions));
    }
    is_taken_ = true;
  }
  changed_.notify_all();
}

}  // namespace tallystick::warehouse
