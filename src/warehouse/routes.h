#pragma once
// GET /api/warehouse: how the warehouse is and how far it is behind the log.

#include "http/router.h"
#include "warehouse/warehouse.h"

namespace tallystick::warehouse {

// `warehouse` must outlive the router.
void add_routes(http::Router& router, const Warehouse& warehouse);

}  // namespace tallystick::warehouse
