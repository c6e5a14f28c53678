#include "alerts/checks.h"

#include <set>

#include <boost/json.hpp>

namespace tallystick::alerts {
namespace {

namespace json = boost::json;

json::object to_json(const CheckReport& report) {
  json::object object = {
      {"name", report.name}, {"raised", report.raised}, {"resolved", report.resolved}, {"remark", report.remark}};
  if (report.failure) {
    object["error"] = json::object{{"code", report.failure->code}, {"message", report.failure->message}};
  }
  return object;
}

}  // namespace

base::Result<void> Checks::run_one(const Check& check, CheckReport& report) {
  TALLY_ASSIGN(const CheckResult result, check.run());
  report.remark = result.remark;
  std::set<std::string> keys;
  for (const Occurrence& occurrence : result.occurrences) {
    TALLY_TRY(alerts_.raise(occurrence));
    keys.insert(occurrence.dedupe_key);
    ++report.raised;
  }
  if (!check.resolves) {
    return {};
  }
  TALLY_ASSIGN(const auto unresolved, alerts_.list_unresolved(check.name));
  for (const Alert& alert : unresolved) {
    if (!keys.contains(alert.dedupe_key)) {
      TALLY_TRY(alerts_.resolve(alert.id, "it no longer holds", {"system", "check " + check.name, ""}));
      ++report.resolved;
    }
  }
  return {};
}

std::vector<CheckReport> Checks::run_all(const std::function<bool()>& is_cancelled) {
  std::vector<CheckReport> reports;
  for (const Check& check : checks_) {
    if (is_cancelled()) {
      break;
    }
    CheckReport& report = reports.emplace_back();
    report.name = check.name;
    if (const auto done = run_one(check, report); !done) {
      report.failure = done.error();
      log_.warning("a check of the alerts could not be made",
                   {{"check", check.name}, {"code", done.error().code}, {"detail", done.error().message}});
    }
  }
  return reports;
}

base::Result<std::string> Checks::run(jobs::JobContext& context) {
  json::array reports;
  for (const CheckReport& report : run_all([&] { return context.is_cancelled(); })) {
    reports.push_back(to_json(report));
  }
  return json::serialize(json::object{{"checks", std::move(reports)}});
}

jobs::Draft make_check_job() {
  return {.kind = std::string(kCheckJob), .max_attempts = 1, .dedupe_key = std::string(kCheckJob)};
}

}  // namespace tallystick::alerts
