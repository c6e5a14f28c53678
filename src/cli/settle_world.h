#pragma once
// The objects of the settlement demo in the records database: a partner a network, with links, and placements.

#include "access/audit.h"
#include "base/error.h"
#include "cli/history_model.h"
#include "cli/settle_model.h"
#include "exposure/service.h"
#include "partners/service.h"

namespace tallystick::cli {

// As write_settle_traffic() needs it. Error code: "demo_exists" when one of the partners is there already, because what
// it has recorded would be taken for the demo's; those of the services.
[[nodiscard]] base::Result<HistoryWorld> make_settle_world(const SettlePlan& plan,
                                                           partners::PartnerService& partners,
                                                           exposure::ExposureService& exposure,
                                                           const access::ChangeContext& change);

}  // namespace tallystick::cli
