#include "warehouse/rows.h"

#include <stdexcept>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace tallystick::warehouse {
namespace {

using testing::ElementsAre;

constexpr std::string_view kAnswer = R"json({"meta":[{"name":"n","type":"Int64"},{"name":"h","type":"UInt64"},
  {"name":"s","type":"String"},{"name":"r","type":"Nullable(Float64)"},{"name":"t","type":"DateTime64(6)"},
  {"name":"a","type":"Array(Date)"}],"data":[
  [-5,18446744073709551615,"x",1.5,"2026-11-21T04:22:01.000002Z",["2026-11-21"]],
  [7,1,"",null,"2026-11-21 04:22:01",[]]],"rows":2})json";

TEST(Rows, GivesValuesByNameAndIndex) {
  const auto rows = Rows::parse(kAnswer);
  ASSERT_TRUE(rows);
  EXPECT_THAT(rows->columns(), ElementsAre("n", "h", "s", "r", "t", "a"));
  ASSERT_EQ(rows->size(), 2U);
  EXPECT_EQ(rows->integer(0, "n"), -5);
  EXPECT_EQ(rows->integer(1, 0), 7);
  EXPECT_EQ(rows->unsigned_integer(0, "h"), 18446744073709551615ULL);
  EXPECT_EQ(rows->unsigned_integer(1, "h"), 1U);
  EXPECT_EQ(rows->text(0, "s"), "x");
  EXPECT_EQ(rows->number(0, "r"), 1.5);
  EXPECT_EQ(rows->number(0, "n"), -5.0);
  EXPECT_TRUE(rows->is_null(1, "r"));
  EXPECT_EQ(rows->number(1, "r"), 0.0);
  EXPECT_EQ(rows->time(0, "t"), *base::parse_rfc3339("2026-11-21T04:22:01.000002Z"));
  EXPECT_EQ(rows->time(1, "t"), *base::parse_rfc3339("2026-11-21T04:22:01Z"));
  EXPECT_THAT(rows->texts(0, "a"), ElementsAre("2026-11-21"));
  EXPECT_TRUE(rows->texts(1, "a").empty());
}

TEST(Rows, RefusesToReadAValueAsWhatItIsNot) {
  const auto rows = Rows::parse(kAnswer);
  ASSERT_TRUE(rows);
  EXPECT_THROW(static_cast<void>(rows->integer(0, "s")), std::logic_error);
  EXPECT_THROW(static_cast<void>(rows->text(0, "n")), std::logic_error);
  EXPECT_THROW(static_cast<void>(rows->integer(0, "h")), std::logic_error) << "it does not fit";
  EXPECT_THROW(static_cast<void>(rows->unsigned_integer(0, "n")), std::logic_error);
  EXPECT_THROW(static_cast<void>(rows->uuid(0, "s")), std::logic_error);
  EXPECT_THROW(static_cast<void>(rows->integer(2, "n")), std::logic_error);
  EXPECT_THROW(static_cast<void>(rows->integer(0, "none")), std::logic_error);
}

TEST(Rows, RefusesWhatIsNoTable) {
  for (const char* text : {"",
                           "Ok.\n",
                           "[]",
                           R"({"meta":[]})",
                           R"({"meta":[{"name":"a"}],"data":[]})",
                           R"({"meta":[{"name":"a","type":"UInt8"}],"data":[[1,2]]})",
                           R"({"meta":[{"name":"a","type":"UInt8"}],"data":[1]})"}) {
    const auto rows = Rows::parse(text);
    ASSERT_FALSE(rows) << text;
    EXPECT_EQ(rows.error().code, "warehouse_bad_answer");
  }
}

TEST(Rows, AreEmptyWithoutAnAnswer) {
  const Rows rows;
  EXPECT_TRUE(rows.empty());
  EXPECT_TRUE(rows.columns().empty());
}

}  // namespace
}  // namespace tallystick::warehouse
