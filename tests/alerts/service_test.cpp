#include "alerts/service.h"

#include <atomic>
#include <thread>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/support/database_test.h"

namespace tallystick::alerts {
namespace {

const access::ChangeContext kSomebody = {"key:1", "", ""};

class Alerts : public support::DatabaseTest {
 protected:
  AlertService& service() {
    if (!service_) {
      service_ = std::make_unique<AlertService>(database(), audit_, nullptr, log_, clock_, random_);
    }
    return *service_;
  }
  Alert raise(const std::string& key, Severity severity = Severity::kWarning) {
    clock_.advance_us(base::kMicrosPerSecond);
    return *service().raise(
        {.dedupe_key = key, .severity = severity, .subject = "journal", .summary = "look", .evidence = R"({"n":1})"});
  }

  base::ManualClock clock_{base::Timestamp{1'700'000'000'000'000}};
  base::SeededRandom random_{1};
  base::Log log_{{.level = base::LogLevel::kOff}, clock_};
  access::AuditLog audit_{clock_, random_};
  std::unique_ptr<AlertService> service_;
};

TEST_P(Alerts, SameKeyIsCountedNotRepeated) {
  const Alert first = raise("dead_letters");
  const Alert second = raise("dead_letters", Severity::kCritical);
  raise("other");
  EXPECT_EQ(second.id, first.id);
  EXPECT_EQ(second.occurrences, 2);
  EXPECT_EQ(second.severity, Severity::kCritical);
  EXPECT_EQ(second.first_at, first.first_at);
  EXPECT_GT(second.last_at, first.last_at);
  EXPECT_EQ(service().list({}, "", 10)->size(), 2U);
}

TEST_P(Alerts, SeverityNeverFallsWhileItIsOpen) {
  raise("disk", Severity::kCritical);
  EXPECT_EQ(raise("disk", Severity::kInfo).severity, Severity::kCritical);
}

TEST_P(Alerts, AfterResolutionTheSameKeyIsANewAlert) {
  const Alert first = raise("disk");
  ASSERT_TRUE(service().resolve(first.id, "made room", kSomebody));
  const Alert second = raise("disk");
  EXPECT_NE(second.id, first.id);
  EXPECT_EQ(second.occurrences, 1);
  const auto open = service().list({.state = State::kOpen}, "", 10);
  ASSERT_EQ(open->size(), 1U);
  EXPECT_EQ(open->front().id, second.id);
}

TEST_P(Alerts, NotesAddUpAndResolvedStaysResolved) {
  const Alert alert = raise("disk");
  ASSERT_TRUE(service().acknowledge(alert.id, "on it", kSomebody));
  const auto resolved = service().resolve(alert.id, "done", kSomebody);
  ASSERT_TRUE(resolved);
  EXPECT_EQ(resolved->notes, "on it\ndone");
  EXPECT_EQ(service().acknowledge(alert.id, "", kSomebody).error().code, "alert_resolved");
  EXPECT_EQ(service().resolve(base::Uuid{}, "", kSomebody).error().code, "alert_not_found");
}

TEST_P(Alerts, NotesHaveALimit) {
  const Alert alert = raise("disk");
  const std::string half(kMaxNotesBytes / 2, 'x');
  ASSERT_TRUE(service().acknowledge(alert.id, half, kSomebody));
  EXPECT_EQ(service().acknowledge(alert.id, half, kSomebody).error().code, "notes_too_long");
  EXPECT_TRUE(service().resolve(alert.id, "short", kSomebody));
}

TEST_P(Alerts, ListsAreFilteredBySeverityToo) {
  raise("a", Severity::kCritical);
  raise("b");
  const auto critical = service().list({.severity = Severity::kCritical}, "", 10);
  ASSERT_EQ(critical->size(), 1U);
  EXPECT_EQ(critical->front().dedupe_key, "a");
}

TEST_P(Alerts, UnresolvedOnesAreFoundByTheNameOfTheirCheck) {
  raise("rates:ctr:a");
  raise("rates");
  raise("rates.other");
  raise("ratesother");
  ASSERT_TRUE(service().resolve(raise("rates:ctr:gone").id, "", kSomebody));
  std::vector<std::string> keys;
  const auto unresolved = service().list_unresolved("rates").value();
  for (const Alert& alert : unresolved) {
    keys.push_back(alert.dedupe_key);
  }
  EXPECT_EQ(keys, (std::vector<std::string>{"rates:ctr:a", "rates"}));
}

TEST_P(Alerts, UnresolvedOnesAreCountedBySeverity) {
  raise("a", Severity::kCritical);
  ASSERT_TRUE(service().acknowledge(raise("b", Severity::kCritical).id, "", kSomebody));
  raise("c", Severity::kInfo);
  ASSERT_TRUE(service().resolve(raise("d").id, "", kSomebody));
  const std::array<std::int64_t, kSeverityCount> expected = {1, 0, 2};
  EXPECT_EQ(service().count_unresolved().value(), expected);
}

TEST_P(Alerts, NodesThatRaiseTheSameAtOnceLoseNoOccurrence) {
  constexpr int kThreads = 4;
  constexpr int kEach = 10;
  base::SystemRandom system_random;
  std::vector<std::unique_ptr<records::Database>> nodes;
  std::vector<std::thread> threads;
  std::atomic<int> failures{0};
  for (int i = 0; i < kThreads; ++i) {
    nodes.push_back(open());
  }
  for (auto& node : nodes) {
    threads.emplace_back([&] {
      AlertService own(*node, audit_, nullptr, log_, clock_, system_random);
      for (int i = 0; i < kEach; ++i) {
        failures +=
            own.raise({.dedupe_key = "k", .severity = Severity::kInfo, .subject = "s", .summary = "x", .evidence = ""})
                ? 0
                : 1;
      }
    });
  }
  for (std::thread& thread : threads) {
    thread.join();
  }
  EXPECT_EQ(failures, 0);
  const auto listed = service().list({}, "", 10);
  ASSERT_EQ(listed->size(), 1U);
  EXPECT_EQ(listed->front().occurrences, kThreads * kEach);
}

TALLY_ON_BOTH_DATABASES(Alerts);

}  // namespace
}  // namespace tallystick::alerts
