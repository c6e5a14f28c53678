// Which reconciliations are queued, by the night and by imports, on both databases.
#include "settlement/reconciliation_job.h"

#include <algorithm>
#include <memory>
#include <string>

#include <boost/json.hpp>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "access/audit.h"
#include "alerts/service.h"
#include "reconcile/run_service.h"
#include "settlement/reconciliation_sources.h"
#include "settlement/reconciliation_store.h"
#include "tests/settlement/report_desk.h"
#include "tests/support/database_test.h"

namespace tallystick::settlement {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

class NightJob final : public jobs::JobContext {
 public:
  NightJob() { job_.id = base::parse_uuid("00000000-0000-4000-8000-000000000001").value(); }
  [[nodiscard]] const jobs::Job& job() const override { return job_; }
  void set_progress(const jobs::Progress& /*progress*/) override {}
  [[nodiscard]] bool is_cancelled() const override { return false; }

  jobs::Job job_;
};

PartnerTerms make_terms(int number, bool is_active) {
  PartnerTerms terms;
  terms.id = base::parse_uuid(fmt::format("00000000-0000-4000-a000-{:012}", number)).value();
  terms.slug = fmt::format("partner-{}", number);
  terms.name = terms.slug;
  terms.is_active = is_active;
  terms.currency = base::parse_currency("EUR").value();
  terms.time_zone = "America/New_York";
  return terms;
}

base::Timestamp moment(std::string_view text) {
  return base::parse_rfc3339(text).value();
}

class Scheduling : public support::DatabaseTest {
 protected:
  void SetUp() override {
    DatabaseTest::SetUp();
    queue_ = std::make_unique<jobs::Queue>(database(), audit_, clock_, random_);
    alerts_ = std::make_unique<alerts::AlertService>(database(), audit_, nullptr, log_, clock_, random_);
    runs_ = std::make_unique<reconcile::RunService>(database(), audit_, *alerts_, clock_, random_);
    service_ =
        std::make_unique<ReconciliationService>(ReconciliationService::Rooms{.database = database(),
                                                                             .warehouse = nullptr,
                                                                             .runs = *runs_,
                                                                             .partners = partners_,
                                                                             .clock = clock_,
                                                                             .durable = [] { return std::nullopt; },
                                                                             .pause =
                                                                                 [](std::int64_t) {
                                                                                 }},
                                                ReconciliationOptions{});
    scheduler_ = std::make_unique<ReconciliationScheduler>(
        ReconciliationScheduler::Rooms{
            .database = database(), .queue = *queue_, .service = *service_, .partners = partners_, .clock = clock_},
        base::TimeZone::find("UTC").value());
    const auto all = partners_.list();
    ASSERT_TRUE(database().write<bool>([&](soci::session& session) -> base::Result<bool> {
      for (const PartnerTerms& terms : *all) {
        insert_partner(session, terms);
      }
      return true;
    }));
  }

  // A report of rows that happened and were booked at these times.
  base::Uuid import_rows(int partner, const std::vector<std::string_view>& times, bool is_queueing = false) {
    std::vector<ReportRow> rows;
    for (const std::string_view time : times) {
      ReportRow row;
      row.key = fmt::format("row-{}", ++last_row_);
      row.occurred_at = moment(time);
      row.booked_at = row.occurred_at;
      row.currency = base::parse_currency("EUR").value();
      rows.push_back(std::move(row));
    }
    const PartnerTerms terms = make_terms(partner, true);
    return insert_report(database(),
                         terms.id,
                         clock_.now(),
                         random_,
                         std::move(rows),
                         [&](soci::session& session, const base::Uuid& id) {
                           if (is_queueing) {
                             EXPECT_TRUE(scheduler_->queue_for_import(session, terms, id));
                           }
                         });
  }

