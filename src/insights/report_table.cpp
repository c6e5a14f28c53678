#include "insights/report_table.h"

#include <algorithm>
#include <stdexcept>
#include <utility>

#include <fmt/format.h>

namespace tallystick::insights {

std::string_view name_of(ColumnKind kind) {
  switch (kind) {
    case ColumnKind::kText:
      return "text";
    case ColumnKind::kTexts:
      return "texts";
    case ColumnKind::kInteger:
      return "integer";
    case ColumnKind::kDecimal:
      return "decimal";
    case ColumnKind::kBoolean:
      return "boolean";
    case ColumnKind::kTime:
      return "time";
    case ColumnKind::kMoney:
      return "money";
    case ColumnKind::kRate:
      break;
  }
  return "rate";
}

Cell cell_of(std::optional<std::string> value) {
  return value ? Cell(*std::move(value)) : Cell();
}

Cell text_or_null(std::string_view text) {
  return text.empty() ? Cell() : Cell(std::string(text));
}

void Section::add(Row row) {
  if (row.size() != columns.size()) {
    throw std::logic_error(fmt::format("section {} has {} columns, not {} cells", name, columns.size(), row.size()));
  }
  rows.push_back(std::move(row));
}

const Section* Report::find_section(std::string_view section_name) const {
  const auto found = std::ranges::find(sections, section_name, &Section::name);
  return found == sections.end() ? nullptr : &*found;
}

std::vector<std::string> Report::estimated() const {
  std::vector<std::string> names;
  for (const Section& section : sections) {
    for (const Column& column : section.columns) {
      if (column.is_estimated) {
        names.push_back(section.name + "." + column.name);
      }
    }
  }
  return names;
}

}  // namespace tallystick::insights
