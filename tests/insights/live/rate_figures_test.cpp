#include "tests/insights/live/world.h"

namespace tallystick::insights {
namespace {

class RateFiguresTest : public World {
 protected:
  RateReading read(std::string_view from, std::string_view to) {
    (void)get("/api/insights/performance");  // all rows are written then
    const auto reading = service_->rate_figures({base::parse_rfc3339(from).value(), base::parse_rfc3339(to).value()});
    EXPECT_TRUE(reading) << reading.error().code << ": " << reading.error().message;
    return reading.value_or(RateReading{});
  }
  static RateFigures of(const RateReading& reading, std::string_view kind, std::string_view slug) {
    for (const auto& [subject, figures] : reading.subjects) {
      if (subject.first == kind && figures.slug == slug) {
        return figures;
      }
    }
    return {};
  }
};

TEST_P(RateFiguresTest, CountPartnersByTheirLinksAndPlacementsByAttribution) {
  for (const char* at : {"2026-11-19 10:00:00", "2026-11-19 12:00:00", "2026-11-20 09:59:59"}) {
    impression({.at = at, .merchant = "acme", .partner = "net"});
  }
  impression({.at = "2026-11-19 09:59:59", .merchant = "acme", .partner = "net"});  // before
  impression({.at = "2026-11-20 10:00:00", .merchant = "acme", .partner = "net"});  // after
  impression({.at = "2026-11-19 12:00:00", .verdict = "givt", .partner = "net"});
  impression({.at = "2026-11-19 12:00:00", .placement = "search"});
  const std::uint64_t clicked = click({.at = "2026-11-19 13:00:00", .merchant = "acme", .user = 1});
  click({.at = "2026-11-19 13:00:01", .verdict = "sivt"});
  attribute(clicked, "search");
  // Of the click's partner, and by attribution of the placement search.
  conversion(
      {.at = "2026-11-19 14:00:00", .order = "o1", .commission_minor = 1'001, .merchant = "acme", .click = clicked});
  share("last", "o1", "search", 0, 1, 1);
  // Of the partner itself; it belongs to no placement.
  conversion(
      {.at = "2026-11-19 15:00:00", .order = "o2", .commission_minor = 250, .currency = "USD", .partner = "net"});
  publish_positions();
  const RateReading reading = read("2026-11-19T10:00:00Z", "2026-11-20T10:00:00Z");
  const RateFigures net = of(reading, "partner", "net");
  EXPECT_EQ(net.impressions, 3);
  EXPECT_EQ(net.clicks, 1);
  ASSERT_EQ(net.by_currency.size(), 2U);
  EXPECT_EQ(net.by_currency.at("EUR").conversions, 1);
  EXPECT_EQ(net.by_currency.at("EUR").revenue_minor, 1'001);
  EXPECT_EQ(net.by_currency.at("USD").revenue_minor, 250);
  const RateFigures home = of(reading, "placement", "home");
  EXPECT_EQ(home.impressions, 3);
  EXPECT_EQ(home.clicks, 0);
  EXPECT_TRUE(home.by_currency.empty());
  const RateFigures search = of(reading, "placement", "search");
  EXPECT_EQ(search.impressions, 1);
  EXPECT_EQ(search.clicks, 1);
  ASSERT_EQ(search.by_currency.size(), 1U);
  EXPECT_EQ(search.by_currency.at("EUR").conversions, 1);
  EXPECT_EQ(search.by_currency.at("EUR").revenue_minor, 1'001);
}

TEST_P(RateFiguresTest, AnEmptyRangeHasNobody) {
  impression({.at = "2026-11-19 10:00:00", .partner = "net"});
  publish_positions();
  EXPECT_TRUE(read("2026-11-01T10:00:00Z", "2026-11-02T10:00:00Z").subjects.empty());
}

TALLY_OVER_BOTH(RateFiguresTest);

}  // namespace
}  // namespace tallystick::insights
