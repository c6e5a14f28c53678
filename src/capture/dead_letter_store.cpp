#include "capture/dead_letter_store.h"

#include "records/rows.h"

namespace tallystick::capture {
namespace {

constexpr std::string_view kTable = "dead_letters";

}  // namespace

void insert_dead_letter(soci::session& session, const DeadLetterRow& row) {
  records::insert_row(session, kTable, row);
}

std::vector<DeadLetterRow> list_dead_letters(soci::session& session,
                                             const DeadLetterFilter& filter,
                                             std::string_view after,
                                             std::int64_t max_rows) {
  std::vector<records::Condition> conditions;
  const auto add = [&](std::string_view column, std::string_view comparison, std::string_view value) {
    if (!value.empty()) {
      conditions.push_back({column, comparison, std::string(value)});
    }
  };
  add("code", "=", filter.code);
  add("endpoint", "=", filter.endpoint);
  add("state", "=", filter.state);
  add("id", ">", after);
  return records::select_rows<DeadLetterRow>(session, kTable, conditions, max_rows);
}

std::optional<DeadLetterRow> find_dead_letter(soci::session& session, std::string_view id) {
  const records::Condition condition{"id", "=", std::string(id)};
  auto rows = records::select_rows<DeadLetterRow>(session, kTable, {&condition, 1}, 1);
  return rows.empty() ? std::nullopt : std::optional(std::move(rows.front()));
}

std::int64_t count_open_dead_letters(soci::session& session) {
  std::int64_t count = 0;
  session << "SELECT COUNT(*) FROM dead_letters WHERE state = 'open'", soci::into(count);
  return count;
}

void mark_dead_letter(soci::session& session,
                      const std::string& id,
                      const std::string& state,
                      std::int64_t at_us,
                      const std::string& result) {
  session << "UPDATE dead_letters SET state = :state, replayed_at = :at, replay_result = :result WHERE id = :id",
      soci::use(state, "state"), soci::use(at_us, "at"), soci::use(result, "result"), soci::use(id, "id");
}

std::uint64_t load_reader_position(soci::session& session, const std::string& reader) {
  std::int64_t sequence = 0;
  session << "SELECT sequence FROM reader_positions WHERE reader = :reader", soci::use(reader, "reader"),
      soci::into(sequence);
  return session.got_data() ? static_cast<std::uint64_t>(sequence) : 0;
}

void save_reader_position(soci::session& session, const std::string& reader, std::uint64_t sequence) {
  const auto value = static_cast<std::int64_t>(sequence);
  session << "INSERT INTO reader_positions (reader, sequence) VALUES (:reader, :sequence) "
             "ON CONFLICT (reader) DO UPDATE SET sequence = excluded.sequence",
      soci::use(reader, "reader"), soci::use(value, "sequence");
}

}  // namespace tallystick::capture
