#pragma once
// Imports of partner reports: takes files, queues their import as a job, runs it, tells what came of it. Thread-safe:
// blocks on the database.

#include <condition_variable>
#include <cstdint>
#include <functional>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include "access/audit.h"
#include "base/error.h"
#include "base/log.h"
#include "base/random.h"
#include "base/time.h"
#include "jobs/queue.h"
#include "jobs/runner.h"
#include "records/database.h"
#include "settlement/import_model.h"
#include "settlement/import_run.h"
#include "settlement/partner_terms.h"
#include "settlement/profile_library.h"
#include "settlement/report_row.h"
#include "settlement/upload_files.h"

namespace tallystick::settlement {

inline constexpr std::string_view kImportJobKind = "report.import";

struct ImportOptions {
  std::string node;  // whose files these are
  ImportLimits limits;
};

class ImportService {
 public:
  // All outlive it.
  struct Rooms {
    records::Database& database;
    access::AuditLog& audit;
    jobs::Queue& queue;
    PartnerDirectory& partners;
    const ProfileLibrary& profiles;
    UploadFiles& files;
    base::Log& log;
    const base::Clock& clock;
    base::Random& random;
  };
  // In the transaction that completes an import: reconciliation can be queued so. Set before the first job.
  using Completed = std::function<base::Result<void>(soci::session& session, const ReportImport& import)>;

  ImportService(const Rooms& rooms, ImportOptions options) : rooms_(rooms), options_(std::move(options)) {}
  void set_on_complete(Completed completed) { completed_ = std::move(completed); }

  // Looks at the file's beginning, so that what is no report of the partner is refused at once, and queues the import
  // with its job and audit entry in one transaction. Error codes: "partner_not_found", those of find_layout.
  [[nodiscard]] base::Result<ReportImport> submit(std::string_view partner,
                                                  const StoredFile& file,
                                                  std::string_view file_name,
                                                  std::string_view profile,
                                                  const access::ChangeContext& context);
  // The handler of kImportJobKind. The import as JSON; run again after a crash it begins anew and ends the same.
  [[nodiscard]] base::Result<std::string> run_job(jobs::JobContext& job);

  // Error codes: "partner_not_found", "import_not_found".
  [[nodiscard]] base::Result<ReportImport> get(std::string_view partner, const base::Uuid& id);
  // Newest first, before the id `before`.
  [[nodiscard]] base::Result<std::vector<ReportImport>> list(std::string_view partner,
                                                             std::string_view before,
                                                             std::int64_t max_imports);
  // In the order of lines, after the line `after`.
  [[nodiscard]] base::Result<std::vector<StoredRejection>> list_rejections(const ReportImport& import,
                                                                           std::int64_t after,
                                                                           std::int64_t max_rejections);
  [[nodiscard]] base::Result<std::vector<ReportRow>> list_rows(const ReportImport& import,
                                                               std::int64_t after,
                                                               std::int64_t max_rows);
  // Until the import is finished, at most `limit_us`; then as it is.
  [[nodiscard]] base::Result<ReportImport> wait(std::string_view partner, const base::Uuid& id, std::int64_t limit_us);
  // How far its job has come; nothing when it is not known.
  [[nodiscard]] std::optional<jobs::Progress> progress(const ReportImport& import);

  // At start: imports whose job will never run again are refused, and what they wrote is removed.
  [[nodiscard]] base::Result<void> tidy();

  [[nodiscard]] const ProfileLibrary& profiles() const { return rooms_.profiles; }
  [[nodiscard]] UploadFiles& files() { return rooms_.files; }
  [[nodiscard]] PartnerDirectory& partners() { return rooms_.partners; }

 private:
  [[nodiscard]] base::Result<ReportImport> begin_attempt(const base::Uuid& id);
  [[nodiscard]] base::Result<ReportImport> attempt(jobs::JobContext& job, const base::Uuid& id);
  [[nodiscard]] base::Result<void> refuse(ReportImport import, const base::Error& error);
  [[nodiscard]] base::Result<void> record(soci::session& session, std::string_view action, const ReportImport& import);

  const Rooms rooms_;
  const ImportOptions options_;
  Completed completed_;
  std::timed_mutex one_at_a_time_;  // SQLite has one writer, and imports of a partner must not overtake each other
  std::mutex mutex_;
  std::condition_variable is_finished_;  // some import is
};

}  // namespace tallystick::settlement
