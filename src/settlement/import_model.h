#pragma once
// An import as a plain value: one file of one partner, and what came of it.

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "base/time.h"
#include "base/uuid.h"

namespace tallystick::settlement {

enum class ImportState : std::uint8_t {
  kWaiting,   // for its job
  kRunning,   // rows are written that nobody sees yet
  kComplete,  // all of it is there
  kRefused,   // none of it is
};
[[nodiscard]] std::string_view name_of(ImportState state);
// Error code: "unknown_state".
[[nodiscard]] base::Result<ImportState> parse_import_state(std::string_view text);

// Every data line of the file is in exactly one of added, changed, unchanged, duplicate and rejected.
struct ImportCounts {
  std::int64_t rows = 0;
  std::int64_t added = 0;      // keys that were not there
  std::int64_t changed = 0;    // new versions
  std::int64_t unchanged = 0;  // there already
  std::int64_t duplicate = 0;  // once more in this file, the same
  std::int64_t rejected = 0;
  std::int64_t ignored = 0;  // totals and notes, which are no data

  friend bool operator==(const ImportCounts&, const ImportCounts&) = default;
};

struct ReportImport {
  std::int64_t number = 0;  // of the database: what rows refer to
  base::Uuid id;
  std::int64_t ledger = 0;
  base::Uuid partner_id;
  ImportState state = ImportState::kWaiting;
  std::int64_t attempt = 0;  // counted up by every run, so that one that lost its lease finds out
  std::string job_id;
  std::string node;   // which has the file
  std::string actor;  // who imported it
  std::string file_name;
  std::string file_digest;  // SHA-256, in hex
  std::int64_t file_bytes = 0;
  std::string wanted_profile;  // empty: recognised
  std::string profile;         // that read it
  std::string kind;            // "commissions" or "clicks"
  ImportCounts counts;
  std::string evidence = "{}";  // JSON: how the file was read, and why
  std::string warnings = "[]";  // JSON
  std::string error_code;
  std::string error_message;
  base::Timestamp created_at;
  base::Timestamp finished_at;  // zero: not yet
};

struct StoredRejection {
  std::int64_t line = 0;
  std::string code;
  std::string reason;
  std::string excerpt;
};

}  // namespace tallystick::settlement
