#pragma once
// Metrics in Prometheus' text form. The hot path adds to striped relaxed atomics; everything else is read
// through callbacks when a scrape comes. Names: tallystick_<subsystem>_<name>_<unit>[_total], base units.
// Thread-safe.

#include <array>
#include <atomic>
#include <cstdint>
#include <functional>
#include <initializer_list>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace tallystick::base {

// A counter that many threads add to without sharing a cache line.
class Counter {
 public:
  void add(std::uint64_t n = 1) noexcept { stripes_[stripe()].value.fetch_add(n, std::memory_order_relaxed); }
  [[nodiscard]] std::uint64_t value() const noexcept;

 private:
  static constexpr std::size_t kStripes = 8;
  [[nodiscard]] static std::size_t stripe() noexcept;
  struct alignas(64) Stripe {
    std::atomic<std::uint64_t> value{0};
  };
  std::array<Stripe, kStripes> stripes_;
};

// Counts observations in fixed buckets. `bounds_` ascend; the bucket above the last is implied.
class Histogram {
 public:
  explicit Histogram(std::span<const double> bounds);
  void observe(double value) noexcept;

  [[nodiscard]] const std::vector<double>& bounds() const { return bounds_; }
  [[nodiscard]] std::vector<std::uint64_t> counts() const;  // one more than bounds
  [[nodiscard]] double sum() const noexcept { return sum_.load(std::memory_order_relaxed); }

 private:
  std::vector<double> bounds_;
  std::unique_ptr<std::atomic<std::uint64_t>[]> counts_;
  std::atomic<double> sum_{0};
};

// 0.5 ms to 10 s.
[[nodiscard]] std::span<const double> latency_buckets_seconds();

using MetricLabels = std::vector<std::pair<std::string, std::string>>;

// What one scrape collects of a family: a value per combination of labels.
class MetricSamples {
 public:
  void add(MetricLabels labels, double value) { samples_.emplace_back(std::move(labels), value); }

 private:
  friend class Metrics;
  std::vector<std::pair<MetricLabels, double>> samples_;
};

class Metrics {
 public:
  Metrics();
  ~Metrics();
  Metrics(const Metrics&) = delete;
  Metrics& operator=(const Metrics&) = delete;

  // The callbacks run on the scraping thread; what they read must outlive this object. Throws std::invalid_argument
  // when a name breaks the conventions or is there already: a counter ends in _total, nothing else does.
  void add_counter(std::string name, std::string help, std::function<void(MetricSamples&)> collect);
  void add_counter(std::string name, std::string help, std::function<double()> read);
  void add_gauge(std::string name, std::string help, std::function<void(MetricSamples&)> collect);
  void add_gauge(std::string name, std::string help, std::function<double()> read);
  void add_histogram(std::string name, std::string help, const Histogram& histogram);

  // text/plain; version=0.0.4
  [[nodiscard]] std::string serialize() const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace tallystick::base
