#pragma once
// What a run of the settlement demo says at its end. Pure but for the stream.

#include <cstdint>
#include <string>
#include <vector>

#include "base/money.h"
#include "cli/context.h"
#include "cli/settle_traffic.h"

namespace tallystick::cli {

// One figure, planted and found: an amount in minor units, or a number of clicks or rows.
struct SettleFigure {
  std::string name;  // of a cause, or "our commission", ...
  std::int64_t planted = 0;
  std::int64_t found = 0;
  std::int64_t planted_records = 0;  // of causes
  std::int64_t found_records = 0;

  [[nodiscard]] bool is_equal() const { return planted == found && planted_records == found_records; }
};

struct SettleFinding {
  std::string partner;
  base::Currency currency;
  std::string variance_percent;
  std::vector<SettleFigure> sides;   // our and their commission
  std::vector<SettleFigure> causes;  // planted or found
};

// A reconciliation, and the clicks that it counted.
struct SettleRun {
  std::string partner;
  std::string id;
  SettleFigure clicks_gross, clicks_net;
};

// What became of one file.
struct SettleImport {
  std::string partner;
  std::string file;
  std::string profile;
  SettleFigure new_rows, unchanged_rows, rejected_rows;
};

struct SettleReport {
  std::uint64_t seed = 0;
  std::string month;
  double seconds = 0;
  SettleTraffic traffic;
  std::string data_directory;
  std::string reports_directory;
  std::string key_file;
  std::vector<SettleImport> imports;
  std::vector<SettleFinding> findings;
  std::vector<SettleRun> runs;

  // Figures that are not what was planted.
  [[nodiscard]] std::size_t differences() const;
};

void print_settle_report(Context& context, const SettleReport& report);

}  // namespace tallystick::cli
