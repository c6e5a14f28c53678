#include "base/log.h"

#include <filesystem>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "base/file.h"
#include "base/random.h"

namespace tallystick::base {
namespace {

const Timestamp kTime = parse_rfc3339("2026-01-31T12:00:00Z").value();

TEST(Log, LogfmtQuotesOnlyWhatNeedsIt) {
  EXPECT_EQ(
      format_log_line(
          LogFormat::kLogfmt,
          kTime,
          LogLevel::kInfo,
          "journal opened",
          {{"records", 12U}, {"sync", "always"}, {"ok", true}, {"seconds", 0.5}, {"path", "a b"}, {"none", ""}}),
      R"(time=2026-01-31T12:00:00Z level=info msg="journal opened" records=12 sync=always ok=true seconds=0.5 path="a b" none="")");
}

TEST(Log, JsonIsOneObjectALine) {
  EXPECT_EQ(format_log_line(LogFormat::kJson, kTime, LogLevel::kError, "failed", {{"code", "x\"y"}, {"n", -3}}),
            R"({"time":"2026-01-31T12:00:00Z","level":"error","message":"failed","code":"x\"y","n":-3})");
}

TEST(Log, OutsideTextCannotForgeALine) {
  for (const LogFormat format : {LogFormat::kLogfmt, LogFormat::kJson}) {
    const std::string line =
        format_log_line(format,
                        kTime,
                        LogLevel::kWarning,
                        "bad\nlevel=error msg=forged",
                        {{"slug", "x\r\nlevel=error\x1b[31m\x7f\xc2\x9b"}, {"pair", "a=b \"quoted\\"}});
    EXPECT_EQ(line.find_first_of("\n\r\x1b\x7f"), std::string::npos) << line;
    EXPECT_EQ(line.find("\xc2\x9b"), std::string::npos) << "C1 control";
    EXPECT_NE(line.find(R"(a=b \"quoted\\)"), std::string::npos) << line;
  }
}

TEST(Log, LevelsBelowTheChosenOneAreLeftOut) {
  const ManualClock clock(kTime);
  std::vector<std::string> lines;
  LogOptions options;
  options.level = LogLevel::kWarning;
  options.capture = [&](std::string_view line) {
    lines.emplace_back(line);
  };
  Log log(options, clock);
  log.info("quiet");
  log.warning("loud", {{"n", 1}});
  log.error("broken", Error{ErrorKind::kCorrupt, "journal_corrupt", "at byte 7"});
  EXPECT_EQ(
      lines,
      (std::vector<std::string>{
          "time=2026-01-31T12:00:00Z level=warning msg=loud n=1",
          R"(time=2026-01-31T12:00:00Z level=error msg=broken kind=corrupt code=journal_corrupt detail="at byte 7")"}));
}

TEST(Log, WritesLinesToAFile) {
  const auto file =
      std::filesystem::temp_directory_path() / ("tallystick-log-" + std::to_string(SystemRandom().next_u64()));
  const ManualClock clock(kTime);
  LogOptions options;
  options.file = file.string();
  Log(options, clock).info("one");
  EXPECT_EQ(read_file(file, 1000).value(), "time=2026-01-31T12:00:00Z level=info msg=one\n");
  std::filesystem::remove(file);
}

TEST(Log, KnowsItsLevels) {
  EXPECT_EQ(parse_log_level("debug"), LogLevel::kDebug);
  EXPECT_EQ(parse_log_level("verbose").error().code, "bad_log_level");
}

}  // namespace
}  // namespace tallystick::base
