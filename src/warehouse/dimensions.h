#pragma once
// What the ids in events mean: placements, merchants, partners and links, copied into the warehouse so that reports are
// plain SQL there. A whole set is written at once; what was deleted stays, because old events still name it. Functions
// of one client.

#include <cstdint>
#include <string>
#include <vector>

#include "base/error.h"
#include "base/uuid.h"
#include "warehouse/client.h"
#include "warehouse/layout.h"

namespace tallystick::warehouse {

// In each, `version` ascends with every change of the row: the greatest counts.
struct PlacementRow {
  base::Uuid id;
  std::string slug;
  std::string name;
  std::string status;  // "active", "paused"
  std::uint32_t max_slots = 1;
  std::string vertical;
  std::uint64_t version = 0;
};

struct MerchantRow {
  base::Uuid id;
  std::string slug;
  std::string name;
  std::string status;
  std::uint64_t version = 0;
};

struct PartnerRow {
  base::Uuid id;
  std::string slug;
  std::string name;
  std::string status;
  std::string network;    // "impact", "cj", ...
  std::string currency;   // ISO 4217
  std::string time_zone;  // IANA
  std::uint64_t version = 0;
};

struct LinkRow {
  base::Uuid id;
  base::Uuid partner_id;
  std::string slug;
  std::string status;
  base::Uuid placement_id;  // nil: none
  std::uint64_t version = 0;
};

struct Dimensions {
  std::vector<PlacementRow> placements;
  std::vector<MerchantRow> merchants;
  std::vector<PartnerRow> partners;
  std::vector<LinkRow> links;
};

// Writing the same set twice is as good as once.
[[nodiscard]] base::Result<void> save_dimensions(Client& client, const Layout& layout, const Dimensions& dimensions);

}  // namespace tallystick::warehouse
