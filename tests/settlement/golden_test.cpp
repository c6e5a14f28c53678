// Each network's layouts, from files that we wrote after its documented columns; every expected value worked out by
// hand.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/settlement/reports.h"

namespace tallystick::settlement {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

constexpr const char* kGoldenClick = "0190163d-8694-739b-aea5-966c26f8ad90";

TEST(GoldenReports, CjCommissionDetail) {
  // Los Angeles is eight hours behind UTC in November.
  const auto report = read_report(report_file("cj.csv"), make_terms("cj", "EUR", "America/Los_Angeles"));
  EXPECT_EQ(report.profile, "cj");
  EXPECT_THAT(report.rejected, IsEmpty());
  EXPECT_THAT(report.warnings, IsEmpty());
  EXPECT_THAT(
      report.rows,
      ElementsAre(
          fmt::format("2 1001 2026-11-03T18:15:00Z 2026-11-04T16:00:00Z 2026-11-03T05:00:00Z | {} | O-1 | 12000 "
                      "600 USD approved closed",
                      kGoldenClick),
          "3 1002 2026-11-04T07:59:59Z 2026-11-04T16:00:00Z - |  | O-2 | 125050 6253 USD approved locked",
          "4 1003 2026-11-05T08:00:00Z 2026-11-05T17:30:00Z - | abc | O-3 | 8000 400 USD pending new",
          "5 1004 2026-11-06T20:00:00Z 2026-11-20T17:30:00Z - |  | O-1 | -12000 -600 USD approved closed "
          "correction"));
}

TEST(GoldenReports, CjHeaderCollapsedIntoOneCellReadsTheSame) {
  const auto terms = make_terms("cj");
  const auto report = read_report(report_file("cj_collapsed_header.csv"), terms);
  EXPECT_TRUE(report.layout.is_collapsed);
  EXPECT_EQ(report.rows, read_report(report_file("cj.csv"), terms).rows);
}

TEST(GoldenReports, CjPerformanceStatesClicksPerDay) {
  const auto report = read_report(report_file("cj_performance.csv"), make_terms("cj", "USD", "America/Los_Angeles"));
  EXPECT_EQ(report.profile, "cj-performance");
  EXPECT_THAT(report.rows, ElementsAre("2 2026-11-03T08:00:00Z|Ours 1204", "3 2026-11-04T08:00:00Z|Ours 96"));
}

TEST(GoldenReports, RakutenWithMarkPreambleThousandsAndTotal) {
  const auto report = read_report(report_file("rakuten.csv"), make_terms("rakuten"));
  EXPECT_EQ(report.profile, "rakuten");
  EXPECT_TRUE(report.layout.encoding.has_mark);
  EXPECT_EQ(report.layout.header_line, 4);
  EXPECT_THAT(report.layout.preamble, ElementsAre("Signature Orders Report", "Report generated 11/20/26"));
  EXPECT_THAT(report.rejected, IsEmpty());
  EXPECT_THAT(report.totals, ElementsAre(""));
  EXPECT_THAT(
      report.rows,
      ElementsAre("5 ~ 2026-11-03T09:05:00Z 2026-11-04T01:00:00Z - | 0190163d8694739baea5966c26f8ad90 | R-1 | 123450 "
                  "6173 USD approved ",
                  "6 ~ 2026-11-03T23:30:00Z 2026-11-04T01:00:00Z - |  | R-2 | 2000 100 USD approved ",
                  "7 ~ 2026-11-03T23:30:00Z 2026-11-04T01:00:00Z - |  | R-2 | 2000 100 USD approved ",
                  "8 ~ 2026-11-03T09:05:00Z 2026-11-12T01:00:00Z - | 0190163d8694739baea5966c26f8ad90 | R-1 | -23450 "
                  "-1173 USD approved  correction"));
}

TEST(GoldenReports, ATotalThatDisagreesIsTold) {
  const auto report = read_report(report_file("rakuten_bad_total.csv"), make_terms("rakuten"));
  EXPECT_THAT(report.totals,
              ElementsAre("amount: the total is 2040.00 USD, the rows add up to 1040.00 USD; commission: the total is "
                          "55.00 USD, the rows add up to 52.00 USD"));
}

TEST(GoldenReports, RakutenOfTodayHasKeysAndCurrencies) {
  const auto report = read_report(report_file("rakuten_new.csv"), make_terms("rakuten"));
  EXPECT_THAT(report.rows,
              ElementsAre("2 t-1|S1 2026-11-25T10:00:00Z 2026-11-26T01:00:00Z - | u | R-9 | 5000 250 EUR approved ",
                          "3 t-1|S2 2026-11-25T10:00:00Z 2026-11-26T01:00:00Z - | u | R-9 | 3000 150 EUR approved "));
}

TEST(GoldenReports, AwinInUtf16WithTabsAndDecimalCommas) {
  const auto report = read_report(report_file("awin_utf16.csv"), make_terms("awin", "GBP", "Europe/Berlin"));
  EXPECT_EQ(report.profile, "awin");
  EXPECT_EQ(report.layout.delimiter, '\t');
  EXPECT_THAT(
      report.rows,
      ElementsAre(fmt::format("2 7001 2026-11-03T09:15:00Z 2026-11-03T09:15:00Z 2026-11-02T19:00:00Z | {} | A-1 | "
                              "125000 1250 EUR approved approved",
                              kGoldenClick),
                  "3 7002 2026-11-03T22:30:00Z 2026-11-03T22:30:00Z - |  | A-2 | 10000 100 EUR pending pending",
                  "4 7003 2026-11-04T07:00:00Z 2026-11-04T07:00:00Z - |  | A-3 | 20000 200 EUR reversed declined",
                  "5 7004 2026-11-04T08:00:00Z 2026-11-04T08:00:00Z - |  | A-4 | 30000 300 EUR paid approved"));
}

TEST(GoldenReports, AwinWithDecimalCommasInWindows1252) {
  const auto report = read_report(report_file("awin_decimal_comma.csv"), make_terms("awin", "EUR"));
  EXPECT_THAT(report.warnings, ElementsAre("not_utf8"));
  EXPECT_THAT(report.rows,
              ElementsAre("2 7001 2026-11-03T10:15:00Z 2026-11-03T10:15:00Z 2026-11-02T20:00:00Z | c1 | A-1 | 125000 "
                          "1250 EUR approved approved",
                          "3 7002 2026-11-25T23:30:00Z 2026-11-25T23:30:00Z - |  | A-2 | 10000 100 EUR reversed "
                          "deleted"));
}

TEST(GoldenReports, ShareasaleFlagsMakeTheStatus) {
  const auto report = read_report(report_file("shareasale.txt"), make_terms("shareasale", "EUR"));
  EXPECT_EQ(report.profile, "shareasale");
  EXPECT_THAT(
      report.rows,
      ElementsAre(
          "2 301 2026-11-03T13:15:00Z 2026-11-03T13:15:00Z - | click-a | ord 1 | 10000 800 USD approved Locked=1",
          "3 302 2026-11-03T00:00:30Z 2026-11-03T00:00:30Z - |  | ord 2 | 5000 400 USD pending Locked=0",
          "4 303 2026-11-04T09:00:00Z 2026-11-04T09:00:00Z 2026-11-03T08:59:00Z |  | ord 3 | 2500 200 USD "
          "reversed Voided=1",
          "5 304 2026-11-05T09:00:00Z 2026-11-05T09:00:00Z - |  | ord 4 | 1000 80 USD paid Paid "
          "Date=12/21/2026",
          "6 305 2026-11-05T10:00:00Z 2026-11-05T10:00:00Z - |  | ord 5 | 1000 80 USD reversed Reversal "
          "Date=11/30/2026"));
}

TEST(GoldenReports, ImpactActionListing) {
  const auto report = read_report(report_file("impact_listing.csv"), make_terms("impact"));
  EXPECT_EQ(report.profile, "impact");
  EXPECT_THAT(
      report.rows,
      ElementsAre(
          "2 5000.1 2026-11-03T10:15:00Z 2026-11-03T10:15:00Z 2026-11-01T09:00:00Z | click-1 | I-1 | 10000 1000 "
          "GBP approved APPROVED",
          "3 5000.2 2026-11-03T11:00:00Z 2026-11-03T11:00:00Z 2026-11-01T09:00:00Z |  | I-2 | 4000 400 GBP "
          "pending PENDING",
          "4 5000.3 2026-11-03T12:00:00Z 2026-11-03T12:00:00Z 2026-11-01T09:00:00Z |  | I-3 | 0 0 GBP reversed "
          "REVERSED",
          "5 5000.4 2026-11-03T13:00:00Z 2026-11-03T13:00:00Z 2026-11-01T09:00:00Z |  | I-4 | 3000 300 GBP paid "
          "APPROVED"));
}

TEST(GoldenReports, ImpactActionsWithOffsets) {
  const auto report = read_report(report_file("impact_actions.csv"), make_terms("impact"));
  EXPECT_EQ(report.profile, "impact");
  EXPECT_THAT(report.rows,
              ElementsAre("2 5000.1 2026-11-03T18:15:00Z 2026-11-03T19:00:00Z 2026-11-01T16:00:00Z | click-1 | I-1 | "
                          "10000 1000 EUR approved APPROVED"));
}

TEST(GoldenReports, AmazonWithItsFirstLineAndReturns) {
  const auto report = read_report(report_file("amazon.csv"), make_terms("amazon"));
  EXPECT_EQ(report.profile, "amazon");
  EXPECT_THAT(report.layout.preamble, ElementsAre("Fee earnings report from 2026-11-01 to 2026-11-30"));
  EXPECT_THAT(
      report.rows,
      ElementsAre("3 ~ 2026-11-03T00:00:00Z 2026-11-03T00:00:00Z - |  |  | 2400 108 USD approved ",
                  "4 ~ 2026-11-04T00:00:00Z 2026-11-04T00:00:00Z - |  |  | 3000 135 USD approved ",
                  "6 ~ 2026-11-09T00:00:00Z 2026-11-09T00:00:00Z - |  |  | -3000 -135 USD approved  correction"));
  const auto variant = read_report(report_file("amazon_sub_tags.csv"), make_terms("amazon"));
  EXPECT_THAT(variant.rows,
              ElementsAre(fmt::format("3 ~ 2026-11-03T00:00:00Z 2026-11-03T00:00:00Z - | {} |  | 1200 54 USD approved ",
                                      kGoldenClick)));
}

TEST(GoldenReports, FlexoffersWithParentheses) {
  const auto report = read_report(report_file("flexoffers.csv"), make_terms("flexoffers"));
  EXPECT_EQ(report.profile, "flexoffers");
  EXPECT_THAT(report.rows,
              ElementsAre("2 1 2026-11-03T13:15:00Z 2026-11-03T13:15:00Z - |  | F-1 | 10000 500 USD approved ",
                          "3 2 2026-11-04T09:00:00Z 2026-11-04T09:00:00Z - |  | F-2 | -2000 -100 USD approved  "
                          "correction"));
}

TEST(GoldenReports, BadRowsDoNotStopGoodOnes) {
  const auto report = read_report(report_file("cj_bad_rows.csv"), make_terms("cj"));
  EXPECT_THAT(report.rejected,
              ElementsAre("3 bad_date", "4 bad_amount", "5 missing_value", "6 too_many_decimals", "9 too_many_cells"));
  // Two that have the key of an earlier one are told apart when they are imported.
  EXPECT_EQ(report.rows.size(), 4U);
}

TEST(GoldenReports, AFileThatWasCutShortSaysSo) {
  const auto cut = read_report(report_file("cj_truncated.csv"), make_terms("cj"));
  EXPECT_EQ(cut.rows.size(), 3U);
  EXPECT_THAT(cut.rejected, ElementsAre("5 cut_short"));
  EXPECT_THAT(cut.warnings, ElementsAre("no_final_line_end"));
  const auto open = read_report(report_file("cj_open_quote.csv"), make_terms("cj"));
  EXPECT_EQ(open.rows.size(), 2U);
  EXPECT_THAT(open.rejected, ElementsAre("4 open_quote"));
}

TEST(GoldenReports, WhatIsNoReportIsRefusedWhole) {
  EXPECT_EQ(read_report(report_file("empty.csv"), make_terms("cj")).error.code, "empty_report");
  EXPECT_EQ(read_report(report_file("blank.csv"), make_terms("cj")).error.code, "empty_report");
  EXPECT_EQ(read_report(report_file("header_only.csv"), make_terms("cj")).error.code, "no_rows");
  const auto none = read_report(report_file("no_report.csv"), make_terms("cj")).error;
  EXPECT_EQ(none.code, "unrecognised_report");
  EXPECT_THAT(none.message, HasSubstr("first name, last name, city"));
}

TEST(GoldenReports, AFileOfAnotherNetworkIsRefusedUnlessItIsMeant) {
  const auto error = read_report(report_file("cj.csv"), make_terms("awin")).error;
  EXPECT_EQ(error.code, "other_network");
  EXPECT_THAT(error.message, HasSubstr("cj"));
  EXPECT_EQ(read_report(report_file("cj.csv"), make_terms("awin"), "cj").rows.size(), 4U);
  EXPECT_EQ(read_report(report_file("cj.csv"), make_terms("generic")).rows.size(), 4U);
  EXPECT_EQ(read_report(report_file("cj.csv"), make_terms("cj"), "awin").error.code, "unrecognised_report");
  EXPECT_EQ(read_report(report_file("cj.csv"), make_terms("cj"), "nosuch").error.code, "unknown_profile");
}

TEST(GoldenReports, OrderCaseAndExtraColumnsDoNotMatter) {
  const auto report = read_report(
      "STATUS;Zone;publisher_commission;sale-amount;event date;COMMISSION_ID\nlocked;x;1,50;10,00;2026-11-03;9\n",
      make_terms("cj"));
  EXPECT_THAT(report.rows,
              ElementsAre("2 9 2026-11-03T00:00:00Z 2026-11-03T00:00:00Z - |  |  | 1000 150 USD approved locked"));
}

TEST(GoldenReports, AmountsWithTwoReadingsAreTold) {
  const auto report =
      read_report("Commission ID,Event Date,Sale Amount,Publisher Commission,Status\n1,2026-11-03,\"1,234\",5,new\n",
                  make_terms("cj"));
  EXPECT_THAT(report.warnings, ElementsAre("ambiguous_amounts"));
  EXPECT_THAT(report.rows, ElementsAre(HasSubstr("123400 500 USD pending new")));
}

}  // namespace
}  // namespace tallystick::settlement
