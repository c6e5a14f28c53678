#include "base/encoding.h"

#include <string>
#include <string_view>
#include <vector>

#include <gtest/gtest.h>
#include <rapidcheck.h>

namespace tallystick::base {
namespace {

TEST(Encoding, HexIsReadInEitherCase) {
  EXPECT_EQ(to_hex(as_bytes(std::string_view("\x00\x7f\xff", 3))), "007fff");
  EXPECT_EQ(from_hex("007fFf").value(), (std::vector<std::uint8_t>{0x00, 0x7f, 0xff}));
  EXPECT_TRUE(from_hex("")->empty());
  for (const std::string_view text : {"0", "0g", "g0", "0x00", "00 ", "\xff\xff"}) {
    EXPECT_EQ(from_hex(text).error().code, "bad_hex") << text;
  }
}

// RFC 4648 section 10.
TEST(Encoding, Base64AgreesWithTheVectorsOfRfc4648) {
  struct Case {
    std::string_view text;
    std::string_view padded;
    std::string_view url;
  };
  const std::vector<Case> cases = {{"", "", ""},
                                   {"f", "Zg==", "Zg"},
                                   {"fo", "Zm8=", "Zm8"},
                                   {"foo", "Zm9v", "Zm9v"},
                                   {"foob", "Zm9vYg==", "Zm9vYg"},
                                   {"fooba", "Zm9vYmE=", "Zm9vYmE"},
                                   {"foobar", "Zm9vYmFy", "Zm9vYmFy"},
                                   {"\xfb\xff\xfe", "+//+", "-__-"}};
  for (const Case& c : cases) {
    EXPECT_EQ(to_base64(as_bytes(c.text)), c.padded);
    EXPECT_EQ(to_base64url(as_bytes(c.text)), c.url);
    EXPECT_EQ(as_text(from_base64(c.padded).value()), c.text);
    EXPECT_EQ(as_text(from_base64url(c.url).value()), c.text);
  }
}

TEST(Encoding, Base64HasOneSpellingForEveryValue) {
  for (const std::string_view text : {"Zg",
                                      "Zg=",
                                      "Zg===",
                                      "Z===",
                                      "====",
                                      "Zh==",
                                      "Zm9=",
                                      "Zm9v\n",
                                      "Zm 9v",
                                      "Zm-_",
                                      "Zg==Zg==",
                                      "=Zg=",
                                      "Z",
                                      "Zm9vZ"}) {
    EXPECT_EQ(from_base64(text).error().code, "bad_base64") << text;
  }
  for (const std::string_view text : {"Zg==", "Zh", "Zm9", "Z", "Zm+/", "Zg "}) {
    EXPECT_EQ(from_base64url(text).error().code, "bad_base64") << text;
  }
}

TEST(Encoding, PercentEncodingKeepsTheUnreservedCharactersOnly) {
  EXPECT_EQ(percent_encode("AZaz09-._~"), "AZaz09-._~");
  EXPECT_EQ(percent_encode("a b/c?d=e&f%g+h"), "a%20b%2Fc%3Fd%3De%26f%25g%2Bh");
  EXPECT_EQ(percent_encode("\xc3\xbc"), "%C3%BC");
  EXPECT_EQ(percent_decode("a%20b%2fc+").value(), "a b/c+");
  EXPECT_EQ(percent_decode("%00").value(), std::string(1, '\0'));
  for (const std::string_view text : {"%", "%2", "a%", "%g0", "%0g", "%%20", "%-1"}) {
    EXPECT_EQ(percent_decode(text).error().code, "bad_percent_encoding") << text;
  }
}

TEST(Encoding, WhatIsWrittenIsRead) {
  EXPECT_TRUE(rc::check([](const std::vector<std::uint8_t>& bytes) {
    RC_ASSERT(from_hex(to_hex(bytes)).value() == bytes);
    RC_ASSERT(from_base64(to_base64(bytes)).value() == bytes);
    RC_ASSERT(from_base64url(to_base64url(bytes)).value() == bytes);
    RC_ASSERT(percent_decode(percent_encode(as_text(bytes))).value() == as_text(bytes));
  }));
}

}  // namespace
}  // namespace tallystick::base
