#pragma once
// A row of a partner's report as a claim. Pure.

#include <string>
#include <string_view>

#include "reconcile/model.h"
#include "settlement/report_row.h"

namespace tallystick::settlement {

// Order ids and transaction ids as they are compared: without blanks around them, letters of ASCII in lower case.
[[nodiscard]] std::string normalise_reference(std::string_view text);

// The click id is what the sub-id looks like; whether it is one of ours the warehouse says.
[[nodiscard]] reconcile::Claim make_claim(ReportRow&& row);

}  // namespace tallystick::settlement
