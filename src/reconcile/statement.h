#pragma once
// The statement of a period for a partner, from one run: figures, the way from ours to theirs, what is open. It may go
// to the partner: owners, notes and what people wrote about a resolution are not on it. As CSV, and as a page that
// stands alone and prints well. Pure.

#include <string>
#include <string_view>
#include <vector>

#include "reconcile/discrepancy.h"
#include "reconcile/item_store.h"
#include "reconcile/run_service.h"

namespace tallystick::reconcile {

struct Statement {
  Run run;
  std::vector<ItemTotal> totals;
  std::vector<Discrepancy> discrepancies;
};

// A line per figure: currency, section, line, records, amount. Of the section "waterfall" the lines between "ours" and
// "theirs" add up to their difference.
[[nodiscard]] std::string statement_csv(const Statement& statement);

// Everything from outside is escaped; no script, nothing from elsewhere.
[[nodiscard]] std::string statement_html(const Statement& statement);

// For text between tags and in quoted attributes.
[[nodiscard]] std::string escape_html(std::string_view text);

// Their rows by status, as far as they are in the run.
struct StatusTotal {
  std::string status;
  std::int64_t records = 0;
  std::int64_t counted_minor = 0;
};
[[nodiscard]] std::vector<StatusTotal> totals_by_status(const Statement& statement, const base::Currency& currency);

}  // namespace tallystick::reconcile
