#pragma once
// Refused events in the records database: copied from the journal, listed, marked when replayed. Every function runs in
// the caller's session and transaction.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <soci/soci.h>

namespace tallystick::capture {

struct DeadLetterRow {
  std::string id;
  std::int64_t sequence = 0;
  std::string event_id;  // empty: it had none that could be read
  std::string endpoint;
  std::string code;
  std::string detail;
  std::string raw;
  std::string user_hash;
  std::string session_hash;
  std::string state = "open";  // open, replayed, dismissed
  std::int64_t received_at = 0;
  std::int64_t replayed_at = 0;
  std::string replay_result;
};

void for_each_column(DeadLetterRow& row, const auto& visit) {
  visit("id", row.id);
  visit("sequence", row.sequence);
  visit("event_id", row.event_id);
  visit("endpoint", row.endpoint);
  visit("code", row.code);
  visit("detail", row.detail);
  visit("raw", row.raw);
  visit("user_hash", row.user_hash);
  visit("session_hash", row.session_hash);
  visit("state", row.state);
  visit("received_at", row.received_at);
  visit("replayed_at", row.replayed_at);
  visit("replay_result", row.replay_result);
}

// Empty members ask for nothing.
struct DeadLetterFilter {
  std::string code;
  std::string endpoint;
  std::string state;
};

void insert_dead_letter(soci::session& session, const DeadLetterRow& row);
// Ordered by id, which is the order of receipt; those after `after`.
[[nodiscard]] std::vector<DeadLetterRow> list_dead_letters(soci::session& session,
                                                           const DeadLetterFilter& filter,
                                                           std::string_view after,
                                                           std::int64_t max_rows);
[[nodiscard]] std::optional<DeadLetterRow> find_dead_letter(soci::session& session, std::string_view id);
[[nodiscard]] std::int64_t count_open_dead_letters(soci::session& session);
void mark_dead_letter(soci::session& session,
                      const std::string& id,
                      const std::string& state,
                      std::int64_t at_us,
                      const std::string& result);

// How far a follower of the journal has come: the next sequence number it wants. 0 at first.
[[nodiscard]] std::uint64_t load_reader_position(soci::session& session, const std::string& reader);
void save_reader_position(soci::session& session, const std::string& reader, std::uint64_t sequence);

}  // namespace tallystick::capture
