#pragma once
// The public fields of an entry as names and texts, for receipts and for people. Pure.

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/error.h"
#include "journal/event.h"

namespace tallystick::journal {

using SummaryFields = std::vector<std::pair<std::string, std::string>>;

// Absent fields are left out; bytes that are not UTF-8 text are percent-encoded. Error code: "bad_record".
[[nodiscard]] base::Result<SummaryFields> summarize(RecordKind kind, std::string_view fields);

}  // namespace tallystick::journal
