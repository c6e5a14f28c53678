#pragma once
// ClickHouse's HTTP interface, the answering half: routes, and what a reactor does with them. A query goes to the
// executor; its answer comes back to the reactor that asked.

#include <cstddef>
#include <memory>

#include "engine/executor.h"
#include "http/server.h"

namespace tallystick::engine {

// "/" for queries and "/ping".
void add_routes(http::Router& router, std::size_t max_body_bytes);

// For each reactor one; `executor` must outlive the reactors.
[[nodiscard]] std::unique_ptr<http::ReactorService> make_service(http::ReactorContext& context, Executor& executor);

}  // namespace tallystick::engine
