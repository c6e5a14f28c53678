#pragma once
// The newest events of all kinds, each with its verdict as revised, the reasons, and what its consent rests on.
// Personal fields are masked: of a pseudonym the first four digits, which tell two people apart on a page and nothing
// else.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "base/time.h"
#include "insights/reader.h"
#include "insights/report_table.h"

namespace tallystick::insights {

// Where a page ended: the next one begins behind it.
struct EventPosition {
  base::Timestamp received_at;
  std::uint32_t log_id = 0;
  std::uint64_t sequence = 0;

  friend bool operator==(const EventPosition&, const EventPosition&) = default;
};
[[nodiscard]] std::string format_cursor(const EventPosition& position);
// Error code: "bad_cursor".
[[nodiscard]] base::Result<EventPosition> parse_cursor(std::string_view text);

// Empty: any. `kind` is impression, click or conversion; `verdict_class` valid, suspect, givt or sivt; the others slugs
// or ids.
struct EventFilter {
  std::string kind;
  std::string verdict_class;
  std::string placement;
  std::string partner;
  std::string merchant;
  std::optional<EventPosition> before;
  std::int64_t limit = 100;
};
// Error codes: "bad_kind", "bad_class".
[[nodiscard]] base::Result<void> check(const EventFilter& filter);

// By time of receipt, newest first. The basis is not looked at: every event is listed. Error codes also:
// "placement_not_found", "partner_not_found", "merchant_not_found".
// `newest`: when the newest record that is loaded was received; the search begins there.
[[nodiscard]] base::Result<Report> load_events_report(Reader& reader,
                                                      const EventFilter& filter,
                                                      base::Timestamp newest);

// "ua_crawler", "rate_ip": the bits of a verdict as codes. Pure.
[[nodiscard]] Texts reasons_of(std::uint32_t bits);

}  // namespace tallystick::insights
