#pragma once
// Records of the journal as rows of the warehouse: which field goes into which column. Pure; nothing is allocated per
// row but what a block's columns grow by.

#include <cstdint>
#include <string>
#include <string_view>

#include "base/error.h"
#include "base/time.h"
#include "base/uuid.h"
#include "journal/event.h"
#include "journal/record.h"
#include "warehouse/block.h"
#include "warehouse/event_dimensions.h"

namespace tallystick::warehouse {

[[nodiscard]] Block make_impression_block();
[[nodiscard]] Block make_click_block();
[[nodiscard]] Block make_conversion_block();
[[nodiscard]] Block make_revision_block();
[[nodiscard]] Block make_forwarding_block();

// What every row begins with.
struct RowHead {
  std::uint32_t log_id = 0;
  std::uint64_t sequence = 0;
  base::Uuid event_id;
  base::Timestamp received_at;
};

// The first 8 bytes, big-endian, of the journal's pseudonyms; 0: absent. Address and user agent stay in the journal.
struct Pseudonyms {
  std::uint64_t user = 0;
  std::uint64_t session = 0;
};
[[nodiscard]] Pseudonyms pseudonyms_of(const journal::Personal& personal);
// Of the record's personal part; none when there is none, or it was erased.
[[nodiscard]] base::Result<Pseudonyms> pseudonyms_of(const journal::Record& record);

// Within the years that ClickHouse's Date and DateTime hold: 1970 to 2099.
[[nodiscard]] base::Timestamp storable(base::Timestamp time);

// The row says that no slot was filled; set_slots_filled() says how many were.
void append_impression(Block& block, const RowHead& head, const journal::Impression& event, const Pseudonyms& who);
void set_slots_filled(Block& block, std::size_t row, std::uint16_t slots_filled);
void append_click(Block& block, const RowHead& head, const journal::Click& event, const Pseudonyms& who);
void append_conversion(Block& block, const RowHead& head, const journal::Conversion& event, const Pseudonyms& who);

// One conversion is all status events of one key: the first 16 bytes of SHA-256 over source, order id and type, and,
// when it names no order, the network's transaction id, with zero bytes between; or the event's own id when it names
// neither.
[[nodiscard]] base::Uuid conversion_key_of(const journal::Conversion& event, const base::Uuid& event_id);

// A revision that waits for its old class.
struct RevisionRow {
  RowHead head;
  std::uint64_t revised_sequence = 0;
  base::Uuid event_id;  // of the event judged anew
  journal::RecordKind event_kind = journal::RecordKind::kClick;
  std::string detector;
  journal::Verdict verdict;
  EventDimensions event;
};
void append_revision(Block& block, const RevisionRow& row, journal::VerdictClass old_class);

void append_forwarding(Block& block,
                       const RowHead& head,
                       std::uint64_t click_sequence,
                       journal::ForwardingState state,
                       const EventDimensions& click);

}  // namespace tallystick::warehouse
