// The whole way: a partner's rows in the database, events in the warehouse, a run; every cause of
// docs/reconciliation.md once and its amount worked out by hand.
#include <algorithm>
#include <map>
#include <string>
#include <utility>

#include <boost/json.hpp>
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "access/audit.h"
#include "alerts/service.h"
#include "reconcile/run_service.h"
#include "settlement/reconciliation_service.h"
#include "tests/settlement/live/past.h"
#include "tests/settlement/report_desk.h"
#include "tests/support/temporary_directory.h"

namespace tallystick::settlement {
namespace {

using reconcile::Cause;
using reconcile::Status;

PartnerTerms make_terms() {
  PartnerTerms terms;
  terms.id = partner_id(1);
  terms.slug = "acme";
  terms.name = "Acme";
  terms.currency = base::parse_currency("EUR").value();
  terms.time_zone = "America/New_York";
  return terms;
}

struct Line {
  std::string_view key;
  std::string_view at;
  std::int64_t commission_minor = 0;
  std::string sub_id = {};
  std::string_view order = {};
  std::string_view booked = {};  // empty: at once
  Status status = Status::kApproved;
  bool is_correction = false;
  std::string_view transaction = {};
  std::string_view currency = "EUR";
};

ReportRow make_row(const Line& line) {
  ReportRow row;
  row.key = line.key;
  row.occurred_at = at(line.at);
  row.booked_at = line.booked.empty() ? row.occurred_at : at(line.booked);
  row.sub_id = line.sub_id;
  row.order_id = line.order;
  row.transaction_id = line.transaction;
  row.amount_minor = 10 * line.commission_minor;
  row.commission_minor = line.commission_minor;
  row.currency = base::parse_currency(line.currency).value();
  row.status = line.status;
  row.is_correction = line.is_correction;
  return row;
}

class Causes : public Past {
 protected:
  Causes() : log_({.level = base::LogLevel::kOff}, clock_), audit_(clock_, random_) {
    database_ = records::Database::open({.url = "sqlite://" + (folder_.path() / "records.db").string()}).value();
    EXPECT_TRUE(database_->migrate(clock_.now()));
    alerts_ = std::make_unique<alerts::AlertService>(*database_, audit_, nullptr, log_, clock_, random_);
    runs_ = std::make_unique<reconcile::RunService>(*database_, audit_, *alerts_, clock_, random_);
    EXPECT_TRUE(database_->write<bool>([](soci::session& session) -> base::Result<bool> {
      insert_partner(session, make_terms());
      return true;
    }));
    service_ = std::make_unique<ReconciliationService>(
        ReconciliationService::Rooms{.database = *database_,
                                     .warehouse = warehouse_.get(),
                                     .runs = *runs_,
                                     .partners = partners_,
                                     .clock = clock_,
                                     .durable = [this]() -> std::optional<LogPosition> {
                                       return LogPosition{kLog, last_sequence_ + 1};
                                     },
                                     .pause =
                                         [this](std::int64_t us) {
                                           clock_.advance_us(us);
                                         }},
        ReconciliationOptions{.time_zone = "Europe/Berlin"});
  }

  // The click's id as a network may give it back.
  static std::string sub(std::uint64_t click) { return base::format_uuid(event_id(click)); }

  void state(const Line& line) { rows_.push_back(make_row(line)); }

  // A click, a conversion of it, and its id.
  std::string convert(PastConversion conversion_of_it) {
    const auto made = click({"2026-09-25 08:00:00"});
    conversion_of_it.click = made;
    conversion(conversion_of_it);
    return sub(made);
  }

  base::Uuid import_rows() {
    return insert_report(*database_, partner_id(1), clock_.now(), random_, std::exchange(rows_, {}));
  }

  base::Result<reconcile::Run> reconcile_october(ReconciliationService::Order order = {}) {
    order.partner = "acme";
    order.days = parse_month("2026-10").value();
    clock_.advance_us(base::kMicrosPerSecond);
    return service_->run(order,
                         {[](std::int64_t, std::int64_t, std::string_view) {},
                          [] {
                            return false;
                          }});
  }

