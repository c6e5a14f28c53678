#include "capture/statistics.h"

#include <string>

namespace tallystick::capture {
namespace {

constexpr std::array<std::string_view, kEndpointCount> kEndpoints{"impression", "exposure", "conversion", "postback"};
constexpr std::array<std::string_view, kClickOutcomeCount> kOutcomes{"redirected",
                                                                     "duplicate",
                                                                     "prefetch",
                                                                     "bad_request",
                                                                     "bad_signature",
                                                                     "expired",
                                                                     "unknown",
                                                                     "paused",
                                                                     "host_not_allowed",
                                                                     "throttled",
                                                                     "unavailable"};

double value_of(const base::Counter& counter) {
  return static_cast<double>(counter.value());
}

}  // namespace

std::string_view name_of(Endpoint endpoint) {
  return kEndpoints[static_cast<std::size_t>(endpoint)];
}

std::string_view name_of(ClickOutcome outcome) {
  return kOutcomes[static_cast<std::size_t>(outcome)];
}

void add_metrics(base::Metrics& metrics, const CaptureStatistics& statistics) {
  metrics.add_counter("tallystick_capture_events_total",
                      "Events by endpoint and result; requests for throttled and unavailable.",
                      [&statistics](base::MetricSamples& samples) {
                        const auto add = [&](std::size_t i, const char* result, const base::Counter& counter) {
                          samples.add({{"type", std::string(kEndpoints[i])}, {"result", result}}, value_of(counter));
                        };
                        for (std::size_t i = 0; i < kEndpointCount; ++i) {
                          add(i, "accepted", statistics.accepted[i]);
                          add(i, "duplicate", statistics.duplicate[i]);
                          add(i, "throttled", statistics.throttled[i]);
                          add(i, "unavailable", statistics.unavailable[i]);
                        }
                      });
  metrics.add_counter("tallystick_capture_events_rejected_total",
                      "Events that went to the dead letters, by code.",
                      [&statistics](base::MetricSamples& samples) {
                        for (std::size_t i = 0; i < kEndpointCount; ++i) {
                          for (std::size_t code = 1; code < kEventCodeCount; ++code) {
                            samples.add({{"type", std::string(kEndpoints[i])},
                                         {"reason", std::string(name_of(static_cast<EventCode>(code)))}},
                                        value_of(statistics.rejected[i][code]));
                          }
                        }
                      });
  metrics.add_counter("tallystick_capture_clicks_total",
                      "Requests for redirects by outcome.",
                      [&statistics](base::MetricSamples& samples) {
                        for (std::size_t i = 0; i < kClickOutcomeCount; ++i) {
                          samples.add({{"outcome", std::string(kOutcomes[i])}}, value_of(statistics.clicks[i]));
                        }
                      });
  metrics.add_counter("tallystick_capture_clicks_forwarded_total",
                      "Redirects by whether the answer was handed to the kernel.",
                      [&statistics](base::MetricSamples& samples) {
                        samples.add({{"state", "forwarded"}}, value_of(statistics.forwarded));
                        samples.add({{"state", "failed"}}, value_of(statistics.forwarding_failed));
                      });
  metrics.add_counter("tallystick_capture_security_events_total",
                      "Forged links, refused destinations and postbacks.",
                      [&statistics] { return value_of(statistics.security_events); });
}

}  // namespace tallystick::capture
