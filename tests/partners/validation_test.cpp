#include "partners/validation.h"

#include <functional>
#include <string>
#include <vector>

#include <gtest/gtest.h>

namespace tallystick::partners {
namespace {

Partner valid_partner() {
  Partner partner;
  partner.slug = "acme";
  partner.name = "Acme";
  partner.allowed_hosts = {"shop.example.com"};
  partner.currency = base::parse_currency("EUR").value();
  return partner;
}

Link valid_link() {
  Link link;
  link.slug = "spring";
  link.destination = "https://shop.example.com/?c={click_id}";
  return link;
}

std::string single_error(const base::Result<void>& result) {
  if (result) {
    return "none";
  }
  EXPECT_EQ(result.error().code, "validation_failed");
  EXPECT_EQ(result.error().fields.size(), 1U);
  return result.error().fields[0].pointer + " " + result.error().fields[0].code;
}

TEST(Network, HasItsSubIdParameter) {
  const std::vector<std::pair<std::string, std::string>> cases = {{"cj", "sid"},
                                                                  {"awin", "clickref"},
                                                                  {"rakuten", "u1"},
                                                                  {"shareasale", "afftrack"},
                                                                  {"impact", "subId1"},
                                                                  {"amazon", "ascsubtag"},
                                                                  {"flexoffers", "fobs"},
                                                                  {"generic", ""}};
  for (const auto& [name, parameter] : cases) {
    const auto network = parse_network(name).value();
    EXPECT_EQ(name_of(network), name);
    EXPECT_EQ(default_sub_id_parameter(network), parameter) << name;
  }
  EXPECT_EQ(parse_network("CJ").error().code, "unknown_network");
}

TEST(TimeZone, IsAnIanaNameThatExists) {
  for (const std::string name : {"UTC", "Europe/Berlin", "America/Argentina/Buenos_Aires", "Etc/GMT+5"}) {
    EXPECT_TRUE(check_time_zone(name).has_value()) << name;
  }
  for (const std::string name : {"",
                                 "Europe",
                                 "Europe/Atlantis",
                                 "../../../etc/passwd",
                                 "/etc/localtime",
                                 "Europe//Berlin",
                                 "zone.tab",
                                 "tzdata.zi",
                                 "leapseconds",
                                 "Europe/Berlin/"}) {
    EXPECT_EQ(check_time_zone(name).error().code, "unknown_time_zone") << name;
  }
}

TEST(PartnerValidation, AcceptsAPlainPartner) {
  EXPECT_EQ(single_error(validate(valid_partner())), "none");
}

TEST(PartnerValidation, NamesTheMemberThatBreaksARule) {
  struct Case {
    std::function<void(Partner&)> spoil;
    std::string error;
  };
  const std::vector<Case> cases = {
      {[](Partner& p) { p.slug = "Acme"; }, "/slug bad_slug"},
      {[](Partner& p) { p.slug = "0192f5c1-6a2b-7c3d-8e4f-5a6b7c8d9e0f"; }, "/slug bad_slug"},
      {[](Partner& p) { p.name = ""; }, "/name bad_length"},
      {[](Partner& p) { p.name = "a\nb"; }, "/name control_character"},
      {[](Partner& p) {
         p.allowed_hosts = {"shop.example.com", "*.co.uk"};
       },
       "/allowed_hosts/1 public_suffix"},
      {[](Partner& p) { p.allowed_hosts.assign(101, "shop.example.com"); }, "/allowed_hosts too_many"},
      {[](Partner& p) { p.sub_id_parameter = "a&b"; }, "/sub_id_parameter bad_parameter_name"},
      {[](Partner& p) { p.public_page = "http://shop.example.com/"; }, "/public_page bad_public_page"},
      {[](Partner& p) { p.public_page = "https://shop.example.com/{sub}"; }, "/public_page bad_public_page"},
      {[](Partner& p) { p.link_lifetime_s = 59; }, "/link_lifetime_s out_of_range"},
      {[](Partner& p) { p.link_lifetime_s = 30 * 86'400 + 1; }, "/link_lifetime_s out_of_range"},
      {[](Partner& p) { p.throttle_per_second = -1; }, "/throttle_per_second out_of_range"},
      {[](Partner& p) { p.currency = {}; }, "/currency unknown_currency"},
      {[](Partner& p) { p.time_zone = "Mars/Base"; }, "/time_zone unknown_time_zone"},
      {[](Partner& p) { p.tolerance_basis_points = 10'001; }, "/tolerance_basis_points out_of_range"},
      {[](Partner& p) { p.postback_secret = "short"; }, "/postback_secret bad_length"},
      {[](Partner& p) {
         p.contacts = {{"Jane", "jane@example.com"}, {"Joe", "joe"}};
       },
       "/contacts/1/email bad_email"},
      {[](Partner& p) {
         p.contacts = {{"", "jane@example.com"}};
       },
       "/contacts/0/name bad_length"}};
  for (const auto& [spoil, error] : cases) {
    auto partner = valid_partner();
    spoil(partner);
    EXPECT_EQ(single_error(validate(partner)), error);
  }
}

TEST(PartnerValidation, AcceptsTheEndsOfItsRanges) {
  for (const std::int64_t lifetime_s : {std::int64_t{60}, std::int64_t{30 * 86'400}}) {
    auto partner = valid_partner();
    partner.link_lifetime_s = lifetime_s;
    EXPECT_EQ(single_error(validate(partner)), "none") << lifetime_s;
  }
}

TEST(PartnerValidation, ReportsEveryOffendingMemberAtOnce) {
  auto partner = valid_partner();
  partner.slug = "";
  partner.name = "";
  partner.time_zone = "";
  EXPECT_EQ(validate(partner).error().fields.size(), 3U);
}

TEST(LinkValidation, HoldsTheDestinationAgainstThePartner) {
  EXPECT_EQ(single_error(validate(valid_link(), valid_partner())), "none");
  auto link = valid_link();
  link.destination = "https://evil.net/?u=shop.example.com";
  EXPECT_EQ(single_error(validate(link, valid_partner())), "/destination host_not_allowed");
  link.destination = "https://www.shop.example.com/";
  EXPECT_EQ(single_error(validate(link, valid_partner())), "/destination host_not_allowed");
  link.destination = "http://shop.example.com/";
  EXPECT_EQ(single_error(validate(link, valid_partner())), "/destination http_not_allowed");
  auto partner = valid_partner();
  partner.allows_http = true;
  EXPECT_EQ(single_error(validate(link, partner)), "none");
}

TEST(LinkValidation, NamesTheMemberThatBreaksARule) {
  auto link = valid_link();
  link.slug = "-";
  EXPECT_EQ(single_error(validate(link, valid_partner())), "/slug bad_slug");
  link = valid_link();
  link.destination = "https://shop.example.com/{ip}";
  EXPECT_EQ(single_error(validate(link, valid_partner())), "/destination unknown_macro");
  link = valid_link();
  link.disclosure = std::string(2'001, 'x');
  EXPECT_EQ(single_error(validate(link, valid_partner())), "/disclosure bad_length");
}

}  // namespace
}  // namespace tallystick::partners
