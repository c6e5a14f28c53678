#include "journal/dedupe.h"

#include <unordered_map>

#include <gtest/gtest.h>

#include "base/random.h"
#include "tests/journal/journal_fixture.h"

namespace tallystick::journal {
namespace {

RecordHeader click(std::uint64_t number, std::int64_t at_us) {
  return {RecordKind::kClick, DedupeWindow::kLong, id_of(number), {at_us}};
}

TEST(Dedupe, AgreesWithAPlainMapOverInsertsForgetsAndTime) {
  Dedupe dedupe({100, 1000, 1'000'000});
  std::unordered_map<std::uint64_t, std::pair<std::int64_t, std::uint64_t>> model;  // expiry, sequence
  base::SeededRandom random(7);
  std::int64_t now = 1;
  for (std::uint64_t sequence = 1; sequence < 60'000; ++sequence) {
    const std::uint64_t number = random.next_u64() % 3000;
    now += static_cast<std::int64_t>(random.next_u64() % 2);
    if (random.next_u64() % 8 == 0) {
      dedupe.forget(click(number, now));
      model.erase(number);
      continue;
    }
    const auto answer = dedupe.insert(click(number, now), sequence);
    const auto known = model.find(number);
    const bool is_known = known != model.end() && known->second.first > now;
    ASSERT_EQ(answer.is_duplicate, is_known) << sequence;
    if (is_known) {
      ASSERT_EQ(answer.sequence, known->second.second);
    } else {
      model[number] = {now + 1000, sequence};
    }
    dedupe.expire({now});
  }
}

TEST(Dedupe, StaysWithinItsLimitAndFreesWhatExpired) {
  Dedupe dedupe({100, 1000, 500});
  for (std::uint64_t i = 0; i < 500; ++i) {
    ASSERT_FALSE(dedupe.insert(click(i, 10), i).is_full);
  }
  EXPECT_TRUE(dedupe.insert(click(500, 10), 500).is_full);
  EXPECT_TRUE(dedupe.insert(click(3, 10), 500).is_duplicate);
  EXPECT_FALSE(dedupe.insert(click(500, 3'000'000), 500).is_full);
  dedupe.expire_all({10'000'000});
  EXPECT_EQ(dedupe.size(), 0U);
}

}  // namespace
}  // namespace tallystick::journal
