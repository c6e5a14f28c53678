#pragma once
// The JSON forms of imports, and of how a file was read. Pure.

#include <string>
#include <string_view>
#include <vector>

#include <boost/json.hpp>

#include "base/error.h"
#include "settlement/import_model.h"
#include "settlement/report_inspection.h"
#include "settlement/report_layout.h"
#include "settlement/report_row.h"

namespace tallystick::settlement {

[[nodiscard]] boost::json::object to_json(const ImportCounts& counts);
[[nodiscard]] std::string serialize_counts(const ImportCounts& counts);
// Error code: "bad_json".
[[nodiscard]] base::Result<ImportCounts> parse_counts(std::string_view text);

[[nodiscard]] boost::json::object to_json(const ReportImport& import);
[[nodiscard]] boost::json::object to_json(const StoredRejection& rejection);
[[nodiscard]] boost::json::object to_json(const ReportRow& row);
[[nodiscard]] boost::json::object to_json(const Profile& profile);
[[nodiscard]] boost::json::array to_json(const std::vector<ReportWarning>& warnings);

// Which profile, which columns are what, what was passed over, and what came second.
[[nodiscard]] boost::json::object layout_evidence(const ReportLayout& layout);
// Adds how numbers and dates were read.
void add_evidence(boost::json::object& evidence, const Inspection& inspection);

}  // namespace tallystick::settlement
