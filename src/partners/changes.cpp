#include "partners/changes.h"

#include "partners/destination.h"
#include "partners/hosts.h"

namespace tallystick::partners {
namespace {

template <typename T>
void assign(const std::optional<T>& from, T& to) {
  if (from) {
    to = *from;
  }
}

}  // namespace

void apply(const PartnerChange& change, Partner& partner) {
  if (change.network && partner.sub_id_parameter == default_sub_id_parameter(partner.network)) {
    partner.sub_id_parameter = default_sub_id_parameter(*change.network);
  }
  assign(change.name, partner.name);
  assign(change.network, partner.network);
  assign(change.allowed_hosts, partner.allowed_hosts);
  for (auto& host : partner.allowed_hosts) {
    if (auto normal = parse_allowed_host(host)) {
      host = *std::move(normal);
    }
  }
  assign(change.allows_http, partner.allows_http);
  assign(change.sub_id_parameter, partner.sub_id_parameter);
  assign(change.public_page, partner.public_page);
  assign(change.link_lifetime_s, partner.link_lifetime_s);
  assign(change.throttle_per_second, partner.throttle_per_second);
  assign(change.currency, partner.currency);
  assign(change.time_zone, partner.time_zone);
  assign(change.tolerance_basis_points, partner.tolerance_basis_points);
  assign(change.postback_secret, partner.postback_secret);
  assign(change.postback_sources, partner.postback_sources);
  assign(change.allows_duplicate_postbacks, partner.allows_duplicate_postbacks);
  assign(change.contacts, partner.contacts);
}

void apply(const LinkChange& change, Link& link) {
  assign(change.destination, link.destination);
  if (auto destination = parse_destination(link.destination)) {
    link.destination = destination->text;
  }
  assign(change.placement_id, link.placement_id);
  assign(change.disclosure, link.disclosure);
  assign(change.coupon, link.coupon);
}

}  // namespace tallystick::partners
