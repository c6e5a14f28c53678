#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/cli/capture.h"

namespace tallystick::cli {
namespace {

using testing::HasSubstr;

std::string golden_report(const std::string& name) {
  return std::string(TALLYSTICK_SOURCE_DIR) + "/tests/settlement/reports/" + name;
}

TEST(ReportImportCommand, ADryRunShowsWhatTheFileIs) {
  const Outcome outcome = run_captured({"report", "import", golden_report("cj_bad_rows.csv"), "--dry-run"});
  EXPECT_EQ(outcome.code, 0) << outcome.err;
  EXPECT_THAT(outcome.out, HasSubstr("Profile cj (built in), UTF-8, delimiter ,, header in line 1"));
  EXPECT_THAT(outcome.out, HasSubstr("Nothing was imported. 9 rows: 2 good, 1 duplicate, 6 rejected"));
  EXPECT_THAT(outcome.out, HasSubstr("key_repeated"));
}

TEST(ReportImportCommand, ADryRunIsJsonToo) {
  const Outcome outcome = run_captured({"--json", "report", "import", golden_report("rakuten.csv"), "--dry-run"});
  EXPECT_EQ(outcome.code, 0) << outcome.err;
  EXPECT_THAT(outcome.out, HasSubstr("\"is_dry_run\": true"));
  EXPECT_THAT(outcome.out, HasSubstr("\"good\": 4"));
}

TEST(ReportImportCommand, WrongUsageAndWrongFilesAreToldApart) {
  EXPECT_EQ(run_captured({"report", "import"}).code, 2);
  EXPECT_EQ(run_captured({"report", "import", golden_report("cj.csv")}).code, 2) << "whose report?";
  const Outcome none = run_captured({"report", "import", golden_report("no_report.csv"), "--dry-run"});
  EXPECT_NE(none.code, 0);
  EXPECT_THAT(none.err, HasSubstr("profile knows"));
  EXPECT_NE(run_captured({"report", "import", "/no/such/file", "--dry-run"}).code, 0);
  EXPECT_EQ(run_captured({"report", "import", golden_report("cj.csv"), "--dry-run", "--currency", "XYZ"}).code, 2);
}

}  // namespace
}  // namespace tallystick::cli
