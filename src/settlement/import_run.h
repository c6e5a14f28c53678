#pragma once
// One attempt to import one file: looks at the whole of it, then writes its rows in portions that nobody sees, and
// makes them all visible in the last transaction. Killed anywhere it leaves nothing that counts. One thread.

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include <soci/soci.h>

#include "base/error.h"
#include "base/time.h"
#include "records/database.h"
#include "settlement/import_model.h"
#include "settlement/import_tally.h"
#include "settlement/partner_terms.h"
#include "settlement/profile_library.h"
#include "settlement/report_store.h"
#include "tabular/byte_source.h"

namespace tallystick::settlement {

struct ImportLimits {
  std::int64_t max_rows = 2'000'000;     // about 100 bytes of memory each
  std::int64_t portion_rows = 20'000;    // of a transaction: others write in between
  std::int64_t max_rejections = 10'000;  // kept; further ones are counted
};

class ImportRun {
 public:
  // In the transaction that completes the import: all of it or nothing.
  using Complete = std::function<base::Result<void>(soci::session& session, const ReportImport& import)>;
  struct Watch {
    std::function<void(std::int64_t done, std::int64_t total)> on_progress;
    std::function<bool()> is_cancelled;
  };

  // All must outlive it.
  ImportRun(records::Database& database,
            const ProfileLibrary& library,
            const base::Clock& clock,
            const ImportLimits& limits,
            const PartnerTerms& terms)
      : database_(database), library_(library), clock_(clock), limits_(limits), terms_(terms) {}

  // The import as it is then, complete. Errors of the file (find_layout, inspect_report) are for the caller to record;
  // "import_overtaken": another attempt or another import was faster, nothing is written; "cancelled".
  [[nodiscard]] base::Result<ReportImport> run(ReportImport import,
                                               tabular::ByteSource& source,
                                               const Watch& watch,
                                               const Complete& complete);

 private:
  struct Pass;
  void take_line(Pass& pass, const ReportLine& line);
  [[nodiscard]] base::Result<std::vector<StagedRow>> find_new(Pass& pass);
  [[nodiscard]] base::Result<void> flush(Pass& pass);
  [[nodiscard]] base::Result<ReportImport> finish(Pass& pass, const Complete& complete);

  records::Database& database_;
  const ProfileLibrary& library_;
  const base::Clock& clock_;
  const ImportLimits limits_;
  const PartnerTerms& terms_;
};

// Deletes what an unfinished import wrote, in portions.
[[nodiscard]] base::Result<void> remove_leftovers(records::Database& database,
                                                  const ReportImport& import,
                                                  std::int64_t portion_rows);

}  // namespace tallystick::settlement
