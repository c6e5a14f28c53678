#include "partners/changes.h"

#include <string>
#include <vector>

#include <gtest/gtest.h>

namespace tallystick::partners {
namespace {

TEST(PartnerChange, TouchesOnlyWhatIsSet) {
  Partner partner;
  partner.name = "Acme";
  partner.link_lifetime_s = 60;
  auto expected = partner;
  apply(PartnerChange{}, partner);
  EXPECT_EQ(partner, expected);
  apply({.name = "Acme Ltd"}, partner);
  expected.name = "Acme Ltd";
  EXPECT_EQ(partner, expected);
}

TEST(PartnerChange, ANetworkBringsItsSubIdParameter) {
  Partner partner;
  apply({.network = Network::kAwin}, partner);
  EXPECT_EQ(partner.sub_id_parameter, "clickref");
  apply({.network = Network::kCj}, partner);
  EXPECT_EQ(partner.sub_id_parameter, "sid");
}

TEST(PartnerChange, AParameterChosenByHandOutlivesTheNetwork) {
  Partner partner;
  apply({.network = Network::kAwin, .sub_id_parameter = "clickref2"}, partner);
  EXPECT_EQ(partner.sub_id_parameter, "clickref2");
  apply({.network = Network::kCj}, partner);
  EXPECT_EQ(partner.sub_id_parameter, "clickref2");
}

TEST(PartnerChange, HostsTakeTheirNormalForm) {
  Partner partner;
  apply({.allowed_hosts = std::vector<std::string>{"Shop.Example.COM", "*.co.uk"}}, partner);
  EXPECT_EQ(partner.allowed_hosts, (std::vector<std::string>{"shop.example.com", "*.co.uk"}));
}

TEST(LinkChange, DestinationTakesItsNormalFormAndPlacementCanBeTakenAway) {
  Link link;
  const base::Uuid placement{{1}};
  apply({.destination = "HTTPS://Shop.example/A", .placement_id = placement}, link);
  EXPECT_EQ(link.destination, "https://shop.example/A");
  EXPECT_EQ(link.placement_id, placement);
  apply(LinkChange{}, link);
  EXPECT_EQ(link.placement_id, placement);
  apply({.placement_id = std::optional<base::Uuid>()}, link);
  EXPECT_EQ(link.placement_id, std::nullopt);
}

}  // namespace
}  // namespace tallystick::partners
