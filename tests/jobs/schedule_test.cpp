#include <atomic>

#include <gmock/gmock.h>

#include "jobs/runner.h"
#include "tests/jobs/jobs_fixture.h"

namespace tallystick::jobs {
namespace {

class Schedules : public JobsTest {
 protected:
  std::unique_ptr<Node> make_scheduled(const std::string& name, const Schedule& schedule) {
    auto node = make_node(name);
    node->runner.add_handler("work", [this](JobContext&) -> base::Result<std::string> {
      ++runs_;
      return "{}";
    });
    EXPECT_TRUE(node->runner.add_schedule(schedule));
    return node;
  }
  // Until the schedules stand in the database: before, none of their times can come.
  void wait_for_rows(int wanted) {
    wait_until([&] {
      return *database().read<bool>([&](soci::session& session) -> base::Result<bool> {
        int rows = 0;
        session << "SELECT COUNT(*) FROM job_schedules", soci::into(rows);
        return rows == wanted;
      });
    });
  }
  ScheduleStatus status(Node& node) { return node.runner.schedules()->front(); }

  std::atomic<int> runs_{0};
};

// The clock stands at 12:00:00 UTC.
const Schedule kHourly{.name = "hourly", .cron = "30 * * * *", .draft = {.kind = "work"}};

TEST_P(Schedules, OneJobPerTimeAcrossNodes) {
  const auto a = make_scheduled("a", kHourly);
  const auto b = make_scheduled("b", kHourly);
  a->runner.start();
  b->runner.start();
  wait_for_rows(1);
  for (int hour = 0; hour < 5; ++hour) {
    const base::Timestamp due = base::parse_rfc3339("2026-01-31T12:30:00Z").value() + hour * base::kMicrosPerHour;
    wait_until([&] { return status(*a).next_at == due; });
    clock_.set(due);
    wait_until([&] {
      return runs_ == hour + 1 && jobs({.state = State::kDone}).size() == static_cast<std::size_t>(hour + 1);
    });
    EXPECT_EQ(status(*b).last_at, due);
  }
  a->runner.stop();
  b->runner.stop();
  EXPECT_EQ(runs_, 5);
  EXPECT_EQ(jobs().size(), 5U);
}

TEST_P(Schedules, TimesMissedWhileNoNodeRanAreMadeUpForByOneJob) {
  {
    const auto node = make_scheduled("a", kHourly);
    node->runner.start();
    wait_for_rows(1);
  }
  clock_.advance_us(base::kMicrosPerDay);
  const auto node = make_scheduled("a", kHourly);
  node->runner.start();
  wait_until([&] { return runs_ == 1; });
  EXPECT_EQ(status(*node).next_at, base::parse_rfc3339("2026-02-01T12:30:00Z").value());
  EXPECT_EQ(status(*node).last_at, base::parse_rfc3339("2026-01-31T12:30:00Z").value());
  node->runner.stop();
  EXPECT_EQ(runs_, 1);
}

TEST_P(Schedules, NoSecondJobWhileOneIsUnderWay) {
  const auto node = make_node("a");
  node->runner.add_handler("work", [&](JobContext&) -> base::Result<std::string> {
    wait_for_end();
    return "{}";
  });
  ASSERT_TRUE(node->runner.add_schedule(kHourly));
  node->runner.start();
  const base::Timestamp first = base::parse_rfc3339("2026-01-31T12:30:00Z").value();
  wait_for_rows(1);
  clock_.set(first);
  wait_until([&] { return status(*node).last_at == first; });
  const std::string id = status(*node).last_job_id;
  clock_.set(first + base::kMicrosPerHour);
  wait_until([&] { return status(*node).last_at == first + base::kMicrosPerHour; });
  EXPECT_EQ(status(*node).last_job_id, id);
  EXPECT_EQ(jobs().size(), 1U);
}

TEST_P(Schedules, EachNodeHasItsOwnJobWhenTheScheduleSaysSo) {
  Schedule schedule = kHourly;
  schedule.is_per_node = true;
  const auto a = make_scheduled("a", schedule);
  const auto b = make_scheduled("b", schedule);
  a->runner.start();
  b->runner.start();
  const base::Timestamp due = base::parse_rfc3339("2026-01-31T12:30:00Z").value();
  wait_for_rows(2);
  clock_.set(due);
  wait_until([&] { return jobs({.state = State::kDone}).size() == 2U; });
  std::vector<std::string> nodes;
  for (const Job& job : jobs()) {
    nodes.push_back(job.draft.node);
  }
  EXPECT_THAT(nodes, testing::UnorderedElementsAre("a", "b"));
  EXPECT_EQ(status(*a).schedule.name, "hourly");
}

TEST_P(Schedules, AnotherRhythmTakesEffectAndTheSameOneKeepsItsTime) {
  {
    const auto node = make_scheduled("a", kHourly);
    node->runner.start();
    wait_for_rows(1);
  }
  Schedule changed = kHourly;
  changed.cron = "0 3 * * *";
  changed.time_zone = "America/New_York";
  const auto node = make_scheduled("a", changed);
  node->runner.start();
  wait_until([&] { return status(*node).next_at == base::parse_rfc3339("2026-02-01T08:00:00Z").value(); });
}

TEST_P(Schedules, ASchedulesJobIsQueuedNowWhenAskedFor) {
  const auto node = make_scheduled("a", kHourly);
  const auto job = node->runner.run_schedule("hourly", context_);
  ASSERT_TRUE(job) << job.error().message;
  EXPECT_EQ(job->draft.actor, "key:1");
  EXPECT_EQ(job->draft.kind, "work");
  EXPECT_EQ(node->runner.run_schedule("hourly", context_)->id, job->id) << "it is under way";
  EXPECT_EQ(node->runner.run_schedule("yearly", context_).error().code, "schedule_not_found");
  const auto trail = access::AuditLog::list(database(), {.action = "schedule.run"}, "", 10);
  ASSERT_EQ(trail->size(), 2U);
  EXPECT_EQ(trail->front().change.subject, "schedule:hourly");
  node->runner.start();
  wait_for(job->id, State::kDone);
}

TEST_P(Schedules, WhatIsNoScheduleIsRefused) {
  const auto node = make_node("a");
  EXPECT_EQ(node->runner.add_schedule({.name = "x", .cron = "nonsense", .draft = {}}).error().code, "bad_cron");
  EXPECT_EQ(
      node->runner.add_schedule({.name = "x", .cron = "* * * * *", .time_zone = "Mars/Base", .draft = {}}).error().code,
      "unknown_time_zone");
}

TALLY_ON_BOTH_DATABASES(Schedules);

}  // namespace
}  // namespace tallystick::jobs
