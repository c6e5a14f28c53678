#include "settlement/import_preview.h"

#include <utility>

#include "settlement/import_json.h"
#include "settlement/import_tally.h"
#include "settlement/report_table.h"

namespace tallystick::settlement {

base::Result<ImportPreview> preview_import(tabular::ByteSource& source,
                                           const ProfileLibrary& library,
                                           const PartnerTerms& terms,
                                           std::string_view profile,
                                           std::int64_t max_rows,
                                           std::size_t max_rejections) {
  TALLY_ASSIGN(const ReportLayout layout, find_layout(source, library, terms.network, profile));
  TALLY_ASSIGN(const Inspection inspection, inspect_report(source, layout, max_rows));
  TALLY_ASSIGN(ImportTally tally, ImportTally::make(layout, inspection, terms));
  TALLY_ASSIGN(const auto table, ReportTable::open(source, layout));
  ImportPreview preview;
  ReportLine line;
  while (true) {
    TALLY_ASSIGN(const bool has_line, table->next(line));
    if (!has_line) {
      break;
    }
    auto taken = tally.take(line);
    if (std::holds_alternative<StagedRow>(taken)) {
      ++tally.counts().added;
    } else if (auto* rejection = std::get_if<StoredRejection>(&taken);
               rejection != nullptr && preview.rejections.size() < max_rejections) {
      preview.rejections.push_back(std::move(*rejection));
    }
  }
  preview.counts = tally.counts();
  preview.evidence = layout_evidence(layout);
  add_evidence(preview.evidence, inspection);
  preview.warnings = tally.warnings();
  return preview;
}

}  // namespace tallystick::settlement
