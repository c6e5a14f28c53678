#include "journal/journal.h"

#include <algorithm>
#include <cerrno>
#include <condition_variable>
#include <utility>

#include <fcntl.h>
#include <sys/file.h>
#include <system_error>
#include <unistd.h>

#include "base/file.h"
#include "journal/checkpoint.h"
#include "journal/codec.h"
#include "journal/journal_state.h"
#include "journal/proof.h"
#include "journal/reader.h"
#include "journal/receipt.h"

namespace tallystick::journal {
namespace {

// Waits for one batch.
class Waiter final : public BatchOwner {
 public:
  void on_batch_done(std::unique_ptr<Batch> batch) override {
    // Notified under the lock: the waiter may be gone as soon as it is released.
    const std::lock_guard lock(mutex_);
    batch_ = std::move(batch);
    done_.notify_one();
  }

  std::unique_ptr<Batch> wait() {
    std::unique_lock lock(mutex_);
    done_.wait(lock, [this] { return batch_ != nullptr; });
    return std::move(batch_);
  }

 private:
  std::mutex mutex_;
  std::condition_variable done_;
  std::unique_ptr<Batch> batch_;
};

}  // namespace

DirectoryLock::~DirectoryLock() {
  if (descriptor_ >= 0) {
    ::close(descriptor_);
  }
}

base::Result<void> DirectoryLock::take(const std::filesystem::path& path) {
  descriptor_ = ::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
  if (descriptor_ < 0) {
    return base::fail(base::ErrorKind::kUnavailable,
                      "io_error",
                      std::string("Cannot open the journal's lock: ") + std::generic_category().message(errno));
  }
  if (::flock(descriptor_, LOCK_EX | LOCK_NB) != 0) {
    return base::fail(base::ErrorKind::kConflict, "journal_locked", "Another process has the journal open.");
  }
  return {};
}

base::Result<void> Journal::State::start() {
  for (const auto& folder : {options.directory, layout.segments(), layout.indexes(), layout.tree()}) {
    TALLY_TRY(base::make_folder(folder, 0700));
  }
  TALLY_TRY(files->sync_directory(options.directory));
  TALLY_TRY(lock.take(layout.lock()));
  const std::string verifier = format_verifier_key(make_verifier_key(options.origin, key.public_key())) + "\n";
  TALLY_ASSIGN(Recovered recovered, recover(options, clock, *files, key, tail, tree));
  if (const auto known = load_text(*files, layout.verifier_key()); !known || *known != verifier) {
    TALLY_TRY(save_text(*files, layout.verifier_key(), verifier));
  }
  retention = recovered.retention;
  checkpointer = std::make_unique<Checkpointer>(
      options, key, *files, tail, tree, std::move(recovered.checkpoint_note), recovered.checkpoint_size);
  TALLY_TRY(checkpointer->make());
  Writer::Events events;
  events.on_grown = [this] {
    checkpointer->on_grown();
  };
  events.on_sealed = [this](std::uint64_t first, std::shared_ptr<GrowingIndex> index) {
    checkpointer->add_sealed(first, std::move(index));
  };
  writer = std::make_unique<Writer>(options, clock, *files, tail, tree, std::move(recovered.start), std::move(events));
  if (recovered.pending_erasure) {
    TALLY_TRY(carry_out(*recovered.pending_erasure));
  }
  return {};
}

base::Result<std::uint64_t> Journal::State::append(const RecordHeader& header,
                                                   std::string_view fields,
                                                   std::string_view personal) {
  auto batch = std::make_unique<Batch>();
  {
    const std::lock_guard draw(drawing);
    batch->add(header, fields, personal, random);
  }
  Waiter waiter;
  writer->submit(std::move(batch), waiter);
  batch = waiter.wait();
  if (batch->error()) {
    return std::unexpected(*batch->error());
  }
  return batch->sequence(0);
}

base::Result<std::string> Journal::State::entry_of(std::uint64_t sequence) {
  TailReader reader(tail, *files, sequence);
  Record record;
  TALLY_ASSIGN(const bool has_record, reader.next(record, 0));
  if (!has_record) {
    return base::fail(base::ErrorKind::kNotFound, "record_not_found", "The journal has no such record.");
  }
  if (record.sequence != sequence) {
    return base::fail(base::ErrorKind::kGone, "record_dropped", "The record was dropped by retention.");
  }
  return std::string(record.entry);
}

Journal::Journal(std::unique_ptr<State> state) : state_(std::move(state)) {}

Journal::~Journal() {
  state_->writer->stop();
  state_->tail.close();
  state_->checkpointer->stop();
}

base::Result<std::unique_ptr<Journal>> Journal::open(const Options& options,
                                                     const base::Clock& clock,
                                                     base::Random& random,
                                                     const crypto::Ed25519Key& key) {
  return open_on(std::make_unique<SystemFiles>(), options, clock, random, key);
}

base::Result<std::unique_ptr<Journal>> Journal::open_on(std::unique_ptr<FileSystem> files,
                                                        const Options& options,
                                                        const base::Clock& clock,
                                                        base::Random& random,
                                                        const crypto::Ed25519Key& key) {
  auto state = std::make_unique<State>(options, clock, random, key, std::move(files));
  TALLY_TRY(state->start());
  return std::unique_ptr<Journal>(new Journal(std::move(state)));
}

void Journal::submit(std::unique_ptr<Batch> batch, BatchOwner& owner) {
  state_->writer->submit(std::move(batch), owner);
}

base::Result<std::uint64_t> Journal::append(const RecordHeader& header,
                                            std::string_view fields,
                                            std::string_view personal) {
  return state_->append(header, fields, personal);
}

std::uint64_t Journal::size() const {
  return state_->tail.size();
}

Statistics Journal::statistics() const {
  Statistics statistics;
  state_->writer->add_statistics(statistics);
  statistics.records = state_->tail.size();
  statistics.segments = state_->tail.segments().size();
  statistics.checkpoint_size = state_->checkpointer->latest().second;
  return statistics;
}

std::string Journal::checkpoint() const {
  return state_->checkpointer->latest().first;
}

base::Result<std::string> Journal::make_checkpoint() {
  TALLY_TRY(state_->writer->flush());
  return state_->checkpointer->make();
}

base::Result<std::string> Journal::hash_tile(unsigned level, std::uint64_t index, unsigned width) const {
  return state_->tree.tiles->hash_tile(level, index, width, state_->checkpointer->latest().second);
}

// C2SP tlog-tiles, "Log entries": each entry behind its length in two bytes, big-endian.
base::Result<std::string> Journal::entry_tile(std::uint64_t index, unsigned width) const {
  const std::uint64_t size = state_->checkpointer->latest().second;
  if (width == 0 || width > kTileWidth || index > size / kTileWidth || index * kTileWidth + width > size) {
    return base::fail(base::ErrorKind::kNotFound, "tile_not_found", "The log has no such tile.");
  }
  const std::uint64_t first = index * kTileWidth;
  std::string bundle;
  TailReader reader(state_->tail, *state_->files, first);
  Record record;
  for (std::uint64_t sequence = first; sequence < first + width; ++sequence) {
    TALLY_ASSIGN(const bool has_record, reader.next(record, 0));
    if (!has_record || record.sequence != sequence) {
      return base::fail(base::ErrorKind::kGone, "tile_dropped", "The entries of this tile were dropped by retention.");
    }
    bundle.push_back(static_cast<char>(record.entry.size() >> 8));
    bundle.push_back(static_cast<char>(record.entry.size()));
    bundle += record.entry;
  }
  return bundle;
}

std::vector<std::uint64_t> Journal::find(const base::Uuid& event_id) const {
  std::vector<std::uint64_t> sequences;
  if (!event_id.is_nil()) {
    for (const SegmentView& view : state_->tail.segments()) {
      view.index->find(event_id, sequences);
    }
  }
  return sequences;
}

base::Result<std::string> Journal::receipt(const base::Uuid& event_id) {
  std::optional<std::pair<std::uint64_t, std::string>> chosen;
  for (const std::uint64_t sequence : find(event_id)) {
    auto bytes = state_->entry_of(sequence);
    if (!bytes) {
      return std::unexpected(std::move(bytes).error());
    }
    const auto entry = parse_entry(*bytes);
    if (!entry || entry->event_id != event_id) {
      continue;
    }
    if (!chosen || entry->kind == RecordKind::kClick) {  // an impression may share the id of its click
      chosen.emplace(sequence, *std::move(bytes));
    }
    if (entry->kind == RecordKind::kClick) {
      break;
    }
  }
  if (!chosen) {
    return base::fail(base::ErrorKind::kNotFound, "event_not_found", "The journal has no event with this id.");
  }
  auto [note, size] = state_->checkpointer->latest();
  if (size <= chosen->first) {
    TALLY_ASSIGN(note, make_checkpoint());
    TALLY_ASSIGN(const auto checkpoint,
                 open_checkpoint_note(note, make_verifier_key(state_->options.origin, state_->key.public_key())));
    size = checkpoint.size;
  }
  TALLY_ASSIGN(const auto proof, make_inclusion_proof(*state_->tree.tiles, chosen->first, size));
  return make_receipt(chosen->second, chosen->first, proof, note);
}

std::unique_ptr<Reader> Journal::make_reader(std::uint64_t from_sequence) const {
  return std::make_unique<TailReader>(state_->tail, *state_->files, from_sequence);
}

std::uint64_t Journal::skip_without(std::uint64_t from_sequence, RecordKind kind) const {
  return state_->tail.skip_without(from_sequence, kind);
}

}  // namespace tallystick::journal
