#pragma once
// Conversions as JSON (POST /api/conversions). One thread; reusable.

#include <string>
#include <string_view>

#include "base/time.h"
#include "base/uuid.h"
#include "capture/catalog.h"
#include "capture/consent.h"
#include "capture/event_fault.h"
#include "capture/json_reader.h"
#include "journal/event.h"

namespace tallystick::capture {

// Views are good until the parser's next event.
struct ParsedConversion {
  journal::Conversion event;  // order_id is the order, or the conversion id where only that was sent
  std::string_view merchant;
  std::string_view partner;
  std::string_view user_id;
  ConsentSignals consent;
};

class ConversionParser {
 public:
  [[nodiscard]] EventFault parse(simdjson::padded_string_view text, ParsedConversion& out);

 private:
  simdjson::ondemand::parser parser_;
};

// Resolves merchant and partner; checks the time. Conversions may be old: networks report them weeks later.
[[nodiscard]] EventFault check_conversion(ParsedConversion& conversion,
                                          const Catalog& catalog,
                                          base::Timestamp received_at);

// The id of a conversion follows from what makes it the same one: SHA-256 over the parts, each behind its length,
// as a UUID version 8 (RFC 9562 section 5.8). A status change is a new event.
[[nodiscard]] base::Uuid make_conversion_id(std::string_view source,
                                            std::string_view order_id,
                                            std::string_view type,
                                            journal::ConversionStatus status);
[[nodiscard]] base::Uuid make_derived_id(std::string_view domain, std::initializer_list<std::string_view> parts);

// A network's word for a status: "approved", "LOCKED", "declined", ... False when it is none we know.
[[nodiscard]] bool parse_conversion_status(std::string_view word, journal::ConversionStatus& out);

}  // namespace tallystick::capture
