#include "base/slug.h"

#include <string>

#include <gtest/gtest.h>

namespace tallystick::base {
namespace {

TEST(Slug, IsLowerCaseLettersDigitsAndHyphens) {
  for (const std::string text : {"a", "7", "spring-sale", "a--b", "a-", "0-0"}) {
    EXPECT_TRUE(is_slug(text)) << text;
  }
  EXPECT_TRUE(is_slug(std::string(63, 'a')));
}

TEST(Slug, RefusesEverythingElse) {
  for (const std::string text : {"", "-a", "A", "a_b", "a.b", "a/b", "a b", "\xc3\xa4", "a\n"}) {
    EXPECT_FALSE(is_slug(text)) << text;
  }
  EXPECT_FALSE(is_slug(std::string(64, 'a')));
  EXPECT_FALSE(is_slug(std::string("a\0b", 3)));
}

}  // namespace
}  // namespace tallystick::base
