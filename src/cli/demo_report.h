#pragma once
// The demo's outcome as a table or as JSON.

#include <optional>
#include <string>
#include <vector>

#include "cli/context.h"
#include "cli/demo_check.h"
#include "cli/demo_tally.h"

namespace tallystick::cli {

struct DemoReceipt {
  std::string event_id;
  std::uint64_t index = 0;
  std::uint64_t tree_size = 0;
  std::string problem;  // empty: it verifies
};

struct DemoReport {
  DemoTally tally;
  DemoVerdicts verdicts;
  std::vector<DemoComparison> comparisons;
  std::optional<DemoReceipt> receipt;  // absent: no click was accepted
  std::vector<std::string> problems;   // why a sender gave up
  std::size_t objects_made = 0;
  double seconds = 0;

  // Counts add up on our side, agree with the server's, and the receipt verifies.
  [[nodiscard]] bool is_good() const;
};

void print_demo_report(Context& context, const DemoReport& report);

}  // namespace tallystick::cli
