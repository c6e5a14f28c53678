#include "settlement/import_service.h"

#include <algorithm>
#include <chrono>
#include <utility>

#include <boost/json.hpp>
#include <fmt/format.h>

#include "base/utf8.h"
#include "settlement/import_json.h"
#include "settlement/import_store.h"
#include "settlement/report_layout.h"

namespace tallystick::settlement {
namespace {

namespace json = boost::json;

constexpr std::size_t kMaxFileNameBytes = 200;
constexpr std::int64_t kMaxUnfinished = 1'000;
constexpr int kMaxOvertakes = 3;
constexpr int kMaxAttempts = 10;  // every restart of the server while it runs is one

// What lies in the file, and will be the same the next time.
bool is_final(const base::Error& error) {
  using enum base::ErrorKind;
  return error.kind == kInvalid || error.kind == kUnprocessable || error.kind == kTooLarge || error.kind == kNotFound;
}

base::Result<base::Uuid> parse_payload(std::string_view payload) {
  boost::system::error_code error;
  const json::value value = json::parse(payload, error);
  const json::value* id = error || !value.is_object() ? nullptr : value.get_object().if_contains("import");
  if (id == nullptr || !id->is_string()) {
    return base::fail(base::ErrorKind::kInvalid, "bad_payload", "the job names no import");
  }
  return base::parse_uuid(std::string_view(id->get_string()));
}

std::unexpected<base::Error> import_not_found() {
  return base::fail(base::ErrorKind::kNotFound, "import_not_found", "there is no such import of this partner");
}

bool is_finished(const ReportImport& import) {
  return import.state == ImportState::kComplete || import.state == ImportState::kRefused;
}

}  // namespace

base::Result<void> ImportService::record(soci::session& session, std::string_view action, const ReportImport& import) {
  return rooms_.audit.append(session,
                             {std::string(action),
                              "partner:" + base::format_uuid(import.partner_id),
                              "",
                              json::serialize(json::object{{"import", base::format_uuid(import.id)},
                                                           {"file_sha256", import.file_digest},
                                                           {"file_name", import.file_name},
                                                           {"profile", import.profile},
                                                           {"state", name_of(import.state)},
                                                           {"counts", to_json(import.counts)},
                                                           {"error", import.error_code}})},
                             {import.actor, "", ""});
}

base::Result<ReportImport> ImportService::submit(std::string_view partner,
                                                 const StoredFile& file,
                                                 std::string_view file_name,
                                                 std::string_view profile,
                                                 const access::ChangeContext& context) {
  TALLY_ASSIGN(const PartnerTerms terms, rooms_.partners.find(partner));
  TALLY_ASSIGN(const auto source, tabular::FileSource::open(rooms_.files.path_of(file.digest)));
  TALLY_ASSIGN(const ReportLayout layout, find_layout(*source, rooms_.profiles, terms.network, profile));
  ReportImport import;
  import.id = base::make_uuid_v7(rooms_.clock.now(), rooms_.random);
  import.partner_id = terms.id;
  import.node = options_.node;
  import.actor = context.actor;
  import.file_name = base::clean_utf8(file_name, kMaxFileNameBytes);
  import.file_digest = file.digest;
  import.file_bytes = file.bytes;
  import.wanted_profile = profile;
  import.profile = layout.profile().name;
  import.kind = name_of(layout.profile().kind);
  import.evidence = json::serialize(layout_evidence(layout));
  import.created_at = rooms_.clock.now();
  const std::string id = base::format_uuid(import.id);
  return rooms_.database.write<ReportImport>([&](soci::session& session) -> base::Result<ReportImport> {
    TALLY_ASSIGN(const jobs::Job job,
                 rooms_.queue.enqueue(session,
                                      {.kind = std::string(kImportJobKind),
                                       .payload = json::serialize(json::object{{"import", id}}),
                                       .subject = "partner:" + base::format_uuid(terms.id),
                                       .max_attempts = kMaxAttempts,
                                       .dedupe_key = std::string(kImportJobKind) + ":" + id,
                                       .node = options_.node,
                                       .actor = context.actor}));
    import.job_id = base::format_uuid(job.id);
    import.ledger = open_ledger(session, terms.id);
    insert_import(session, import);
    TALLY_TRY(rooms_.audit.append(session,
                                  {"report.upload",
                                   "partner:" + base::format_uuid(terms.id),
                                   "",
                                   json::serialize(json::object{{"import", id},
                                                                {"file_name", import.file_name},
                                                                {"file_sha256", import.file_digest},
                                                                {"bytes", import.file_bytes},
                                                                {"profile", import.profile}})},
                                  context));
    return import;
  });
}

base::Result<ReportImport> ImportService::begin_attempt(const base::Uuid& id) {
  return rooms_.database.write<ReportImport>([&](soci::session& session) -> base::Result<ReportImport> {
    auto import = find_import(session, id);
    if (!import) {
      return import_not_found();
    }
    if (is_finished(*import)) {
      return *import;
    }
    const std::int64_t seen = import->attempt++;
    import->state = ImportState::kRunning;
    if (!update_import(session, *import, seen)) {
      return base::fail(base::ErrorKind::kUnavailable, "import_overtaken", "another worker took this import");
    }
    return *import;
  });
}

base::Result<ReportImport> ImportService::attempt(jobs::JobContext& job, const base::Uuid& id) {
  TALLY_ASSIGN(ReportImport import, begin_attempt(id));
  if (is_finished(import)) {
    return import;
  }
  TALLY_TRY(remove_leftovers(rooms_.database, import, options_.limits.portion_rows));
  const auto run = [&]() -> base::Result<ReportImport> {
    TALLY_ASSIGN(const PartnerTerms terms, rooms_.partners.find(base::format_uuid(import.partner_id)));
    TALLY_ASSIGN(const auto source, tabular::FileSource::open(rooms_.files.path_of(import.file_digest)));
    ImportRun importer(rooms_.database, rooms_.profiles, rooms_.clock, options_.limits, terms);
    return importer.run(import,
                        *source,
                        {.on_progress =
                             [&](std::int64_t done, std::int64_t total) {
                               job.set_progress({done, total, ""});
                             },
                         .is_cancelled =
                             [&] {
                               return job.is_cancelled();
                             }},
                        [&](soci::session& session, const ReportImport& complete) -> base::Result<void> {
                          TALLY_TRY(record(session, "report.import", complete));
                          return completed_ ? completed_(session, complete) : base::Result<void>();
                        });
  };
  auto complete = run();
  if (!complete) {
    const bool is_last = job.job().attempts >= job.job().draft.max_attempts && complete.error().code != "cancelled";
    if (is_final(complete.error()) || is_last) {
      TALLY_TRY(refuse(import, complete.error()));
    }
  }
  return complete;
}

base::Result<std::string> ImportService::run_job(jobs::JobContext& job) {
  TALLY_ASSIGN(const base::Uuid id, parse_payload(job.job().draft.payload));
  std::unique_lock turn(one_at_a_time_, std::defer_lock);
  while (!turn.try_lock_for(std::chrono::milliseconds(100))) {
    if (job.is_cancelled()) {
      return base::fail(base::ErrorKind::kUnavailable, "cancelled", "the import was stopped before it began");
    }
  }
  auto import = attempt(job, id);
  for (int i = 0; i < kMaxOvertakes && !import && import.error().code == "import_overtaken"; ++i) {
    import = attempt(job, id);
  }
  is_finished_.notify_all();
  TALLY_TRY(import);
  if (import->state == ImportState::kRefused) {
    return base::fail(base::ErrorKind::kUnprocessable, import->error_code, import->error_message);
  }
  return json::serialize(json::object{{"import", base::format_uuid(import->id)},
                                      {"state", name_of(import->state)},
                                      {"profile", import->profile},
                                      {"counts", to_json(import->counts)}});
}

base::Result<void> ImportService::refuse(ReportImport import, const base::Error& error) {
  TALLY_TRY(remove_leftovers(rooms_.database, import, options_.limits.portion_rows));
  import.state = ImportState::kRefused;
  import.error_code = error.code;
  import.error_message = error.message;
  import.finished_at = rooms_.clock.now();
  TALLY_ASSIGN([[maybe_unused]] const bool is_mine,
               rooms_.database.write<bool>([&](soci::session& session) -> base::Result<bool> {
                 if (!update_import(session, import, import.attempt)) {
                   return false;
                 }
                 TALLY_TRY(record(session, "report.refuse", import));
                 return true;
               }));
  rooms_.log.warning("report refused", {{"import", base::format_uuid(import.id)}, {"code", error.code}});
  return {};
}

base::Result<ReportImport> ImportService::get(std::string_view partner, const base::Uuid& id) {
  TALLY_ASSIGN(const PartnerTerms terms, rooms_.partners.find(partner));
  return rooms_.database.read<ReportImport>([&](soci::session& session) -> base::Result<ReportImport> {
    auto import = find_import(session, id);
    if (!import || import->partner_id != terms.id) {
      return import_not_found();
    }
    return *std::move(import);
  });
}

base::Result<std::vector<ReportImport>> ImportService::list(std::string_view partner,
                                                            std::string_view before,
                                                            std::int64_t max_imports) {
  using Imports = std::vector<ReportImport>;
  TALLY_ASSIGN(const PartnerTerms terms, rooms_.partners.find(partner));
  return rooms_.database.read<Imports>([&](soci::session& session) -> base::Result<Imports> {
    return load_imports(session, terms.id, before, max_imports);
  });
}

base::Result<std::vector<StoredRejection>> ImportService::list_rejections(const ReportImport& import,
                                                                          std::int64_t after,
                                                                          std::int64_t max_rejections) {
  using Rejections = std::vector<StoredRejection>;
  if (import.state != ImportState::kComplete) {
    return Rejections();
  }
  return rooms_.database.read<Rejections>([&](soci::session& session) -> base::Result<Rejections> {
    return load_rejections(session, import.number, after, max_rejections);
  });
}

base::Result<std::vector<ReportRow>> ImportService::list_rows(const ReportImport& import,
                                                              std::int64_t after,
                                                              std::int64_t max_rows) {
  using Rows = std::vector<ReportRow>;
  return rooms_.database.read<Rows>([&](soci::session& session) -> base::Result<Rows> {
    return load_rows_of_import(session, import.number, after, max_rows);
  });
}

base::Result<ReportImport> ImportService::wait(std::string_view partner, const base::Uuid& id, std::int64_t limit_us) {
  const std::int64_t end_us = rooms_.clock.monotonic_us() + limit_us;
  while (true) {
    TALLY_ASSIGN(ReportImport import, get(partner, id));
    const std::int64_t left_us = end_us - rooms_.clock.monotonic_us();
    if (is_finished(import) || left_us <= 0) {
      return import;
    }
    // Another node may finish it, which nobody tells us.
    std::unique_lock lock(mutex_);
    is_finished_.wait_for(lock, std::chrono::microseconds(std::min<std::int64_t>(left_us, 200'000)));
  }
}

std::optional<jobs::Progress> ImportService::progress(const ReportImport& import) {
  const auto id = base::parse_uuid(import.job_id);
  const auto job = id ? rooms_.queue.get(*id) : base::Result<jobs::Job>(std::unexpected(id.error()));
  return job ? std::optional(job->progress) : std::nullopt;
}

base::Result<void> ImportService::tidy() {
  using Imports = std::vector<ReportImport>;
  TALLY_TRY(rooms_.files.remove_expired());
  TALLY_ASSIGN(const Imports unfinished,
               rooms_.database.read<Imports>([](soci::session& session) -> base::Result<Imports> {
                 return load_unfinished_imports(session, kMaxUnfinished);
               }));
  for (const ReportImport& import : unfinished) {
    TALLY_ASSIGN(const base::Uuid id, base::parse_uuid(import.job_id));
    const auto job = rooms_.queue.get(id);
    const bool is_alive = job ? job->state == jobs::State::kQueued || job->state == jobs::State::kRunning
                              : job.error().code != "job_not_found";
    if (is_alive) {
      continue;
    }
    const bool was_cancelled = job && job->state == jobs::State::kCancelled;
    TALLY_TRY(refuse(import,
                     {base::ErrorKind::kUnprocessable,
                      was_cancelled ? "import_cancelled" : "import_abandoned",
                      was_cancelled ? "somebody cancelled its job" : "its job failed and was given up"}));
  }
  return {};
}

}  // namespace tallystick::settlement
