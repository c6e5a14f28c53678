#include "exposure/changes.h"

#include <algorithm>

namespace tallystick::exposure {
namespace {

template <typename T>
void assign(const std::optional<T>& from, T& to) {
  if (from) {
    to = *from;
  }
}

}  // namespace

void apply(const PlacementChange& change, Placement& placement) {
  assign(change.name, placement.name);
  assign(change.max_slots, placement.max_slots);
  assign(change.countries, placement.countries);
  std::ranges::sort(placement.countries);
  const auto repeats = std::ranges::unique(placement.countries);
  placement.countries.erase(repeats.begin(), repeats.end());
  assign(change.vertical, placement.vertical);
  assign(change.requires_token, placement.requires_token);
}

void apply(const MerchantChange& change, Merchant& merchant) {
  assign(change.name, merchant.name);
}

void apply(const ExposureUnitChange& change, ExposureUnit& unit) {
  assign(change.name, unit.name);
  assign(change.exposure_type, unit.exposure_type);
}

}  // namespace tallystick::exposure
