#include "capture/destination.h"

#include <gtest/gtest.h>

#include "capture/fallback_page.h"
#include "capture/host.h"
#include "capture/throttle.h"

namespace tallystick::capture {
namespace {

CatalogPartner make_partner() {
  CatalogPartner partner;
  partner.slug = "acme";
  partner.allowed_hosts = {"shop.example.com", "*.deals.example.net"};
  partner.sub_id_parameter = "clickref";
  return partner;
}

TEST(Destination, SetsTheSubIdWhereverTheTemplateHasIt) {
  struct Case {
    const char* text;
    const char* url;
  };
  const Case cases[] = {
      {"https://shop.example.com", "https://shop.example.com?clickref=ID"},
      {"https://shop.example.com/a?", "https://shop.example.com/a?clickref=ID"},
      {"https://shop.example.com/a?b=1", "https://shop.example.com/a?b=1&clickref=ID"},
      {"https://shop.example.com/a?b=1#top?x", "https://shop.example.com/a?b=1&clickref=ID#top?x"},
      {"https://shop.example.com/a#f", "https://shop.example.com/a?clickref=ID#f"},
      {"https://shop.example.com/?clickref=old&b=1", "https://shop.example.com/?clickref=ID&b=1"},
      {"https://shop.example.com/?xclickref=1", "https://shop.example.com/?xclickref=1&clickref=ID"},
      {"https://shop.example.com/?clickref2=1", "https://shop.example.com/?clickref2=1&clickref=ID"},
      {"https://shop.example.com/{partner}?s={sub}&{nothing}={", nullptr},
      {"https://a.deals.example.net/{partner}?s={sub}", "https://a.deals.example.net/acme?s=%0D%0A%26&clickref=ID"},
  };
  for (const Case& c : cases) {
    std::string out = "Location: ";
    const DestinationValues values{.click_id = "ID",
                                   .partner = "acme",
                                   .placement = {},
                                   .campaign = {},
                                   .session = {},
                                   .sub = "\r\n&",
                                   .gdpr = {},
                                   .gdpr_consent = {}};
    const DestinationFault fault = append_destination(make_partner(), c.text, values, out);
    if (c.url == nullptr) {
      EXPECT_EQ(out.find_first_of("\r\n"), std::string::npos);
      continue;
    }
    EXPECT_EQ(fault, DestinationFault::kNone) << c.text;
    EXPECT_EQ(out, "Location: " + std::string(c.url));
  }
}

TEST(Host, IsWholeOrNone) {
  struct Case {
    const char* url;
    const char* host;
  };
  const Case cases[] = {
      {"https://shop.example.com/x", "shop.example.com"},
      {"HTTP://Shop.example.com:8080?x", "Shop.example.com"},
      {"https://shop.example.com", "shop.example.com"},
      {"https://user@shop.example.com/", ""},
      {"https://shop.example.com@evil.test/", ""},
      {"https://shop.example.com\\@evil.test/", ""},
      {"https://shop.example.com\t.evil.test/", ""},
      {"https://shop.example.com./", ""},
      {"https://shop..example.com/", ""},
      {"https:///x", ""},
      {"https:/shop.example.com", ""},
      {"//shop.example.com/", ""},
      {"javascript:alert(1)", ""},
      {"ftp://shop.example.com/", ""},
      {"https://shop.example.com:/", ""},
      {"https://shop.example.com:80a/", ""},
      {"https://[::1]/", ""},
      {"https://shöp.example.com/", ""},
      {"https://shop.example.com\r\nX: y", ""},
      {"https://%73hop.example.com/", ""},
      {"", ""},
  };
  for (const Case& c : cases) {
    EXPECT_EQ(host_of(c.url), c.host) << c.url;
  }
}

TEST(Host, IsAllowedByWholeNameNeverBySubstring) {
  const std::vector<std::string> entries{"shop.example.com", "*.deals.example.net"};
  for (const char* host : {"shop.example.com", "SHOP.example.com", "a.deals.example.net", "b.a.deals.example.net"}) {
    EXPECT_TRUE(is_allowed_host(host, entries)) << host;
  }
  for (const char* host : {"evilshop.example.com",
                           "shop.example.com.evil.test",
                           "example.com",
                           "deals.example.net",
                           "xdeals.example.net",
                           "a.shop.example.com",
                           ""}) {
    EXPECT_FALSE(is_allowed_host(host, entries)) << host;
  }
  EXPECT_TRUE(is_sound_allowed_host("*.example.com"));
  EXPECT_FALSE(is_sound_allowed_host("*.com"));
  EXPECT_FALSE(is_sound_allowed_host("*."));
  EXPECT_FALSE(is_sound_allowed_host("Shop.example.com"));
}

TEST(FallbackPage, EscapesTheWayOnAndDropsOneThatIsNoUrl) {
  const std::string page = make_fallback_page(FallbackReason::kExpired, "https://shop.example.com/?a=1&b=\"'<x>");
  EXPECT_NE(page.find("href=\"https://shop.example.com/?a=1&amp;b=&quot;&#39;&lt;x&gt;\""), std::string::npos);
  EXPECT_EQ(make_fallback_page(FallbackReason::kExpired, "javascript:alert(1)").find("href"), std::string::npos);
  EXPECT_NE(page.find("<html lang=\"en\">"), std::string::npos);
  EXPECT_NE(page.find("prefers-color-scheme:dark"), std::string::npos);
}

TEST(Throttle, AllowsTheBurstThenTheRate) {
  Throttle throttle(16, 16, 1);
  const Rate rate{.per_second = 10, .burst = 3};
  const base::IpAddress client = base::parse_ip("203.0.113.7").value();
  std::int64_t now = 1'000'000;
  for (int i = 0; i < 3; ++i) {
    EXPECT_EQ(throttle.take(client, rate, now), 0) << i;
  }
  EXPECT_EQ(throttle.take(client, rate, now), 100'000);
  now += 100'000;
  EXPECT_EQ(throttle.take(client, rate, now), 0);
  EXPECT_GT(throttle.take(client, rate, now), 0);
  now += base::kMicrosPerSecond;
  for (int i = 0; i < 3; ++i) {
    EXPECT_EQ(throttle.take(client, rate, now), 0) << i;
  }
  EXPECT_EQ(throttle.take(client, Rate{}, now), 0);  // no limit
}

TEST(Throttle, CountsIpv6ClientsByTheirNetwork) {
  Throttle throttle(16, 16, 1);
  const Rate rate{.per_second = 1, .burst = 1};
  EXPECT_EQ(throttle.take(base::parse_ip("2001:db8::1").value(), rate, 0), 0);
  EXPECT_GT(throttle.take(base::parse_ip("2001:db8::2").value(), rate, 0), 0);
}

}  // namespace
}  // namespace tallystick::capture
