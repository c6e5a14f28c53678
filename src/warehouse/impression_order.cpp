#include "warehouse/impression_order.h"

#include <algorithm>
#include <numeric>
#include <tuple>
#include <utility>

namespace tallystick::warehouse {

namespace {

constexpr std::int64_t kHalfDayUs = base::kMicrosPerDay / 2;
constexpr std::size_t kFirstGroups = 1024;

// Ids are administered, and groups made of them: nobody gains by many that collide, which cost time only.
std::size_t hash_of(std::uint64_t value) {
  value *= 0x9E3779B97F4A7C15ULL;
  return static_cast<std::size_t>(value ^ (value >> 32));
}

}  // namespace

std::uint32_t ImpressionOrder::number_of(std::uint64_t group) {
  if (groups_.size() * 2 >= places_.size()) {
    grow();
  }
  const std::size_t mask = places_.size() - 1;
  std::size_t at = hash_of(group) & mask;
  while (places_[at].number != 0 && places_[at].group != group) {
    at = (at + 1) & mask;
  }
  if (places_[at].number == 0) {
    groups_.push_back(group);
    places_[at] = {group, static_cast<std::uint32_t>(groups_.size())};
  }
  return places_[at].number - 1;
}

void ImpressionOrder::grow() {
  places_.assign(std::max(kFirstGroups, places_.size() * 2), {});
  const std::size_t mask = places_.size() - 1;
  for (std::size_t number = 0; number < groups_.size(); ++number) {
    std::size_t at = hash_of(groups_[number]) & mask;
    while (places_[at].number != 0) {
      at = (at + 1) & mask;
    }
    places_[at] = {groups_[number], static_cast<std::uint32_t>(number) + 1};
  }
}

std::vector<std::uint32_t> ImpressionOrder::make_begins(const UuidDictionary& merchants,
                                                        const UuidDictionary& placements) const {
  std::vector<std::uint32_t> counts(groups_.size());
  for (const std::uint32_t group : row_groups_) {
    ++counts[group];
  }
  std::vector<std::uint32_t> sorted(groups_.size());
  std::iota(sorted.begin(), sorted.end(), 0U);
  std::ranges::sort(sorted, {}, [&](std::uint32_t number) {
    constexpr std::uint64_t kNumberMask = (1ULL << kNumberBits) - 1;
    const std::uint64_t group = groups_[number];
    const StoredUuid& merchant = merchants.id_of(static_cast<std::uint32_t>(group >> kNumberBits & kNumberMask));
    const StoredUuid& placement = placements.id_of(static_cast<std::uint32_t>(group & kNumberMask));
    return std::tuple(group >> 2 * kNumberBits, merchant.second, merchant.first, placement.second, placement.first);
  });
  std::vector<std::uint32_t> begins(groups_.size());
  std::uint32_t begin = 0;
  for (const std::uint32_t group : sorted) {
    begins[group] = begin;
    begin += counts[group];
  }
  return begins;
}

std::vector<std::uint32_t> ImpressionOrder::deal_out(const std::vector<std::uint32_t>& begins) const {
  std::vector<std::uint32_t> ends = begins;
  std::vector<std::uint32_t> order(row_groups_.size());
  std::vector<bool> is_unsorted(groups_.size());
  for (std::size_t row = 0; row < row_groups_.size(); ++row) {
    const std::uint32_t group = row_groups_[row];
    const std::uint32_t place = ends[group]++;
    order[place] = static_cast<std::uint32_t>(row);
    if (place > begins[group] && row_times_[row] < row_times_[order[place - 1]]) {
      is_unsorted[group] = true;
    }
  }
  for (std::size_t group = 0; group < groups_.size(); ++group) {
    if (is_unsorted[group]) {
      std::stable_sort(order.begin() + begins[group],
                       order.begin() + ends[group],
                       [this](std::uint32_t a, std::uint32_t b) { return row_times_[a] < row_times_[b]; });
    }
  }
  return order;
}

std::vector<std::uint32_t> ImpressionOrder::make_of(const Block& impressions) {
  clear();
  if (impressions.empty()) {
    return {};
  }
  const auto times = impressions.values<std::int64_t>("occurred_at");
  const auto merchants = impressions.values<std::uint16_t>("merchant_id");
  const auto placements = impressions.values<std::uint16_t>("placement_id");
  for (std::size_t row = 0; row < impressions.rows(); ++row) {
    const auto half = static_cast<std::uint64_t>(times[row] / kHalfDayUs);
    row_groups_.push_back(number_of((half << kNumberBits | merchants[row]) << kNumberBits | placements[row]));
    row_times_.push_back(times[row]);
  }
  return deal_out(make_begins(impressions.uuids("merchant_id"), impressions.uuids("placement_id")));
}

void ImpressionOrder::clear() {
  groups_.clear();
  std::ranges::fill(places_, Place{});
  row_groups_.clear();
  row_times_.clear();
}

}  // namespace tallystick::warehouse