  void keep_run(int partner, const Days& days) {
    reconcile::RunRequest request;
    request.subject = subject_of(make_terms(partner, true).id);
    request.from = days.from;
    request.to = days.to;
    request.sources = make_sources({.job_id = "", .claims_at = clock_.now()}, {}, {}, {});
    const auto run = runs_->run(request,
                                {},
                                {[](std::int64_t, std::int64_t, std::string_view) {},
                                 [] {
                                   return false;
                                 }});
    ASSERT_TRUE(run) << run.error().message;
  }

  // "partner-1 2026-10-01 2026-10-19", ascending, and forgets them.
  std::vector<std::string> queued() {
    std::vector<std::string> out;
    const auto jobs = queue_->list({.state = jobs::State::kQueued}, "", 100);
    for (const jobs::Job& job : *jobs) {
      EXPECT_EQ(job.draft.kind, kReconcileJob);
      const auto payload = boost::json::parse(job.draft.payload).as_object();
      const std::string id(payload.at("partner").as_string());
      out.push_back(fmt::format("partner-{} {} {}",
                                std::stoi(id.substr(24)),
                                std::string_view(payload.at("from").as_string()),
                                std::string_view(payload.at("to").as_string())));
      EXPECT_TRUE(queue_->cancel(job.id, {"test", "", ""}));
    }
    std::ranges::sort(out);
    return out;
  }

  std::vector<std::string> night() {
    NightJob job;
    const auto done = scheduler_->queue_nightly(job);
    EXPECT_TRUE(done) << done.error().message;
    return queued();
  }

