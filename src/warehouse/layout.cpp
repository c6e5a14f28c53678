#include "warehouse/layout.h"

#include <algorithm>
#include <stdexcept>
#include <utility>

#include <fmt/format.h>

#include "warehouse/aggregate_blocks.h"
#include "warehouse/enumerations.h"

namespace tallystick::warehouse {

namespace {

constexpr std::string_view kCreateTable = "CREATE TABLE IF NOT EXISTS {{create ";

// The name in "CREATE TABLE IF NOT EXISTS {{create name}}"; empty: another statement.
std::string_view find_created_table(std::string_view statement) {
  if (!statement.starts_with(kCreateTable)) {
    return {};
  }
  statement.remove_prefix(kCreateTable.size());
  return statement.substr(0, statement.find('}'));
}

constexpr std::string_view kShardMark = "-- shard: ";

}  // namespace

bool is_plain_name(std::string_view name) {
  return std::ranges::all_of(name, [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '-' ||
           c == '.';
  });
}

Layout::Layout(std::string database, std::string cluster, Retention retention, Durability durability)
    : database_(std::move(database)), cluster_(std::move(cluster)), retention_(retention), durability_(durability) {
  if (database_.empty() || !is_plain_name(database_) || !is_plain_name(cluster_)) {
    throw std::invalid_argument("the names of databases and clusters have letters, digits, '_', '-' and '.'");
  }
}

std::string Layout::table(std::string_view name) const {
  return fmt::format("`{}`.`{}`", database_, name);
}

std::string Layout::on_cluster() const {
  return is_cluster() ? fmt::format(" ON CLUSTER `{}`", cluster_) : std::string();
}

std::string Layout::stored_table(std::string_view name) const {
  return is_cluster() ? fmt::format("`{}`.`{}_local`{}", database_, name, on_cluster()) : table(name);
}

std::string Layout::word(std::string_view name, std::string_view argument) const {
  if (name == "create") {
    return stored_table(argument);
  }
  if (name == "view") {
    return table(argument) + on_cluster();
  }
  if (name == "table") {
    return table(argument);
  }
  if (name == "stored") {
    return is_cluster() ? fmt::format("`{}`.`{}_local`", database_, argument) : table(argument);
  }
  if (name == "engine") {
    // Without a path and a name of the replica the servers take their default_replica_path and default_replica_name.
    return fmt::format("{}{}", is_cluster() ? "Replicated" : "", argument);
  }
  if (name == "settings" || name == "batch_settings") {
    // A batch whose `done` is on disk is on disk itself. Blocks that look alike are no repetition here: after a failure
    // the loader takes rows back and inserts the same block again.
    const int is_synced = name == "settings" || durability_ == Durability::kInsert ? 1 : 0;
    return fmt::format("SETTINGS fsync_after_insert = {0}, fsync_part_directory = {0}{1}",
                       is_synced,
                       is_cluster() ? ", replicated_deduplication_window = 0" : "");
  }
  if (name == "personal_ttl") {
    return fmt::format("TTL toDateTime(received_at) + toIntervalDay({})", retention_.personal_days);
  }
  if (name == "event_ttl") {
    return fmt::format("TTL toDateTime(occurred_at) + toIntervalDay({})", retention_.event_days);
  }
  if (name == "day_session") {
    return std::string(kDaySessionSql);
  }
  if (name == "day_session_merchant") {
    return std::string(kDaySessionMerchantSql);
  }
  if (name == "nil") {
    return "toUUID('00000000-0000-0000-0000-000000000000')";
  }
  if (std::string type = enumeration_type(name); !type.empty()) {
    return type;
  }
  throw std::invalid_argument(fmt::format("the schema has an unknown word '{}'", name));
}

std::string Layout::replace_words(std::string_view text, std::string_view rows) const {
  std::string out;
  while (true) {
    const std::size_t begin = text.find("{{");
    out.append(text.substr(0, begin));
    if (begin == std::string_view::npos) {
      return out;
    }
    const std::size_t end = text.find("}}", begin);
    if (end == std::string_view::npos) {
      throw std::invalid_argument("the schema has a word without an end");
    }
    const std::string_view inside = text.substr(begin + 2, end - begin - 2);
    const std::size_t space = inside.find(' ');
    if (inside == "rows") {
      out.append(rows);
    } else {
      out.append(word(inside.substr(0, space),
                      space == std::string_view::npos ? std::string_view() : inside.substr(space + 1)));
    }
    text.remove_prefix(end + 2);
  }
}

std::vector<std::string> Layout::render(std::string_view schema) const {
  std::vector<std::string> out;
  for (const SchemaStatement& statement : split_statements(schema)) {
    out.push_back(replace_words(statement.text, "1"));
    const std::string_view created = find_created_table(statement.text);
    if (!is_cluster() || created.empty()) {
      continue;
    }
    if (statement.shard.empty()) {
      throw std::invalid_argument(fmt::format("the schema does not say on which shard rows of {} live", created));
    }
    out.push_back(
        fmt::format("CREATE TABLE IF NOT EXISTS {0}{1} AS `{2}`.`{3}_local` ENGINE = Distributed('{4}', '{2}', "
                    "'{3}_local', {5})",
                    table(created),
                    on_cluster(),
                    database_,
                    created,
                    cluster_,
                    statement.shard));
  }
  return out;
}

std::string Layout::render_statement(std::string_view text, std::string_view rows) const {
  return replace_words(text, rows);
}

std::vector<SchemaStatement> split_statements(std::string_view schema) {
  std::vector<SchemaStatement> out;
  SchemaStatement current;
  while (!schema.empty()) {
    const std::size_t end = schema.find('\n');
    std::string_view line = schema.substr(0, end);
    schema = end == std::string_view::npos ? std::string_view() : schema.substr(end + 1);
    if (line.starts_with(kShardMark)) {
      current.shard = line.substr(kShardMark.size());
      continue;
    }
    if (line.starts_with("--") || (line.empty() && current.text.empty())) {
      continue;
    }
    const bool is_last = line.ends_with(';');
    if (is_last) {
      line.remove_suffix(1);
    }
    current.text.append(current.text.empty() ? "" : "\n").append(line);
    if (is_last) {
      out.push_back(std::exchange(current, {}));
    }
  }
  if (!current.text.empty()) {
    throw std::invalid_argument("the schema's last statement has no end");
  }
  return out;
}

}  // namespace tallystick::warehouse
