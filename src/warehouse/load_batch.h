#pragma once
// What a stretch of the log becomes in the warehouse: a block per table, and the changes to rows that are there
// already. Filled by BatchAssembler, written by LoadWriter, used again. One thread at a time.

#include <cstdint>
#include <vector>

#include "base/time.h"
#include "warehouse/block.h"
#include "warehouse/day_set.h"
#include "warehouse/event_columns.h"

namespace tallystick::warehouse {

struct LoadBatch {
  std::uint64_t first = 0;  // records [first, end) of the log
  std::uint64_t end = 0;

  Block impressions = make_impression_block();
  Block clicks = make_click_block();
  Block conversions = make_conversion_block();
  Block forwardings = make_forwarding_block();
  std::vector<RevisionRow> revisions;  // become rows when their old class is known

  std::vector<std::uint64_t> erased_sequences;  // whose personal fields are gone
  std::uint64_t erased_below = 0;               // by retention; 0: none

  DaySet days;               // that any row counts for
  base::Timestamp frontier;  // the latest time of receipt
  std::uint64_t skipped_records = 0;

  [[nodiscard]] std::size_t rows() const {
    return impressions.rows() + clicks.rows() + conversions.rows() + forwardings.rows() + revisions.size();
  }
  [[nodiscard]] std::size_t bytes() const {
    return impressions.bytes() + clicks.bytes() + conversions.bytes() + forwardings.bytes();
  }
  // Nothing to write but the position.
  [[nodiscard]] bool is_empty() const { return rows() == 0 && erased_sequences.empty() && erased_below == 0; }

  void begin_at(std::uint64_t sequence) {
    first = sequence;
    end = sequence;
    for (Block* block : {&impressions, &clicks, &conversions, &forwardings}) {
      block->clear();
    }
    revisions.clear();
    erased_sequences.clear();
    erased_below = 0;
    days.clear();
    frontier = {};
    skipped_records = 0;
  }
};

}  // namespace tallystick::warehouse
