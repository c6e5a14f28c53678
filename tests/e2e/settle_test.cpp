// The whole of settlement on the real binary with its engine: a made-up month, seven networks' report files, imported
// and reconciled through the public API. Every planted cause has to be found with its exact amount.
#include <filesystem>
#include <set>

#include <gtest/gtest.h>

#include "tests/e2e/instance.h"

namespace tallystick::e2e {
namespace {

namespace json = boost::json;

support::CommandResult settle(const std::filesystem::path& data, std::vector<std::string> more = {}) {
  std::vector<std::string> command = {support::tallystick_binary(), "demo", "--settle"};
  command.insert(command.end(), more.begin(), more.end());
  auto environment = support::command_environment(data);
  environment["TALLYSTICK_ENGINE_ENABLED"] = "true";
  return support::run_command(command, environment, std::chrono::seconds(300));
}

TEST(Settle, FindsEveryPlantedCauseWithItsExactAmount) {
  const support::TemporaryDirectory folder;
  const auto data = folder.path() / "data";
  const support::CommandResult result = settle(data, {"--conversions", "800", "--seed", "3", "--json"});
  ASSERT_EQ(result.exit_code, 0) << result.output;
  const json::value report = json::parse(result.output.substr(result.output.find('{')));
  EXPECT_EQ(report.at("differences"), 0);
  std::set<std::string> partners;
  std::set<std::string> causes;
  for (const json::value& finding : report.at("findings").as_array()) {
    partners.emplace(finding.at("partner").as_string());
    for (const json::value& figure : finding.at("causes").as_array()) {
      causes.emplace(figure.at("name").as_string());
      EXPECT_EQ(figure.at("planted_minor"), figure.at("found_minor")) << json::serialize(finding);
      EXPECT_EQ(figure.at("difference_minor"), 0);
    }
  }
  EXPECT_EQ(report.at("findings").as_array().size(), 9U) << "seven networks, two of them in two currencies";
  EXPECT_EQ(partners.size(), 7U);
  EXPECT_EQ(causes.size(), 13U) << "every cause but unexplained";
  EXPECT_FALSE(causes.contains("unexplained"));
  for (const json::value& import : report.at("imports").as_array()) {
    EXPECT_EQ(import.at("rejected"), 0) << json::serialize(import);
    EXPECT_TRUE(std::filesystem::exists(std::filesystem::path(report.at("reports_directory").as_string().c_str()) /
                                        import.at("file").as_string().c_str()));
  }

  // The key that it leaves is good for looking around, also in what a server serves later.
  const support::CommandResult again = settle(data, {"--conversions", "800", "--seed", "3"});
  EXPECT_EQ(again.exit_code, 1) << again.output;
  EXPECT_NE(again.output.find("has a partner settle-impact already"), std::string::npos) << again.output;
  const support::CommandResult verified =
      support::run_command({support::tallystick_binary(), "journal", "verify"}, support::command_environment(data));
  EXPECT_EQ(verified.exit_code, 0) << verified.output;
}

TEST(Settle, SaysWhatIsWrongWithItsOptions) {
  const support::TemporaryDirectory folder;
  const auto data = folder.path() / "data";
  EXPECT_NE(settle(data, {"--month", "2026-13"}).exit_code, 0);
  const support::CommandResult future = settle(data, {"--month", "9998-01"});
  EXPECT_NE(future.output.find("ended three days ago"), std::string::npos) << future.output;
  EXPECT_FALSE(std::filesystem::exists(data / "records.db")) << "nothing was made";
}

}  // namespace
}  // namespace tallystick::e2e
