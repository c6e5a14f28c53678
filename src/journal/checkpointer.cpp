#include "journal/checkpointer.h"

#include <chrono>

#include "journal/checkpoint.h"

namespace tallystick::journal {
namespace {

// A missed wake-up (the log grew between two looks at it) costs at most this.
constexpr std::chrono::milliseconds kIdleLook{500};

}  // namespace

Checkpointer::Checkpointer(const Options& options,
                           const crypto::Ed25519Key& key,
                           FileSystem& files,
                           Tail& tail,
                           Tree& tree,
                           std::string latest,
                           std::uint64_t latest_size)
    : options_(options),
      layout_{options.directory},
      key_(key),
      files_(files),
      tail_(tail),
      tree_(tree),
      latest_(std::move(latest)),
      latest_size_(latest_size),
      thread_([this] { run(); }) {}

Checkpointer::~Checkpointer() {
  stop();
}

void Checkpointer::stop() {
  {
    const std::lock_guard lock(mutex_);
    is_stopping_ = true;
  }
  wake_.notify_all();
  if (thread_.joinable()) {
    thread_.join();
  }
}

void Checkpointer::add_sealed(std::uint64_t first_sequence, std::shared_ptr<GrowingIndex> index) {
  {
    const std::lock_guard lock(mutex_);
    sealed_.emplace_back(first_sequence, std::move(index));
  }
  wake_.notify_one();
}

std::pair<std::string, std::uint64_t> Checkpointer::latest() const {
  const std::lock_guard lock(mutex_);
  return {latest_, latest_size_};
}

base::Result<std::string> Checkpointer::make() {
  const std::lock_guard making(making_);
  const std::uint64_t size = tail_.size();
  if (auto [note, covered] = latest(); covered == size && !note.empty()) {
    return note;
  }
  {
    const std::lock_guard writing(tree_.writing);
    TALLY_TRY(tree_.tiles->flush());
  }
  std::string note = make_checkpoint_note(options_.origin, size, tree_.tiles->root(size), key_);
  TALLY_TRY(save_text(files_, layout_.checkpoint(), note));
  const std::lock_guard lock(mutex_);
  latest_ = note;
  latest_size_ = size;
  return note;
}

void Checkpointer::run() {
  std::unique_lock lock(mutex_);
  for (;;) {
    is_idle_ = true;
    wake_.wait_for(lock, kIdleLook, [this] { return is_stopping_ || !sealed_.empty() || tail_.size() > latest_size_; });
    is_idle_ = false;
    const bool is_stopping = is_stopping_;
    if (!is_stopping && tail_.size() > latest_size_) {
      wake_.wait_for(lock, std::chrono::microseconds(options_.checkpoint_interval_us), [this] { return is_stopping_; });
    }
    Sealed sealed;
    sealed.swap(sealed_);
    const bool has_grown = tail_.size() > latest_size_;
    lock.unlock();
    if (has_grown) {
      (void)make();  // a full disk: tried again at the next interval
    }
    save_indexes(sealed);
    lock.lock();
    if (is_stopping && sealed_.empty()) {
      return;
    }
  }
}

// When it fails the index stays in memory, and is rebuilt when the journal is opened anew.
void Checkpointer::save_indexes(const Sealed& sealed) {
  for (const auto& [first, index] : sealed) {
    const auto path = layout_.indexes() / index_name(first);
    if (!index->save(files_, path)) {
      continue;
    }
    if (auto mapped = open_index(path, first)) {
      tail_.set_index(first, *std::move(mapped));
    }
  }
}

}  // namespace tallystick::journal
