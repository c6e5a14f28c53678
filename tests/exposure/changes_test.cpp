#include "exposure/changes.h"

#include <string>
#include <vector>

#include <gtest/gtest.h>

namespace tallystick::exposure {
namespace {

TEST(PlacementChange, TouchesOnlyWhatIsSet) {
  Placement placement;
  placement.name = "Home";
  placement.max_slots = 3;
  placement.countries = {"DE"};
  auto expected = placement;
  apply(PlacementChange{}, placement);
  EXPECT_EQ(placement, expected);
  apply({.max_slots = 5, .requires_token = true}, placement);
  expected.max_slots = 5;
  expected.requires_token = true;
  EXPECT_EQ(placement, expected);
}

TEST(PlacementChange, CountriesBecomeSortedWithoutRepeats) {
  Placement placement;
  apply({.countries = std::vector<std::string>{"US", "AT", "US", "DE"}}, placement);
  EXPECT_EQ(placement.countries, (std::vector<std::string>{"AT", "DE", "US"}));
}

}  // namespace
}  // namespace tallystick::exposure
