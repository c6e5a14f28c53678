#pragma once
// A small world for histories: a list, a banner, an advertisement; twenty merchants; two partners.

#include <string>

#include "cli/history_model.h"

namespace tallystick::cli {

inline base::Uuid object_id(std::uint8_t kind, std::size_t number) {
  base::Uuid id;
  id.bytes[0] = kind;
  id.bytes[15] = static_cast<std::uint8_t>(number + 1);
  return id;
}

inline HistoryWorld make_test_world() {
  HistoryWorld world;
  world.partners = {{object_id(1, 0), "euro", base::parse_currency("EUR").value()},
                    {object_id(1, 1), "yen", base::parse_currency("JPY").value()}};
  world.links = {{object_id(2, 0), 0}, {object_id(2, 1), 1}};
  world.placements = {{object_id(3, 0), "list", "home", journal::ExposureType::kCarousel, 8, 3, 320},
                      {object_id(3, 1), "banner", "home", journal::ExposureType::kBanner, 1, 1, 130},
                      {object_id(3, 2), "article", "article", journal::ExposureType::kNone, 1, 1, 150},
                      {object_id(3, 3), "search", "search", journal::ExposureType::kSearchResult, 10, 2, 350}};
  for (std::size_t i = 0; i < 20; ++i) {
    HistoryMerchant merchant;
    merchant.id = object_id(4, i);
    merchant.slug = "merchant-" + std::to_string(i);
    merchant.units = {{object_id(5, i), journal::ExposureType::kCarousel}};
    merchant.link = i % 2;
    merchant.vertical = "outdoor";
    merchant.weight = 20 - i;
    merchant.conversions_per_10000 = 400;
    merchant.usual_amount_hundredths = 5'000;
    merchant.commission_basis_points = 500;
    world.merchants.push_back(std::move(merchant));
  }
  return world;
}

}  // namespace tallystick::cli
