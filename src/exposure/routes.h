#pragma once
// The HTTP interface of placements, merchants and exposure units (docs/api/exposure.md).

#include <functional>

#include "exposure/service.h"
#include "http/router.h"

namespace tallystick::exposure {

// Wraps a creating handler so that a repeated Idempotency-Key answers the same again.
using MakeIdempotent = std::function<http::Handler(http::Handler)>;

// `service` must outlive the router.
void add_exposure_routes(http::Router& router, ExposureService& service, const MakeIdempotent& make_idempotent);

}  // namespace tallystick::exposure
