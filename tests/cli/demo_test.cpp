#include <map>

#include <boost/json.hpp>
#include <gtest/gtest.h>

#include "capture/tcf.h"
#include "cli/demo_check.h"
#include "cli/demo_plan.h"
#include "cli/demo_tally.h"

namespace tallystick::cli {
namespace {

DemoWorld small_world() {
  DemoWorld world;
  world.links = {{"acme", "spring"}};
  world.paused_links = {{"resting", "garden"}};
  world.placement_ids = {"top"};
  world.merchant_ids = {"m"};
  world.units = {{"m", "u", "banner"}};
  return world;
}

http::ClientResponse answer(int status, std::string body = "") {
  return {.status = status, .headers = {}, .body = std::move(body)};
}

TEST(DemoPlan, SendsEveryKindAndWaitsForLinksFirst) {
  const DemoWorld world = small_world();
  base::SeededRandom random(7);
  DemoPlan plan(world, random, 0);
  const base::Timestamp now = base::parse_rfc3339("2026-01-31T12:00:00Z").value();
  std::map<DemoKind, int> kinds;
  for (std::int64_t step = 0; step < 3'000; ++step) {
    if (const auto wanted = plan.wanted_links(now); !wanted.empty()) {
      std::vector<std::string> targets;
      for (const auto& request : wanted) {
        EXPECT_TRUE(request.contains("partner") && request.contains("event_id"));
        targets.push_back("/go/acme/spring/" + std::string(request.at("event_id").as_string()) + "?campaign=x&sig=y");
      }
      plan.give_links(std::move(targets));
    }
    const DemoAction action = plan.next(step * 10'000, now);
    ++kinds[action.kind];
    EXPECT_FALSE(action.target.empty());
    EXPECT_GE(action.events, 1U);
  }
  EXPECT_EQ(kinds.size(), kDemoKinds);
  EXPECT_GT(kinds[DemoKind::kClick], 1'000);
}

TEST(DemoPlan, ItsConsentStringIsOneThatTheServerReads) {
  const DemoWorld world = small_world();
  base::SeededRandom random(7);
  DemoPlan plan(world, random, 0);
  bool has_seen_one = false;
  for (const auto& request : plan.wanted_links({1})) {
    const auto& parameters = request.at("parameters").as_object();
    if (const auto* tcf = parameters.if_contains("gdpr_consent"); tcf != nullptr && !tcf->as_string().ends_with("!")) {
      const auto consent = capture::parse_tcf(tcf->as_string(), 0);
      ASSERT_TRUE(consent);
      EXPECT_TRUE(consent->has_purpose(1) && consent->has_purpose(10));
      has_seen_one = true;
    }
  }
  EXPECT_TRUE(has_seen_one);
}

TEST(DemoTally, AddsUpWhateverTheAnswersSay) {
  DemoTally tally;
  DemoAction batch{.kind = DemoKind::kImpression};
  batch.events = 3;
  tally.count(
      batch,
      answer(
          202,
          R"({"results":[{"status":"accepted"},{"status":"duplicate"},{"status":"rejected","code":"stale_event"}]})"));
  tally.count(batch, answer(429, R"({"code":"throttled"})"));
  tally.count(batch, answer(202, "nonsense"));
  tally.count(batch, base::fail(base::ErrorKind::kUnavailable, "connect_failed", ""));
  DemoAction click{.kind = DemoKind::kClick};
  tally.count(click, answer(302));
  click.is_repeat = true;
  tally.count(click, answer(302));
  tally.count(click, answer(410, "<html>"));
  const DemoCounts total = tally.total();
  EXPECT_TRUE(total.adds_up());
  EXPECT_EQ(total.sent, 15U);
  EXPECT_EQ(total.accepted, 2U);
  EXPECT_EQ(total.duplicate, 2U);
  EXPECT_EQ(total.rejected, 1U);
  EXPECT_EQ(total.refused, 4U);
  EXPECT_EQ(total.failed, 6U);
  EXPECT_EQ(tally.rejected_by_code.at("stale_event"), 1U);
  EXPECT_EQ(tally.refused_by_code.at("link_expired"), 1U);
}

TEST(DemoCheck, ACountThatDiffersIsNotPassedOver) {
  const MetricsText before = MetricsText::parse("tallystick_capture_clicks_total{outcome=\"redirected\"} 10\n");
  const MetricsText after = MetricsText::parse(
      "tallystick_capture_clicks_total{outcome=\"redirected\"} 11\n"
      "tallystick_quality_judged_events_total{kind=\"click\",class=\"givt\"} 1\n");
  DemoTally tally;
  const DemoAction click{.kind = DemoKind::kClick};
  tally.count(click, answer(302));
  for (const DemoComparison& comparison : compare_counts(tally, before, after)) {
    EXPECT_TRUE(comparison.holds()) << comparison.what;
  }
  EXPECT_EQ(count_verdicts(before, after).givt, 1U);
  tally.count(click, answer(302));
  std::size_t wrong = 0;
  for (const DemoComparison& comparison : compare_counts(tally, before, after)) {
    wrong += comparison.holds() ? 0 : 1;
  }
  EXPECT_EQ(wrong, 2U) << "clicks redirected, and events judged";
}

}  // namespace
}  // namespace tallystick::cli
