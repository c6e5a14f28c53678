#include "base/ip.h"

#include <string>
#include <string_view>
#include <vector>

#include <gtest/gtest.h>

#include "base/encoding.h"

namespace tallystick::base {
namespace {

std::string canonical(std::string_view text) {
  const auto address = parse_ip(text);
  return address ? format_ip(*address) : address.error().code;
}

TEST(Ip, WritesTheCanonicalFormOfRfc5952) {
  struct Case {
    std::string_view text;
    std::string_view expected;
  };
  const std::vector<Case> cases = {
      {"203.0.113.7", "203.0.113.7"},
      {"0.0.0.0", "0.0.0.0"},
      {"255.255.255.255", "255.255.255.255"},
      {"::ffff:203.0.113.7", "203.0.113.7"},
      {"::ffff:cb00:7107", "203.0.113.7"},
      {"::", "::"},
      {"::1", "::1"},
      {"1::", "1::"},
      {"2001:DB8::0:1", "2001:db8::1"},
      {"2001:db8:0:0:1:0:0:1", "2001:db8::1:0:0:1"},     // the first of two equal runs
      {"2001:db8:0:1:1:1:1:1", "2001:db8:0:1:1:1:1:1"},  // one zero group is not shortened
      {"2001:0:0:1:0:0:0:1", "2001:0:0:1::1"},           // the longer run
      {"::1.2.3.4", "::102:304"},
      {"64:ff9b::192.0.2.33", "64:ff9b::c000:221"},
      {"1:2:3:4:5:6:7::", "1:2:3:4:5:6:7:0"},
      {"1:2:3:4:5:6:1.2.3.4", "1:2:3:4:5:6:102:304"},
  };
  for (const Case& c : cases) {
    EXPECT_EQ(canonical(c.text), c.expected) << c.text;
  }
}

TEST(Ip, RefusesWhatOtherParsersReadDifferently) {
  const std::vector<std::string_view> cases = {
      "",
      "1",
      "1.2.3",
      "1.2.3.4.5",
      "01.2.3.4",
      "1.2.3.04",
      "256.1.1.1",
      "1.2.3.-4",
      "0x1.2.3.4",
      "1.2.3.4 ",
      " 1.2.3.4",
      "1.2.3.",
      ".1.2.3",
      "1..2.3",
      "1234",
      "1.2.3.4/32",
      "+1.2.3.4",
      ":",
      ":::",
      "1:::2",
      "1::2::3",
      "1:2:3:4:5:6:7",
      "1:2:3:4:5:6:7:8:9",
      "1:2:3:4:5:6:7:8::",
      "::1:2:3:4:5:6:7:8",
      "12345::",
      "g::",
      "1:",
      ":1",
      "::1:",
      "fe80::1%eth0",
      "[::1]",
      "::1.2.3",
      "::1.2.3.4:5",
      "1.2.3.4::",
      "1:2:3:4:5:6:7:1.2.3.4",
      "::01.2.3.4",
      "0000:0000:0000:0000:0000:0000:255.255.255.2555",
  };
  for (const std::string_view text : cases) {
    EXPECT_EQ(canonical(text), "bad_ip") << text;
  }
  EXPECT_EQ(canonical(std::string_view("1.2.3.4\0", 8)), "bad_ip");
}

TEST(Ip, MapsVersionFourIntoSixteenBytes) {
  const auto address = parse_ip("203.0.113.7");
  ASSERT_TRUE(address);
  EXPECT_TRUE(address->is_v4());
  EXPECT_EQ(to_hex(address->bytes), "00000000000000000000ffffcb007107");
  EXPECT_FALSE(parse_ip("::1.2.3.4")->is_v4());
  EXPECT_TRUE(parse_ip("::")->is_unspecified());
  EXPECT_FALSE(parse_ip("0.0.0.0")->is_unspecified());
}

TEST(Ip, TruncationKeepsTwentyFourAndFortyEightBits) {
  EXPECT_EQ(format_ip(truncate_ip(*parse_ip("203.0.113.77"))), "203.0.113.0");
  EXPECT_EQ(format_ip(truncate_ip(*parse_ip("2001:db8:1234:5678:9abc:def0:1:2"))), "2001:db8:1234::");
}

TEST(Ip, ANetworkContainsExactlyItsPrefix) {
  struct Case {
    std::string_view network;
    std::string_view address;
    bool is_inside;
  };
  const std::vector<Case> cases = {
      {"203.0.113.0/24", "203.0.113.255", true},
      {"203.0.113.0/24", "203.0.114.0", false},
      {"203.0.113.128/25", "203.0.113.127", false},
      {"203.0.113.128/25", "203.0.113.128", true},
      {"0.0.0.0/0", "198.51.100.1", true},
      {"0.0.0.0/0", "2001:db8::1", false},
      {"::/0", "198.51.100.1", true},
      {"2001:db8::/33", "2001:db8:7fff:ffff::", true},
      {"2001:db8::/33", "2001:db8:8000::", false},
      {"203.0.113.7", "203.0.113.7", true},
      {"203.0.113.7", "203.0.113.6", false},
      {"2001:db8::1/128", "2001:db8::2", false},
  };
  for (const Case& c : cases) {
    const auto network = parse_cidr(c.network);
    ASSERT_TRUE(network) << c.network;
    EXPECT_EQ(network->contains(*parse_ip(c.address)), c.is_inside) << c.network << " " << c.address;
  }
}

TEST(Ip, NetworksAreWrittenInTheirFamily) {
  EXPECT_EQ(format_cidr(*parse_cidr("203.0.113.0/24")), "203.0.113.0/24");
  EXPECT_EQ(format_cidr(*parse_cidr("203.0.113.7")), "203.0.113.7/32");
  EXPECT_EQ(format_cidr(*parse_cidr("2001:DB8::/32")), "2001:db8::/32");
  EXPECT_EQ(format_cidr(*parse_cidr("::/0")), "::/0");
  EXPECT_EQ(format_cidr(*parse_cidr("::ffff:10.0.0.0/104")), "10.0.0.0/8");
}

TEST(Ip, RefusesNetworksWithHostBitsOrBadPrefixes) {
  for (const std::string_view text : {"203.0.113.1/24",
                                      "203.0.113.0/33",
                                      "203.0.113.0/",
                                      "203.0.113.0/08",
                                      "203.0.113.0/-1",
                                      "203.0.113.0/24/24",
                                      "/24",
                                      "2001:db8::/129",
                                      "2001:db8::1/64",
                                      "::1/0",
                                      "x/8",
                                      ""}) {
    const auto network = parse_cidr(text);
    ASSERT_FALSE(network) << text;
    EXPECT_EQ(network.error().code, "bad_cidr");
  }
}

}  // namespace
}  // namespace tallystick::base
