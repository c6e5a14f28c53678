#pragma once
// What an import of a file would find, without a database: `report import --dry-run`. One thread.

#include <cstdint>
#include <string_view>
#include <vector>

#include <boost/json.hpp>

#include "base/error.h"
#include "settlement/import_model.h"
#include "settlement/partner_terms.h"
#include "settlement/profile_library.h"
#include "settlement/report_inspection.h"
#include "tabular/byte_source.h"

namespace tallystick::settlement {

struct ImportPreview {
  ImportCounts counts;  // `added`: good rows, whether they are there already or not
  boost::json::object evidence;
  std::vector<ReportWarning> warnings;
  std::vector<StoredRejection> rejections;  // the first ones
};

// Error codes: those of find_layout and inspect_report, "unknown_time_zone".
[[nodiscard]] base::Result<ImportPreview> preview_import(tabular::ByteSource& source,
                                                         const ProfileLibrary& library,
                                                         const PartnerTerms& terms,
                                                         std::string_view profile,
                                                         std::int64_t max_rows,
                                                         std::size_t max_rejections);

}  // namespace tallystick::settlement
