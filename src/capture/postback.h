#pragma once
// Server-to-server postbacks of affiliate networks: the names that networks use for the same thing, brought to one
// conversion. Pure.

#include <string>
#include <string_view>

#include "base/time.h"
#include "base/uuid.h"
#include "capture/catalog.h"
#include "capture/parameters.h"
#include "journal/event.h"

namespace tallystick::capture {

inline constexpr ParameterLimits kPostbackLimits{.max_count = 64, .max_name_bytes = 64, .max_value_bytes = 1024};

// Views into the parameters.
struct ParsedPostback {
  journal::Conversion event;
  std::string_view click;  // as sent
  std::string_view transaction;
};

// Null, or what is wrong as plain text for the network's operator.
struct PostbackFault {
  std::string_view code = {};  // "missing_field", ...
  std::string_view text = {};

  [[nodiscard]] bool is_set() const { return !code.empty(); }
};

[[nodiscard]] PostbackFault parse_postback(const ParameterList& parameters,
                                           const CatalogPartner& partner,
                                           base::Timestamp received_at,
                                           ParsedPostback& out);

// The same postback again: same partner, click, transaction, event type and status.
[[nodiscard]] base::Uuid make_postback_id(const CatalogPartner& partner, const ParsedPostback& postback);

// The parameter `sig`: HMAC-SHA-256 of the canonical string (as for links) with the partner's secret, in hex or
// base64url. In constant time.
[[nodiscard]] bool is_postback_signed(std::string_view path, const ParameterList& parameters, std::string_view secret);

}  // namespace tallystick::capture
