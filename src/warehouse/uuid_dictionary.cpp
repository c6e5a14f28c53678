#include "warehouse/uuid_dictionary.h"

#include <algorithm>
#include <stdexcept>
#include <utility>

namespace tallystick::warehouse {

namespace {

constexpr std::size_t kFirstUuidPlaces = 1024;

// Ids are administered: nobody gains by many that collide, which cost time only.
std::size_t place_of(const StoredUuid& id) {
  const std::uint64_t mixed = (id.first ^ (id.second * 0xD6E8FEB86659FD93ULL)) * 0x9E3779B97F4A7C15ULL;
  return static_cast<std::size_t>(mixed ^ (mixed >> 32));
}

}  // namespace

std::uint32_t UuidDictionary::find_or_add(const StoredUuid& id) {
  if (ids_.size() * 2 >= places_.size()) {
    grow();
  }
  const std::size_t mask = places_.size() - 1;
  std::size_t at = place_of(id) & mask;
  while (places_[at] != 0) {
    last_ = places_[at] - 1;
    if (ids_[last_] == id) {
      return last_;
    }
    at = (at + 1) & mask;
  }
  if (std::cmp_greater_equal(ids_.size(), UINT32_MAX)) {
    throw std::length_error("too many UUIDs for one dictionary");
  }
  last_ = static_cast<std::uint32_t>(ids_.size());
  ids_.push_back(id);
  places_[at] = last_ + 1;
  return last_;
}

void UuidDictionary::grow() {
  places_.assign(std::max(kFirstUuidPlaces, places_.size() * 2), 0);
  const std::size_t mask = places_.size() - 1;
  for (std::size_t number = 0; number < ids_.size(); ++number) {
    std::size_t at = place_of(ids_[number]) & mask;
    while (places_[at] != 0) {
      at = (at + 1) & mask;
    }
    places_[at] = static_cast<std::uint32_t>(number) + 1;
  }
}

void UuidDictionary::clear() {
  ids_.clear();
  std::ranges::fill(places_, 0U);
  last_ = 0;
}

}  // namespace tallystick::warehouse
