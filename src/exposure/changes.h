#pragma once
// What a caller wants of a placement, merchant or exposure unit: only the members that are set change. Pure.

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "exposure/model.h"

namespace tallystick::exposure {

struct PlacementChange {
  std::optional<std::string> name = {};
  std::optional<std::int64_t> max_slots = {};
  std::optional<std::vector<std::string>> countries = {};
  std::optional<std::string> vertical = {};
  std::optional<bool> requires_token = {};
};

struct MerchantChange {
  std::optional<std::string> name = {};
};

struct ExposureUnitChange {
  std::optional<std::string> name = {};
  std::optional<ExposureType> exposure_type = {};
};

void apply(const PlacementChange& change, Placement& placement);  // countries sorted, without repeats
void apply(const MerchantChange& change, Merchant& merchant);
void apply(const ExposureUnitChange& change, ExposureUnit& unit);

}  // namespace tallystick::exposure
