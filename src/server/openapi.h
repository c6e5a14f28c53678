#pragma once
// The OpenAPI 3.1 description of the HTTP interface, made from the routes as they are registered, so that no route is
// missing and no scope is wrong; what a route does not know of itself (query, bodies) is in openapi.json beside this
// file, keyed by method and path. Pure.

#include <string>
#include <string_view>
#include <vector>

#include "http/router.h"

namespace tallystick::server {

// `url`: of this server. The document as JSON text.
[[nodiscard]] std::string make_openapi(const http::Router& router, std::string_view url);

// "GET /api/partners/{partner}": routes without an entry in openapi.json, and entries without a route. Both are faults
// that a test finds.
struct OpenapiGaps {
  std::vector<std::string> routes;
  std::vector<std::string> entries;
};
[[nodiscard]] OpenapiGaps find_openapi_gaps(const http::Router& router);

// GET /openapi.json: what the router holds when it is first asked. `router` must outlive itself.
void add_openapi_route(http::Router& router, std::string url);

}  // namespace tallystick::server
