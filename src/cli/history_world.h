#pragma once
// The objects of a history in the records database: partners with links, placements, merchants with exposure units.

#include "access/audit.h"
#include "base/error.h"
#include "cli/history_model.h"
#include "exposure/service.h"
#include "partners/service.h"

namespace tallystick::cli {

// Creates what is missing; running it again changes nothing. Always in the same order, so that a position means the
// same object every time.
[[nodiscard]] base::Result<HistoryWorld> make_history_world(partners::PartnerService& partners,
                                                            exposure::ExposureService& exposure,
                                                            const access::ChangeContext& change);

}  // namespace tallystick::cli
