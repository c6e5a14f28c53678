#pragma once
// The checks that run every hour: one line each in alert_checks.cpp. Whoever adds one writes a function that returns
// its occurrences, and a line.

#include <vector>

#include "alerts/checks.h"
#include "base/config.h"
#include "base/time.h"
#include "insights/service.h"
#include "jobs/queue.h"
#include "records/database.h"

namespace tallystick::server {

// All must outlive the checks.
struct AlertCheckRooms {
  const base::Config& config;
  records::Database& database;
  jobs::Queue& queue;
  insights::InsightsService& insights;
  const base::Clock& clock;
};

[[nodiscard]] std::vector<alerts::Check> make_alert_checks(const AlertCheckRooms& rooms);

}  // namespace tallystick::server
