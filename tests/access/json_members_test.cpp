#include "access/json_members.h"

#include <string>

#include <gtest/gtest.h>

#include "base/money.h"

namespace tallystick::access {
namespace {

std::string fields_of(const base::Result<void>& result) {
  std::string fields;
  if (!result) {
    for (const auto& field : result.error().fields) {
      fields += field.pointer + " " + field.code + "; ";
    }
  }
  return fields;
}

TEST(JsonMembers, ReadsEveryType) {
  auto members =
      JsonMembers::parse(R"({"t":"x","b":true,"i":-9223372036854775808,"l":["a","b"],"c":"EUR","o":{}})").value();
  EXPECT_EQ(members.take_text("t"), "x");
  EXPECT_EQ(members.take_boolean("b"), true);
  EXPECT_EQ(members.take_integer("i"), INT64_MIN);
  EXPECT_EQ(members.take_texts("l"), (std::vector<std::string>{"a", "b"}));
  EXPECT_EQ(members.take_parsed("c", base::parse_currency), base::parse_currency("EUR").value());
  EXPECT_TRUE(members.take("o")->is_object());
  EXPECT_EQ(members.take_text("absent"), std::nullopt);
  EXPECT_EQ(fields_of(members.finish()), "");
}

TEST(JsonMembers, NamesEveryMistake) {
  auto members = JsonMembers::parse(R"({"t":1,"b":"true","i":1.0,"l":["a",2],"c":"eur","n":null,"a/b~c":0})").value();
  EXPECT_EQ(members.take_text("t"), std::nullopt);
  EXPECT_EQ(members.take_boolean("b"), std::nullopt);
  EXPECT_EQ(members.take_integer("i"), std::nullopt);
  EXPECT_EQ(members.take_texts("l"), std::nullopt);
  EXPECT_EQ(members.take_parsed("c", base::parse_currency), std::nullopt);
  EXPECT_EQ(members.take_text("n"), std::nullopt);
  members.require("r");
  const auto result = members.finish();
  EXPECT_EQ(result.error().code, "validation_failed");
  EXPECT_EQ(fields_of(result),
            "/t wrong_type; /b wrong_type; /i wrong_type; /l wrong_type; /c unknown_currency; /n wrong_type; "
            "/r required; /a~1b~0c unknown_member; ");
}

TEST(JsonMembers, AnIntegerBeyond64BitsIsNone) {
  auto members = JsonMembers::parse(R"({"i":9223372036854775808})").value();
  EXPECT_EQ(members.take_integer("i"), std::nullopt);
  EXPECT_EQ(fields_of(members.finish()), "/i wrong_type; ");
}

TEST(JsonMembers, ABodyIsOneObject) {
  EXPECT_TRUE(JsonMembers::parse("").has_value());
  EXPECT_EQ(JsonMembers::parse("[1]").error().code, "not_an_object");
  for (const std::string body : {"{", "{} {}", "{\"a\":\"\xff\"}", "{'a':1}", "nul"}) {
    EXPECT_EQ(JsonMembers::parse(body).error().code, "bad_json") << body;
  }
  EXPECT_EQ(JsonMembers::parse(std::string(10'000, '[')).error().code, "bad_json");
}

}  // namespace
}  // namespace tallystick::access
