#include "warehouse/positions.h"

#include <array>
#include <charconv>
#include <string>

#include <fmt/format.h>

namespace tallystick::warehouse {

namespace {

constexpr auto kColumns = std::to_array<BlockColumn>({{"log_id", ColumnType::kUInt32},
                                                      {"stage", ColumnType::kEnum8},
                                                      {"version", ColumnType::kUInt64},
                                                      {"state", ColumnType::kEnum8},
                                                      {"first", ColumnType::kUInt64},
                                                      {"end", ColumnType::kUInt64},
                                                      {"days", ColumnType::kDateArray},
                                                      {"frontier", ColumnType::kDateTime64}});

base::Result<Rows> load_rows(Client& client, const Layout& layout, const Parameters& parameters, bool is_one_log) {
  if (layout.is_cluster()) {
    // The replica that answers may be behind the one that took the last position.
    TALLY_TRY(client.execute(
        fmt::format("SYSTEM SYNC REPLICA{} `{}`.`load_positions_local`", layout.on_cluster(), layout.database())));
  }
  return client.query(fmt::format("SELECT log_id, version, toInt8(state) AS state, first, end, "
                                  "arrayMap(day -> toString(toUInt16(day)), days) AS days, frontier FROM {} FINAL "
                                  "WHERE stage = {{stage:Int8}}{} ORDER BY log_id, version DESC LIMIT 1 BY log_id",
                                  layout.table("load_positions"),
                                  is_one_log ? " AND log_id = {log_id:UInt32}" : ""),
                      parameters);
}

Position read_row(const Rows& rows, std::size_t row, Stage stage) {
  Position position;
  position.log_id = static_cast<std::uint32_t>(rows.integer(row, "log_id"));
  position.stage = stage;
  position.version = rows.unsigned_integer(row, "version");
  position.state = static_cast<PositionState>(rows.integer(row, "state"));
  position.first = rows.unsigned_integer(row, "first");
  position.end = rows.unsigned_integer(row, "end");
  position.frontier = rows.time(row, "frontier");
  for (const std::string& day : rows.texts(row, "days")) {
    std::uint16_t number = 0;
    std::from_chars(day.data(), day.data() + day.size(), number);
    position.days.push_back(number);
  }
  return position;
}

Parameters stage_parameter(Stage stage) {
  return {{"stage", std::to_string(static_cast<int>(stage))}};
}

}  // namespace

base::Result<std::optional<Position>> load_position(Client& client,
                                                    const Layout& layout,
                                                    std::uint32_t log_id,
                                                    Stage stage) {
  Parameters parameters = stage_parameter(stage);
  parameters.emplace_back("log_id", std::to_string(log_id));
  TALLY_ASSIGN(const Rows rows, load_rows(client, layout, parameters, true));
  return rows.empty() ? std::nullopt : std::optional(read_row(rows, 0, stage));
}

base::Result<std::vector<Position>> load_positions(Client& client, const Layout& layout, Stage stage) {
  TALLY_ASSIGN(const Rows rows, load_rows(client, layout, stage_parameter(stage), false));
  std::vector<Position> out;
  out.reserve(rows.size());
  for (std::size_t row = 0; row < rows.size(); ++row) {
    out.push_back(read_row(rows, row, stage));
  }
  return out;
}

base::Result<void> save_position(Client& client, const Layout& layout, const Position& position) {
  if (position.days.size() > kMaxPositionDays) {
    return base::fail(base::ErrorKind::kInvalid, "too_many_days", "a batch touches more days than a position can name");
  }
  Block block(kColumns);
  block.row()
      .uint32(position.log_id)
      .enumerator(static_cast<std::int8_t>(position.stage))
      .uint64(position.version)
      .enumerator(static_cast<std::int8_t>(position.state))
      .uint64(position.first)
      .uint64(position.end)
      .dates(position.days)
      .time(position.frontier)
      .end();
  if (position.state == PositionState::kDone) {
    TALLY_TRY(client.make_durable());
  }
  return client.insert(layout.table("load_positions"), block);
}

}  // namespace tallystick::warehouse
