#include "reconcile/statement.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/reconcile/run_fixture.h"

namespace tallystick::reconcile::test {
namespace {

using testing::HasSubstr;
using testing::Not;

Statement make_statement() {
  const Made made = make_small();
  Statement statement;
  statement.run.id = id(9);
  statement.run.request = made.request;
  statement.run.findings = made.outcome.findings;
  statement.run.clicks = {50, 45, std::nullopt};
  statement.run.claims = 3;
  statement.run.truths = 3;
  statement.run.finished_at = kNoon;
  statement.totals = {{.currency = "EUR",
                       .kind = "matched",
                       .claim_status = "approved",
                       .truth_status = "approved",
                       .cause = "",
                       .records = 1,
                       .our_counted = 1'000,
                       .their_counted = 1'000},
                      {.currency = "EUR",
                       .kind = "matched",
                       .claim_status = "paid",
                       .truth_status = "approved",
                       .cause = "tolerance",
                       .records = 1,
                       .our_counted = 1'000,
                       .their_counted = 1'005},
                      {.currency = "EUR",
                       .kind = "only_theirs",
                       .claim_status = "approved",
                       .truth_status = "",
                       .cause = "missing_sub_id",
                       .records = 1,
                       .our_counted = 0,
                       .their_counted = 300},
                      {.currency = "EUR",
                       .kind = "only_ours",
                       .claim_status = "",
                       .truth_status = "approved",
                       .cause = "unexplained",
                       .records = 1,
                       .our_counted = 700,
                       .their_counted = 0}};
  return statement;
}

TEST(Statement, TheTableAddsUp) {
  EXPECT_EQ(statement_csv(make_statement()),
            "subject_name,from,to,currency,section,line,records,amount_minor,amount,text\r\n"
            "Acme,2026-11-01,2026-11-30,EUR,sales,ours,3,27000,270.00,\r\n"
            "Acme,2026-11-01,2026-11-30,EUR,sales,theirs,3,23050,230.50,\r\n"
            "Acme,2026-11-01,2026-11-30,EUR,waterfall,ours,3,2700,27.00,\r\n"
            "Acme,2026-11-01,2026-11-30,EUR,waterfall,missing_sub_id,1,300,3.00,\r\n"
            "Acme,2026-11-01,2026-11-30,EUR,waterfall,tolerance,1,5,0.05,\r\n"
            "Acme,2026-11-01,2026-11-30,EUR,waterfall,unexplained,1,-700,-7.00,\r\n"
            "Acme,2026-11-01,2026-11-30,EUR,waterfall,theirs,3,2305,23.05,\r\n"
            "Acme,2026-11-01,2026-11-30,EUR,their_rows,approved,2,1300,13.00,\r\n"
            "Acme,2026-11-01,2026-11-30,EUR,their_rows,paid,1,1005,10.05,\r\n"
            "Acme,2026-11-01,2026-11-30,EUR,records,matched,2,,,\r\n"
            "Acme,2026-11-01,2026-11-30,EUR,records,only_ours,1,,,\r\n"
            "Acme,2026-11-01,2026-11-30,EUR,records,only_theirs,1,,,\r\n"
            "Acme,2026-11-01,2026-11-30,EUR,variance,percent,,,,14.63\r\n");
}

TEST(Statement, ThePageSaysWhatTheRunSays) {
  const std::string page = statement_html(make_statement());
  EXPECT_THAT(page, HasSubstr("<title>Statement Acme 2026-11-01 to 2026-11-30</title>"));
  EXPECT_THAT(page, HasSubstr("Tolerance 2.00&nbsp;%"));
  EXPECT_THAT(page,
              HasSubstr("Difference <strong>-3.95 EUR</strong>, 14.63 % of the larger side, above the tolerance"));
  EXPECT_THAT(page, HasSubstr("<td>No sub-id, and nothing fits</td><td class=\"n\">1</td><td class=\"n\">+3.00</td>"));
  EXPECT_THAT(page, HasSubstr("<td>Their figure</td><td class=\"n\">3</td><td class=\"n\">23.05</td>"));
  EXPECT_THAT(page, HasSubstr("theirs not stated"));
  EXPECT_THAT(page, HasSubstr("from 3 rows of theirs and 3 records of ours"));
  EXPECT_THAT(page, HasSubstr("style=\"width:100%\"")) << "the longest bar, of the -7.00";
  EXPECT_THAT(page, HasSubstr("style=\"width:42%\"")) << "3.00 of 7.00";
}

TEST(Statement, ThePageStandsAlone) {
  const std::string page = statement_html(make_statement());
  for (const char* foreign : {"<script", "<link", "<img", "@import", "url(", "http:", "https:", "src="}) {
    EXPECT_THAT(page, Not(HasSubstr(foreign)));
  }
  EXPECT_THAT(page, HasSubstr("@media print"));
  EXPECT_THAT(page, HasSubstr("prefers-color-scheme:dark"));
}

TEST(Statement, EverythingFromOutsideIsEscaped) {
  Statement statement = make_statement();
  const std::string attack = "<script>alert('1')</script>\"&";
  statement.run.request.subject_name = attack;
  statement.run.request.their_time_zone = attack;
  Discrepancy discrepancy;
  discrepancy.currency = eur();
  discrepancy.owner = attack;
  discrepancy.state = DiscrepancyState::kResolved;
  discrepancy.resolution = Resolution::kOther;
  discrepancy.resolution_text = attack;
  statement.discrepancies = {discrepancy};
  const std::string page = statement_html(statement);
  EXPECT_THAT(page, Not(HasSubstr("<script")));
  EXPECT_THAT(page, HasSubstr("&lt;script&gt;alert(&#39;1&#39;)&lt;/script&gt;&quot;&amp;"));
  EXPECT_THAT(statement_csv(statement), HasSubstr("\"<script>alert('1')</script>\"\"&\""));
}

TEST(Statement, WhatPeopleWroteAmongThemselvesIsNotOnIt) {
  Statement statement = make_statement();
  Discrepancy discrepancy;
  discrepancy.currency = eur();
  discrepancy.our_commission_minor = 2'700;
  discrepancy.their_commission_minor = 2'305;
  discrepancy.variance = {395, 2'700};
  discrepancy.owner = "jo-inside";
  discrepancy.due_date = day("2026-12-01");
  statement.discrepancies = {discrepancy};
  discrepancy.state = DiscrepancyState::kResolved;
  discrepancy.resolution = Resolution::kAccepted;
  discrepancy.resolution_text = "they are a good customer";
  statement.discrepancies.push_back(discrepancy);
  for (const std::string& shown : {statement_html(statement), statement_csv(statement)}) {
    EXPECT_THAT(shown, HasSubstr("due 2026-12-01"));
    EXPECT_THAT(shown, HasSubstr("accepted"));
    EXPECT_THAT(shown, Not(HasSubstr("jo-inside")));
    EXPECT_THAT(shown, Not(HasSubstr("good customer")));
  }
}

TEST(Statement, APeriodWithNothingIsSaidSo) {
  Statement statement = make_statement();
  statement.run.findings.clear();
  EXPECT_THAT(statement_html(statement), HasSubstr("Neither side has anything in this period."));
}

TEST(Statement, AmountsHaveTheDecimalsOfTheirCurrency) {
  Statement statement = make_statement();
  statement.run.findings.front().currency = *base::parse_currency("JPY");
  EXPECT_THAT(statement_html(statement), HasSubstr("-395 JPY"));
}

}  // namespace
}  // namespace tallystick::reconcile::test
