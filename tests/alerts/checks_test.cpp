#include "alerts/checks.h"

#include <boost/json.hpp>
#include <gtest/gtest.h>

#include "tests/alerts/alert_fixture.h"

namespace tallystick::alerts {
namespace {

class AlertChecks : public AlertFixture {
 protected:
  void SetUp() override {
    AlertFixture::SetUp();
    checks_ = std::make_unique<Checks>(*service_, log_);
  }
  static Occurrence occurrence(const std::string& key) {
    return {.dedupe_key = key, .severity = Severity::kWarning, .subject = "s", .summary = "x", .evidence = ""};
  }
  std::vector<CheckReport> run_all() {
    clock_.advance_us(base::kMicrosPerHour);
    return checks_->run_all([] { return false; });
  }
  std::vector<std::string> open_keys() {
    std::vector<std::string> keys;
    const auto open = service_->list({.state = State::kOpen}, "", 100).value();
    for (const Alert& alert : open) {
      keys.push_back(alert.dedupe_key);
    }
    return keys;
  }

  std::unique_ptr<Checks> checks_;
  std::vector<Occurrence> found_;
};

TEST_P(AlertChecks, WhatNoLongerHoldsIsResolvedIfTheCheckSaysSo) {
  checks_->add(
      {.name = "a", .run = [this] { return base::Result<CheckResult>(CheckResult(found_)); }, .resolves = true});
  found_ = {occurrence("a"), occurrence("a:1"), occurrence("a:2")};
  const Alert other = raise("ab");
  EXPECT_EQ(run_all().at(0).raised, 3);
  found_ = {occurrence("a:1")};
  const auto reports = run_all();
  EXPECT_EQ(reports.at(0).raised, 1);
  EXPECT_EQ(reports.at(0).resolved, 2);
  EXPECT_EQ(open_keys(), (std::vector<std::string>{"ab", "a:1"}));
  EXPECT_EQ(service_->get(other.id)->alert.occurrences, 1);
}

TEST_P(AlertChecks, OtherwiseItStays) {
  checks_->add({.name = "a", .run = [this] {
                  return base::Result<CheckResult>(CheckResult(found_, "looked at 7"));
                }});
  found_ = {occurrence("a:1")};
  run_all();
  found_.clear();
  const auto reports = run_all();
  EXPECT_EQ(reports.at(0).resolved, 0);
  EXPECT_EQ(reports.at(0).remark, "looked at 7");
  EXPECT_EQ(open_keys(), std::vector<std::string>{"a:1"});
}

TEST_P(AlertChecks, OneThatFailsHindersNoOther) {
  checks_->add({.name = "broken",
                .run = []() -> base::Result<CheckResult> {
                  return base::fail(base::ErrorKind::kUnavailable, "warehouse_unavailable", "it is away");
                },
                .resolves = true});
  checks_->add({.name = "b", .run = [this]() -> base::Result<std::vector<Occurrence>> {
                  return found_;
                }});
  raise("broken:1");
  found_ = {occurrence("b")};
  clock_.advance_us(base::kMicrosPerHour);
  HandJob job(jobs::Job{});
  const auto result = checks_->run(job);
  ASSERT_TRUE(result);
  EXPECT_EQ(*result,
            R"({"checks":[{"name":"broken","raised":0,"resolved":0,"remark":"",)"
            R"("error":{"code":"warehouse_unavailable","message":"it is away"}},)"
            R"({"name":"b","raised":1,"resolved":0,"remark":""}]})");
  EXPECT_EQ(open_keys(), (std::vector<std::string>{"broken:1", "b"})) << "a check that failed knows nothing";
}

TEST_P(AlertChecks, StopWhenTheyAreAskedTo) {
  checks_->add({.name = "a", .run = [this]() -> base::Result<CheckResult> {
                  return CheckResult(found_);
                }});
  EXPECT_TRUE(checks_->run_all([] { return true; }).empty());
}

TALLY_ON_BOTH_DATABASES(AlertChecks);

}  // namespace
}  // namespace tallystick::alerts
