#include "warehouse/parameters.h"

#include <array>
#include <string>

#include <gtest/gtest.h>

namespace tallystick::warehouse {
namespace {

using namespace std::string_literals;

TEST(Parameters, TextsAreEscapedAsInTabSeparated) {
  EXPECT_EQ(escape_parameter("SELECT {s:String}", "s", "a\tb\nc\\d'e\0f"s), R"(a\tb\nc\\d'e\0f)");
}

TEST(Parameters, ArraysAreQuotedOnce) {
  const std::array<std::string, 3> values = {"it's", "a\\b", ""};
  const std::string array = array_parameter(values);
  EXPECT_EQ(array, R"(['it\'s','a\\b',''])");
  EXPECT_EQ(escape_parameter("WHERE s IN {list:Array(String)}", "list", array), array);
  EXPECT_EQ(array_parameter({}), "[]");
}

TEST(Parameters, TimesKeepTheirMicroseconds) {
  EXPECT_EQ(time_parameter({1'000'002}), "1970-01-01 00:00:01.000002");
  EXPECT_EQ(time_parameter({0}), "1970-01-01 00:00:00");
}

}  // namespace
}  // namespace tallystick::warehouse
