#include "base/toml_parser.h"

#include <string_view>
#include <vector>

#include <gtest/gtest.h>

namespace tallystick::base {
namespace {

TEST(TomlParser, MakesErrorsOfWhatTheLibraryCannotBear) {
  const std::vector<std::pair<std::string_view, toml::source_index>> cases = {
      {"[(x)]", 1},
      {"a = 1\n[[\x01]]", 2},
      {"a = 1\n\xC3\xA4 = 2", 2},
      {"a = 'x' \xC3\xA4", 1},
      {"a = \"\"\"\n\xC3\xA4\\\"\"\"\"\n\n\xEF\xBB\x9F = 1", 4},
      {"a = 'unclosed\n\xC3\xA4", 1},
      {"a = \"unclosed", 1},
  };
  for (const auto& [text, line] : cases) {
    const auto result = parse_toml_document(text, "x.toml");
    ASSERT_FALSE(result) << text;
    EXPECT_EQ(result.error().source().begin.line, line) << text;
  }
}

TEST(TomlParser, TakesEveryCharacterInStringsAndComments) {
  const auto result = parse_toml_document(
      "\xEF\xBB\xBF# \xC3\xA4\na = '\xC3\xA4#'\nb = \"\xC3\xA4\\\"'\" # '\nc = '''\n\xC3\xA4'\n''' \nd = "
      "\"\"\"\n\xC3\xA4\"\n\"\"\"\n"
      "\"\xC3\xA4\" = 1",
      "x.toml");
  ASSERT_TRUE(result) << result.error();
  EXPECT_EQ(result.table()["a"].value<std::string_view>(), "\xC3\xA4#");
  EXPECT_EQ(result.table()["b"].value<std::string_view>(), "\xC3\xA4\"'");
  EXPECT_EQ(result.table()["\xC3\xA4"].value<int>(), 1);
}

}  // namespace
}  // namespace tallystick::base
