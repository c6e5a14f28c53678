#pragma once
// Checks that look every hour whether something is wrong that no event tells of: the composition registers them, the
// job kCheckJob runs them one after the other. A check that fails is reported and does not hinder the others. What no
// longer holds stays until somebody resolves it, unless the check says otherwise. Thread-safe.

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "alerts/model.h"
#include "alerts/service.h"
#include "base/error.h"
#include "base/log.h"
#include "jobs/model.h"
#include "jobs/runner.h"

namespace tallystick::alerts {

inline constexpr std::string_view kCheckJob = "alerts.check";
inline constexpr std::string_view kCheckCron = "7 * * * *";  // off the full hour, when everybody does something

// What a check found, and what else it has to say: how much it looked at, what it had too few data for.
struct CheckResult {
  std::vector<Occurrence> occurrences;
  std::string remark = {};

  // NOLINTNEXTLINE(google-explicit-constructor): a list of occurrences is a result
  CheckResult(std::vector<Occurrence> found, std::string said = {})
      : occurrences(std::move(found)), remark(std::move(said)) {}
};

struct Check {
  std::string name;  // keys of its occurrences are it, or begin with it and ':'
  std::function<base::Result<CheckResult>()> run;
  bool resolves = false;  // alerts of it that are not among the occurrences are resolved
};

struct CheckReport {
  std::string name;
  std::int64_t raised = 0;  // occurrences; of an alert that was raised before it is counted
  std::int64_t resolved = 0;
  std::string remark;
  std::optional<base::Error> failure;
};

class Checks {
 public:
  // Both must outlive it.
  Checks(AlertService& alerts, base::Log& log) : alerts_(alerts), log_(log) {}

  // Before the first run.
  void add(Check check) { checks_.push_back(std::move(check)); }

  [[nodiscard]] std::vector<CheckReport> run_all(const std::function<bool()>& is_cancelled);
  // Of jobs of kind kCheckJob: {"checks": [...]}.
  [[nodiscard]] base::Result<std::string> run(jobs::JobContext& context);

 private:
  [[nodiscard]] base::Result<void> run_one(const Check& check, CheckReport& report);

  AlertService& alerts_;
  base::Log& log_;
  std::vector<Check> checks_;
};

// At most one waits or runs at a time.
[[nodiscard]] jobs::Draft make_check_job();

}  // namespace tallystick::alerts
