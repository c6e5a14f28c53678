#include "partners/destination.h"

#include <string>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

namespace tallystick::partners {
namespace {

TEST(Destination, KeepsTheTemplateAndNamesItsMacros) {
  const auto parsed =
      parse_destination("HTTPS://Shop.Example.com:8443/p/{partner}?s={sub}&c={click_id}&again={sub}#x{gdpr}");
  ASSERT_TRUE(parsed.has_value()) << parsed.error().message;
  EXPECT_EQ(parsed->text, "https://shop.example.com:8443/p/{partner}?s={sub}&c={click_id}&again={sub}#x{gdpr}");
  EXPECT_EQ(parsed->host, "shop.example.com");
  EXPECT_EQ(parsed->port, 8443);
  EXPECT_TRUE(parsed->is_https);
  EXPECT_EQ(parsed->macros, (std::vector{Macro::kPartner, Macro::kSub, Macro::kClickId, Macro::kSub, Macro::kGdpr}));
}

TEST(Destination, KnowsEveryMacro) {
  for (const std::string name :
       {"click_id", "partner", "placement", "campaign", "session", "sub", "gdpr", "gdpr_consent"}) {
    const auto parsed = parse_destination("https://shop.example/?m={" + name + "}");
    ASSERT_TRUE(parsed.has_value()) << name;
    ASSERT_EQ(parsed->macros.size(), 1U);
    EXPECT_EQ(name_of(parsed->macros[0]), name);
  }
}

TEST(Destination, MayLackPathAndQuery) {
  EXPECT_EQ(parse_destination("https://shop.example").value().text, "https://shop.example");
  EXPECT_EQ(parse_destination("https://shop.example?a={sub}").value().text, "https://shop.example?a={sub}");
  EXPECT_FALSE(parse_destination("http://shop.example/").value().is_https);
}

TEST(Destination, RefusesWhatCouldLeadElsewhere) {
  const std::vector<std::pair<std::string, std::string>> cases = {
      {"", "bad_destination"},
      {"shop.example/", "bad_destination"},
      {"//shop.example/", "bad_destination"},
      {"javascript://shop.example/", "bad_destination"},
      {"ftp://shop.example/", "bad_destination"},
      {"https:/shop.example", "bad_destination"},
      {"https://", "bad_host"},
      {"https:///path", "bad_host"},
      {"https://127.0.0.1/", "bad_host"},
      {"https://[::1]/", "bad_host"},
      {"https://shop/", "bad_host"},
      {"https://shop.example\\@evil.net/", "bad_destination"},
      {"https://shop.example\\.evil.net/", "bad_host"},
      {"https://user@evil.net/", "bad_destination"},
      {"https://shop.example:@evil.net/", "bad_destination"},
      {"https://{partner}.example/", "macro_in_host"},
      {"https://shop.example:{sub}/", "macro_in_host"},
      {"https://shop.example{sub}", "macro_in_host"},
      {"https://shop.example:0/", "bad_destination"},
      {"https://shop.example:65536/", "bad_destination"},
      {"https://shop.example:/", "bad_destination"},
      {"https://shop.example:44x/", "bad_destination"},
      {"https://shop.example/a b", "bad_destination"},
      {"https://shop.example/\r\nSet-Cookie:a=b", "bad_destination"},
      {"https://shop.example/\\x", "bad_destination"},
      {"https://shop.example/\"", "bad_destination"},
      {"https://shop.example/\xc3\xa4", "bad_destination"},
      {std::string("https://shop.example/\0", 22), "bad_destination"},
      {"https://shop.example/%2", "bad_destination"},
      {"https://shop.example/%zz", "bad_destination"},
      {"https://shop.example/{sub", "bad_destination"},
      {"https://shop.example/sub}", "bad_destination"},
      {"https://shop.example/{ip}", "unknown_macro"},
      {"https://shop.example/{}", "unknown_macro"},
      {"https://shop.example/{{sub}}", "unknown_macro"},
      {"https://shop.example/{SUB}", "unknown_macro"},
      {"https://shop.example/" + std::string(kMaxDestinationBytes, 'a'), "bad_destination"}};
  for (const auto& [text, code] : cases) {
    const auto parsed = parse_destination(text);
    ASSERT_FALSE(parsed.has_value()) << text;
    EXPECT_EQ(parsed.error().code, code) << text;
  }
}

TEST(Destination, ReadsItsOwnTextBack) {
  const auto once = parse_destination("HTTPS://SHOP.example:443/{sub}%2F?x#y").value();
  EXPECT_EQ(parse_destination(once.text).value().text, once.text);
}

}  // namespace
}  // namespace tallystick::partners
