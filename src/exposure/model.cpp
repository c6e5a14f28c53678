#include "exposure/model.h"

#include <algorithm>
#include <array>
#include <utility>

namespace tallystick::exposure {
namespace {

constexpr std::array<std::pair<std::string_view, ExposureType>, 9> kTypes{
    {{"banner", ExposureType::kBanner},
     {"logo", ExposureType::kLogo},
     {"merchant_page", ExposureType::kMerchantPage},
     {"card", ExposureType::kCard},
     {"carousel", ExposureType::kCarousel},
     {"search_result", ExposureType::kSearchResult},
     {"category_tile", ExposureType::kCategoryTile},
     {"email", ExposureType::kEmail},
     {"push", ExposureType::kPush}}};

}  // namespace

std::string_view name_of(Status status) {
  return status == Status::kActive ? "active" : "paused";
}

base::Result<Status> parse_status(std::string_view text) {
  if (text == "active") {
    return Status::kActive;
  }
  if (text == "paused") {
    return Status::kPaused;
  }
  return base::fail(base::ErrorKind::kInvalid, "unknown_status", "a status is active or paused");
}

std::string_view name_of(ExposureType type) {
  return std::ranges::find(kTypes, type, &std::pair<std::string_view, ExposureType>::second)->first;
}

base::Result<ExposureType> parse_exposure_type(std::string_view text) {
  const auto found = std::ranges::find(kTypes, text, &std::pair<std::string_view, ExposureType>::first);
  if (found == kTypes.end()) {
    return base::fail(base::ErrorKind::kInvalid,
                      "unknown_exposure_type",
                      "an exposure type is banner, logo, merchant_page, card, carousel, search_result, category_tile, "
                      "email or push");
  }
  return found->second;
}

}  // namespace tallystick::exposure
