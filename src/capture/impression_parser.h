#pragma once
// Impressions and exposures: one kind of record, two forms of the same event (10-capture). parse() reads one JSON
// object, check() holds it against the catalog and the clock. One thread; reusable, without allocation once warm.

#include <string_view>

#include "base/time.h"
#include "base/uuid.h"
#include "capture/catalog.h"
#include "capture/consent.h"
#include "capture/event_fault.h"
#include "capture/json_reader.h"
#include "journal/event.h"

namespace tallystick::capture {

enum class ImpressionForm : std::uint8_t { kImpression, kExposure };

// Views are good until the parser's next event.
struct ParsedImpression {
  base::Uuid event_id;  // nil when it could not be read
  journal::Impression event;
  std::string_view placement;  // id or slug, as sent
  std::string_view merchant;
  std::string_view partner;
  std::string_view user_id;
  std::string_view session_id;
  std::string_view token;
  ConsentSignals consent;
  const CatalogPlacement* catalog_placement = nullptr;  // after check()
};

inline constexpr std::int64_t kStaleAfterUs = 10 * base::kMicrosPerMinute;
inline constexpr std::int64_t kFutureAfterUs = 60 * base::kMicrosPerSecond;

class ImpressionParser {
 public:
  // `consent` of `out` keeps what it had where the event says nothing. Fields read before a fault are kept.
  [[nodiscard]] EventFault parse(simdjson::padded_string_view text, ImpressionForm form, ParsedImpression& out);

 private:
  simdjson::ondemand::parser parser_;
};

// A stale event that was put aside and is replayed by a person is taken nevertheless.
enum class StaleRule : std::uint8_t { kRefuse, kAccept };

// Resolves placement, merchant, partner and unit; checks the time.
[[nodiscard]] EventFault check_impression(ParsedImpression& impression,
                                          ImpressionForm form,
                                          const Catalog& catalog,
                                          base::Timestamp received_at,
                                          StaleRule stale_rule = StaleRule::kRefuse);

}  // namespace tallystick::capture
