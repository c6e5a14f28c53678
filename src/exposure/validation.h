#pragma once
// The rules that placements, merchants and exposure units must meet before they are stored. Pure.

#include "base/error.h"
#include "exposure/model.h"

namespace tallystick::exposure {

// Each: kUnprocessable "validation_failed" with one field error per offending member.
[[nodiscard]] base::Result<void> validate(const Placement& placement);
[[nodiscard]] base::Result<void> validate(const Merchant& merchant);
[[nodiscard]] base::Result<void> validate(const ExposureUnit& unit);

}  // namespace tallystick::exposure
