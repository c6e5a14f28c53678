#include <map>
#include <set>
#include <tuple>

#include <gtest/gtest.h>

#include "cli/history_command.h"
#include "cli/history_plan.h"
#include "cli/history_rhythm.h"
#include "cli/history_tally.h"
#include "tests/cli/history_fixture.h"

namespace tallystick::cli {
namespace {

using journal::ConversionStatus;
using journal::RecordKind;
using journal::VerdictClass;

const base::Timestamp kUntil = base::parse_rfc3339("2026-03-31T00:00:00Z").value();

HistorySettings settings_of(std::uint64_t events, std::uint64_t seed = 1) {
  return {.seed = seed, .from = kUntil - 30 * base::kMicrosPerDay, .until = kUntil, .events = events};
}

class HistoryTest : public testing::Test {
 protected:
  std::vector<HistoryEvent> all_of(const HistorySettings& settings) {
    const HistoryPeople people(settings.seed, 500, pepper_);
    HistoryPlan plan(world_, settings, people);
    std::vector<HistoryEvent> events;
    HistoryEvent event;
    while (plan.next(event)) {
      events.push_back(event);
    }
    return events;
  }

  HistoryWorld world_ = make_test_world();
  crypto::HmacKey pepper_ = crypto::HmacKey(std::array<std::uint8_t, 4>{1, 2, 3, 4});
};

TEST(HistoryPeriod, IsDaysOrHours) {
  EXPECT_EQ(parse_period_us("30d").value(), 30 * base::kMicrosPerDay);
  EXPECT_EQ(parse_period_us("36h").value(), 36 * base::kMicrosPerHour);
  for (const char* bad : {"", "d", "30", "0d", "-1d", "30m", "1.5d", "99999d", "30d "}) {
    EXPECT_EQ(parse_period_us(bad).error().code, "bad_period") << bad;
  }
}

TEST(HistoryRhythm, SpreadsByTheWeightOfTheHours) {
  // Monday 2 March 2026, 02:00 to 04:00 UTC: weights 33 and 30 of 100, times 104 percent, cut: 34 and 31.
  const base::Timestamp from = base::parse_rfc3339("2026-03-02T02:00:00Z").value();
  ASSERT_EQ(HistoryRhythm::weight_at(from), 34U);
  ASSERT_EQ(HistoryRhythm::weight_at(from + base::kMicrosPerHour), 31U);
  const HistoryRhythm rhythm(from, from + 2 * base::kMicrosPerHour, 65);
  EXPECT_EQ(rhythm.time_of(0), from);
  EXPECT_EQ(rhythm.time_of(17), from + base::kMicrosPerHour / 2);
  EXPECT_EQ(rhythm.time_of(34), from + base::kMicrosPerHour);
  EXPECT_LT(rhythm.time_of(64), from + 2 * base::kMicrosPerHour);
  EXPECT_EQ(rhythm.time_of(65), from + 2 * base::kMicrosPerHour - 1);
}

TEST(HistoryRhythm, IsSlowerAtNightAndOnSaturdays) {
  const base::Timestamp monday = base::parse_rfc3339("2026-03-02T00:00:00Z").value();
  const base::Timestamp saturday = monday + 5 * base::kMicrosPerDay;
  EXPECT_LT(HistoryRhythm::weight_at(monday + 3 * base::kMicrosPerHour) * 4,
            HistoryRhythm::weight_at(monday + 20 * base::kMicrosPerHour));
  EXPECT_LT(HistoryRhythm::weight_at(saturday + 20 * base::kMicrosPerHour),
            HistoryRhythm::weight_at(monday + 20 * base::kMicrosPerHour));
}

TEST_F(HistoryTest, TheSameSeedGivesTheSameEventsAndAnotherSeedGivesOthers) {
  const auto text_of = [](const std::vector<HistoryEvent>& events) {
    std::string text;
    for (const HistoryEvent& event : events) {
      text += base::format_uuid(event.event_id) + base::format_rfc3339(event.received_at) +
              std::to_string(event.amount_minor) + std::to_string(event.rank) + std::string(event.visitor.country) +
              "\n";
    }
    return text;
  };
  const std::string first = text_of(all_of(settings_of(3'000)));
  EXPECT_EQ(first, text_of(all_of(settings_of(3'000))));
  EXPECT_NE(first, text_of(all_of(settings_of(3'000, 2))));
}

TEST_F(HistoryTest, HasExactlyTheEventsAskedForInTheOrderOfReceiptWithinThePeriod) {
  for (const std::uint64_t wanted : {1U, 2U, 7U, 20'000U}) {
    const HistorySettings settings = settings_of(wanted);
    const auto events = all_of(settings);
    ASSERT_EQ(events.size(), wanted);
    std::set<base::Uuid> ids;
    base::Timestamp before = settings.from;
    for (const HistoryEvent& event : events) {
      EXPECT_GE(event.received_at, before);
      EXPECT_LT(event.received_at, settings.until);
      EXPECT_LE(event.occurred_at, event.received_at);
      before = event.received_at;
      ids.insert(event.event_id);
    }
    EXPECT_EQ(ids.size(), wanted);
  }
}

TEST_F(HistoryTest, SharesAreWithinBounds) {
  constexpr std::uint64_t kEvents = 200'000;
  const HistorySettings settings = settings_of(kEvents);
  HistoryTally tally(world_);
  std::set<crypto::Digest> users;
  std::set<std::int64_t> days;
  for (const HistoryEvent& event : all_of(settings)) {
    tally.count(event);
    days.insert(event.received_at.us / base::kMicrosPerDay);
    if (event.visitor.user) {
      users.insert(*event.visitor.user);
    }
  }
  EXPECT_EQ(tally.events(), kEvents);
  EXPECT_EQ(days.size(), 30U);
  EXPECT_GT(users.size(), 100U);
  const HistoryClasses& impressions = tally.kinds[0].recorded;
  const HistoryClasses& clicks = tally.kinds[1].recorded;
  const auto share = [](std::uint64_t part, std::uint64_t whole) {
    return static_cast<double>(part) / static_cast<double>(whole);
  };
  EXPECT_GT(share(clicks[0], impressions[0]), 0.015);
  EXPECT_LT(share(clicks[0], impressions[0]), 0.026);
  EXPECT_GT(share(impressions[2], kEvents), 0.05);
  EXPECT_LT(share(impressions[2], kEvents), 0.08);
  EXPECT_GT(share(impressions[3], kEvents), 0.015);
  EXPECT_LT(share(impressions[3], kEvents), 0.035);
  EXPECT_GT(impressions[1], 0U);
  // 66 of 100 people agree to analytics, 65 of 100 have an account; crawlers have neither.
  EXPECT_GT(share(tally.with_session, kEvents), 0.55);
  EXPECT_LT(share(tally.with_session, kEvents), 0.70);
  EXPECT_GT(share(tally.with_user, tally.with_session), 0.50);
  EXPECT_LT(share(tally.with_user, tally.with_session), 0.75);
  EXPECT_GT(tally.currencies.size(), 1U);
  std::uint64_t paid = 0;
  std::uint64_t reversed = 0;
  for (const auto& [currency, revenue] : tally.currencies) {
    paid += revenue.conversions[2];
    reversed += revenue.conversions[3];
  }
  EXPECT_GT(paid, 0U);
  EXPECT_GT(reversed, 0U);
}

TEST_F(HistoryTest, EveryVisitHangsTogether) {
  const auto visitor_of = [](const HistoryEvent& event) {
    return std::tuple(event.visitor.user,
                      event.visitor.ip,
                      event.visitor.user_agent,
                      event.visitor.country,
                      event.visitor.platform,
                      event.visitor.consent.has_analytics,
                      event.visitor.consent.basis);
  };
  std::map<crypto::Digest, std::vector<HistoryEvent>> visits;
  for (const HistoryEvent& event : all_of(settings_of(30'000))) {
    EXPECT_EQ(event.visitor.session.has_value() || event.kind == RecordKind::kConversion,
              event.visitor.consent.has_analytics || event.kind == RecordKind::kConversion);
    if (event.visitor.session) {
      visits[*event.visitor.session].push_back(event);
    } else {
      EXPECT_TRUE(event.visitor.user_agent.empty() && event.visitor.ip.is_unspecified());
    }
  }
  ASSERT_GT(visits.size(), 1'000U);
  for (const auto& [session, events] : visits) {
    std::map<base::Uuid, const HistoryEvent*> shown;
    std::set<std::size_t> placements;
    for (const HistoryEvent& event : events) {
      EXPECT_EQ(visitor_of(event), visitor_of(events.front()));
      EXPECT_LE(event.received_at - events.front().received_at, 30 * base::kMicrosPerMinute);
      if (event.kind == RecordKind::kImpression) {
        shown[event.event_id] = &event;
        placements.insert(event.placement);
        EXPECT_LE(event.rank, event.list_items);
        EXPECT_LE(event.list_items, world_.placements[event.placement].slots);
      }
    }
    EXPECT_LE(shown.size(), 12U);
    EXPECT_LE(placements.size(), 3U);
    for (const HistoryEvent& event : events) {
      if (event.kind != RecordKind::kClick || event.revision.detector == "no_impression") {
        continue;
      }
      const auto impression = shown.find(event.related_id);
      if (impression == shown.end()) {
        EXPECT_EQ(event.verdict.klass, VerdictClass::kGivt) << "the second click of one whose impression never came";
        continue;
      }
      EXPECT_EQ(impression->second->placement, event.placement);
      EXPECT_EQ(impression->second->merchant, event.merchant);
      EXPECT_LE(impression->second->occurred_at, event.occurred_at);
    }
  }
}

TEST_F(HistoryTest, AConversionFollowsItsClickAndItsStatusesFollowEachOther) {
  std::map<base::Uuid, base::Timestamp> clicks;
  std::map<std::uint64_t, HistoryEvent> latest;
  std::size_t conversions = 0;
  for (const HistoryEvent& event : all_of(settings_of(100'000))) {
    if (event.kind == RecordKind::kClick) {
      clicks[event.event_id] = event.received_at;
    }
    if (event.kind != RecordKind::kConversion) {
      continue;
    }
    ++conversions;
    const auto before = latest.find(event.order);
    ASSERT_EQ(event.status_before.has_value(), before != latest.end());
    if (before == latest.end()) {
      EXPECT_EQ(event.status, ConversionStatus::kPending);
      if (!event.related_id.is_nil()) {
        ASSERT_TRUE(clicks.contains(event.related_id));
        EXPECT_LT(clicks[event.related_id], event.occurred_at);
      } else {
        EXPECT_TRUE(event.visitor.user.has_value() && event.merchant != kNoObject);
      }
    } else {
      EXPECT_EQ(*event.status_before, before->second.status);
      EXPECT_NE(event.status, before->second.status);
      EXPECT_EQ(event.amount_minor, before->second.amount_minor);
      EXPECT_EQ(event.occurred_at, before->second.occurred_at);
      EXPECT_EQ(event.related_id, before->second.related_id);
      EXPECT_GE(event.received_at - before->second.received_at, 2 * base::kMicrosPerDay);
    }
    EXPECT_FALSE(event.visitor.session.has_value());
    latest[event.order] = event;
  }
  EXPECT_GT(latest.size(), 40U);
  EXPECT_GT(conversions, latest.size());
}

TEST_F(HistoryTest, WhatFollowsIsHandedOutInItsPlaceAndForgottenBeyondTheEnd) {
  const HistorySettings settings = settings_of(50);
  const HistoryPeople people(settings.seed, 500, pepper_);
  HistoryPlan plan(world_, settings, people);
  HistoryEvent event;
  ASSERT_TRUE(plan.next(event));
  HistoryEvent follow = event;
  follow.kind = RecordKind::kVerdictRevision;
  follow.received_at = settings.until - base::kMicrosPerHour;
  plan.follow_up(follow);
  follow.received_at = settings.until + 1;
  plan.follow_up(follow);
  std::size_t revisions = 0;
  base::Timestamp before = event.received_at;
  while (plan.next(event)) {
    EXPECT_GE(event.received_at, before);
    before = event.received_at;
    revisions += event.kind == RecordKind::kVerdictRevision ? 1 : 0;
  }
  EXPECT_EQ(revisions, 1U);
}

}  // namespace
}  // namespace tallystick::cli