  base::ManualClock clock_{base::parse_rfc3339("2026-10-20T03:00:00Z").value()};
  base::SeededRandom random_{1};
  base::Log log_{{.level = base::LogLevel::kOff}, clock_};
  access::AuditLog audit_{clock_, random_};
  std::unique_ptr<jobs::Queue> queue_;
  std::unique_ptr<alerts::AlertService> alerts_;
  std::unique_ptr<reconcile::RunService> runs_;
  KnownPartners partners_{{make_terms(1, true), make_terms(2, true), make_terms(3, false)}};
  std::unique_ptr<ReconciliationService> service_;
  std::unique_ptr<ReconciliationScheduler> scheduler_;
  int last_row_ = 0;
};

TEST_P(Scheduling, ANightTakesThisMonthAsFarAsReportsReachAndLastMonthWhenRowsArrived) {
  EXPECT_THAT(night(), IsEmpty()) << "nobody has reports";
  import_rows(1, {"2026-10-12T10:00:00Z", "2026-09-03T10:00:00Z"});
  import_rows(2, {"2026-10-19T23:30:00Z"});
  import_rows(3, {"2026-10-19T10:00:00Z"});
  EXPECT_THAT(
      night(),
      ElementsAre(
          "partner-1 2026-09-01 2026-09-30", "partner-1 2026-10-01 2026-10-12", "partner-2 2026-10-01 2026-10-19"))
      << "the third is paused";
}

TEST_P(Scheduling, LastMonthIsLeftAloneUntilRowsArrive) {
  import_rows(1, {"2026-10-12T10:00:00Z", "2026-09-03T10:00:00Z"});
  clock_.advance_us(base::kMicrosPerHour);
  keep_run(1, parse_month("2026-09").value());
  EXPECT_THAT(night(), ElementsAre("partner-1 2026-10-01 2026-10-12"));
  clock_.advance_us(base::kMicrosPerHour);
  import_rows(1, {"2026-10-13T10:00:00Z"});
  EXPECT_THAT(night(), ElementsAre("partner-1 2026-10-01 2026-10-13")) << "none of them is of September";
  // September 30, 23:30 of New York.
  import_rows(1, {"2026-10-01T03:30:00Z"});
  EXPECT_THAT(night(), ElementsAre("partner-1 2026-09-01 2026-09-30", "partner-1 2026-10-01 2026-10-13"));
}

TEST_P(Scheduling, OnTheFirstOfAMonthTheOneThatEndedIsThisMonth) {
  clock_.set(base::parse_rfc3339("2026-11-01T03:00:00Z").value());
  import_rows(1, {"2026-10-28T10:00:00Z"});
  EXPECT_THAT(night(), ElementsAre("partner-1 2026-10-01 2026-10-31"));
}

TEST_P(Scheduling, ANightThatIsRunAgainQueuesNothingTwice) {
  import_rows(1, {"2026-10-12T10:00:00Z"});
  NightJob job;
  ASSERT_TRUE(scheduler_->queue_nightly(job));
  ASSERT_TRUE(scheduler_->queue_nightly(job));
  EXPECT_EQ(queued().size(), 1U);
}

TEST_P(Scheduling, AnImportQueuesTheMonthsOfItsRowsWithItself) {
  const base::Uuid import = import_rows(
      1, {"2026-08-31T10:00:00Z", "2026-09-01T02:00:00Z", "2026-10-05T10:00:00Z", "2026-06-15T10:00:00Z"}, true);
  const auto jobs = queue_->list({}, "", 10);
  for (const jobs::Job& job : *jobs) {
    EXPECT_EQ(boost::json::parse(job.draft.payload).at("import").as_string(), base::format_uuid(import));
    EXPECT_EQ(job.draft.subject, subject_of(make_terms(1, true).id));
  }
  EXPECT_THAT(
      queued(),
      ElementsAre(
          "partner-1 2026-06-01 2026-06-30", "partner-1 2026-08-01 2026-08-31", "partner-1 2026-10-01 2026-10-05"))
      << "the second row is August's in New York";
}

TEST_P(Scheduling, AnImportOfDaysToComeQueuesNothing) {
  import_rows(1, {"2026-12-05T10:00:00Z"}, true);
  EXPECT_THAT(queued(), IsEmpty());
}

TEST_P(Scheduling, AJobSaysWhatIsWrongWithItsPayload) {
  const jobs::Handler handler = make_reconcile_handler(*service_);
  for (const char* payload : {"{}", R"({"partner": 1})", R"({"partner": ""})"}) {
    NightJob job;
    job.job_.draft.payload = payload;
    EXPECT_EQ(handler(job).error().code, "bad_job") << payload;
  }
  NightJob job;
  job.job_.draft.payload = R"({"partner": "partner-1", "from": "2026-10-02", "to": "2026-10-01"})";
  EXPECT_EQ(handler(job).error().code, "bad_period");
  job.job_.draft.payload = R"({"partner": "partner-1", "from": "2026-10-01", "to": "2026-10-31"})";
  EXPECT_EQ(handler(job).error().code, "warehouse_off");
}

TALLY_ON_BOTH_DATABASES(Scheduling);

TEST(RunSources, AreReadAsTheyWereWritten) {
  const base::Uuid import = base::parse_uuid("0190163d-8694-739b-aea5-966c26f8ad90").value();
  ClaimSide claims;
  claims.imports[import] = 17;
  const std::string text = make_sources({.job_id = "j", .claims_at = {1'700'000'000'123'456}, .margin_days = 45},
                                        {.generation = 2, .database = "tallystick_2", .logs = {{0x8f3a11c0, 12}}},
                                        claims,
                                        {});
  const auto sources = parse_sources(text);
  ASSERT_TRUE(sources);
  EXPECT_EQ(sources->job_id, "j");
  EXPECT_EQ(sources->claims_at.us, 1'700'000'000'123'456);
  EXPECT_EQ(sources->margin_days, 45);
  EXPECT_THAT(sources->imports, ElementsAre(import));
  EXPECT_EQ(boost::json::parse(text).at("warehouse").at("logs").at(0).at("log_id").as_string(), "8f3a11c0");
  for (const char* wrong : {"", "{}", "[]", R"({"claims_at": 5})", R"({"claims_at": "yesterday"})"}) {
    EXPECT_FALSE(parse_sources(wrong)) << wrong;
  }
}

}  // namespace
}  // namespace tallystick::settlement
