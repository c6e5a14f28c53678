// Erasure and retention as the journal does them: announced by a record, carried out, confirmed by a record.
#include <algorithm>
#include <optional>

#include "journal/codec.h"
#include "journal/erasure.h"
#include "journal/journal_state.h"

namespace tallystick::journal {
namespace {

constexpr std::size_t kSequencesPerRecord = 5'000;  // ten bytes each at most: within kMaxEntryBytes

}  // namespace

// The pending file comes first: whatever happens after it, opening the journal does all of this again, and doing it
// twice changes nothing but a record more.
base::Result<Journal::ErasureReport> Journal::State::carry_out(const PendingErasure& erasure) {
  TALLY_TRY(save_pending_erasure(*files, layout, erasure));
  ErasureReport report;
  std::span<const std::uint64_t> left = erasure.sequences;
  std::vector<base::Uuid> ids;
  std::optional<std::uint64_t> first_sequence;
  do {
    const auto chunk = left.first(std::min(left.size(), kSequencesPerRecord));
    left = left.subspan(chunk.size());
    {
      const std::lock_guard draw(drawing);
      ids.push_back(base::make_uuid_v7(clock.now(), random));
    }
    std::string fields;
    encode(Erasure{erasure.cause, chunk, erasure.below_sequence}, fields);
    TALLY_ASSIGN(const std::uint64_t sequence,
                 append({RecordKind::kErasure, DedupeWindow::kNone, ids.back(), clock.now()}, fields, {}));
    first_sequence = first_sequence.value_or(sequence);
  } while (!left.empty());
  TALLY_TRY(writer->flush());  // sync = "interval": announced on disk before anything is zeroed
  report.erasure_sequence = *first_sequence;
  TALLY_ASSIGN(report.records_erased, zero_personal(tail, *files, erasure, retention.erased_below));
  if (erasure.below_sequence > retention.erased_below) {
    RetentionState next = retention;
    next.erased_below = erasure.below_sequence;
    TALLY_TRY(save_retention(*files, layout, next));
    retention = next;
  }
  for (const base::Uuid& id : ids) {
    std::string fields;
    encode(Erasure{erasure.cause, {}, 0}, fields);
    TALLY_TRY(append({RecordKind::kErasureDone, DedupeWindow::kNone, id, clock.now()}, fields, {}));
  }
  TALLY_TRY(writer->flush());
  TALLY_TRY(files->remove(layout.pending_erasure()));
  TALLY_TRY(files->sync_directory(options.directory));
  return report;
}

base::Result<Journal::ErasureReport> Journal::erase_user(const crypto::Digest& user) {
  const std::lock_guard administering(state_->administering);
  TALLY_TRY(state_->writer->flush());
  TALLY_ASSIGN(auto targets, find_user_records(state_->tail, *state_->files, user));
  ErasureReport report;
  if (targets.sequences.empty()) {
    // Also journaled: that the person's erasure was asked for and carried out can be shown.
    TALLY_ASSIGN(report, state_->carry_out({ErasureCause::kPerson, {}, 0}));
  } else {
    TALLY_ASSIGN(report, state_->carry_out({ErasureCause::kPerson, std::move(targets.sequences), 0}));
  }
  report.records_scanned = targets.records_scanned;
  return report;
}

base::Result<Journal::ErasureReport> Journal::erase_before(base::Timestamp before) {
  const std::lock_guard administering(state_->administering);
  TALLY_TRY(state_->writer->flush());
  const std::uint64_t from = state_->retention.erased_below;
  TALLY_ASSIGN(const std::uint64_t below, find_first_not_before(state_->tail, *state_->files, from, before));
  ErasureReport report;
  if (below > from) {
    TALLY_ASSIGN(report, state_->carry_out({ErasureCause::kRetention, {}, below}));
    report.records_scanned = below - std::max(from, state_->tail.first());
  }
  return report;
}

base::Result<std::uint64_t> Journal::drop_segments_before(base::Timestamp before) {
  const std::lock_guard administering(state_->administering);
  TALLY_TRY(state_->writer->flush());
  std::uint64_t kept = state_->tail.first();
  for (const SegmentView& view : state_->tail.segments()) {
    if (!view.is_sealed || view.last_received >= before) {
      break;
    }
    kept = view.end;
  }
  if (kept == state_->tail.first()) {
    return 0;
  }
  // The tiles will be all that is left of these records: they are on the disk, and so is a checkpoint that proves them,
  // before anything is dropped.
  TALLY_TRY(state_->checkpointer->make());
  TALLY_TRY(state_->tree.tiles->sync());
  TALLY_TRY(state_->carry_out({ErasureCause::kRetention, {}, kept}));
  RetentionState next = state_->retention;
  next.dropped_below = kept;
  TALLY_TRY(save_retention(*state_->files, state_->layout, next));
  state_->retention = next;
  const auto dropped = state_->tail.drop_before(kept);
  for (const std::uint64_t first : dropped) {
    TALLY_TRY(state_->files->remove(state_->tail.path_of(first)));
    TALLY_TRY(state_->files->remove(state_->layout.indexes() / index_name(first)));
  }
  TALLY_TRY(state_->files->sync_directory(state_->layout.segments()));
  return dropped.size();
}

}  // namespace tallystick::journal
