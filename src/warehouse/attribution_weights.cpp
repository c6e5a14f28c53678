#include "warehouse/attribution_weights.h"

#include <algorithm>
#include <tuple>

namespace tallystick::warehouse {

namespace {

constexpr std::array<std::string_view, 5> kNames{"last", "first", "linear", "time_decay", "position"};

// Whole hours, so that the engine and this agree to the last unit.
std::uint64_t decayed_weight(std::int64_t age_us) {
  const auto hours = static_cast<std::uint64_t>(age_us / base::kMicrosPerHour);
  return kDecayWeights[hours % kDecayWeights.size()] >> (hours / kDecayWeights.size());
}

// 40 % to the first, 40 % to the last, 20 % to those between in equal parts: in fifths of the touches between.
std::uint64_t position_weight(std::size_t index, std::size_t count) {
  if (count <= 2) {
    return 1;
  }
  const bool is_end = index == 0 || index + 1 == count;
  return is_end ? 2 * (count - 2) : 1;
}

std::uint64_t weight_of(AttributionModel model, std::size_t index, std::size_t count, std::int64_t age_us) {
  switch (model) {
    case AttributionModel::kLast:
      return index + 1 == count ? 1 : 0;
    case AttributionModel::kFirst:
      return index == 0 ? 1 : 0;
    case AttributionModel::kLinear:
      return 1;
    case AttributionModel::kTimeDecay:
      return decayed_weight(age_us);
    case AttributionModel::kPosition:
      return position_weight(index, count);
  }
  return 0;
}

}  // namespace

std::string_view name_of(AttributionModel model) {
  return kNames.at(static_cast<std::size_t>(model) - 1);
}

base::Result<AttributionModel> parse_attribution_model(std::string_view name) {
  for (const AttributionModel model : kAttributionModels) {
    if (name_of(model) == name) {
      return model;
    }
  }
  return base::fail(base::ErrorKind::kInvalid,
                    "unknown_model",
                    "an attribution model is one of last, first, linear, time_decay, position");
}

std::vector<Share> share_out(AttributionModel model,
                             std::span<const Touch> touches,
                             base::Timestamp converted_at,
                             base::Uuid fallback) {
  if (touches.empty()) {
    return {Share{fallback, 0, 1, 1}};
  }
  std::vector<Touch> path(touches.begin(), touches.end());
  std::ranges::sort(
      path, {}, [](const Touch& touch) { return std::tuple(touch.occurred_at, touch.sequence, touch.log_id); });
  std::vector<Share> shares;  // weight_after holds the placement's own weight until all are known
  for (std::size_t index = 0; index < path.size(); ++index) {
    const Touch& touch = path[index];
    const auto known = std::ranges::find(shares, touch.placement_id, &Share::placement_id);
    Share& share = known != shares.end() ? *known : shares.emplace_back(Share{.placement_id = touch.placement_id});
    share.weight_after += weight_of(model, index, path.size(), converted_at - touch.occurred_at);
  }
  std::erase_if(shares, [](const Share& share) { return share.weight_after == 0; });
  std::uint64_t total = 0;
  for (Share& share : shares) {
    share.weight_before = total;
    total += share.weight_after;
    share.weight_after = total;
  }
  for (Share& share : shares) {
    share.weight_total = total;
  }
  return shares;
}

std::int64_t part_of(std::int64_t amount_minor, const Share& share) {
  __extension__ using Wide = __int128;
  const auto up_to = [&](std::uint64_t weight) {
    return static_cast<std::int64_t>(Wide{amount_minor} * Wide{weight} / Wide{share.weight_total});
  };
  return up_to(share.weight_after) - up_to(share.weight_before);
}

}  // namespace tallystick::warehouse
