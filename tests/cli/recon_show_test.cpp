#include "cli/recon_show.h"

#include <sstream>

#include <boost/json.hpp>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace tallystick::cli {
namespace {

namespace json = boost::json;
using testing::HasSubstr;
using testing::Not;

json::object make_run() {
  return json::parse(R"({
    "id": "01931b2c-0000-7000-8000-000000000001", "subject": "partner:x", "subject_name": "Acme",
    "period": {"from": "2026-11-01", "to": "2026-11-30"}, "our_time_zone": "UTC", "their_time_zone": "America/New_York",
    "finished_at": "2026-11-30T17:00:01Z", "claims": 3, "truths": 3,
    "clicks": {"our_gross": 50, "our_net": 45, "theirs": null},
    "findings": [{"currency": "EUR", "our_conversions": 3, "their_conversions": 1234, "our_amount": "270.00",
      "their_amount": "230.50", "our_commission": "27.00", "their_commission": "23.05", "difference": "-3.95",
      "variance_pct": "14.63", "is_discrepancy": true, "matched": 2, "only_ours": 1, "only_theirs": 1,
      "amount_differences": 1, "status_differences": 0,
      "causes": [
        {"cause": "missing_sub_id", "title": "No sub-id", "amount_minor": 300, "amount": "3.00", "records": 1},
        {"cause": "tolerance", "title": "Small", "amount_minor": 5, "amount": "0.05", "records": 1},
        {"cause": "unexplained", "title": "Unexplained", "amount_minor": -700, "amount": "-7.00", "records": 1}]}],
    "previous": null,
    "discrepancies": [{"id": "d-1", "state": "open", "due_date": "2026-12-01", "owner": null}]})")
      .as_object();
}

std::string printed(const json::object& run) {
  std::ostringstream out;
  print_reconciliation(out, run);
  return out.str();
}

TEST(ReconShow, TheChartGoesFromOursToTheirs) {
  EXPECT_THAT(printed(make_run()),
              HasSubstr("  From ours to theirs  records    EUR\n"
                        "  Ours                       3  27.00\n"
                        "  No sub-id                  1  +3.00                      |#########\n"
                        "  Small                      1  +0.05                      |#\n"
                        "  Unexplained                1  -7.00  ####################|\n"
                        "  = Theirs               1,234  23.05\n"));
}

TEST(ReconShow, SaysWhatOneAsksFirst) {
  const std::string text = printed(make_run());
  EXPECT_THAT(text, HasSubstr("Acme, 2026-11-01 to 2026-11-30 (ours in UTC, theirs in America/New_York)"));
  EXPECT_THAT(text, HasSubstr("Variance 14.63 %, above the tolerance."));
  EXPECT_THAT(text, HasSubstr("theirs not stated"));
  EXPECT_THAT(text, HasSubstr("Discrepancy d-1: open, due 2026-12-01, without an owner"));
  EXPECT_THAT(text, Not(HasSubstr("Since the run before")));
}

TEST(ReconShow, ShowsOnlyFiguresThatChanged) {
  json::object run = make_run();
  run["previous"] = json::parse(R"({"id": "r-0", "finished_at": "2026-11-29T00:00:00Z", "changes": [{"currency": "EUR",
    "our_commission": {"before": "27.00", "now": "27.00", "change": "0.00", "change_minor": 0},
    "their_commission": {"before": "20.05", "now": "23.05", "change": "3.00", "change_minor": 300},
    "difference": {"before": "-6.95", "now": "-3.95", "change": "3.00", "change_minor": 300},
    "causes": [{"cause": "pending", "before": "-3.00", "now": "0.00", "change": "3.00", "change_minor": 300}]}]})");
  const std::string text = printed(run);
  EXPECT_THAT(text, HasSubstr("EUR       theirs       20.05  23.05   +3.00"));
  EXPECT_THAT(text, HasSubstr("EUR       pending      -3.00   0.00   +3.00"));
  EXPECT_THAT(text, Not(HasSubstr("EUR       ours")));
}

TEST(ReconShow, NothingOnEitherSideIsSaidSo) {
  json::object run = make_run();
  run["findings"] = json::array();
  EXPECT_THAT(printed(run), HasSubstr("Neither side has anything in this period."));
}

TEST(ReconShow, SignsAmounts) {
  EXPECT_EQ(signed_text("3.00"), "+3.00");
  EXPECT_EQ(signed_text("-3.00"), "-3.00");
  EXPECT_EQ(signed_text("0.00"), "0.00");
  EXPECT_EQ(signed_text("0"), "0");
}

TEST(ReconShow, ADiscrepancyHasItsNotes) {
  std::ostringstream out;
  print_discrepancy(out,
                    json::parse(R"({"subject": "partner:x", "subject_name": "", "currency": "EUR",
    "period": {"from": "2026-11-01", "to": "2026-11-30"}, "our_commission": "27.00", "their_commission": "23.05",
    "difference": "-3.95", "variance_pct": "14.63", "state": "resolved", "owner": "jo", "due_date": "2026-12-01",
    "is_overdue": true, "resolution": {"code": "accepted", "text": "small"}, "latest_run_id": "r-1", "alert_id": "a-1",
    "notes": [{"created_at": "2026-12-01T08:00:00Z", "author": "Jo", "text": "asked"}]})")
                        .as_object());
  EXPECT_THAT(out.str(), HasSubstr("partner:x"));
  EXPECT_THAT(out.str(), HasSubstr("2026-12-01  overdue"));
  EXPECT_THAT(out.str(), HasSubstr("accepted  small"));
  EXPECT_THAT(out.str(), HasSubstr("2026-12-01T08:00:00Z, Jo\n  asked\n"));
}

}  // namespace
}  // namespace tallystick::cli