  support::TemporaryDirectory folder_;
  base::SeededRandom random_{1};
  base::Log log_;
  access::AuditLog audit_;
  std::unique_ptr<records::Database> database_;
  std::unique_ptr<alerts::AlertService> alerts_;
  std::unique_ptr<reconcile::RunService> runs_;
  KnownPartners partners_{{make_terms()}};
  std::unique_ptr<ReconciliationService> service_;
  std::vector<ReportRow> rows_;
};

using CauseAmounts = std::map<std::string, std::pair<std::int64_t, std::int64_t>>;  // amount, records

CauseAmounts causes_of(const reconcile::Run& run, std::string_view currency) {
  CauseAmounts out;
  for (const reconcile::Finding& finding : run.findings) {
    if (finding.currency.text() == currency) {
      for (const reconcile::CauseAmount& cause : finding.causes) {
        out[std::string(name_of(cause.cause))] = {cause.amount_minor, cause.records};
      }
    }
  }
  return out;
}

// Our October is [2026-09-30 22:00, 2026-10-31 23:00) in UTC, theirs [2026-10-01 04:00, 2026-11-01 04:00).
TEST_F(Causes, EachIsFoundWithItsAmountAndNothingStaysUnexplained) {
  // In agreement: by click, by order, by transaction, by what is left.
  state({"agreed-1",
         "2026-10-05 10:00:00",
         1'000,
         convert({.at = "2026-10-05 10:00:00", .order = "A1", .commission_minor = 1'000}),
         "A1"});
  conversion({.at = "2026-10-05 11:00:00", .order = "A2", .commission_minor = 1'100});
  state({"agreed-2", "2026-10-05 11:30:00", 1'100, "newsletter", " a2 "});
  conversion({.at = "2026-10-05 12:00:00", .commission_minor = 60, .transaction = "T-9"});
  state({.key = "agreed-3", .at = "2026-10-05 12:00:00", .commission_minor = 60, .order = "X9", .transaction = "t-9"});
  conversion({.at = "2026-10-05 13:00:00", .order = "A4", .commission_minor = 7'777});
  state({"agreed-4", "2026-10-05 13:10:00", 7'777});
  // Days begin at different moments.
  state({"zone-1",
         "2026-09-30 23:00:00",
         500,
         convert({.at = "2026-09-30 23:00:00", .order = "Z1", .commission_minor = 500})});
  state({"zone-2",
         "2026-11-01 01:00:00",
         700,
         convert({.at = "2026-11-01 01:00:00", .order = "Z2", .commission_minor = 700})});
  // Booked late.
  state({"late-1",
         "2026-10-20 10:00:00",
         300,
         convert({.at = "2026-10-20 10:00:00", .order = "L1", .commission_minor = 300}),
         "",
         "2026-11-05 10:00:00"});
  state({"late-2",
         "2026-09-20 10:00:00",
         250,
         convert({.at = "2026-09-20 10:00:00", .order = "L2", .commission_minor = 250}),
         "",
         "2026-10-03 10:00:00"});
  // Theirs happened in November by their word.
  state({"cut-1",
         "2026-11-02 10:00:00",
         120,
         convert({.at = "2026-10-31 22:30:00", .order = "C1", .commission_minor = 120})});
  // What we filtered.
  const auto revised = click({"2026-10-01 08:00:00"});
  conversion({.at = "2026-10-12 10:00:00", .order = "I1", .commission_minor = 400, .click = revised});
  revise("click", revised, "valid", "sivt");
  state({"invalid-1", "2026-10-12 10:00:00", 400, sub(revised)});
  // Stated twice; recorded twice, once by a postback.
  state({"again-1", "2026-10-05 10:00:00", 1'000, rows_.front().sub_id, "A1"});
  conversion({.at = "2026-10-06 10:00:00", .order = "D1", .commission_minor = 600});
  conversion({.at = "2026-10-06 10:00:05", .order = "D1", .commission_minor = 600, .source = "postback:acme"});
  state({"twice-1", "2026-10-06 10:00:00", 600, "", "D1"});
  // Taken back: by them; by us, and by them in a second row.
  state({.key = "back-1",
         .at = "2026-10-07 10:00:00",
         .commission_minor = 350,
         .sub_id = convert({.at = "2026-10-07 10:00:00", .order = "R1", .commission_minor = 350}),
         .status = Status::kReversed});
  const std::string taken_back = convert({.at = "2026-10-08 10:00:00", .order = "R2", .commission_minor = 800});
  conversion({.at = "2026-10-15 10:00:00", .order = "R2", .commission_minor = 800, .status = "reversed"});
  state({"back-2", "2026-10-08 10:00:00", 800, taken_back, "R2"});
  state({.key = "back-3",
         .at = "2026-10-16 10:00:00",
         .commission_minor = -800,
         .sub_id = taken_back,
         .order = "R2",
         .is_correction = true});
  // Not locked yet.
  state({.key = "pending-1",
         .at = "2026-10-09 10:00:00",
         .commission_minor = 90,
         .sub_id = convert({.at = "2026-10-09 10:00:00", .order = "P1", .commission_minor = 90}),
         .status = Status::kPending});
  // Names nothing, and nothing fits.
  state({"nameless-1", "2026-10-10 10:00:00", 45});
  // A click of ours, upper case and without dashes, whose conversion never came.
  std::string lone = sub(click({"2026-10-10 08:00:00"}));
  std::erase(lone, '-');
  std::ranges::transform(lone, lone.begin(), [](unsigned char c) { return static_cast<char>(std::toupper(c)); });
  state({"lost-1", "2026-10-10 11:00:00", 220, "acme:" + lone});
  // In another currency.
  state({.key = "currency-1",
         .at = "2026-10-11 10:00:00",
         .commission_minor = 550,
         .sub_id = convert({.at = "2026-10-11 10:00:00", .order = "U1", .commission_minor = 500}),
         .currency = "USD"});
  // A little more.
  state({"rounded-1",
         "2026-10-13 10:00:00",
         334,
         convert({.at = "2026-10-13 10:00:00", .order = "M1", .commission_minor = 333})});
  state({"near-1",
         "2026-10-14 10:00:00",
         10'100,
         convert({.at = "2026-10-14 10:00:00", .order = "M2", .commission_minor = 10'000})});
  const base::Uuid import = import_rows();
  publish();

  const auto run = reconcile_october();
  ASSERT_TRUE(run) << run.error().code << ": " << run.error().message;
  EXPECT_EQ(causes_of(*run, "EUR"),
            (CauseAmounts{{"time_zone", {-500 + 700, 2}},
                          {"late_row", {-300 + 250, 2}},
                          {"period_cut", {-120, 1}},
                          {"invalid_traffic", {400, 1}},
                          {"duplicate_theirs", {1'000, 1}},
                          {"duplicate_ours", {-600, 1}},
                          {"reversal", {-350 + 800 - 800, 3}},
                          {"pending", {-90, 1}},
                          {"missing_sub_id", {45, 1}},
                          {"missing_conversion", {220, 1}},
                          {"currency", {-500, 1}},
                          {"rounding", {1, 1}},
                          {"tolerance", {100, 1}}}));
  EXPECT_EQ(causes_of(*run, "USD"), (CauseAmounts{{"currency", {550, 1}}}));
  ASSERT_EQ(run->findings.size(), 2U);
  const reconcile::Finding& euros = run->findings[0];
  // 1,000 + 1,100 + 60 + 7,777; zone 500; late 300; cut 120; twice 600 + 600; back 350; pending 90; 500; 333; 10,000
  EXPECT_EQ(euros.our_commission_minor, 9'937 + 500 + 300 + 120 + 1'200 + 350 + 90 + 500 + 333 + 10'000);
  // The same four; 700; 250; 400; 1,000 again; 600; 800 - 800; 45; 220; 334; 10,100
  EXPECT_EQ(euros.their_commission_minor, 9'937 + 700 + 250 + 400 + 1'000 + 600 + 45 + 220 + 334 + 10'100);
  EXPECT_EQ(run->request.subject, "partner:" + base::format_uuid(partner_id(1)));
  EXPECT_EQ(run->request.their_time_zone, "America/New_York");

  const auto sources = boost::json::parse(run->request.sources).as_object();
  EXPECT_EQ(sources.at("imports").at(0).at("id").as_string(), base::format_uuid(import));
  EXPECT_EQ(sources.at("warehouse").at("is_complete").as_bool(), true);
  EXPECT_EQ(sources.at("warehouse").at("logs").at(0).at("loaded").to_number<std::uint64_t>(), last_sequence_ + 1);
  EXPECT_EQ(sources.at("clicks_without_conversion").to_number<std::int64_t>(), 1);

  const auto again = reconcile_october();
  ASSERT_TRUE(again) << again.error().message;
  EXPECT_NE(again->id, run->id);
  EXPECT_EQ(again->previous_run_id, run->id);
  EXPECT_EQ(causes_of(*again, "EUR"), causes_of(*run, "EUR"));
}

TEST_F(Causes, ARunThatIsThereAlreadyAnswers) {
  state(
      {"a", "2026-10-05 10:00:00", 100, convert({.at = "2026-10-05 10:00:00", .order = "A", .commission_minor = 100})});
  const base::Uuid import = import_rows();
  publish();
  const base::Timestamp before = clock_.now();
  const auto first = reconcile_october({.job_id = "job-1", .asked_at = before});
  ASSERT_TRUE(first) << first.error().message;
  EXPECT_EQ(reconcile_october({.job_id = "job-1", .asked_at = clock_.now()})->id, first->id) << "cut off and run again";
  EXPECT_EQ(reconcile_october({.job_id = "job-2", .asked_at = before})->id, first->id) << "it read the rows later";
  EXPECT_EQ(reconcile_october({.job_id = "job-3", .import_id = import})->id, first->id) << "it has the rows";
  EXPECT_NE(reconcile_october({.job_id = "job-4", .asked_at = clock_.now()})->id, first->id) << "asked for since";
  const base::Uuid other = event_id(4'711);
  EXPECT_NE(reconcile_october({.job_id = "job-5", .import_id = other})->id, first->id) << "it has not seen them";
}

TEST_F(Causes, WhatTheWarehouseHasNotLoadedIsSaid) {
  state(
      {"a", "2026-10-05 10:00:00", 100, convert({.at = "2026-10-05 10:00:00", .order = "A", .commission_minor = 100})});
  import_rows();
  publish();
  conversion({.at = "2026-10-06 10:00:00", .order = "B", .commission_minor = 900});
  const base::Timestamp before = clock_.now();
  const auto run = reconcile_october();
  ASSERT_TRUE(run) << run.error().message;
  EXPECT_GE(clock_.now() - before, base::kMicrosPerMinute) << "it waited";
  EXPECT_EQ(run->findings.at(0).our_commission_minor, 100);
  const auto sources = boost::json::parse(run->request.sources).as_object();
  EXPECT_EQ(sources.at("warehouse").at("is_complete").as_bool(), false);
}

TEST_F(Causes, NothingIsReconciledWithoutAWarehouseOrWithNobody) {
  ReconciliationService without({.database = *database_,
                                 .warehouse = nullptr,
                                 .runs = *runs_,
                                 .partners = partners_,
                                 .clock = clock_,
                                 .durable = [] { return std::nullopt; },
                                 .pause =
                                     [](std::int64_t) {
                                     }},
                                {});
  const reconcile::RunProgress progress{[](std::int64_t, std::int64_t, std::string_view) {},
                                        [] {
                                          return false;
                                        }};
  EXPECT_EQ(without.run({.partner = "acme", .days = parse_month("2026-10").value()}, progress).error().code,
            "warehouse_off");
  EXPECT_EQ(service_->run({.partner = "nobody", .days = parse_month("2026-10").value()}, progress).error().code,
            "partner_not_found");
}

}  // namespace
}  // namespace tallystick::settlement
