#pragma once
// The SQL of imports: their records, their rejections, and taking back what an attempt left. In the caller's
// transaction; throws soci::soci_error.

#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include <soci/soci.h>

#include "base/uuid.h"
#include "settlement/import_model.h"

namespace tallystick::settlement {

// The partner's number, made when it has none. Takes its lock until the transaction ends.
[[nodiscard]] std::int64_t open_ledger(soci::session& session, const base::Uuid& partner_id);
[[nodiscard]] std::optional<std::int64_t> find_ledger(soci::session& session, const base::Uuid& partner_id);
[[nodiscard]] std::int64_t load_revision(soci::session& session, std::int64_t ledger);
// False when it is not `seen` any more: another import was completed meanwhile.
[[nodiscard]] bool count_revision(soci::session& session, std::int64_t ledger, std::int64_t seen);

// Its number is the database's choice.
void insert_import(soci::session& session, const ReportImport& import);
[[nodiscard]] std::optional<ReportImport> find_import(soci::session& session, const base::Uuid& id);
// Newest first, before the id `before`; empty: from the newest. Nil partner: of all.
[[nodiscard]] std::vector<ReportImport> load_imports(soci::session& session,
                                                     const base::Uuid& partner_id,
                                                     std::string_view before,
                                                     std::int64_t max_imports);
// Those that are neither complete nor refused.
[[nodiscard]] std::vector<ReportImport> load_unfinished_imports(soci::session& session, std::int64_t max_imports);
// Writes what changes while an import runs. False when it is finished, or another attempt has begun.
[[nodiscard]] bool update_import(soci::session& session, const ReportImport& import, std::int64_t attempt);

void insert_rejections(soci::session& session, std::int64_t import, const std::vector<StoredRejection>& rejections);
// After the line `after`.
[[nodiscard]] std::vector<StoredRejection> load_rejections(soci::session& session,
                                                           std::int64_t import,
                                                           std::int64_t after,
                                                           std::int64_t max_rejections);

// Deletes at most `max_rows` of what an unfinished import wrote; true when there may be more.
[[nodiscard]] bool remove_leftovers(soci::session& session, std::int64_t import, std::int64_t max_rows);

}  // namespace tallystick::settlement
