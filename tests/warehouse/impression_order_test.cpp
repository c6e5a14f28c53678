#include "warehouse/impression_order.h"

#include <algorithm>
#include <numeric>
#include <tuple>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <rapidcheck.h>

#include "warehouse/event_columns.h"

namespace tallystick::warehouse {
namespace {

using testing::ElementsAre;

struct Impression {
  base::Timestamp occurred_at;
  base::Uuid merchant_id;
  base::Uuid placement_id;
};

base::Uuid id_of(char first_half, char second_half) {
  base::Uuid id;
  std::fill_n(id.bytes.begin(), 8, static_cast<std::uint8_t>(first_half));
  std::fill_n(id.bytes.begin() + 8, 8, static_cast<std::uint8_t>(second_half));
  return id;
}

std::vector<std::uint32_t> order_of(ImpressionOrder& order, const std::vector<Impression>& rows) {
  Block block = make_impression_block();
  for (const Impression& row : rows) {
    journal::Impression event;
    event.occurred_at = row.occurred_at;
    event.merchant_id = row.merchant_id;
    event.placement_id = row.placement_id;
    append_impression(block, {}, event, {});
  }
  return order.make_of(block);
}

constexpr base::Timestamp kAfternoon{1'790'000'000'000'000};  // 2026-09-21T14:13:20Z: the second half of its day
constexpr base::Timestamp kNight{1'790'000'000'000'000 + 10 * base::kMicrosPerHour};  // 00:13:20Z of the next day

TEST(ImpressionOrder, IsByHalfDayMerchantPlacementAndTime) {
  ImpressionOrder order;
  EXPECT_THAT(order_of(order,
                       {{kNight, id_of(1, 1), id_of(1, 1)},
                        {kAfternoon, id_of(1, 2), id_of(1, 1)},
                        {{kAfternoon.us + 5}, id_of(9, 1), id_of(1, 2)},
                        {{kAfternoon.us + 7}, id_of(9, 1), id_of(1, 1)},
                        {{kAfternoon.us + 6}, id_of(9, 1), id_of(1, 1)},
                        {{kAfternoon.us + 9}, id_of(2, 2), id_of(1, 1)}}),
              ElementsAre(4, 3, 2, 1, 5, 0));
}

TEST(ImpressionOrder, RowsAlikeStayAsTheyCame) {
  ImpressionOrder order;
  const Impression row = {kAfternoon, id_of(1, 1), id_of(1, 1)};
  EXPECT_THAT(order_of(order, {row, row, row}), ElementsAre(0, 1, 2));
  EXPECT_TRUE(order_of(order, {}).empty());
}

TEST(ImpressionOrder, IsThatOfAPlainSort) {
  const auto half = [](const base::Uuid& id, std::size_t begin) {
    return std::vector<std::uint8_t>(id.bytes.begin() + static_cast<std::ptrdiff_t>(begin),
                                     id.bytes.begin() + static_cast<std::ptrdiff_t>(begin) + 8);
  };
  ImpressionOrder order;  // the same for all, as a loader's
  EXPECT_TRUE(rc::check([&] {
    const auto ids = rc::gen::apply(id_of, rc::gen::inRange('\0', '\4'), rc::gen::inRange('\0', '\4'));
    const auto rows = *rc::gen::container<std::vector<Impression>>(rc::gen::apply(
        [](std::int64_t hours, std::int64_t us, const base::Uuid& merchant, const base::Uuid& placement) {
          return Impression{{kAfternoon.us + hours * base::kMicrosPerHour + us}, merchant, placement};
        },
        rc::gen::inRange<std::int64_t>(-30, 30),
        rc::gen::inRange<std::int64_t>(0, 10),
        ids,
        ids));
    std::vector<std::uint32_t> expected(rows.size());
    std::iota(expected.begin(), expected.end(), 0U);
    std::ranges::stable_sort(expected, {}, [&](std::uint32_t number) {
      const Impression& row = rows[number];
      return std::tuple(row.occurred_at.us / (12 * base::kMicrosPerHour),
                        half(row.merchant_id, 8),
                        half(row.merchant_id, 0),
                        half(row.placement_id, 8),
                        half(row.placement_id, 0),
                        row.occurred_at.us);
    });
    RC_ASSERT(order_of(order, rows) == expected);
  }));
}

// More merchants, placements and groups than there is room for at first.
TEST(ImpressionOrder, ManyGroupsStayApart) {
  ImpressionOrder order;
  std::vector<Impression> rows;
  for (std::uint32_t i = 0; i < 20'000; ++i) {
    Impression row{kAfternoon, {}, {}};
    const std::uint32_t shuffled = i * 7'919 % 20'000;
    row.merchant_id.bytes[14] = static_cast<std::uint8_t>(shuffled >> 8);
    row.merchant_id.bytes[15] = static_cast<std::uint8_t>(shuffled);
    row.placement_id.bytes[15] = static_cast<std::uint8_t>(i);
    rows.push_back(row);
  }
  for (int round = 0; round < 2; ++round) {
    const std::vector<std::uint32_t> sorted = order_of(order, rows);
    ASSERT_EQ(sorted.size(), rows.size());
    for (std::uint32_t place = 0; place < sorted.size(); ++place) {
      EXPECT_EQ(std::uint64_t{sorted[place]} * 7'919 % 20'000, place);
    }
  }
}

}  // namespace
}  // namespace tallystick::warehouse
