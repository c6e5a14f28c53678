#pragma once
// Bodies of requests read strictly into changes.

#include <string>
#include <string_view>

#include "base/error.h"
#include "exposure/changes.h"

namespace tallystick::exposure {

template <typename Change>
struct Draft {
  std::string slug;
  Change change;
};

// For POST: with the members a record cannot be without. Error codes: "bad_json", "not_an_object", "validation_failed".
[[nodiscard]] base::Result<Draft<PlacementChange>> parse_placement_draft(std::string_view body);
[[nodiscard]] base::Result<Draft<MerchantChange>> parse_merchant_draft(std::string_view body);
[[nodiscard]] base::Result<ExposureUnitChange> parse_exposure_unit_draft(std::string_view body);

// For PATCH: any of the members, never the slug.
[[nodiscard]] base::Result<PlacementChange> parse_placement_change(std::string_view body);
[[nodiscard]] base::Result<MerchantChange> parse_merchant_change(std::string_view body);
[[nodiscard]] base::Result<ExposureUnitChange> parse_exposure_unit_change(std::string_view body);

}  // namespace tallystick::exposure
