#pragma once
// Batches of impressions, each of a person of its own.

#include <cstdint>

#include "base/time.h"
#include "warehouse/load_batch.h"

namespace tallystick::warehouse {

// Records [first, first + count) of the log, all of one time.
[[nodiscard]] inline LoadBatch make_person_batch(std::uint32_t log_id,
                                                 std::uint64_t first,
                                                 std::uint64_t count,
                                                 base::Timestamp time) {
  LoadBatch batch;
  batch.begin_at(first);
  for (std::uint64_t sequence = first; sequence < first + count; ++sequence) {
    journal::Impression event;
    event.occurred_at = time;
    append_impression(batch.impressions,
                      {.log_id = log_id, .sequence = sequence, .event_id = {}, .received_at = time},
                      event,
                      {.user = sequence + 1, .session = sequence + 1});
  }
  batch.days.add(time);
  batch.end = first + count;
  return batch;
}

}  // namespace tallystick::warehouse
