#pragma once
// The HTTP interface of partners, links and coupons (docs/api/partners.md).

#include <functional>

#include "http/router.h"
#include "partners/coupon_service.h"
#include "partners/service.h"

namespace tallystick::partners {

// Wraps a creating handler so that a repeated Idempotency-Key answers the same again.
using MakeIdempotent = std::function<http::Handler(http::Handler)>;

// `service` must outlive the router.
void add_partner_routes(http::Router& router, PartnerService& service, const MakeIdempotent& make_idempotent);
void add_coupon_routes(http::Router& router, CouponService& service, const MakeIdempotent& make_idempotent);

}  // namespace tallystick::partners
