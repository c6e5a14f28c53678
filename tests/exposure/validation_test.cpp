#include "exposure/validation.h"

#include <functional>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "exposure/countries.h"

namespace tallystick::exposure {
namespace {

Placement valid_placement() {
  Placement placement;
  placement.slug = "home-top";
  placement.name = "Home, top";
  placement.max_slots = 3;
  placement.countries = {"DE", "AT"};
  return placement;
}

std::string single_error(const base::Result<void>& result) {
  if (result) {
    return "none";
  }
  EXPECT_EQ(result.error().code, "validation_failed");
  EXPECT_EQ(result.error().fields.size(), 1U);
  return result.error().fields[0].pointer + " " + result.error().fields[0].code;
}

TEST(CountryCode, IsAnAssignedIso3166Code) {
  for (const std::string code : {"AD", "DE", "GB", "US", "ZW", "BQ", "SS"}) {
    EXPECT_TRUE(is_country_code(code)) << code;
  }
  for (const std::string code : {"", "D", "de", "UK", "XX", "ZZ", "EU", "DEU", "A ", " A", "1A"}) {
    EXPECT_FALSE(is_country_code(code)) << code;
  }
}

TEST(ExposureType, ReadsEveryNameItWrites) {
  for (const std::string name :
       {"banner", "logo", "merchant_page", "card", "carousel", "search_result", "category_tile", "email", "push"}) {
    EXPECT_EQ(name_of(parse_exposure_type(name).value()), name);
  }
  EXPECT_EQ(parse_exposure_type("Banner").error().code, "unknown_exposure_type");
}

TEST(PlacementValidation, NamesTheMemberThatBreaksARule) {
  struct Case {
    std::function<void(Placement&)> spoil;
    std::string error;
  };
  const std::vector<Case> cases = {
      {[](Placement&) {}, "none"},
      {[](Placement& p) { p.countries = {}; }, "none"},
      {[](Placement& p) { p.slug = "Home"; }, "/slug bad_slug"},
      {[](Placement& p) { p.slug = "0192f5c1-6a2b-7c3d-8e4f-5a6b7c8d9e0f"; }, "/slug bad_slug"},
      {[](Placement& p) { p.name = ""; }, "/name bad_length"},
      {[](Placement& p) { p.max_slots = 0; }, "/max_slots out_of_range"},
      {[](Placement& p) { p.max_slots = 10'001; }, "/max_slots out_of_range"},
      {[](Placement& p) {
         p.countries = {"DE", "UK"};
       },
       "/countries/1 unknown_country"},
      {[](Placement& p) { p.vertical = "a\tb"; }, "/vertical control_character"}};
  for (const auto& [spoil, error] : cases) {
    auto placement = valid_placement();
    spoil(placement);
    EXPECT_EQ(single_error(validate(placement)), error);
  }
}

TEST(MerchantValidation, WantsASlugAndAName) {
  Merchant merchant;
  merchant.slug = "brand";
  merchant.name = "Brand";
  EXPECT_EQ(single_error(validate(merchant)), "none");
  merchant.slug = "";
  EXPECT_EQ(single_error(validate(merchant)), "/slug bad_slug");
}

TEST(ExposureUnitValidation, WantsAName) {
  ExposureUnit unit;
  EXPECT_EQ(single_error(validate(unit)), "/name bad_length");
  unit.name = "Spring banner";
  EXPECT_EQ(single_error(validate(unit)), "none");
}

}  // namespace
}  // namespace tallystick::exposure
