#include "base/utf8.h"

#include <string>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

namespace tallystick::base {
namespace {

TEST(CleanUtf8, KeepsWhatIsWellFormedAndReplacesTheRest) {
  const std::vector<std::pair<std::string, std::string>> cases = {
      {"", ""},
      {"plain", "plain"},
      {"\xC3\xA4\xE2\x82\xAC\xF0\x9F\x98\x80", "\xC3\xA4\xE2\x82\xAC\xF0\x9F\x98\x80"},
      {"a\xFF"
       "b",
       "a?b"},
      {"\xC0\x80", "??"},            // overlong
      {"\xE0\x80\x80", "???"},       // overlong
      {"\xED\xA0\x80", "???"},       // a surrogate
      {"\xF4\x90\x80\x80", "????"},  // beyond U+10FFFF
      {"a\xE2\x82", "a??"},          // cut off
      {"a\nb\x7F", "a b "},
      {std::string("a\0b", 3), "a b"}};
  for (const auto& [text, clean] : cases) {
    EXPECT_EQ(clean_utf8(text, 100), clean) << text;
  }
}

TEST(CleanUtf8, NeverCutsACharacter) {
  EXPECT_EQ(clean_utf8("\xC3\xA4\xC3\xA4", 3), "\xC3\xA4");
  EXPECT_EQ(clean_utf8("abc", 2), "ab");
  EXPECT_EQ(clean_utf8("abc", 0), "");
}

}  // namespace
}  // namespace tallystick::base
