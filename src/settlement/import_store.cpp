#include "settlement/import_store.h"

#include <stdexcept>
#include <string>

#include <boost/json.hpp>
#include <fmt/format.h>

#include "settlement/import_json.h"

namespace tallystick::settlement {
namespace {

constexpr std::string_view kImportColumns =
    "number, id, ledger, partner_id, state, attempt, job_id, node, actor, file_name, file_digest, file_bytes, "
    "wanted_profile, profile, kind, counts, evidence, warnings, error_code, error_message, created_at, finished_at";

// Columns that are no plain text or number of ReportImport.
struct ImportTexts {
  std::string id, partner_id, state, counts;
};

template <typename T>
T stored(base::Result<T> result) {
  if (!result) {
    throw std::runtime_error("report_imports holds what cannot be read: " + result.error().code);
  }
  return *std::move(result);
}

std::vector<ReportImport> select_imports(soci::session& session,
                                         std::string_view where,
                                         const std::vector<std::pair<const char*, std::string>>& texts,
                                         std::int64_t max_imports) {
  ReportImport row;
  ImportTexts raw;
  soci::statement statement(session);
  statement.exchange(soci::into(row.number));
  for (std::string* text : {&raw.id}) {
    statement.exchange(soci::into(*text));
  }
  statement.exchange(soci::into(row.ledger));
  statement.exchange(soci::into(raw.partner_id));
  statement.exchange(soci::into(raw.state));
  statement.exchange(soci::into(row.attempt));
  for (std::string* text : {&row.job_id, &row.node, &row.actor, &row.file_name, &row.file_digest}) {
    statement.exchange(soci::into(*text));
  }
  statement.exchange(soci::into(row.file_bytes));
  for (std::string* text : {&row.wanted_profile,
                            &row.profile,
                            &row.kind,
                            &raw.counts,
                            &row.evidence,
                            &row.warnings,
                            &row.error_code,
                            &row.error_message}) {
    statement.exchange(soci::into(*text));
  }
  statement.exchange(soci::into(row.created_at.us));
  statement.exchange(soci::into(row.finished_at.us));
  for (const auto& [name, value] : texts) {
    statement.exchange(soci::use(value, name));
  }
  statement.exchange(soci::use(max_imports, "max_imports"));
  statement.alloc();
  statement.prepare(
      fmt::format("SELECT {} FROM report_imports WHERE {} ORDER BY id DESC LIMIT :max_imports", kImportColumns, where));
  statement.define_and_bind();
  statement.execute();
  std::vector<ReportImport> imports;
  while (statement.fetch()) {
    row.id = stored(base::parse_uuid(raw.id));
    row.partner_id = stored(base::parse_uuid(raw.partner_id));
    row.state = stored(parse_import_state(raw.state));
    row.counts = stored(parse_counts(raw.counts));
    imports.push_back(row);
  }
  return imports;
}

}  // namespace

std::optional<std::int64_t> find_ledger(soci::session& session, const base::Uuid& partner_id) {
  const std::string partner = base::format_uuid(partner_id);
  std::int64_t number = 0;
  session << "SELECT number FROM report_ledgers WHERE partner_id = :partner", soci::into(number), soci::use(partner);
  return session.got_data() ? std::optional(number) : std::nullopt;
}

std::int64_t open_ledger(soci::session& session, const base::Uuid& partner_id) {
  const std::string partner = base::format_uuid(partner_id);
  session
      << "INSERT INTO report_ledgers (partner_id, revision) VALUES (:partner, 0) ON CONFLICT (partner_id) DO UPDATE "
         "SET revision = report_ledgers.revision",
      soci::use(partner);
  return find_ledger(session, partner_id).value();
}

std::int64_t load_revision(soci::session& session, std::int64_t ledger) {
  std::int64_t revision = 0;
  session << "SELECT revision FROM report_ledgers WHERE number = :number", soci::into(revision), soci::use(ledger);
  return revision;
}

bool count_revision(soci::session& session, std::int64_t ledger, std::int64_t seen) {
  soci::statement statement =
      (session.prepare
           << "UPDATE report_ledgers SET revision = revision + 1 WHERE number = :number AND revision = :seen",
       soci::use(ledger),
       soci::use(seen));
  statement.execute(true);
  return statement.get_affected_rows() == 1;
}

void insert_import(soci::session& session, const ReportImport& import) {
  const std::string id = base::format_uuid(import.id);
  const std::string partner = base::format_uuid(import.partner_id);
  const std::string state(name_of(import.state));
  const std::string counts = serialize_counts(import.counts);
  session << "INSERT INTO report_imports (id, ledger, partner_id, state, attempt, job_id, node, actor, file_name, "
             "file_digest, file_bytes, wanted_profile, profile, kind, counts, evidence, warnings, error_code, "
             "error_message, created_at, finished_at) VALUES (:id, :ledger, :partner, :state, :attempt, :job, :node, "
             ":actor, :file_name, :file_digest, :file_bytes, :wanted_profile, :profile, :kind, :counts, :evidence, "
             ":warnings, :error_code, :error_message, :created_at, :finished_at)",
      soci::use(id), soci::use(import.ledger), soci::use(partner), soci::use(state), soci::use(import.attempt),
      soci::use(import.job_id), soci::use(import.node), soci::use(import.actor), soci::use(import.file_name),
      soci::use(import.file_digest), soci::use(import.file_bytes), soci::use(import.wanted_profile),
      soci::use(import.profile), soci::use(import.kind), soci::use(counts), soci::use(import.evidence),
      soci::use(import.warnings), soci::use(import.error_code), soci::use(import.error_message),
      soci::use(import.created_at.us), soci::use(import.finished_at.us);
}

std::optional<ReportImport> find_import(soci::session& session, const base::Uuid& id) {
  auto found = select_imports(session, "id = :id", {{"id", base::format_uuid(id)}}, 1);
  return found.empty() ? std::nullopt : std::optional(std::move(found.front()));
}

std::vector<ReportImport> load_imports(soci::session& session,
                                       const base::Uuid& partner_id,
                                       std::string_view before,
                                       std::int64_t max_imports) {
  // Greater than any id.
  const std::string upper = before.empty() ? "g" : std::string(before);
  if (partner_id.is_nil()) {
    return select_imports(session, "id < :before", {{"before", upper}}, max_imports);
  }
  return select_imports(session,
                        "id < :before AND ledger = (SELECT number FROM report_ledgers WHERE partner_id = :partner)",
                        {{"before", upper}, {"partner", base::format_uuid(partner_id)}},
                        max_imports);
}

std::vector<ReportImport> load_unfinished_imports(soci::session& session, std::int64_t max_imports) {
  return select_imports(session, "state IN ('waiting', 'running')", {}, max_imports);
}

bool update_import(soci::session& session, const ReportImport& import, std::int64_t attempt) {
  const std::string state(name_of(import.state));
  const std::string counts = serialize_counts(import.counts);
  soci::statement statement =
      (session.prepare << "UPDATE report_imports SET state = :state, attempt = :attempt, job_id = :job, profile = "
                          ":profile, kind = :kind, counts = :counts, evidence = :evidence, warnings = :warnings, "
                          "error_code = :error_code, error_message = :error_message, finished_at = :finished_at WHERE "
                          "number = :number AND attempt = :seen AND state IN ('waiting', 'running')",
       soci::use(state),
       soci::use(import.attempt),
       soci::use(import.job_id),
       soci::use(import.profile),
       soci::use(import.kind),
       soci::use(counts),
       soci::use(import.evidence),
       soci::use(import.warnings),
       soci::use(import.error_code),
       soci::use(import.error_message),
       soci::use(import.finished_at.us),
       soci::use(import.number),
       soci::use(attempt));
  statement.execute(true);
  return statement.get_affected_rows() == 1;
}

void insert_rejections(soci::session& session, std::int64_t import, const std::vector<StoredRejection>& rejections) {
  StoredRejection row;
  soci::statement statement =
      (session.prepare << "INSERT INTO report_rejections (import, line, code, reason, excerpt) VALUES (:import, :line, "
                          ":code, :reason, :excerpt)",
       soci::use(import),
       soci::use(row.line),
       soci::use(row.code),
       soci::use(row.reason),
       soci::use(row.excerpt));
  for (const StoredRejection& rejection : rejections) {
    row = rejection;
    statement.execute(true);
  }
}

std::vector<StoredRejection> load_rejections(soci::session& session,
                                             std::int64_t import,
                                             std::int64_t after,
                                             std::int64_t max_rejections) {
  StoredRejection row;
  soci::statement statement =
      (session.prepare << "SELECT line, code, reason, excerpt FROM report_rejections WHERE import = :import AND line > "
                          ":after ORDER BY line LIMIT :max_rejections",
       soci::use(import),
       soci::use(after),
       soci::use(max_rejections),
       soci::into(row.line),
       soci::into(row.code),
       soci::into(row.reason),
       soci::into(row.excerpt));
  statement.execute();
  std::vector<StoredRejection> rejections;
  while (statement.fetch()) {
    rejections.push_back(row);
  }
  return rejections;
}

bool remove_leftovers(soci::session& session, std::int64_t import, std::int64_t max_rows) {
  bool has_more = false;
  for (const char* table : {"report_rows", "report_clicks", "report_rejections"}) {
    soci::statement statement = (session.prepare << fmt::format(
                                     "DELETE FROM {0} WHERE import = :import AND line IN (SELECT line FROM {0} WHERE "
                                     "import = :same ORDER BY line LIMIT :max_rows)",
                                     table),
                                 soci::use(import, "import"),
                                 soci::use(import, "same"),
                                 soci::use(max_rows, "max_rows"));
    statement.execute(true);
    has_more = has_more || statement.get_affected_rows() >= max_rows;
  }
  return has_more;
}

}  // namespace tallystick::settlement
