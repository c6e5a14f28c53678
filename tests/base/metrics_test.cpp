#include "base/metrics.h"

#include <cstdio>
#include <filesystem>
#include <stdexcept>
#include <thread>

#include <gtest/gtest.h>

#include "base/file.h"
#include "base/random.h"

namespace tallystick::base {
namespace {

TEST(Counter, AddsUpAcrossThreads) {
  Counter counter;
  std::vector<std::jthread> threads;
  for (int i = 0; i < 4; ++i) {
    threads.emplace_back([&] {
      for (int n = 0; n < 10'000; ++n) {
        counter.add();
      }
    });
  }
  threads.clear();
  EXPECT_EQ(counter.value(), 40'000U);
}

TEST(Histogram, PutsAValueOnABoundIntoThatBucket) {
  constexpr std::array<double, 2> kBounds = {1, 10};
  Histogram histogram(kBounds);
  for (const double value : {0.5, 1.0, 1.5, 10.0, 11.0}) {
    histogram.observe(value);
  }
  EXPECT_EQ(histogram.counts(), (std::vector<std::uint64_t>{2, 2, 1}));
  EXPECT_DOUBLE_EQ(histogram.sum(), 24);
}

void fill(Metrics& metrics, const Histogram& histogram) {
  metrics.add_counter("tallystick_capture_events_total", "Events by result.", [](MetricSamples& out) {
    out.add({{"kind", "click"}, {"result", "accepted"}}, 3);
    out.add({{"kind", "click"}, {"result", "a\"b\\c\nd"}}, 1);
  });
  metrics.add_gauge("tallystick_journal_queued_bytes", "Bytes waiting for the writer.", [] { return 17.0; });
  metrics.add_histogram("tallystick_http_request_duration_seconds", "Time to answer.", histogram);
}

TEST(Metrics, SerializesInPrometheusTextForm) {
  constexpr std::array<double, 2> kBounds = {0.5, 1};
  Histogram histogram(kBounds);
  histogram.observe(0.75);
  Metrics metrics;
  fill(metrics, histogram);
  const std::string text = metrics.serialize();
  for (const std::string_view line : {
           "# TYPE tallystick_capture_events_total counter\n",
           "tallystick_capture_events_total{kind=\"click\",result=\"accepted\"} 3\n",
           "tallystick_capture_events_total{kind=\"click\",result=\"a\\\"b\\\\c\\nd\"} 1\n",
           "tallystick_journal_queued_bytes 17\n",
           "tallystick_http_request_duration_seconds_bucket{le=\"0.5\"} 0\n",
           "tallystick_http_request_duration_seconds_bucket{le=\"1\"} 1\n",
           "tallystick_http_request_duration_seconds_bucket{le=\"+Inf\"} 1\n",
           "tallystick_http_request_duration_seconds_sum 0.75\n",
       }) {
    EXPECT_NE(text.find(line), std::string::npos) << line << "\nin\n" << text;
  }
}

TEST(Metrics, RefusesNamesAgainstTheConventions) {
  Metrics metrics;
  const auto zero = [] {
    return 0.0;
  };
  EXPECT_THROW(metrics.add_counter("tallystick_x", "No suffix.", zero), std::invalid_argument);
  EXPECT_THROW(metrics.add_gauge("tallystick_x_total", "Wrong suffix.", zero), std::invalid_argument);
  EXPECT_THROW(metrics.add_gauge("other_x", "Wrong prefix.", zero), std::invalid_argument);
  EXPECT_THROW(metrics.add_gauge("tallystick_X", "Upper case.", zero), std::invalid_argument);
  metrics.add_gauge("tallystick_x", "Good.", zero);
  EXPECT_THROW(metrics.add_gauge("tallystick_x", "Twice.", zero), std::invalid_argument);
}

TEST(Metrics, LintsCleanWithPromtool) {
  if (std::system("command -v promtool >/dev/null") != 0) {
    FAIL() << "promtool is not installed: run scripts/bootstrap test";
  }
  Histogram histogram(latency_buckets_seconds());
  Metrics metrics;
  fill(metrics, histogram);
  const auto file =
      std::filesystem::temp_directory_path() / ("tallystick-metrics-" + std::to_string(SystemRandom().next_u64()));
  ASSERT_TRUE(write_file_atomically(file, metrics.serialize()));
  EXPECT_EQ(std::system(("promtool check metrics < " + file.string()).c_str()), 0);
  std::filesystem::remove(file);
}

}  // namespace
}  // namespace tallystick::base
