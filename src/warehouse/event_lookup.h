#pragma once
// Finds the events that revisions and forwardings are about: reads them from the journal by sequence number. Cheap when
// asked in ascending order: near ones are read on the way, far ones cost a new reader. One thread.

#include <cstdint>
#include <memory>
#include <optional>

#include "base/error.h"
#include "journal/journal.h"
#include "warehouse/event_dimensions.h"

namespace tallystick::warehouse {

class EventLookup {
 public:
  // `journal` must outlive it.
  explicit EventLookup(const journal::Journal& journal) : journal_(journal) {}

  struct Found {
    journal::RecordKind kind = journal::RecordKind::kImpression;
    EventDimensions event;
  };
  // Nothing when the record was dropped by retention or is no event.
  [[nodiscard]] base::Result<std::optional<Found>> load(std::uint64_t sequence);

 private:
  static constexpr std::uint64_t kMaxReadOn = 2'000;  // records passed over before a new reader is cheaper

  const journal::Journal& journal_;
  std::unique_ptr<journal::Reader> reader_;
};

}  // namespace tallystick::warehouse
