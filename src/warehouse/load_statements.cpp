#include "warehouse/load_statements.h"

#include <iterator>

#include <fmt/format.h>

namespace tallystick::warehouse {

std::string make_load_query_id(const Layout& layout, std::uint32_t log_id, std::uint64_t first, std::string_view step) {
  return fmt::format("load-{}-{:08x}-{}-{}", layout.database(), log_id, first, step);
}

std::string make_take_back(const Layout& layout, std::string_view table, std::uint32_t log_id, std::uint64_t first) {
  return fmt::format(
      "ALTER TABLE {} DELETE WHERE log_id = {} AND sequence >= {}", layout.stored_table(table), log_id, first);
}

std::string make_list_condition(std::string_view column, std::span<const std::uint64_t> sequences) {
  std::string condition = fmt::format("{} IN (", column);
  for (std::size_t i = 0; i < sequences.size(); ++i) {
    fmt::format_to(std::back_inserter(condition), "{}{}", i == 0 ? "" : ",", sequences[i]);
  }
  condition += ')';
  return condition;
}

std::string make_erase(const Layout& layout, std::string_view table, std::uint32_t log_id, std::string_view condition) {
  return fmt::format(
      "ALTER TABLE {} UPDATE user = 0, session = 0 WHERE log_id = {} AND (user != 0 OR session != 0) AND {}",
      layout.stored_table(table),
      log_id,
      condition);
}

}  // namespace tallystick::warehouse
