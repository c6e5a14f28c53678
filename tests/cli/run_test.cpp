#include "cli/run.h"

#include <boost/json.hpp>
#include <gtest/gtest.h>

#include "base/config.h"
#include "base/file.h"
#include "tests/cli/capture.h"
#include "tests/support/temporary_directory.h"

namespace tallystick::cli {
namespace {

TEST(Run, WrongUsageExitsWithTwoAndSaysHow) {
  for (const std::vector<std::string>& arguments :
       {std::vector<std::string>{}, {"no-such-command"}, {"config"}, {"version", "--no-such-option"}}) {
    const Outcome outcome = run_captured(arguments);
    EXPECT_EQ(outcome.code, 2);
    EXPECT_NE(outcome.err.find("--help"), std::string::npos) << outcome.err;
  }
}

TEST(Run, HelpExitsWithZeroAndShowsExamples) {
  for (const std::vector<std::string>& arguments : {std::vector<std::string>{"version", "--help"},
                                                    {"config", "check", "--help"},
                                                    {"config", "reference", "--help"}}) {
    const Outcome outcome = run_captured(arguments);
    EXPECT_EQ(outcome.code, 0);
    EXPECT_NE(outcome.out.find("Examples:\n  tallystick"), std::string::npos) << outcome.out;
  }
}

TEST(Run, GlobalOptionsMayStandBehindTheCommand) {
  const Outcome outcome = run_captured({"config", "check", "--json"});
  ASSERT_EQ(outcome.code, 0) << outcome.err;
  const auto printed = boost::json::parse(outcome.out);
  EXPECT_TRUE(printed.at("ok").as_bool());
  EXPECT_EQ(printed.at("settings").at(0).at("key"), "data.directory");
}

TEST(ConfigCheck, ReportsAllErrorsWithTheirLinesAndExitsWithTwo) {
  const support::TemporaryDirectory folder;
  const auto file = folder.path() / "t.toml";
  ASSERT_TRUE(base::write_file_atomically(file, "[http]\nprot = 1\nport = -1\n"));
  const Outcome text = run_captured({"config", "check", "--config", file.string()});
  EXPECT_EQ(text.code, 2);
  EXPECT_NE(text.err.find("t.toml:2: unknown setting http.prot; did you mean http.port?"), std::string::npos)
      << text.err;
  EXPECT_NE(text.err.find("t.toml:3: http.port must be from 0 to 65535"), std::string::npos) << text.err;
  const Outcome json = run_captured({"config", "check", "--json", "--config", file.string()});
  EXPECT_EQ(json.code, 2);
  EXPECT_EQ(boost::json::parse(json.out).at("error").at("errors").as_array().size(), 2U) << json.out;
}

TEST(ConfigCheck, NeverShowsASecret) {
  const Outcome outcome = run_captured({"config", "check"}, {{"TALLYSTICK_RECORDS_URL", "postgresql://u:hush@db/t"}});
  EXPECT_EQ(outcome.code, 0);
  EXPECT_EQ(outcome.out.find("hush"), std::string::npos);
  EXPECT_NE(outcome.out.find("(secret)"), std::string::npos);
}

TEST(ConfigReference, WritesThePageToAFile) {
  const support::TemporaryDirectory folder;
  const auto file = folder.path() / "configuration.md";
  EXPECT_EQ(run_captured({"config", "reference", "--output", file.string()}).code, 0);
  EXPECT_EQ(base::read_file(file, 1 << 20).value(), base::config_reference(server::settings()));
}

}  // namespace
}  // namespace tallystick::cli
