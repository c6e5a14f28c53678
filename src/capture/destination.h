#pragma once
// A link's destination template filled for one click. Values are percent-encoded, so neither CR nor LF nor another
// parameter can get in through them; the finished URL's whole host must be on the partner's allow-list. Pure.

#include <string>
#include <string_view>

#include "capture/catalog.h"

namespace tallystick::capture {

// Values of the macros {click_id} {partner} {placement} {campaign} {session} {sub} {gdpr} {gdpr_consent}.
struct DestinationValues {
  std::string_view click_id;
  std::string_view partner;
  std::string_view placement;
  std::string_view campaign;
  std::string_view session;
  std::string_view sub;
  std::string_view gdpr;
  std::string_view gdpr_consent;
};

enum class DestinationFault : std::uint8_t { kNone, kBadUrl, kHostNotAllowed };

// Appends the URL to `out`. A brace that begins no known macro stays as it is. The partner's sub-id parameter is set to
// the click id: replaced where the template has it, else added before the fragment.
[[nodiscard]] DestinationFault append_destination(const CatalogPartner& partner,
                                                  std::string_view destination_template,
                                                  const DestinationValues& values,
                                                  std::string& out);

}  // namespace tallystick::capture
