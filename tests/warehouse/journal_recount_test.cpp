#include "warehouse/journal_recount.h"

#include <array>

#include <gmock/gmock.h>

#include "tests/warehouse/log_fixture.h"

namespace tallystick::warehouse {
namespace {

using JournalRecountTest = LogTest;
using testing::Pair;
using testing::UnorderedElementsAre;

RowCounts count_all(JournalRecount& recount, std::uint64_t end) {
  for (;;) {
    const auto more = recount.step(end, 2);
    EXPECT_TRUE(more);
    if (!more || !*more) {
      return recount.counts();
    }
  }
}

TEST_F(JournalRecountTest, CountsByTableClassAndState) {
  journal::Impression impression;
  impression.occurred_at = clock_.now();
  append(impression);
  append(impression);
  impression.verdict.klass = journal::VerdictClass::kSivt;
  append(impression);
  const auto click = append(journal::Click{});
  const auto other = append(journal::Click{});
  revise(click, journal::VerdictClass::kGivt);
  const std::array<std::uint64_t, 2> both = {click, other};
  append(journal::Forwarding{.state = journal::ForwardingState::kForwarded, .sequences = both});
  const std::array<std::uint64_t, 1> one = {other};
  append(journal::Forwarding{.state = journal::ForwardingState::kFailed, .sequences = one});
  journal::Conversion conversion;
  conversion.occurred_at = clock_.now();
  const auto end = append(conversion);

  JournalRecount before_the_last(*journal_, {0});
  EXPECT_THAT(count_all(before_the_last, end),
              UnorderedElementsAre(Pair("impressions/valid", 2),
                                   Pair("impressions/sivt", 1),
                                   Pair("clicks/valid", 2),
                                   Pair("verdict_revisions", 1),
                                   Pair("forwardings/forwarded", 2),
                                   Pair("forwardings/failed", 1),
                                   Pair("exposure_hourly", 3),
                                   Pair("placement_hourly", 3),
                                   Pair("placement_daily", 3),
                                   Pair("click_hourly", 2)));
  JournalRecount all(*journal_, {0});
  EXPECT_THAT(count_all(all, end + 1), testing::Contains(Pair("conversions/valid", 1)));
}

TEST_F(JournalRecountTest, LeavesOutWhatRetentionMayHaveDropped) {
  journal::Impression impression;
  impression.occurred_at = clock_.now() - 10;
  append(impression);
  impression.occurred_at = clock_.now();
  append(impression);
  JournalRecount recount(*journal_, clock_.now() - 5);
  EXPECT_THAT(count_all(recount, 2), testing::Contains(Pair("impressions/valid", 1)));
}

}  // namespace
}  // namespace tallystick::warehouse
