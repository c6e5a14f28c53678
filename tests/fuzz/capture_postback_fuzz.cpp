// rooms: capture quality journal records access http crypto base
// Postbacks of networks: any query, with and without a currency.

#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "capture/dead_letter.h"
#include "capture/postback.h"

namespace capture = tallystick::capture;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view query(reinterpret_cast<const char*>(data), size);
  capture::ParameterList parameters;
  if (parameters.parse(query, capture::kPostbackLimits) != capture::ParameterFault::kNone) {
    return 0;
  }
  capture::CatalogPartner partner;
  partner.slug = "p";
  partner.currency = "EUR";
  capture::ParsedPostback parsed;
  const auto fault = capture::parse_postback(parameters, partner, {1}, parsed);
  if (!fault.is_set() && parsed.click.empty() && parsed.transaction.empty()) {
    std::abort();
  }
  (void)capture::make_postback_id(partner, parsed);
  (void)capture::is_postback_signed("/postback/p", parameters, "secret");
  if (capture::make_dead_letter_raw(parameters, "p", 1024).size() > 1024) {
    std::abort();
  }
  return 0;
}
