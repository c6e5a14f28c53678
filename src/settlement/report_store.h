#pragma once
// The SQL of report rows: which versions are present, and new ones in bulk. In the caller's transaction; throws
// soci::soci_error. See report_row.h for reading.

#include <cstdint>
#include <span>
#include <string>
#include <unordered_map>
#include <vector>

#include <soci/soci.h>

#include "settlement/report_row.h"

namespace tallystick::settlement {

// A row on its way into the database.
struct StagedRow {
  ReportRow row;  // of a report of clicks: key, line, version and occurred_at, the day
  std::int64_t key_hash = 0;
  std::int64_t fingerprint = 0;
  std::int64_t clicks = 0;
};

// The present version of a key, of completed imports.
struct PresentRow {
  std::int64_t version = 0;
  std::int64_t fingerprint = 0;
  base::Timestamp first_seen_at;
};
using PresentRows = std::unordered_map<std::string, PresentRow>;  // by key

enum class RowTable : std::uint8_t { kRows, kClicks };

// Of keys with these hashes.
[[nodiscard]] PresentRows load_present(soci::session& session,
                                       RowTable table,
                                       std::int64_t ledger,
                                       std::span<const std::int64_t> key_hashes);

// Takes the rows' texts out of them.
void insert_rows(
    soci::session& session, RowTable table, std::int64_t ledger, std::int64_t import, std::span<StagedRow> rows);

// Rows that an import stated, in the order of its lines, after the line `after`.
[[nodiscard]] std::vector<ReportRow> load_rows_of_import(soci::session& session,
                                                         std::int64_t import,
                                                         std::int64_t after,
                                                         std::int64_t max_rows);

// A number is its own hash: rows come in the order of their numbers, so that the index grows at its end, which is
// several times faster than all over.
[[nodiscard]] std::int64_t hash_of_key(std::string_view key);

}  // namespace tallystick::settlement
