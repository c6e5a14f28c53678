#include "warehouse/event_lookup.h"

#include "tests/warehouse/log_fixture.h"

namespace tallystick::warehouse {
namespace {

using EventLookupTest = LogTest;

TEST_F(EventLookupTest, FindsEventsOfEachKindInAnyOrder) {
  journal::Impression impression;
  impression.occurred_at = {5'000'000};
  impression.placement_id = id_of(70);
  impression.rank_position = 3;
  impression.state = journal::ImpressionState::kViewable;
  impression.verdict.klass = journal::VerdictClass::kGivt;
  const auto first = append(impression);
  journal::Click click;
  click.partner_id = id_of(80);
  click.link_id = id_of(81);
  const auto second = append(click);
  journal::Conversion conversion;
  conversion.occurred_at = {7'000'000};
  conversion.merchant_id = id_of(90);
  const auto third = append(conversion);

  EventLookup lookup(*journal_);
  const auto found = lookup.load(third);
  ASSERT_TRUE(found && *found);
  EXPECT_EQ((*found)->kind, journal::RecordKind::kConversion);
  EXPECT_EQ((*found)->event, (EventDimensions{.occurred_at = {7'000'000}, .merchant_id = id_of(90)}));

  const auto earlier = lookup.load(first);
  ASSERT_TRUE(earlier && *earlier);
  EXPECT_EQ((*earlier)->event,
            (EventDimensions{.occurred_at = {5'000'000},
                             .placement_id = id_of(70),
                             .state = journal::ImpressionState::kViewable,
                             .rank_position = 3,
                             .verdict_class = journal::VerdictClass::kGivt}));

  const auto between = lookup.load(second);
  ASSERT_TRUE(between && *between);
  EXPECT_EQ((*between)->kind, journal::RecordKind::kClick);
  EXPECT_EQ((*between)->event,
            (EventDimensions{.occurred_at = clock_.now(), .partner_id = id_of(80), .link_id = id_of(81)}))
      << "a click happens when it is received";
}

TEST_F(EventLookupTest, FindsNothingWhereThereIsNoEvent) {
  const auto click = append(journal::Click{});
  const auto revision = revise(click, journal::VerdictClass::kGivt);
  EventLookup lookup(*journal_);
  const auto not_an_event = lookup.load(revision);
  ASSERT_TRUE(not_an_event);
  EXPECT_FALSE(*not_an_event);
  const auto beyond = lookup.load(revision + 1);
  ASSERT_TRUE(beyond);
  EXPECT_FALSE(*beyond);
}

}  // namespace
}  // namespace tallystick::warehouse
