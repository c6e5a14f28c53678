#pragma once
// What this room knows of a partner; room `partners` has the rest, and the composition connects the two.

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "base/money.h"
#include "base/uuid.h"

namespace tallystick::settlement {

struct PartnerTerms {
  base::Uuid id;
  std::string slug;
  std::string name;
  std::string network;  // "cj", "awin", ...; "generic"
  bool is_active = true;
  base::Currency currency;
  std::string time_zone = "UTC";  // of its reports; IANA
  std::int64_t tolerance_basis_points = 200;
};

class PartnerDirectory {
 public:
  virtual ~PartnerDirectory() = default;
  // Error code: "partner_not_found".
  [[nodiscard]] virtual base::Result<PartnerTerms> find(std::string_view slug_or_id) = 0;
  [[nodiscard]] virtual base::Result<std::vector<PartnerTerms>> list() = 0;
};

}  // namespace tallystick::settlement
