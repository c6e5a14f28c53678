#pragma once
// What a caller wants of a partner or link: only the members that are set change. Pure.

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "partners/model.h"

namespace tallystick::partners {

struct PartnerChange {
  std::optional<std::string> name = {};
  std::optional<Network> network = {};
  std::optional<std::vector<std::string>> allowed_hosts = {};
  std::optional<bool> allows_http = {};
  std::optional<std::string> sub_id_parameter = {};
  std::optional<std::string> public_page = {};
  std::optional<std::int64_t> link_lifetime_s = {};
  std::optional<std::int64_t> throttle_per_second = {};
  std::optional<base::Currency> currency = {};
  std::optional<std::string> time_zone = {};
  std::optional<std::int64_t> tolerance_basis_points = {};
  std::optional<std::string> postback_secret = {};  // "" takes it away
  std::optional<std::vector<base::IpNetwork>> postback_sources = {};
  std::optional<bool> allows_duplicate_postbacks = {};
  std::optional<std::vector<Contact>> contacts = {};
};

struct LinkChange {
  std::optional<std::string> destination = {};
  std::optional<std::optional<base::Uuid>> placement_id = {};
  std::optional<std::string> disclosure = {};
  std::optional<std::string> coupon = {};
};

// A new network brings its sub-id parameter, unless the parameter was chosen by hand. Hosts and the destination are
// brought to their normal form where they have one; what has none stays for validate() to name.
void apply(const PartnerChange& change, Partner& partner);
void apply(const LinkChange& change, Link& link);

}  // namespace tallystick::partners
