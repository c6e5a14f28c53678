#pragma once
// Turns records into batches: events into rows, with the slots that their session saw filled; revisions and forwardings
// into rows with the dimensions of the event they are about; erasures into changes. What it remembers of earlier
// records it learns again after a restart. One thread.

#include <cstdint>
#include <vector>

#include "base/error.h"
#include "base/time.h"
#include "journal/journal.h"
#include "warehouse/event_lookup.h"
#include "warehouse/load_batch.h"
#include "warehouse/recent_clicks.h"
#include "warehouse/slot_tracker.h"

namespace tallystick::warehouse {

class BatchAssembler {
 public:
  // `journal` must outlive it. `log_id` stands in every row.
  BatchAssembler(const journal::Journal& journal, std::uint32_t log_id)
      : journal_(journal), log_id_(log_id), lookup_(journal) {}

  // Before the first record of a log that is loaded up to `first`: reads again what later slots depend on, which is the
  // day before, kMaxWarmRecords at most.
  [[nodiscard]] base::Result<void> warm_up(std::uint64_t first);

  // A record that cannot be read, or is about an event that the journal has dropped, is counted as skipped. Error:
  // the journal cannot be read.
  [[nodiscard]] base::Result<void> take(const journal::Record& record, LoadBatch& batch);
  // Something of the records taken is not in the batch yet: finish() puts it there.
  [[nodiscard]] bool is_waiting() const { return !waiting_forwardings_.empty() || !waiting_revisions_.empty(); }
  // After the batch's last record.
  [[nodiscard]] base::Result<void> finish(LoadBatch& batch);

 private:
  static constexpr std::uint64_t kMaxWarmRecords = 20'000'000;
  static constexpr std::size_t kMaxWaiting = 1'000;
  static constexpr std::size_t kMaxWaitingSlots = 16;  // by then the first has been fetched

  // Forwardings of clicks that are not remembered: looked up together, in the order of the log.
  struct WaitingForwarding {
    std::uint64_t click_sequence = 0;
    journal::ForwardingState state = {};
    RowHead head;
  };

  struct WaitingSlots {
    std::size_t row = 0;
    SlotTracker::Keys keys;
  };

  [[nodiscard]] RowHead head_of(const journal::Record& record) const;
  [[nodiscard]] bool take_impression(const journal::Record& record, LoadBatch& batch);
  void take_slots(LoadBatch& batch);
  [[nodiscard]] bool take_click(const journal::Record& record, LoadBatch& batch);
  [[nodiscard]] bool take_conversion(const journal::Record& record, LoadBatch& batch);
  [[nodiscard]] bool take_forwarding(const journal::Record& record, LoadBatch& batch);
  [[nodiscard]] bool take_revision(const journal::Record& record);
  [[nodiscard]] bool take_erasure(const journal::Record& record, LoadBatch& batch);
  void add_forwarding(const RowHead& head,
                      std::uint64_t click_sequence,
                      journal::ForwardingState state,
                      const EventDimensions& click,
                      LoadBatch& batch);
  [[nodiscard]] base::Result<void> resolve_waiting(LoadBatch& batch);

  const journal::Journal& journal_;
  std::uint32_t log_id_;
  EventLookup lookup_;
  SlotTracker slots_;
  RecentClicks clicks_;
  std::vector<WaitingSlots> waiting_slots_;
  std::vector<WaitingForwarding> waiting_forwardings_;
  std::vector<RevisionRow> waiting_revisions_;
  std::vector<std::uint64_t> sequences_;
};

}  // namespace tallystick::warehouse
