#include <atomic>
#include <latch>
#include <string>
#include <thread>
#include <vector>

#include <gmock/gmock.h>

#include "quality/judge.h"
#include "quality/rules.h"
#include "tests/quality/support.h"

namespace tallystick::quality {
namespace {

using journal::VerdictClass;

constexpr int kThreads = 4;

void run_threads(const auto& work) {
  std::latch start(kThreads);
  std::vector<std::jthread> threads;
  for (int i = 0; i < kThreads; ++i) {
    threads.emplace_back([&, i] {
      start.arrive_and_wait();
      work(i);
    });
  }
}

std::shared_ptr<const RuleSet> rules_without_rates() {
  RuleSetContent content;
  content.limits.rate_ip.clicks = 0;
  content.limits.rate_session.clicks = 0;
  content.limits.session_partner_clicks = 0;
  content.crawlers = small_crawlers();
  return std::make_shared<const RuleSet>(std::move(content));
}

TEST(JudgeConcurrency, AnImpressionHasOneValidClickHoweverManyCome) {
  Judge judge(1);
  judge.set_rules(rules_without_rates());
  constexpr int kImpressions = 500;
  std::vector<std::atomic<int>> valid(kImpressions);
  run_threads([&](int thread) {
    for (std::uint64_t i = 0; i < kImpressions; ++i) {
      const auto number = static_cast<std::uint64_t>(thread);
      Evidence click = make_click(1 + i * kThreads + number, kStart);
      click.session = session_of(number);
      click.impression_id = id_of(1'000'000 + i);
      if (judge.judge(click).verdict.klass == VerdictClass::kValid) {
        ++valid[i];
      }
    }
  });
  for (const auto& count : valid) {
    EXPECT_EQ(count.load(), 1);
  }
}

TEST(JudgeConcurrency, ARateLimitLetsExactlyItsNumberThrough) {
  RuleSetContent content;
  content.limits.rate_ip.clicks = 100;
  content.limits.rate_session.clicks = 0;
  content.limits.session_partner_clicks = 0;
  Judge judge(1);
  judge.set_rules(std::make_shared<const RuleSet>(std::move(content)));
  std::atomic<int> valid = 0;
  run_threads([&](int thread) {
    for (std::uint64_t i = 0; i < 100; ++i) {
      if (judge.judge(make_click(1 + i * kThreads + static_cast<std::uint64_t>(thread), kStart)).verdict.klass ==
          VerdictClass::kValid) {
        ++valid;
      }
    }
  });
  EXPECT_EQ(valid.load(), 100);
}

TEST(JudgeConcurrency, RulesSwapWhileEventsAreJudged) {
  Judge judge(1);
  const auto rules = rules_without_rates();
  judge.set_rules(rules);
  std::atomic<bool> is_done = false;
  std::jthread swapper([&] {
    while (!is_done) {
      judge.set_rules(rules_without_rates());
      (void)judge.stats();
      (void)judge.degradations();
      (void)judge.take_orphans(kStart);
    }
  });
  run_threads([&](int thread) {
    for (std::uint64_t i = 0; i < 300; ++i) {
      const std::uint64_t event = 1 + i * kThreads + static_cast<std::uint64_t>(thread);
      Evidence click = make_click(event, kStart);
      const std::string agent = "Mozilla/5.0 (TestBot " + std::to_string(i % 50) + ")";
      click.user_agent = agent;
      EXPECT_EQ(judge.judge(click).verdict, with(journal::Reason::kUaCrawler, VerdictClass::kGivt, 100));
      judge.watch_click(click.event_id, id_of(event), event, kStart);
      judge.remember_impression(id_of(event), kStart);
    }
  });
  is_done = true;
}

TEST(JudgeConcurrency, EveryOrphanIsTakenOnce) {
  Judge judge(1);
  for (std::uint64_t i = 1; i <= 1000; ++i) {
    judge.watch_click(id_of(i), id_of(10'000 + i), i, kStart);
  }
  std::atomic<std::size_t> taken = 0;
  run_threads([&](int) { taken += judge.take_orphans(kStart + base::kMicrosPerHour).size(); });
  EXPECT_EQ(taken.load(), 1000U);
}

}  // namespace
}  // namespace tallystick::quality
