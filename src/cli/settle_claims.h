#pragma once
// What a partner manager would do with the reports of a month, through the public API: import them, reconcile, read
// what was found; and beside it what was planted. One thread.

#include <cstddef>
#include <span>
#include <string>
#include <string_view>

#include <boost/json/value.hpp>

#include "base/error.h"
#include "base/time.h"
#include "cli/api_client.h"
#include "cli/settle_files.h"
#include "cli/settle_model.h"
#include "cli/settle_report.h"

namespace tallystick::cli {

class SettleClaims {
 public:
  // All outlive it.
  SettleClaims(ApiClient& api, const base::Clock& clock, const SettlePlan& plan, const SettleSettings& settings)
      : api_(api), clock_(clock), plan_(plan), settings_(settings) {}

  // Every file of the network in this order, and the first once more, which must change nothing. Error codes:
  // "import_refused", "settle_timeout", those of the requests.
  [[nodiscard]] base::Result<void> import(std::size_t network, std::span<const SettleFile> files, SettleReport& report);
  // Of the month; adds a finding for each currency that was planted or found. Error codes: "reconciliation_failed",
  // "settle_timeout", those of the requests.
  [[nodiscard]] base::Result<void> reconcile(std::size_t network, SettleReport& report);

 private:
  [[nodiscard]] base::Result<void> import_file(std::string_view partner,
                                               const SettleFile& file,
                                               std::int64_t new_rows,
                                               std::int64_t unchanged_rows,
                                               SettleReport& report);
  // Asks again until `is_done` says so.
  template <typename IsDone>
  [[nodiscard]] base::Result<boost::json::value> wait_for(const std::string& path, const IsDone& is_done);

  ApiClient& api_;
  const base::Clock& clock_;
  const SettlePlan& plan_;
  const SettleSettings& settings_;
};

// A run as the API has it beside what was planted for the network: findings for each currency on either side, and the
// clicks. Pure. Error code: "bad_answer".
[[nodiscard]] base::Result<void> compare_settle_run(const SettlePlan& plan,
                                                    std::size_t network,
                                                    const boost::json::value& run,
                                                    SettleReport& report);

}  // namespace tallystick::cli
