#include "insights/names.h"

#include <fmt/format.h>

namespace tallystick::insights {
namespace {

// `table` and `what` are of this file.
base::Result<Named> find_named(Reader& reader,
                               std::string_view table,
                               std::string_view what,
                               std::string_view slug_or_id) {
  const std::string sql = fmt::format(
      "SELECT id, slug, name FROM {} FINAL WHERE slug = {{key:String}} OR toString(id) = lower({{key:String}}) "
      "ORDER BY slug = {{key:String}} DESC LIMIT 1",
      table);
  TALLY_ASSIGN(const Reader::SharedRows answer, reader.query_recent(sql, {{"key", std::string(slug_or_id)}}));
  const warehouse::Rows& rows = *answer;
  if (rows.empty()) {
    return base::fail(
        base::ErrorKind::kNotFound, fmt::format("{}_not_found", what), fmt::format("there is no such {}", what));
  }
  return Named{std::string(rows.text(0, "id")), std::string(rows.text(0, "slug")), std::string(rows.text(0, "name"))};
}

}  // namespace

base::Result<Named> find_partner(Reader& reader, std::string_view slug_or_id) {
  return find_named(reader, "partners", "partner", slug_or_id);
}

base::Result<Named> find_merchant(Reader& reader, std::string_view slug_or_id) {
  return find_named(reader, "merchants", "merchant", slug_or_id);
}

base::Result<Named> find_placement(Reader& reader, std::string_view slug_or_id) {
  return find_named(reader, "placements", "placement", slug_or_id);
}

base::Result<PlacementNames> load_placement_names(Reader& reader) {
  TALLY_ASSIGN(const Reader::SharedRows answer,
               reader.query_recent("SELECT id, slug, name, max_slots FROM placements FINAL"));
  const warehouse::Rows& rows = *answer;
  PlacementNames names;
  for (std::size_t i = 0; i < rows.size(); ++i) {
    NamedPlacement placement;
    placement.id = rows.text(i, "id");
    placement.slug = rows.text(i, "slug");
    placement.name = rows.text(i, "name");
    placement.max_slots = rows.integer(i, "max_slots");
    names.emplace(placement.id, std::move(placement));
  }
  return names;
}

void add_placement_cells(Row& row, std::string_view id, const PlacementNames& names, std::string_view name_of_none) {
  if (id == kNilId) {
    row.insert(row.end(), {Cell(), Cell(), text_or_null(name_of_none)});
    return;
  }
  const auto found = names.find(id);
  const bool is_known = found != names.end();
  row.insert(row.end(),
             {Cell(std::string(id)),
              is_known ? Cell(found->second.slug) : Cell(),
              is_known ? Cell(found->second.name) : Cell()});
}

std::vector<std::pair<std::string, Cell>> subject_of(std::string_view kind, const Named& named) {
  const std::string prefix(kind);
  return {{prefix + "_id", named.id}, {prefix, named.slug}, {prefix + "_name", named.name}};
}

}  // namespace tallystick::insights
