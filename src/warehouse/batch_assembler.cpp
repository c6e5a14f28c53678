#include "warehouse/batch_assembler.h"

#include <algorithm>
#include <array>
#include <iterator>
#include <tuple>
#include <utility>

#include "journal/codec.h"

namespace tallystick::warehouse {
namespace {

// An impression is received this long after it occurred at most, unless it was replayed.
constexpr std::int64_t kLatenessUs = 15 * base::kMicrosPerMinute;

// Times of receipt ascend, but for events that were refused first and replayed later under their first time. The latest
// of a few hundred records is the time when they were written.
constexpr std::size_t kRecordsForTime = 600;

base::Result<base::Timestamp> written_at(const journal::Journal& journal, std::uint64_t sequence) {
  const auto reader = journal.make_reader(sequence);
  base::Timestamp latest{};
  journal::Record record;
  for (std::size_t i = 0; i < kRecordsForTime; ++i) {
    TALLY_ASSIGN(const bool is_there, reader->next(record, 0));
    if (!is_there) {
      break;
    }
    latest = std::max(latest, record.received_at);
  }
  return latest;
}

// By bisection: about the first record that was written at or after `since`, never far behind it.
base::Result<std::uint64_t> find_written_since(const journal::Journal& journal,
                                               std::uint64_t end,
                                               base::Timestamp since) {
  std::uint64_t low = 0;
  std::uint64_t high = end;
  while (low < high) {
    const std::uint64_t middle = low + (high - low) / 2;
    TALLY_ASSIGN(const base::Timestamp written, written_at(journal, middle));
    if (written < since) {
      low = middle + 1;
    } else {
      high = middle;
    }
  }
  return low;
}

}  // namespace

base::Result<void> BatchAssembler::warm_up(std::uint64_t first) {
  slots_.clear();
  if (first == 0) {
    return {};
  }
  TALLY_ASSIGN(const base::Timestamp now, written_at(journal_, first - 1));
  const base::Timestamp day_begins{day_of(now - kLatenessUs) * base::kMicrosPerDay};
  TALLY_ASSIGN(std::uint64_t from, find_written_since(journal_, first, day_begins));
  from = std::max(from, first - std::min(first, kMaxWarmRecords));
  const auto reader = journal_.make_reader(from);
  journal::Record record;
  while (reader->position() < first) {
    TALLY_ASSIGN(const bool is_there, reader->next(record, 0));
    if (!is_there || record.sequence >= first) {
      break;
    }
    if (record.kind == journal::RecordKind::kImpression && !record.personal.empty()) {
      const auto event = journal::decode_impression(record.fields);
      const auto who = pseudonyms_of(record);
      if (event && who) {
        (void)slots_.take(who->session, event->placement_id, event->merchant_id, day_of(event->occurred_at));
      }
    }
  }
  return {};
}

RowHead BatchAssembler::head_of(const journal::Record& record) const {
  return {log_id_, record.sequence, record.event_id, record.received_at};
}

base::Result<void> BatchAssembler::take(const journal::Record& record, LoadBatch& batch) {
  bool is_good = true;
  switch (record.kind) {
    case journal::RecordKind::kImpression:
      is_good = take_impression(record, batch);
      break;
    case journal::RecordKind::kClick:
      is_good = take_click(record, batch);
      break;
    case journal::RecordKind::kConversion:
      is_good = take_conversion(record, batch);
      break;
    case journal::RecordKind::kForwarding:
      is_good = take_forwarding(record, batch);
      break;
    case journal::RecordKind::kVerdictRevision:
      is_good = take_revision(record);
      break;
    case journal::RecordKind::kErasure:
      is_good = take_erasure(record, batch);
      break;
    default:
      break;  // what is administered is reported from the records database
  }
  batch.end = record.sequence + 1;
  batch.frontier = std::max(batch.frontier, record.received_at);
  batch.skipped_records += is_good ? 0U : 1U;
  if (waiting_forwardings_.size() + waiting_revisions_.size() >= kMaxWaiting) {
    return resolve_waiting(batch);
  }
  return {};
}

base::Result<void> BatchAssembler::finish(LoadBatch& batch) {
  take_slots(batch);
  TALLY_TRY(resolve_waiting(batch));
  // Lookups are made in the order of the events; what a revision replaces depends on the order of the revisions.
  std::ranges::sort(batch.revisions, {}, [](const RevisionRow& row) { return row.head.sequence; });
  return {};
}

bool BatchAssembler::take_impression(const journal::Record& record, LoadBatch& batch) {
  const auto event = journal::decode_impression(record.fields);
  const auto who = pseudonyms_of(record);
  if (!event || !who) {
    return false;
  }
  waiting_slots_.push_back(
      {batch.impressions.rows(),
       slots_.make_keys(who->session, event->placement_id, event->merchant_id, day_of(event->occurred_at))});
  append_impression(batch.impressions, head_of(record), *event, *who);
  if (waiting_slots_.size() >= kMaxWaitingSlots) {
    take_slots(batch);
  }
  batch.days.add(storable(event->occurred_at));
  return true;
}

void BatchAssembler::take_slots(LoadBatch& batch) {
  for (const auto& [row, keys] : waiting_slots_) {
    set_slots_filled(batch.impressions, row, slots_.take(keys));
  }
  waiting_slots_.clear();
}

bool BatchAssembler::take_click(const journal::Record& record, LoadBatch& batch) {
  const auto event = journal::decode_click(record.fields);
  const auto who = pseudonyms_of(record);
  if (!event || !who) {
    return false;
  }
  append_click(batch.clicks, head_of(record), *event, *who);
  clicks_.remember(record.sequence, dimensions_of(*event, record.received_at));
  batch.days.add(storable(record.received_at));
  return true;
}

bool BatchAssembler::take_conversion(const journal::Record& record, LoadBatch& batch) {
  const auto event = journal::decode_conversion(record.fields);
  const auto who = pseudonyms_of(record);
  if (!event || !who) {
    return false;
  }
  append_conversion(batch.conversions, head_of(record), *event, *who);
  batch.days.add(storable(event->occurred_at));
  return true;
}

// Capture names a click in one forwarding record at most: only the request that made the record reports whether its
// answer was handed over; a repeated click is redirected without one. So no click is counted twice here.
bool BatchAssembler::take_forwarding(const journal::Record& record, LoadBatch& batch) {
  const auto event = journal::decode_forwarding(record.fields, sequences_);
  if (!event) {
    return false;
  }
  const RowHead head = head_of(record);
  for (const std::uint64_t sequence : sequences_) {
    if (const EventDimensions* click = clicks_.find(sequence)) {
      add_forwarding(head, sequence, event->state, *click, batch);
    } else {
      waiting_forwardings_.push_back({sequence, event->state, head});
    }
  }
  return true;
}

void BatchAssembler::add_forwarding(const RowHead& head,
                                    std::uint64_t click_sequence,
                                    journal::ForwardingState state,
                                    const EventDimensions& click,
                                    LoadBatch& batch) {
  append_forwarding(batch.forwardings, head, click_sequence, state, click);
  batch.days.add(storable(click.occurred_at));
}

bool BatchAssembler::take_revision(const journal::Record& record) {
  const auto event = journal::decode_verdict_revision(record.fields);
  if (!event) {
    return false;
  }
  RevisionRow row;
  row.head = head_of(record);
  row.revised_sequence = event->sequence;
  row.event_id = event->event_id;
  row.detector = event->detector;
  row.verdict = event->verdict;
  waiting_revisions_.push_back(std::move(row));
  return true;
}

bool BatchAssembler::take_erasure(const journal::Record& record, LoadBatch& batch) {
  const auto event = journal::decode_erasure(record.fields, sequences_);
  if (!event) {
    return false;
  }
  batch.erased_sequences.insert(batch.erased_sequences.end(), sequences_.begin(), sequences_.end());
  batch.erased_below = std::max(batch.erased_below, event->below_sequence);
  return true;
}

base::Result<void> BatchAssembler::resolve_waiting(LoadBatch& batch) {
  std::ranges::stable_sort(waiting_forwardings_, {}, &WaitingForwarding::click_sequence);
  for (const WaitingForwarding& waiting : waiting_forwardings_) {
    TALLY_ASSIGN(const auto found, lookup_.load(waiting.click_sequence));
    if (found && found->kind == journal::RecordKind::kClick) {
      add_forwarding(waiting.head, waiting.click_sequence, waiting.state, found->event, batch);
    } else {
      ++batch.skipped_records;
    }
  }
  waiting_forwardings_.clear();
  std::ranges::stable_sort(waiting_revisions_, {}, &RevisionRow::revised_sequence);
  for (RevisionRow& waiting : waiting_revisions_) {
    TALLY_ASSIGN(const auto found, lookup_.load(waiting.revised_sequence));
    if (found) {
      waiting.event_kind = found->kind;
      waiting.event = found->event;
      batch.days.add(storable(found->event.occurred_at));
      batch.revisions.push_back(std::move(waiting));
    } else {
      ++batch.skipped_records;
    }
  }
  waiting_revisions_.clear();
  return {};
}

}  // namespace tallystick::warehouse
