#pragma once
// A service on a database, and outcomes made by hand.

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "reconcile/run_service.h"
#include "tests/reconcile/records.h"
#include "tests/support/database_test.h"

namespace tallystick::reconcile::test {

// In a fixture Run is a function of GoogleTest's.
using KeptRun = reconcile::Run;

struct Made {
  RunRequest request;
  Sides sides = {};
  Matching matching = {};
  Outcome outcome = {};
};

inline base::Date day(const char* text) {
  return *base::parse_date(text);
}

inline RunRequest make_request() {
  return {.subject = "partner:acme-id",
          .subject_name = "Acme",
          .from = day("2026-11-01"),
          .to = day("2026-11-30"),
          .our_time_zone = "UTC",
          .their_time_zone = "America/New_York",
          .tolerance_basis_points = 200,
          .sources = R"({"imports":["i-1"]})",
          .actor = "key:1"};
}

// Ours 27.00 EUR, theirs 23.05: 5 for a small difference, 300 that nothing of ours fits, 700 that they do not state.
inline Made make_small() {
  Made made{.request = make_request()};
  made.sides.claims = {claim("T-1", 10'000, 1'000), claim("T-2", 10'050, 1'005), claim("T-3", 3'000, 300)};
  made.sides.claims[0].click_id = id(1);
  made.sides.claims[0].reference = base::format_uuid(id(1));
  made.sides.claims[1].order_id = "A-2";
  made.sides.truths = {truth(101, 10'000, 1'000), truth(102, 10'000, 1'000), truth(103, 7'000, 700)};
  made.sides.truths[0].click_id = id(1);
  made.sides.truths[1].order_id = "a-2";
  made.sides.truths[2].order_id = "A-3";
  made.sides.clicks = {50, 45, 44};
  made.matching.matches = {{.claim = 0, .truth = 0, .rule = MatchRule::kClickId},
                           {.claim = 1,
                            .truth = 1,
                            .rule = MatchRule::kOrderId,
                            .confidence_permille = 990,
                            .runner_up = 2,
                            .runner_up_permille = 400}};
  made.matching.only_claims = {2};
  made.matching.only_truths = {2};
  made.outcome.items = {
      {.claim = 0,
       .truth = 0,
       .match = 0,
       .currency = eur(),
       .our_commission_minor = 1'000,
       .their_commission_minor = 1'000},
      {.claim = 1,
       .truth = 1,
       .match = 1,
       .currency = eur(),
       .our_commission_minor = 1'000,
       .their_commission_minor = 1'005,
       .causes = {{Cause::kTolerance, 5, 1}}},
      {.claim = 2, .currency = eur(), .their_commission_minor = 300, .causes = {{Cause::kMissingSubId, 300, 1}}},
      {.truth = 2, .currency = eur(), .our_commission_minor = 700, .causes = {{Cause::kUnexplained, -700, 1}}}};
  made.outcome.findings = {
      {.currency = eur(),
       .our_conversions = 3,
       .their_conversions = 3,
       .our_amount_minor = 27'000,
       .their_amount_minor = 23'050,
       .our_commission_minor = 2'700,
       .their_commission_minor = 2'305,
       .matched = 2,
       .only_ours = 1,
       .only_theirs = 1,
       .amount_differences = 1,
       .status_differences = 0,
       .variance = {395, 2'700},
       .is_discrepancy = true,
       .causes = {{Cause::kMissingSubId, 300, 1}, {Cause::kTolerance, 5, 1}, {Cause::kUnexplained, -700, 1}}}};
  return made;
}

// As make_small(), with everything equal: no discrepancy.
inline Made make_equal() {
  Made made = make_small();
  made.outcome.items.resize(1);
  Finding& finding = made.outcome.findings.front();
  finding.their_commission_minor = finding.our_commission_minor = 1'000;
  finding.variance = {0, 1'000};
  finding.is_discrepancy = false;
  finding.causes.clear();
  return made;
}

// So many matched pairs without a difference, and one claim of 1 cent alone, the last.
inline Made make_large(std::uint32_t pairs) {
  Made made{.request = make_request()};
  for (std::uint32_t i = 0; i < pairs; ++i) {
    made.sides.claims.push_back(claim("row-" + std::to_string(i), 1'000, 10));
    made.sides.truths.push_back(truth(1'000 + i, 1'000, 10));
    made.matching.matches.push_back({.claim = i, .truth = i, .rule = MatchRule::kOrderId});
    made.outcome.items.push_back({.claim = i,
                                  .truth = i,
                                  .match = i,
                                  .currency = eur(),
                                  .our_commission_minor = 10,
                                  .their_commission_minor = 10});
  }
  made.sides.claims.push_back(claim("alone", 100, 1));
  made.matching.only_claims = {pairs};
  made.outcome.items.push_back(
      {.claim = pairs, .currency = eur(), .their_commission_minor = 1, .causes = {{Cause::kMissingSubId, 1, 1}}});
  const auto count = static_cast<std::int64_t>(pairs);
  made.outcome.findings = {{.currency = eur(),
                            .our_conversions = count,
                            .their_conversions = count + 1,
                            .our_commission_minor = count * 10,
                            .their_commission_minor = count * 10 + 1,
                            .matched = count,
                            .only_theirs = 1,
                            .variance = {1, count * 10 + 1},
                            .causes = {{Cause::kMissingSubId, 1, 1}}}};
  return made;
}

class RunFixture : public support::DatabaseTest {
 protected:
  void SetUp() override {
    DatabaseTest::SetUp();
    alerts_ = std::make_unique<alerts::AlertService>(database(), audit_, nullptr, log_, clock_, random_);
    service_ = std::make_unique<RunService>(database(), audit_, *alerts_, clock_, random_);
  }

  base::Result<KeptRun> keep(const Made& made, const RunProgress& progress = {}) {
    clock_.advance_us(base::kMicrosPerSecond);
    return service_->keep(made.request, made.sides, made.matching, made.outcome, progress);
  }
  KeptRun must_keep(const Made& made) {
    auto run = keep(made);
    if (!run) {
      throw std::runtime_error(run.error().code + ": " + run.error().message);
    }
    return *std::move(run);
  }
  std::int64_t count(const std::string& table) {
    return *database().read<std::int64_t>([&](soci::session& session) -> base::Result<std::int64_t> {
      std::int64_t rows = 0;
      session << "SELECT COUNT(*) FROM " << table, soci::into(rows);
      return rows;
    });
  }
  base::Result<bool> execute(const std::string& sql) {
    return database().write<bool>([&](soci::session& session) -> base::Result<bool> {
      session << sql;
      return true;
    });
  }
  std::vector<alerts::Alert> unresolved_alerts() { return *alerts_->list_unresolved("discrepancy"); }

  // Monday 2026-11-30, 12:00 in New York.
  base::ManualClock clock_{*base::parse_rfc3339("2026-11-30T17:00:00Z")};
  base::SeededRandom random_{1};
  base::Log log_{{.level = base::LogLevel::kOff}, clock_};
  access::AuditLog audit_{clock_, random_};
  std::unique_ptr<alerts::AlertService> alerts_;
  std::unique_ptr<RunService> service_;
};

}  // namespace tallystick::reconcile::test
