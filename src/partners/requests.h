#pragma once
// Bodies of requests read strictly into changes.

#include <string>
#include <string_view>
#include <utility>

#include "base/error.h"
#include "partners/changes.h"

namespace tallystick::partners {

template <typename Change>
struct Draft {
  std::string slug;
  Change change;
};

// For POST: with a slug, and with the members a record cannot be without. Error codes: "bad_json", "not_an_object",
// "validation_failed".
[[nodiscard]] base::Result<Draft<PartnerChange>> parse_partner_draft(std::string_view body);
[[nodiscard]] base::Result<Draft<LinkChange>> parse_link_draft(std::string_view body);

// For PATCH: any of the members, never the slug.
[[nodiscard]] base::Result<PartnerChange> parse_partner_change(std::string_view body);
[[nodiscard]] base::Result<LinkChange> parse_link_change(std::string_view body);

}  // namespace tallystick::partners
