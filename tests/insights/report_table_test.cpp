#include "insights/report_table.h"

#include <boost/json.hpp>
#include <gtest/gtest.h>

#include "insights/report_csv.h"
#include "insights/report_json.h"

namespace tallystick::insights {
namespace {

Section make_section() {
  const auto eur = base::parse_currency("EUR").value();
  const auto jpy = base::parse_currency("JPY").value();
  Section section{"by_day",
                  "By day",
                  {{"day", "Day"},
                   {"count", "Count", ColumnKind::kInteger},
                   {"users", "Users", ColumnKind::kInteger, true},
                   {"share", "Share", ColumnKind::kDecimal},
                   {"good", "Good", ColumnKind::kBoolean},
                   {"codes", "Codes", ColumnKind::kTexts},
                   {"at", "At", ColumnKind::kTime},
                   {"revenue", "Revenue", ColumnKind::kMoney},
                   {"rpm", "RPM", ColumnKind::kRate}},
                  {},
                  false};
  section.add({std::string("2026-11-20"),
               std::int64_t{3},
               std::int64_t{2},
               std::string("-0.5000"),
               true,
               Texts{"a", "b"},
               base::parse_rfc3339("2026-11-20T01:02:03Z").value(),
               Amounts{{-5, eur}, {700, jpy}},
               Rates{{eur, "-0.1000"}}});
  section.add({Cell(), Cell(), Cell(), Cell(), Cell(), Cell(), Cell(), Cell(Amounts{}), Cell()});
  return section;
}

TEST(Section, RefusesARowOfAnotherWidth) {
  Section section{"s", "S", {{"a", "A"}}, {}, false};
  EXPECT_THROW(section.add({}), std::logic_error);
}

TEST(Csv, HasAHeaderCrlfAndAColumnPerCurrency) {
  EXPECT_EQ(
      to_csv(make_section()),
      "day,count,users,share,good,codes,at,revenue_eur_minor,revenue_eur,revenue_jpy_minor,revenue_jpy,rpm_eur\r\n"
      "2026-11-20,3,2,-0.5000,true,a b,2026-11-20T01:02:03Z,-5,-0.05,700,700,-0.1000\r\n"
      ",,,,,,,,,,,\r\n");
}

TEST(Json, ShowsCellsByTheirKind) {
  const base::ManualClock clock(base::parse_rfc3339("2026-11-20T12:00:00Z").value());
  const Question question{parse_period({}, "UTC", clock.now()).value()};
  Report report{"r", "R", {{"partner", std::string("net")}}, {make_section()}, {"a note"}, std::nullopt, false};
  const boost::json::object object = to_json(report, question, {});
  EXPECT_EQ(object.at("partner"), "net");
  EXPECT_EQ(object.at("estimated"), boost::json::array{"by_day.users"});
  const auto& row = object.at("by_day").at(0);
  EXPECT_EQ(row.at("count"), 3);
  EXPECT_EQ(row.at("share"), "-0.5000");
  EXPECT_EQ(row.at("codes"), (boost::json::array{"a", "b"}));
  EXPECT_EQ(
      boost::json::serialize(row.at("revenue")),
      R"([{"currency":"EUR","amount_minor":-5,"amount":"-0.05"},{"currency":"JPY","amount_minor":700,"amount":"700"}])");
  EXPECT_EQ(boost::json::serialize(row.at("rpm")), R"([{"currency":"EUR","amount":"-0.1000"}])");
  EXPECT_TRUE(object.at("by_day").at(1).at("count").is_null());
  EXPECT_FALSE(object.contains("next_cursor"));
  EXPECT_TRUE(object.at("as_of").at("lag_seconds").is_null());
}

}  // namespace
}  // namespace tallystick::insights
