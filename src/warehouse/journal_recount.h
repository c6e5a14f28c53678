#pragma once
// Counts the events of the journal without the loader: plainly, record by record, for comparison with what the
// warehouse says after it was rebuilt (I8). One thread.

#include <array>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/error.h"
#include "base/time.h"
#include "journal/journal.h"

namespace tallystick::warehouse {

// "impressions/valid", "clicks/givt", "conversions/sivt", "verdict_revisions", "forwardings/forwarded", ...: rows; and
// events counted by the aggregates "exposure_hourly", "placement_hourly", "placement_daily", "click_hourly". A name
// whose count is 0 is left out.
using RowCounts = std::map<std::string, std::uint64_t>;

class JournalRecount {
 public:
  // Left out: events that occurred before `since`, and revisions and forwardings that
  // were received before it, as the warehouse's retention may have dropped them; and what is said of events that the
  // journal itself has dropped. `journal` must outlive it.
  JournalRecount(const journal::Journal& journal, base::Timestamp since);

  // Counts up to `max_records` more of those before `end`; false when all were counted.
  [[nodiscard]] base::Result<bool> step(std::uint64_t end, std::size_t max_records);
  [[nodiscard]] std::uint64_t position() const { return reader_->position(); }
  [[nodiscard]] RowCounts counts() const;

 private:
  void take(const journal::Record& record);
  void take_event(std::size_t table, base::Timestamp occurred_at, journal::VerdictClass verdict_class);

  std::unique_ptr<journal::Reader> reader_;
  std::optional<std::uint64_t> first_;  // the oldest record that the journal kept
  base::Timestamp since_;
  std::array<std::array<std::uint64_t, 4>, 3> events_{};  // by table and verdict class
  std::array<std::uint64_t, 2> forwardings_{};
  std::uint64_t revisions_ = 0;
  std::vector<std::uint64_t> sequences_;
};

}  // namespace tallystick::warehouse
