#pragma once
// The outcome of `demo --history` as tables or as JSON.

#include "cli/context.h"
#include "cli/history_model.h"
#include "cli/history_run.h"

namespace tallystick::cli {

struct HistoryReport {
  const HistoryWorld& world;
  const HistorySettings& settings;
  const HistoryOutcome& outcome;
  std::string example_user;  // an id to ask for, or to erase
  double seconds = 0;        // of writing
};

void print_history_report(Context& context, const HistoryReport& report);

}  // namespace tallystick::cli
