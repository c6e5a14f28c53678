#include "warehouse/uuid_dictionary.h"

#include <map>
#include <utility>
#include <vector>

#include <gtest/gtest.h>
#include <rapidcheck.h>

namespace tallystick::warehouse {
namespace {

StoredUuid id_of(std::uint64_t first, std::uint64_t second) {
  StoredUuid id;
  id.first = first;
  id.second = second;
  return id;
}

TEST(UuidDictionary, NumbersIdsAsTheyCome) {
  UuidDictionary ids;
  EXPECT_EQ(ids.number_of(id_of(7, 1)), 0U);
  EXPECT_EQ(ids.number_of(id_of(7, 2)), 1U) << "half of an id is not the id";
  EXPECT_EQ(ids.number_of(id_of(0, 0)), 2U);
  EXPECT_EQ(ids.number_of(id_of(1, 7)), 3U);
  EXPECT_EQ(ids.number_of(id_of(7, 1)), 0U);
  EXPECT_EQ(ids.size(), 4U);
  EXPECT_EQ(ids.id_of(3), id_of(1, 7));
  ids.clear();
  EXPECT_EQ(ids.size(), 0U);
  EXPECT_EQ(ids.number_of(id_of(1, 7)), 0U) << "what was there before the clearing is gone";
}

TEST(UuidDictionary, NumbersAsAMapWould) {
  UuidDictionary ids;
  EXPECT_TRUE(rc::check([&] {
    ids.clear();
    const auto halves = rc::gen::inRange<std::uint64_t>(0, 60);
    const auto all =
        *rc::gen::container<std::vector<std::pair<std::uint64_t, std::uint64_t>>>(rc::gen::pair(halves, halves));
    std::map<std::pair<std::uint64_t, std::uint64_t>, std::uint32_t> expected;
    for (const auto& [first, second] : all) {
      const auto number = static_cast<std::uint32_t>(expected.size());
      const std::uint32_t wanted = expected.try_emplace({first, second}, number).first->second;
      RC_ASSERT(ids.number_of(id_of(first, second)) == wanted);
      RC_ASSERT(ids.id_of(wanted) == id_of(first, second));
    }
    RC_ASSERT(ids.size() == expected.size());
  }));
}

// More than there is room for at first.
TEST(UuidDictionary, ManyStayApart) {
  UuidDictionary ids;
  for (int round = 0; round < 2; ++round) {
    for (std::uint32_t i = 0; i < 70'000; ++i) {
      ASSERT_EQ(ids.number_of(id_of(i % 3, i)), i);
    }
  }
}

}  // namespace
}  // namespace tallystick::warehouse
