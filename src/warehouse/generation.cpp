#include "warehouse/generation.h"

#include <algorithm>
#include <charconv>

#include <fmt/format.h>

#include "warehouse/migrations.h"

namespace tallystick::warehouse {

namespace {

constexpr int kUnknownTable = 60;

QueryOptions repeatable() {
  QueryOptions options;
  options.is_repeatable = true;
  return options;
}

// "tallystick_12" has 12; 0: another database.
std::uint64_t parse_number(std::string_view database, std::string_view prefix) {
  if (!database.starts_with(prefix) || database.size() < prefix.size() + 2 || database[prefix.size()] != '_') {
    return 0;
  }
  database.remove_prefix(prefix.size() + 1);
  std::uint64_t number = 0;
  const char* const end = database.data() + database.size();
  const auto [parsed, error] = std::from_chars(database.data(), end, number);
  return error == std::errc{} && parsed == end && database.front() != '0' ? number : 0;
}

base::Result<bool> load_is_ready(Client& client, const Layout& layout) {
  const auto rows = client.query(
      fmt::format("SELECT count() AS ready FROM {} WHERE state = 'ready'", layout.table("generation_state")));
  if (rows) {
    return rows->integer(0, "ready") > 0;
  }
  if (clickhouse_number(rows.error()) == kUnknownTable) {
    return false;  // it was cut off before its first table
  }
  return std::unexpected(rows.error());
}

}  // namespace

bool is_database_prefix(std::string_view prefix) {
  return !prefix.empty() && is_plain_name(prefix) && prefix.find_first_of("-.") == std::string_view::npos;
}

Layout GenerationNames::layout_of(std::uint64_t number) const {
  return {fmt::format("{}_{}", prefix, number), cluster, retention, durability};
}

base::Result<std::vector<Generation>> load_generations(Client& client, const GenerationNames& names) {
  TALLY_ASSIGN(const Rows rows,
               client.query("SELECT name FROM system.databases WHERE startsWith(name, {prefix:String})",
                            {{"prefix", names.prefix}}));
  std::vector<Generation> out;
  for (std::size_t row = 0; row < rows.size(); ++row) {
    const std::uint64_t number = parse_number(rows.text(row, "name"), names.prefix);
    if (number > 0) {
      TALLY_ASSIGN(const bool is_ready, load_is_ready(client, names.layout_of(number)));
      out.push_back({number, is_ready});
    }
  }
  std::ranges::sort(out, {}, &Generation::number);
  return out;
}

std::optional<std::uint64_t> find_current(const std::vector<Generation>& generations) {
  const auto found = std::find_if(
      generations.rbegin(), generations.rend(), [](const Generation& generation) { return generation.is_ready; });
  return found == generations.rend() ? std::nullopt : std::optional(found->number);
}

base::Result<void> make_generation(Client& client,
                                   const GenerationNames& names,
                                   std::uint64_t number,
                                   base::Timestamp now) {
  const Layout layout = names.layout_of(number);
  TALLY_TRY(client.execute(
      fmt::format("CREATE DATABASE IF NOT EXISTS `{}`{} ENGINE = Atomic", layout.database(), layout.on_cluster()),
      {},
      repeatable()));
  TALLY_ASSIGN([[maybe_unused]] const int version, apply_migrations(client, layout, embedded_migrations(), now));
  return {};
}

base::Result<void> mark_ready(Client& client, const GenerationNames& names, std::uint64_t number, base::Timestamp now) {
  // Twice is as good as once.
  return client.execute(fmt::format("INSERT INTO {} (state, changed_at) SELECT 'ready', {{now:DateTime64(6, 'UTC')}}",
                                    names.layout_of(number).table("generation_state")),
                        {{"now", time_parameter(now)}},
                        repeatable());
}

base::Result<void> drop_generation(Client& client, const GenerationNames& names, std::uint64_t number) {
  const Layout layout = names.layout_of(number);
  TALLY_ASSIGN(const Rows tables,
               client.query("SELECT name FROM system.tables WHERE database = {database:String} AND engine LIKE "
                            "'%MergeTree' ORDER BY name",
                            {{"database", layout.database()}}));
  QueryOptions options = repeatable();
  options.settings = {{"max_table_size_to_drop", "0"}, {"max_partition_size_to_drop", "0"}};  // no limit
  // Dropped tables stay on disk for a while, in case it was a mistake; what was truncated goes at once.
  for (std::size_t row = 0; row < tables.size(); ++row) {
    TALLY_TRY(client.execute(
        fmt::format("TRUNCATE TABLE IF EXISTS {}{}", layout.table(tables.text(row, "name")), layout.on_cluster()),
        {},
        options));
  }
  return client.execute(
      fmt::format("DROP DATABASE IF EXISTS `{}`{}", layout.database(), layout.on_cluster()), {}, options);
}

}  // namespace tallystick::warehouse
