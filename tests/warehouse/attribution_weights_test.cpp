#include "warehouse/attribution_weights.h"

#include <cmath>
#include <cstdint>
#include <limits>

#include <gtest/gtest.h>
#include <rapidcheck.h>

namespace tallystick::warehouse {
namespace {

constexpr base::Timestamp kSale{1'800'000'000 * base::kMicrosPerSecond};

base::Uuid placement(std::uint8_t number) {
  base::Uuid id;
  id.bytes[15] = number;
  return id;
}

Touch touch(std::uint8_t where, std::int64_t hours_before, std::uint64_t sequence = 0) {
  return {.occurred_at = kSale - hours_before * base::kMicrosPerHour,
          .sequence = sequence,
          .log_id = 1,
          .placement_id = placement(where)};
}

TEST(AttributionWeights, EachModelSharesAPathAsItsRuleSays) {
  // Placement 1 two days before, 2 a day before, 1 again an hour before, 3 at the sale itself.
  const std::vector<Touch> path{touch(3, 0), touch(1, 48), touch(1, 1), touch(2, 24)};
  const auto shares = [&](AttributionModel model) {
    return share_out(model, path, kSale, placement(9));
  };
  EXPECT_EQ(shares(AttributionModel::kLast), (std::vector<Share>{{placement(3), 0, 1, 1}}));
  EXPECT_EQ(shares(AttributionModel::kFirst), (std::vector<Share>{{placement(1), 0, 1, 1}}));
  EXPECT_EQ(shares(AttributionModel::kLinear),
            (std::vector<Share>{{placement(1), 0, 2, 4}, {placement(2), 2, 3, 4}, {placement(3), 3, 4, 4}}));
  // 2^20 / 4 + 1,018,725 (an hour) = 1,280,869; 2^20 / 2; 2^20.
  EXPECT_EQ(shares(AttributionModel::kTimeDecay),
            (std::vector<Share>{{placement(1), 0, 1'280'869, 2'853'733},
                                {placement(2), 1'280'869, 1'805'157, 2'853'733},
                                {placement(3), 1'805'157, 2'853'733, 2'853'733}}));
  // In tenths: first 4, between 1 + 1, last 4; placement 1 has the first and one between.
  EXPECT_EQ(shares(AttributionModel::kPosition),
            (std::vector<Share>{{placement(1), 0, 5, 10}, {placement(2), 5, 6, 10}, {placement(3), 6, 10, 10}}));
}

TEST(AttributionWeights, ShortPathsHaveNoMiddle) {
  const std::vector<Touch> one{touch(1, 5)};
  const std::vector<Touch> two{touch(1, 5), touch(2, 3)};
  EXPECT_EQ(share_out(AttributionModel::kPosition, one, kSale, placement(9)),
            (std::vector<Share>{{placement(1), 0, 1, 1}}));
  EXPECT_EQ(share_out(AttributionModel::kPosition, two, kSale, placement(9)),
            (std::vector<Share>{{placement(1), 0, 1, 2}, {placement(2), 1, 2, 2}}));
}

TEST(AttributionWeights, OfTouchesAtOneTimeTheOneRecordedLaterIsTheLater) {
  const std::vector<Touch> path{touch(1, 2, 8), touch(2, 2, 7)};
  EXPECT_EQ(share_out(AttributionModel::kLast, path, kSale, placement(9)).front().placement_id, placement(1));
  EXPECT_EQ(share_out(AttributionModel::kFirst, path, kSale, placement(9)).front().placement_id, placement(2));
}

TEST(AttributionWeights, WithoutTouchesAllFallsToTheFallback) {
  for (const AttributionModel model : kAttributionModels) {
    EXPECT_EQ(share_out(model, {}, kSale, placement(9)), (std::vector<Share>{{placement(9), 0, 1, 1}}));
  }
}

TEST(AttributionWeights, DecayHalvesEveryDay) {
  for (std::size_t hour = 0; hour < kDecayWeights.size(); ++hour) {
    const double exact = 1'048'576.0 * std::exp2(-static_cast<double>(hour) / 24.0);
    EXPECT_EQ(kDecayWeights[hour], static_cast<std::uint64_t>(std::llround(exact))) << hour;
  }
  // The oldest touch of the window still has a weight: 2^20 / 2^7.
  const std::vector<Touch> path{touch(1, 168), touch(2, 0)};
  EXPECT_EQ(share_out(AttributionModel::kTimeDecay, path, kSale, placement(9)).front().weight_after, 8'192U);
}

TEST(AttributionWeights, AThirdOfACentGoesWhereTheRoundingPutsIt) {
  const std::vector<Touch> path{touch(1, 3), touch(2, 2), touch(3, 1)};
  std::vector<std::int64_t> parts;
  for (const Share& share : share_out(AttributionModel::kLinear, path, kSale, placement(9))) {
    parts.push_back(part_of(100, share));
  }
  EXPECT_EQ(parts, (std::vector<std::int64_t>{33, 33, 34}));
}

TEST(AttributionWeights, PartsOfAnyAmountAddUpToIt) {
  EXPECT_TRUE(rc::check([](const std::vector<std::pair<std::uint8_t, std::uint8_t>>& seen, std::int64_t amount_minor) {
    std::vector<Touch> path;
    for (const auto& [where, hours] : seen) {
      path.push_back(touch(where % 5, hours % 169, path.size()));
    }
    for (const AttributionModel model : kAttributionModels) {
      __extension__ __int128 sum = 0;
      std::uint64_t expected_before = 0;
      for (const Share& share : share_out(model, path, kSale, placement(9))) {
        RC_ASSERT(share.weight_before == expected_before);
        RC_ASSERT(share.weight_after > share.weight_before);
        expected_before = share.weight_after;
        sum += part_of(amount_minor, share);
      }
      RC_ASSERT(sum == amount_minor);
    }
  }));
}

TEST(AttributionWeights, NothingOverflows) {
  const Share half{placement(1), 0, 1ULL << 62U, 1ULL << 63U};
  EXPECT_EQ(part_of(std::numeric_limits<std::int64_t>::max(), half), std::numeric_limits<std::int64_t>::max() / 2);
}

TEST(AttributionWeights, ModelsHaveNames) {
  for (const AttributionModel model : kAttributionModels) {
    const auto parsed = parse_attribution_model(name_of(model));
    ASSERT_TRUE(parsed);
    EXPECT_EQ(*parsed, model);
  }
  EXPECT_EQ(parse_attribution_model("best").error().code, "unknown_model");
}

}  // namespace
}  // namespace tallystick::warehouse
