#include "settlement/import_run.h"

#include <utility>

#include <boost/json.hpp>
#include <fmt/format.h>

#include "settlement/import_json.h"
#include "settlement/import_store.h"
#include "settlement/report_inspection.h"
#include "settlement/report_layout.h"

namespace tallystick::settlement {
namespace {

std::unexpected<base::Error> overtaken() {
  return base::fail(base::ErrorKind::kUnavailable,
                    "import_overtaken",
                    "another import of this partner was completed meanwhile; this one begins anew");
}

}  // namespace

// What one reading of the file collects.
struct ImportRun::Pass {
  ReportImport import;
  const ReportLayout& layout;
  const Inspection& inspection;
  ImportTally tally;
  RowTable table = RowTable::kRows;
  std::int64_t revision = 0;  // of the ledger when the reading began; 0: it has no rows
  std::vector<StagedRow> staged = {};
  std::vector<StoredRejection> rejections = {};
  std::int64_t kept_rejections = 0;
};

base::Result<ReportImport> ImportRun::run(ReportImport import,
                                          tabular::ByteSource& source,
                                          const Watch& watch,
                                          const Complete& complete) {
  TALLY_ASSIGN(const ReportLayout layout, find_layout(source, library_, terms_.network, import.wanted_profile));
  TALLY_ASSIGN(const Inspection inspection, inspect_report(source, layout, limits_.max_rows));
  TALLY_ASSIGN(ImportTally tally, ImportTally::make(layout, inspection, terms_));
  const Profile& profile = layout.profile();
  import.profile = profile.name;
  import.kind = name_of(profile.kind);
  Pass pass{std::move(import), layout, inspection, std::move(tally)};
  pass.table = profile.kind == ReportKind::kClicks ? RowTable::kClicks : RowTable::kRows;
  TALLY_ASSIGN(pass.revision, database_.read<std::int64_t>([&](soci::session& session) -> base::Result<std::int64_t> {
    return load_revision(session, pass.import.ledger);
  }));
  TALLY_ASSIGN(const auto table, ReportTable::open(source, layout));
  ReportLine line;
  std::int64_t done = 0;
  while (true) {
    TALLY_ASSIGN(const bool has_line, table->next(line));
    if (!has_line) {
      break;
    }
    done += line.kind == LineKind::kData ? 1 : 0;
    take_line(pass, line);
    if (std::ssize(pass.staged) + std::ssize(pass.rejections) < limits_.portion_rows) {
      continue;
    }
    TALLY_TRY(flush(pass));
    watch.on_progress(done, inspection.rows);
    if (watch.is_cancelled()) {
      return base::fail(base::ErrorKind::kUnavailable, "cancelled", "the import was stopped; nothing of it counts");
    }
  }
  TALLY_TRY(flush(pass));
  watch.on_progress(inspection.rows, inspection.rows);
  return finish(pass, complete);
}

void ImportRun::take_line(Pass& pass, const ReportLine& line) {
  auto taken = pass.tally.take(line);
  if (auto* row = std::get_if<StagedRow>(&taken)) {
    pass.staged.push_back(std::move(*row));
  } else if (auto* rejection = std::get_if<StoredRejection>(&taken);
             rejection != nullptr && pass.kept_rejections < limits_.max_rejections) {
    ++pass.kept_rejections;
    pass.rejections.push_back(std::move(*rejection));
  }
}

// Those of the collected rows that say something new, with their versions. A transaction of its own, so that the
// writers' lock is held for inserts only; should another import be completed in between, the revision tells in the end.
base::Result<std::vector<StagedRow>> ImportRun::find_new(Pass& pass) {
  ImportCounts& counts = pass.tally.counts();
  PresentRows present;
  if (!pass.staged.empty() && pass.revision > 0) {
    std::vector<std::int64_t> hashes;
    hashes.reserve(pass.staged.size());
    for (const StagedRow& row : pass.staged) {
      hashes.push_back(row.key_hash);
    }
    TALLY_ASSIGN(present, database_.read<PresentRows>([&](soci::session& session) -> base::Result<PresentRows> {
      return load_present(session, pass.table, pass.import.ledger, hashes);
    }));
  }
  std::vector<StagedRow> fresh;
  fresh.reserve(pass.staged.size());
  for (StagedRow& row : pass.staged) {
    const auto known = present.find(row.row.key);
    if (known == present.end()) {
      row.row.first_seen_at = pass.import.created_at;
      ++counts.added;
    } else if (known->second.fingerprint == row.fingerprint) {
      ++counts.unchanged;
      continue;
    } else {
      row.row.version = known->second.version + 1;
      row.row.first_seen_at = known->second.first_seen_at;
      ++counts.changed;
    }
    fresh.push_back(std::move(row));
  }
  pass.staged.clear();
  return fresh;
}

base::Result<void> ImportRun::flush(Pass& pass) {
  TALLY_ASSIGN(std::vector<StagedRow> fresh, find_new(pass));
  if (fresh.empty() && pass.rejections.empty()) {
    return {};
  }
  pass.import.counts = pass.tally.counts();
  TALLY_ASSIGN([[maybe_unused]] const bool is_written,
               database_.write<bool>([&](soci::session& session) -> base::Result<bool> {
                 if (!update_import(session, pass.import, pass.import.attempt)) {
                   return overtaken();
                 }
                 insert_rows(session, pass.table, pass.import.ledger, pass.import.number, fresh);
                 insert_rejections(session, pass.import.number, pass.rejections);
                 return true;
               }));
  pass.rejections.clear();
  return {};
}

base::Result<ReportImport> ImportRun::finish(Pass& pass, const Complete& complete) {
  pass.import.counts = pass.tally.counts();
  std::vector<ReportWarning> warnings = pass.tally.warnings();
  if (pass.import.counts.rejected > pass.kept_rejections) {
    warnings.push_back(
        {"many_rejections", fmt::format("only the first {} rejected lines are kept", pass.kept_rejections)});
  }
  boost::json::object evidence = layout_evidence(pass.layout);
  add_evidence(evidence, pass.inspection);
  pass.import.evidence = boost::json::serialize(evidence);
  pass.import.warnings = boost::json::serialize(to_json(warnings));
  pass.import.state = ImportState::kComplete;
  pass.import.finished_at = clock_.now();
  return database_.write<ReportImport>([&](soci::session& session) -> base::Result<ReportImport> {
    if (!count_revision(session, pass.import.ledger, pass.revision) ||
        !update_import(session, pass.import, pass.import.attempt)) {
      return overtaken();
    }
    TALLY_TRY(complete(session, pass.import));
    return pass.import;
  });
}

base::Result<void> remove_leftovers(records::Database& database,
                                    const ReportImport& import,
                                    std::int64_t portion_rows) {
  while (true) {
    TALLY_ASSIGN(const bool has_more, database.write<bool>([&](soci::session& session) -> base::Result<bool> {
      return remove_leftovers(session, import.number, portion_rows);
    }));
    if (!has_more) {
      return {};
    }
  }
}

}  // namespace tallystick::settlement
