#pragma once
// What ids mean, from the warehouse's copies of the records. Events may name what has no record any more: then there is
// an id and nothing else. Functions of one reader.

#include <cstdint>
#include <map>
#include <string>
#include <string_view>

#include "base/error.h"
#include "insights/reader.h"
#include "insights/report_table.h"

namespace tallystick::insights {

struct Named {
  std::string id;
  std::string slug;
  std::string name;
};

struct NamedPlacement : Named {
  std::int64_t max_slots = 0;
};

// By slug or id. Error codes: "partner_not_found", "merchant_not_found", "placement_not_found".
[[nodiscard]] base::Result<Named> find_partner(Reader& reader, std::string_view slug_or_id);
[[nodiscard]] base::Result<Named> find_merchant(Reader& reader, std::string_view slug_or_id);
[[nodiscard]] base::Result<Named> find_placement(Reader& reader, std::string_view slug_or_id);

// By id, all of them.
using PlacementNames = std::map<std::string, NamedPlacement, std::less<>>;
[[nodiscard]] base::Result<PlacementNames> load_placement_names(Reader& reader);

inline constexpr std::string_view kNilId = "00000000-0000-0000-0000-000000000000";

// Three cells: id, slug, name. Nil: nothing, nothing, `name_of_none`.
void add_placement_cells(Row& row,
                         std::string_view id,
                         const PlacementNames& names,
                         std::string_view name_of_none = {});
// Of Report::subject.
[[nodiscard]] std::vector<std::pair<std::string, Cell>> subject_of(std::string_view kind, const Named& named);

}  // namespace tallystick::insights
