// What an import leaves in the database: rows with versions, counts, rejections; nothing when it does not end.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/settlement/import_scene.h"

namespace tallystick::settlement {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

class ReportImports : public ImportScene {};

std::vector<std::string> keys_and_versions(const std::vector<ReportRow>& rows) {
  std::vector<std::string> texts;
  for (const ReportRow& row : rows) {
    texts.push_back(fmt::format("{} v{} {}", row.key, row.version, reconcile::name_of(row.status)));
  }
  return texts;
}

TEST_P(ReportImports, RowsAreThereAsTheFileStatesThem) {
  const ReportImport import = import_report(report_file("cj.csv"));
  EXPECT_EQ(import.state, ImportState::kComplete);
  EXPECT_EQ(import.counts, (ImportCounts{.rows = 4, .added = 4}));
  EXPECT_EQ(import.profile, "cj");
  const auto all = rows();
  ASSERT_EQ(all.size(), 4U);
  EXPECT_EQ(describe(all[3]),
            "5 1004 2026-11-06T12:00:00Z 2026-11-20T09:30:00Z - |  | O-1 | -12000 -600 USD approved closed correction");
  EXPECT_EQ(all[0].import_id, import.id);
  EXPECT_EQ(all[0].first_seen_at, import.created_at);
  EXPECT_EQ(all[0].advertiser, "Blue, Shop");
  EXPECT_EQ(service().list_rows(import, 2, 2)->size(), 2U);
}

TEST_P(ReportImports, TheSameFileTwiceChangesNothing) {
  import_report(report_file("cj.csv"));
  const auto before = rows();
  const ReportImport again = import_report(report_file("cj.csv"));
  EXPECT_EQ(again.counts, (ImportCounts{.rows = 4, .unchanged = 4}));
  EXPECT_EQ(keys_and_versions(rows()), keys_and_versions(before));
  EXPECT_EQ(count("report_rows"), 4);
}

TEST_P(ReportImports, ACorrectedFileAddsVersionsOfWhatChanged) {
  const ReportImport first = import_report(report_file("cj.csv"));
  const ReportImport second = import_report(report_file("cj_corrected.csv"));
  EXPECT_EQ(second.counts, (ImportCounts{.rows = 3, .added = 1, .changed = 1, .unchanged = 1}));
  const auto all = rows();
  EXPECT_THAT(
      keys_and_versions(all),
      ElementsAre("1001 v1 approved", "1002 v1 approved", "1003 v2 approved", "1004 v1 approved", "1005 v1 pending"));
  EXPECT_EQ(all[2].first_seen_at, first.created_at);
  EXPECT_EQ(all[2].import_id, second.id);
  EXPECT_EQ(count("report_rows"), 6);
  // Back again is a change too.
  EXPECT_EQ(import_report(report_file("cj.csv")).counts, (ImportCounts{.rows = 4, .changed = 1, .unchanged = 3}));
  EXPECT_EQ(keys_and_versions(rows())[2], "1003 v3 pending");
}

TEST_P(ReportImports, EqualRowsWithoutAKeyAreAllKept) {
  partners_.set(make_terms("rakuten"));
  EXPECT_EQ(import_report(report_file("rakuten.csv")).counts, (ImportCounts{.rows = 4, .added = 4, .ignored = 2}));
  EXPECT_EQ(rows().size(), 4U);
  EXPECT_EQ(import_report(report_file("rakuten.csv")).counts, (ImportCounts{.rows = 4, .unchanged = 4, .ignored = 2}));
  EXPECT_EQ(rows().size(), 4U);
}

TEST_P(ReportImports, RejectedLinesAreKeptWithTheirReasons) {
  const ReportImport import = import_report(report_file("cj_bad_rows.csv"));
  EXPECT_EQ(import.counts, (ImportCounts{.rows = 9, .added = 2, .duplicate = 1, .rejected = 6}));
  std::vector<std::string> rejected;
  const auto kept = service().list_rejections(import, 0, 100);
  for (const StoredRejection& rejection : *kept) {
    rejected.push_back(fmt::format("{} {}", rejection.line, rejection.code));
  }
  EXPECT_THAT(rejected,
              ElementsAre("3 bad_date",
                          "4 bad_amount",
                          "5 missing_value",
                          "6 too_many_decimals",
                          "7 key_repeated",
                          "9 too_many_cells"));
  EXPECT_EQ(service().list_rejections(import, 5, 1)->front().line, 6);
}

TEST_P(ReportImports, WarningsTellWhatMayBeWrong) {
  EXPECT_THAT(import_report(report_file("cj_truncated.csv")).warnings, HasSubstr("no_final_line_end"));
  partners_.set(make_terms("rakuten"));
  EXPECT_THAT(import_report(report_file("rakuten_bad_total.csv")).warnings,
              HasSubstr("line 9: amount: the total is 2040.00 USD, the rows add up to 1040.00 USD"));
}

TEST_P(ReportImports, PeriodsAreOfSaleOrBooking) {
  import_report(report_file("cj.csv"));
  const auto keys_in = [&](std::string_view from, std::string_view to) {
    std::vector<std::string> keys;
    for (const ReportRow& row : rows(*base::parse_rfc3339(from), *base::parse_rfc3339(to))) {
      keys.push_back(row.key);
    }
    return keys;
  };
  EXPECT_THAT(keys_in("2026-11-20T00:00:00Z", "2026-11-21T00:00:00Z"), ElementsAre("1004"));
  EXPECT_THAT(keys_in("2026-11-06T00:00:00Z", "2026-11-07T00:00:00Z"), ElementsAre("1004"));
  EXPECT_THAT(keys_in("2026-11-03T10:15:00Z", "2026-11-03T23:59:59Z"), ElementsAre("1001"));
  EXPECT_THAT(keys_in("2026-12-01T00:00:00Z", "2027-01-01T00:00:00Z"), IsEmpty());
}

TEST_P(ReportImports, ClicksOfDaysAreReplacedByLaterReports) {
  EXPECT_EQ(clicks("2026-11-01T00:00:00Z", "2026-12-01T00:00:00Z"), std::nullopt);
  EXPECT_EQ(import_report(report_file("cj_performance.csv")).counts,
            (ImportCounts{.rows = 2, .added = 2, .ignored = 1}));
  EXPECT_EQ(clicks("2026-11-01T00:00:00Z", "2026-12-01T00:00:00Z"), 1'300);
  EXPECT_EQ(clicks("2026-11-04T00:00:00Z", "2026-12-01T00:00:00Z"), 96);
  EXPECT_EQ(import_report("Period,Publisher Name,Clicks\n04-Nov-2026,Ours,100\n").counts,
            (ImportCounts{.rows = 1, .changed = 1}));
  EXPECT_EQ(clicks("2026-11-01T00:00:00Z", "2026-12-01T00:00:00Z"), 1'304);
  EXPECT_THAT(rows(), IsEmpty());
}

TEST_P(ReportImports, OneThatIsStoppedAnywhereLeavesNothingAndRunsAgainToTheSame) {
  import_report(report_file("cj_corrected.csv"));
  const auto before = keys_and_versions(rows());
  service_ = make_service({.portion_rows = 1});
  const ReportImport import = submit(report_file("cj.csv"));
  for (std::int64_t portions = 1; portions <= 4; ++portions) {
    TestJob job = job_of(import);
    job.on_progress = [&](const jobs::Progress& progress) {
      job.is_stopped = progress.done >= portions;
    };
    EXPECT_EQ(service().run_job(job).error().code, "cancelled");
    EXPECT_EQ(keys_and_versions(rows()), before);
    EXPECT_EQ(get(import).state, ImportState::kRunning);
  }
  EXPECT_GT(count("report_rows"), 3);
  TestJob job = job_of(import);
  ASSERT_TRUE(service().run_job(job));
  EXPECT_EQ(get(import).counts, (ImportCounts{.rows = 4, .added = 2, .changed = 1, .unchanged = 1}));
  EXPECT_EQ(count("report_rows"), 6);
  // Once more, as after a crash between the last transaction and the job's end.
  const auto result = service().run_job(job);
  ASSERT_TRUE(result);
  EXPECT_THAT(*result, HasSubstr("\"changed\":1"));
  EXPECT_EQ(count("report_rows"), 6);
}

TEST_P(ReportImports, OthersWriteBetweenThePortions) {
  service_ = make_service({.portion_rows = 1});
  const ReportImport import = submit(report_file("cj.csv"));
  TestJob job = job_of(import);
  int written = 0;
  job.on_progress = [&](const jobs::Progress&) {
    const auto other = open();
    written += other->write<bool>([](soci::session& session) -> base::Result<bool> {
      session << "UPDATE catalog_revisions SET revision = revision + 1 WHERE catalog = 'keys'";
      return true;
    })
                   ? 1
                   : 0;
  };
  ASSERT_TRUE(service().run_job(job));
  EXPECT_EQ(written, 5);
  EXPECT_EQ(job.progress().done, 4);
  EXPECT_EQ(job.progress().total, 4);
}

TEST_P(ReportImports, OneThatWasOvertakenBeginsAnew) {
  const auto other = make_service({});
  service_ = make_service({.portion_rows = 1});
  const ReportImport slow = submit(report_file("cj.csv"));
  TestJob job = job_of(slow);
  bool is_first = true;
  job.on_progress = [&](const jobs::Progress&) {
    if (std::exchange(is_first, false)) {
      const ReportImport fast = submit(report_file("cj_corrected.csv"));
      TestJob inner = job_of(fast);
      ASSERT_TRUE(other->run_job(inner));
    }
  };
  ASSERT_TRUE(service().run_job(job));
  EXPECT_EQ(get(slow).counts, (ImportCounts{.rows = 4, .added = 2, .changed = 1, .unchanged = 1}));
  EXPECT_THAT(
      keys_and_versions(rows()),
      ElementsAre("1001 v1 approved", "1002 v1 approved", "1003 v2 pending", "1004 v1 approved", "1005 v1 pending"));
}

TEST_P(ReportImports, WhatIsCompleteIsImmutable) {
  import_report(report_file("cj_bad_rows.csv"));
  for (const char* sql : {"UPDATE report_imports SET profile = 'x'",
                          "DELETE FROM report_rejections",
                          "UPDATE report_rows SET commission_minor = 0",
                          "DELETE FROM report_rows"}) {
    const auto changed = database().write<bool>([&](soci::session& session) -> base::Result<bool> {
      session << sql;
      return true;
    });
    EXPECT_FALSE(changed) << sql;
  }
}

TEST_P(ReportImports, CompletionAndWhatFollowsFromItAreOneTransaction) {
  bool is_possible = false;
  service().set_on_complete([&](soci::session& session, const ReportImport& import) -> base::Result<void> {
    session << "UPDATE catalog_revisions SET revision = revision + 1 WHERE catalog = 'keys'";
    EXPECT_EQ(import.state, ImportState::kComplete);
    if (!is_possible) {
      return base::fail(base::ErrorKind::kUnavailable, "no_queue", "not now");
    }
    return {};
  });
  const ReportImport import = submit(report_file("cj.csv"));
  TestJob job = job_of(import);
  EXPECT_EQ(service().run_job(job).error().code, "no_queue");
  EXPECT_THAT(rows(), IsEmpty());
  is_possible = true;
  EXPECT_TRUE(service().run_job(job));
  EXPECT_EQ(rows().size(), 4U);
}

TEST_P(ReportImports, AFileThatIsNoReportIsRefusedBeforeThereIsAJob) {
  const auto file = files().store(report_file("no_report.csv"));
  EXPECT_EQ(service().submit("acme", *file, "x", "", {"key:1", "", ""}).error().code, "unrecognised_report");
  EXPECT_EQ(service().submit("nobody", *file, "x", "", {"key:1", "", ""}).error().code, "partner_not_found");
  EXPECT_EQ(count("report_imports"), 0);
}

TEST_P(ReportImports, WhatTurnsOutBadLaterIsRefusedWholeAndForGood) {
  service_ = make_service({.max_rows = 3});
  const ReportImport import = submit(report_file("cj.csv"));
  TestJob job = job_of(import);
  EXPECT_EQ(service().run_job(job).error().code, "too_many_rows");
  EXPECT_EQ(get(import).state, ImportState::kRefused);
  EXPECT_EQ(get(import).error_code, "too_many_rows");
  EXPECT_EQ(service().run_job(job).error().code, "too_many_rows");
  EXPECT_EQ(count("report_rows"), 0);
}

TEST_P(ReportImports, WhatACancelledJobLeftIsRemovedAtStart) {
  service_ = make_service({.portion_rows = 1});
  const ReportImport import = submit(report_file("cj.csv"));
  TestJob job = job_of(import);
  job.is_stopped = true;
  EXPECT_FALSE(service().run_job(job));
  EXPECT_EQ(count("report_rows"), 1);
  ASSERT_TRUE(service().tidy());
  EXPECT_EQ(count("report_rows"), 1) << "its job still waits";
  ASSERT_TRUE(queue().cancel(*base::parse_uuid(import.job_id), {"key:1", "", ""}));
  ASSERT_TRUE(service().tidy());
  EXPECT_EQ(count("report_rows"), 0);
  EXPECT_EQ(get(import).error_code, "import_cancelled");
}

TEST_P(ReportImports, AreListedNewestFirst) {
  const ReportImport first = import_report(report_file("cj.csv"));
  const ReportImport second = import_report(report_file("cj.csv"));
  const auto all = service().list("acme", "", 10);
  ASSERT_EQ(all->size(), 2U);
  EXPECT_EQ(all->front().id, second.id);
  EXPECT_EQ(service().list("acme", base::format_uuid(second.id), 10)->front().id, first.id);
}

TALLY_ON_BOTH_DATABASES(ReportImports);

}  // namespace
}  // namespace tallystick::settlement
