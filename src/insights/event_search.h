#pragma once
// Finds the newest events in the warehouse, one small statement per kind and window of time, and what is known about
// them elsewhere: their last revisions and the slugs of whom they name. One report, one thread.

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/error.h"
#include "base/time.h"
#include "insights/events_report.h"
#include "insights/period.h"
#include "insights/reader.h"
#include "warehouse/parameters.h"
#include "warehouse/rows.h"

namespace tallystick::insights {

// A row of one of the answers.
struct FoundEvent {
  EventPosition position;
  std::size_t answer = 0;
  std::size_t row = 0;
};

class EventSearch {
 public:
  // `conditions` are about the ids in {placement}, {partner} and {merchant}, whose values `parameters` hold.
  EventSearch(const Reader& reader,
              const EventFilter& filter,
              std::string_view conditions,
              warehouse::Parameters parameters);

  // Adds the newest events that were received in the window, newest first, until there are `most` of them.
  [[nodiscard]] base::Result<void> look_in(const Range& window, std::size_t most);

  [[nodiscard]] const std::vector<FoundEvent>& found() const { return found_; }
  // Columns: kind, event_id, received_at, occurred_at, placement_id, merchant_id, partner_id, link_id (nil: none),
  // state, agent, country_code, currency_code, commission, basis, consent_analytics, consent_marketing, class, reasons,
  // score, rules, user_mask, session_mask, log_id, sequence.
  [[nodiscard]] const warehouse::Rows& answer_of(const FoundEvent& event) const { return answers_[event.answer]; }

 private:
  const Reader& reader_;
  std::vector<std::string> statements_;
  warehouse::Parameters parameters_;
  std::vector<warehouse::Rows> answers_;
  std::vector<FoundEvent> found_;
};

// The last revision of each of these events that has one: log_id, revised, class, reasons, score, rules, detector.
struct LastRevisions {
  warehouse::Rows rows;
  std::map<std::pair<std::int64_t, std::uint64_t>, std::size_t> row_of;  // of (log_id, sequence)
};
// Slugs by id.
using Slugs = std::map<std::string, std::string, std::less<>>;

struct EventContext {
  LastRevisions revisions;
  Slugs slugs;
};
[[nodiscard]] base::Result<EventContext> load_context(const Reader& reader, const EventSearch& search);

}  // namespace tallystick::insights
