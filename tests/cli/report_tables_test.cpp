#include "cli/report_tables.h"

#include <sstream>

#include <boost/json.hpp>
#include <gtest/gtest.h>

#include "tests/cli/capture.h"

namespace tallystick::cli {
namespace {

constexpr const char* kReport = R"({
  "report": "placements", "title": "Placements", "placement_name": "Home", "model": "linear",
  "period": {"from": "2026-11-19T00:00:00Z", "to": "2026-11-21T00:00:00Z", "time_zone": "UTC",
             "first_day": "2026-11-19", "last_day": "2026-11-20"},
  "basis": "net", "estimated": ["by_placement.users"],
  "as_of": {"logs": [{"log_id": 7, "sequence": 1234, "received_at": null}], "lag_records": 5, "lag_seconds": 0.5},
  "by_placement": [
    {"placement_id": "x", "placement": "home", "users": 1200, "ctr": "2.5000", "revenue": [
      {"currency": "EUR", "amount_minor": 5, "amount": "0.05"}, {"currency": "USD", "amount_minor": 1, "amount": "0.01"}]},
    {"placement_id": null, "placement": null, "users": 7, "ctr": null, "revenue": []}],
  "totals": {"users": 1207},
  "notes": ["a note"], "next_cursor": null,
  "columns": {
    "by_placement": {"title": "By placement", "columns": [
      {"name": "placement_id", "title": "Id", "kind": "text"}, {"name": "placement", "title": "Placement", "kind": "text"},
      {"name": "users", "title": "Users", "kind": "integer"}, {"name": "ctr", "title": "CTR %", "kind": "decimal"},
      {"name": "revenue", "title": "Revenue", "kind": "money"}]},
    "totals": {"title": "Totals", "columns": [{"name": "users", "title": "Users", "kind": "integer"}]}}})";

TEST(ReportTables, AreAlignedAndSayWhatTheyAre) {
  std::ostringstream out;
  print_report(out, boost::json::parse(kReport).as_object());
  EXPECT_EQ(out.str(),
            "Placements - Home\n"
            "2026-11-19 to 2026-11-20, UTC, net, model linear\n"
            "\n"
            "By placement\n"
            "Placement  ~Users   CTR %  Revenue\n"
            "home        1,200  2.5000  0.05 EUR, 0.01 USD\n"
            "-               7       -  -\n"
            "\n"
            "Totals\n"
            "  Users  1,207\n"
            "\n"
            "Note: a note.\n"
            "Includes the first 1,234 records of log 7, received up to -.\n"
            "Records that are not in the figures yet: 5.\n"
            "~ is an estimate; --exact recounts.\n");
}

TEST(ReportCommand, HelpShowsExamplesForEveryReport) {
  for (const std::string name :
       {"placements", "placement", "merchant", "performance", "partner", "events", "frequency"}) {
    const Outcome outcome = run_captured({"report", "show", name, "--help"});
    EXPECT_EQ(outcome.code, 0) << name;
    EXPECT_NE(outcome.out.find("Examples:\n  tallystick report show " + name), std::string::npos) << outcome.out;
  }
  EXPECT_EQ(run_captured({"report", "show", "merchant"}).code, 2) << "of which merchant?";
  EXPECT_EQ(run_captured({"report", "show", "placements", "--model", "last"}).code, 2);
}

}  // namespace
}  // namespace tallystick::cli
