#include "http/url.h"

#include <gtest/gtest.h>

namespace tallystick::http {
namespace {

TEST(Query, IsWalkedInOrder) {
  QueryReader reader("a=1&&b&=x&c=2=3&a=");
  QueryPair pair;
  std::string seen;
  while (reader.next(pair)) {
    seen += "[" + std::string(pair.name) + "|" + std::string(pair.value) + "]";
  }
  EXPECT_EQ(seen, "[a|1][b|][|x][c|2=3][a|]");
}

TEST(Query, FindsTheFirstValueOfAName) {
  std::string_view value = "untouched";
  EXPECT_FALSE(find_query_value("ab=1", "a", value));
  EXPECT_EQ(value, "untouched");
  EXPECT_TRUE(find_query_value("ab=1&a=2&a=3", "a", value));
  EXPECT_EQ(value, "2");
}

TEST(Query, DecodesPlusAndPercent) {
  EXPECT_EQ(decode_query_text("a+b%20c%2B"), "a b c+");
  EXPECT_EQ(decode_query_text("%4"), "%4");
  EXPECT_EQ(decode_query_text("100%"), "100%");
  EXPECT_EQ(*parse_query_text("%41%7a"), "Az");
  for (const char* bad : {"%", "%4", "%zz", "a%1g"}) {
    ASSERT_FALSE(parse_query_text(bad).has_value()) << bad;
    EXPECT_EQ(parse_query_text(bad).error().code, "bad_percent_encoding");
  }
}

TEST(Url, IsTakenApart) {
  const struct {
    const char* text;
    bool is_https;
    const char* host;
    unsigned port;
    const char* path;
    const char* query;
    const char* fragment;
  } kCases[] = {
      {"https://shop.example.com/a/b?c=d&e=%20#top", true, "shop.example.com", 443, "/a/b", "c=d&e=%20", "top"},
      {"HTTP://SHOP.Example.COM", false, "shop.example.com", 80, "/", "", ""},
      {"http://example.com:8080?x", false, "example.com", 8080, "/", "x", ""},
      {"http://example.com#f?x", false, "example.com", 80, "/", "", "f?x"},
      {"http://127.0.0.1:1/", false, "127.0.0.1", 1, "/", "", ""},
      {"https://[2001:DB8::1]:8443/x", true, "[2001:db8::1]", 8443, "/x", "", ""},
      {"https://xn--bcher-kva.example/", true, "xn--bcher-kva.example", 443, "/", "", ""},
      {"https://example.com/a@b:c", true, "example.com", 443, "/a@b:c", "", ""},
  };
  for (const auto& c : kCases) {
    const auto url = parse_url(c.text);
    ASSERT_TRUE(url.has_value()) << c.text;
    EXPECT_EQ(url->is_https, c.is_https) << c.text;
    EXPECT_EQ(url->host, c.host) << c.text;
    EXPECT_EQ(url->port, c.port) << c.text;
    EXPECT_EQ(url->path, c.path) << c.text;
    EXPECT_EQ(url->query, c.query) << c.text;
    EXPECT_EQ(url->fragment, c.fragment) << c.text;
  }
}

TEST(Url, RefusesWhatReadersMightReadDifferently) {
  for (const char* bad : {"",
                          "/relative",
                          "//example.com/",
                          "javascript:alert(1)",
                          "ftp://example.com/",
                          "http:/example.com",
                          "http:\\\\example.com",
                          "https://example.com\\@evil.com/",
                          "https://user@example.com/",
                          "https://user:pw@example.com/",
                          "https://example.com:80@evil.com/",
                          "https:///path",
                          "https://?x",
                          "https://.example.com/",
                          "https://example..com/",
                          "https://-a.example.com/",
                          "https://a-.example.com/",
                          "https://exa mple.com/",
                          "https://example.com/a b",
                          "https://example.com/a\r\nSet-Cookie: x",
                          "https://example.com/\ta",
                          "https://b\xC3\xBC"
                          "cher.example/",
                          "https://example.com/\xC3\xBC",
                          "https://example.com:/",
                          "https://example.com:0/",
                          "https://example.com:65536/",
                          "https://example.com:+80/",
                          "https://example.com:080808/",
                          "https://2130706433/",
                          "https://0x7f.1/",
                          "https://1.2.3/",
                          "https://1.2.3.256/",
                          "https://[::1/",
                          "https://[::1]x/",
                          "https://[127.0.0.1]/",
                          "https://::1/",
                          "https://example.com/%",
                          "https://example.com/%4",
                          "https://example.com/%zz",
                          "https://exa%6dple.com/",
                          "https://example.com/{macro}",
                          "https://example.com/\"<>"}) {
    const auto url = parse_url(bad);
    ASSERT_FALSE(url.has_value()) << bad;
    EXPECT_EQ(url.error().code, "bad_url");
  }
  EXPECT_FALSE(parse_url("https://example.com/" + std::string(kMaxUrlBytes, 'a')).has_value());
  EXPECT_FALSE(parse_url("https://" + std::string(64, 'a') + ".com/").has_value());
}

}  // namespace
}  // namespace tallystick::http
