#pragma once
// GET /api/warehouse: how the warehouse is, how far it is behind the log, and how the last rebuild went.

#include "http/router.h"
#include "warehouse/loader.h"
#include "warehouse/warehouse.h"

namespace tallystick::warehouse {

// Both must outlive the router. `loader` may be null: this process does not load.
void add_routes(http::Router& router, Warehouse& warehouse, const Loader* loader = nullptr);

}  // namespace tallystick::warehouse
