#include "base/metrics.h"

#include <algorithm>
#include <mutex>
#include <set>
#include <sstream>
#include <stdexcept>

#include <prometheus/metric_family.h>
#include <prometheus/text_serializer.h>

namespace tallystick::base {
namespace {

constexpr std::array<double, 14> kLatencyBounds = {
    0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10};

bool is_metric_name(std::string_view name) {
  return name.starts_with("tallystick_") && std::all_of(name.begin(), name.end(), [](char c) {
           return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_';
         });
}

prometheus::ClientMetric client_metric(const MetricLabels& labels) {
  prometheus::ClientMetric metric;
  for (const auto& [name, value] : labels) {
    metric.label.push_back({name, value});
  }
  return metric;
}

}  // namespace

std::size_t Counter::stripe() noexcept {
  static std::atomic<std::size_t> next{0};
  thread_local const std::size_t mine = next.fetch_add(1, std::memory_order_relaxed) % kStripes;
  return mine;
}

std::uint64_t Counter::value() const noexcept {
  std::uint64_t sum = 0;
  for (const Stripe& stripe : stripes_) {
    sum += stripe.value.load(std::memory_order_relaxed);
  }
  return sum;
}

Histogram::Histogram(std::span<const double> bounds)
    : bounds_(bounds.begin(), bounds.end()),
      counts_(std::make_unique<std::atomic<std::uint64_t>[]>(bounds.size() + 1)) {}

void Histogram::observe(double value) noexcept {
  const auto bucket =
      static_cast<std::size_t>(std::lower_bound(bounds_.begin(), bounds_.end(), value) - bounds_.begin());
  counts_[bucket].fetch_add(1, std::memory_order_relaxed);
  sum_.fetch_add(value, std::memory_order_relaxed);
}

std::vector<std::uint64_t> Histogram::counts() const {
  std::vector<std::uint64_t> counts(bounds_.size() + 1);
  for (std::size_t i = 0; i < counts.size(); ++i) {
    counts[i] = counts_[i].load(std::memory_order_relaxed);
  }
  return counts;
}

std::span<const double> latency_buckets_seconds() {
  return kLatencyBounds;
}

struct Metrics::State {
  struct Family {
    std::string name;
    std::string help;
    prometheus::MetricType type;
    std::function<void(MetricSamples&)> collect;
    const Histogram* histogram = nullptr;
  };

  void add(Family family) {
    const bool is_counter = family.type == prometheus::MetricType::Counter;
    const std::lock_guard lock(mutex);
    if (!is_metric_name(family.name) || family.name.ends_with("_total") != is_counter || family.help.empty() ||
        !names.insert(family.name).second) {
      throw std::invalid_argument("metric " + family.name + " breaks the naming rules or is there already");
    }
    families.push_back(std::move(family));
  }

  mutable std::mutex mutex;
  std::vector<Family> families;
  std::set<std::string> names;
};

Metrics::Metrics() : state_(std::make_unique<State>()) {}
Metrics::~Metrics() = default;

void Metrics::add_counter(std::string name, std::string help, std::function<void(MetricSamples&)> collect) {
  state_->add({std::move(name), std::move(help), prometheus::MetricType::Counter, std::move(collect)});
}

void Metrics::add_counter(std::string name, std::string help, std::function<double()> read) {
  add_counter(std::move(name), std::move(help), [read = std::move(read)](MetricSamples& out) { out.add({}, read()); });
}

void Metrics::add_gauge(std::string name, std::string help, std::function<void(MetricSamples&)> collect) {
  state_->add({std::move(name), std::move(help), prometheus::MetricType::Gauge, std::move(collect)});
}

void Metrics::add_gauge(std::string name, std::string help, std::function<double()> read) {
  add_gauge(std::move(name), std::move(help), [read = std::move(read)](MetricSamples& out) { out.add({}, read()); });
}

void Metrics::add_histogram(std::string name, std::string help, const Histogram& histogram) {
  state_->add({std::move(name), std::move(help), prometheus::MetricType::Histogram, {}, &histogram});
}

std::string Metrics::serialize() const {
  std::vector<prometheus::MetricFamily> out;
  const std::lock_guard lock(state_->mutex);
  for (const State::Family& family : state_->families) {
    prometheus::MetricFamily collected{family.name, family.help, family.type, {}};
    if (family.histogram != nullptr) {
      prometheus::ClientMetric metric;
      const auto counts = family.histogram->counts();
      std::uint64_t cumulative = 0;
      for (std::size_t i = 0; i < family.histogram->bounds().size(); ++i) {
        cumulative += counts[i];
        metric.histogram.bucket.push_back({cumulative, family.histogram->bounds()[i]});
      }
      metric.histogram.sample_count = cumulative + counts.back();
      metric.histogram.sample_sum = family.histogram->sum();
      collected.metric.push_back(std::move(metric));
    } else {
      MetricSamples samples;
      family.collect(samples);
      for (const auto& [labels, value] : samples.samples_) {
        prometheus::ClientMetric metric = client_metric(labels);
        (family.type == prometheus::MetricType::Counter ? metric.counter.value : metric.gauge.value) = value;
        collected.metric.push_back(std::move(metric));
      }
    }
    out.push_back(std::move(collected));
  }
  std::ostringstream text;
  prometheus::TextSerializer().Serialize(text, out);
  return text.str();
}

}  // namespace tallystick::base
