#include "cli/metrics_text.h"

#include <gtest/gtest.h>

#include "base/metrics.h"

namespace tallystick::cli {
namespace {

TEST(MetricsText, ReadsWhatTheServerWrites) {
  base::Metrics metrics;
  metrics.add_counter("tallystick_x_events_total", "Events.", [](base::MetricSamples& out) {
    out.add({{"kind", "click"}, {"result", "accepted"}}, 3);
    out.add({{"kind", "click"}, {"result", "a\"b\\c\nd,}"}}, 4);
    out.add({{"kind", "impression"}, {"result", "accepted"}}, 5e9);
  });
  metrics.add_gauge("tallystick_x_size", "Size.", [] { return 17.0; });
  const MetricsText text = MetricsText::parse(metrics.serialize());
  EXPECT_EQ(text.sum("tallystick_x_size"), 17);
  EXPECT_EQ(text.sum("tallystick_x_events_total"), 5'000'000'007);
  EXPECT_EQ(text.sum("tallystick_x_events_total", {{"kind", "click"}}), 7);
  EXPECT_EQ(text.sum("tallystick_x_events_total", {{"kind", "click"}, {"result", "a\"b\\c\nd,}"}}), 4);
  EXPECT_EQ(text.sum("tallystick_x_nothing"), 0);
  const std::map<std::string, double> expected = {{"click", 3}, {"impression", 5e9}};
  EXPECT_EQ(text.sum_by("tallystick_x_events_total", "kind", {{"result", "accepted"}}), expected);
}

TEST(MetricsText, SurvivesWhatIsNoMetric) {
  for (const char* text : {"", "\n\n", "x", "x{", "x{a=\"", "x{a=\"b", "x{a=\"b\\", "{}", "# HELP x\n"}) {
    EXPECT_EQ(MetricsText::parse(text).sum("y"), 0) << text;
  }
}

}  // namespace
}  // namespace tallystick::cli
