#include "partners/hosts.h"

#include <string>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

namespace tallystick::partners {
namespace {

TEST(Host, IsNormalisedToLowerCase) {
  const std::vector<std::pair<std::string, std::string>> cases = {{"shop.example.com", "shop.example.com"},
                                                                  {"SHOP.Example.COM", "shop.example.com"},
                                                                  {"xn--bcher-kva.example", "xn--bcher-kva.example"},
                                                                  {"a-1.b2.de", "a-1.b2.de"},
                                                                  {"1.example.com", "1.example.com"}};
  for (const auto& [text, host] : cases) {
    EXPECT_EQ(parse_host(text).value(), host) << text;
  }
}

TEST(Host, RefusesWhatIsNoHostName) {
  for (const std::string text : {"",
                                 "localhost",
                                 ".example.com",
                                 "example.com.",
                                 "a..com",
                                 "-a.com",
                                 "a-.com",
                                 "a_b.com",
                                 "a b.com",
                                 "example.com:443",
                                 "user@example.com",
                                 "example.com/x",
                                 "127.0.0.1",
                                 "1.2",
                                 "example.123",
                                 "example.0x7f",
                                 "[::1]",
                                 "b\xc3\xbc"
                                 "cher.example",
                                 "*.example.com",
                                 "ex%61mple.com",
                                 "a\\b.com"}) {
    const auto host = parse_host(text);
    ASSERT_FALSE(host.has_value()) << text;
    EXPECT_EQ(host.error().code, "bad_host") << text;
  }
  EXPECT_FALSE(parse_host(std::string(64, 'a') + ".com").has_value());
  EXPECT_TRUE(parse_host(std::string(63, 'a') + ".com").has_value());
  std::string long_name = "com";
  while (long_name.size() <= 253) {
    long_name = "abcdefg." + long_name;
  }
  EXPECT_FALSE(parse_host(long_name).has_value());
}

TEST(AllowedHost, MayBeAWholeNameOrAWildcard) {
  EXPECT_EQ(parse_allowed_host("Shop.Example.com").value(), "shop.example.com");
  EXPECT_EQ(parse_allowed_host("*.Example.co.uk").value(), "*.example.co.uk");
}

TEST(AllowedHost, IsNeverAPublicSuffix) {
  for (const std::string text : {"co.uk", "*.co.uk", "com.au", "*.github.io", "github.io", "*.blogspot.com"}) {
    EXPECT_EQ(parse_allowed_host(text).error().code, "public_suffix") << text;
  }
  for (const std::string text : {"*.com", "com", "*", "*.", "**.example.com", "a.*.example.com", "shop*.example.com"}) {
    EXPECT_EQ(parse_allowed_host(text).error().code, "bad_host") << text;
  }
}

TEST(AllowList, ComparesWholeLabelsNeverSubstrings) {
  const std::vector<std::string> allowed = {"shop.example.com", "*.brand.co.uk"};
  for (const std::string host : {"shop.example.com", "www.brand.co.uk", "a.b.brand.co.uk"}) {
    EXPECT_TRUE(is_host_allowed(host, allowed)) << host;
  }
  for (const std::string host : {"example.com",
                                 "www.shop.example.com",
                                 "evilshop.example.com",
                                 "shop.example.com.evil.net",
                                 "brand.co.uk",
                                 "evilbrand.co.uk",
                                 ".brand.co.uk",
                                 "brand.co.uk.evil.net",
                                 ""}) {
    EXPECT_FALSE(is_host_allowed(host, allowed)) << host;
  }
  EXPECT_FALSE(is_host_allowed("shop.example.com", {}));
}

}  // namespace
}  // namespace tallystick::partners
