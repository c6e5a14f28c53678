#include "warehouse/event_lookup.h"

#include "journal/codec.h"

namespace tallystick::warehouse {
namespace {

// A record that cannot be read is none: the loader counts it where it loads it.
std::optional<EventLookup::Found> found_in(const journal::Record& record) {
  if (record.kind == journal::RecordKind::kImpression) {
    if (const auto event = journal::decode_impression(record.fields)) {
      return EventLookup::Found{record.kind, dimensions_of(*event)};
    }
  } else if (record.kind == journal::RecordKind::kClick) {
    if (const auto event = journal::decode_click(record.fields)) {
      return EventLookup::Found{record.kind, dimensions_of(*event, record.received_at)};
    }
  } else if (record.kind == journal::RecordKind::kConversion) {
    if (const auto event = journal::decode_conversion(record.fields)) {
      return EventLookup::Found{record.kind, dimensions_of(*event)};
    }
  }
  return std::nullopt;
}

}  // namespace

base::Result<std::optional<EventLookup::Found>> EventLookup::load(std::uint64_t sequence) {
  if (!reader_ || sequence < reader_->position() || sequence - reader_->position() > kMaxReadOn) {
    reader_ = journal_.make_reader(sequence);
  }
  journal::Record record;
  do {
    TALLY_ASSIGN(const bool is_there, reader_->next(record, 0));
    if (!is_there) {
      return std::optional<Found>();
    }
  } while (record.sequence < sequence);
  if (record.sequence != sequence) {
    return std::optional<Found>();  // dropped: the reader went on with the oldest that is kept
  }
  return found_in(record);
}

}  // namespace tallystick::warehouse
