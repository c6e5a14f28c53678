#include "cli/demo_check.h"

#include <cmath>
#include <string_view>
#include <utility>

#include <fmt/format.h>

namespace tallystick::cli {
namespace {

using Labels = std::vector<std::pair<std::string_view, std::string_view>>;

constexpr std::string_view kEvents = "tallystick_capture_events_total";
constexpr std::string_view kRejected = "tallystick_capture_events_rejected_total";
constexpr std::string_view kClicks = "tallystick_capture_clicks_total";
constexpr std::string_view kJudged = "tallystick_quality_judged_events_total";

class Deltas {
 public:
  Deltas(const MetricsText& before, const MetricsText& after) : before_(before), after_(after) {}
  [[nodiscard]] std::uint64_t of(std::string_view name, const Labels& labels) const {
    return static_cast<std::uint64_t>(std::llround(after_.sum(name, labels) - before_.sum(name, labels)));
  }

 private:
  const MetricsText& before_;
  const MetricsText& after_;
};

const DemoCounts& of(const DemoTally& tally, DemoKind kind) {
  return tally.by_kind[static_cast<std::size_t>(kind)];
}

}  // namespace

std::vector<DemoComparison> compare_counts(const DemoTally& tally,
                                           const MetricsText& before,
                                           const MetricsText& after) {
  const Deltas deltas(before, after);
  std::vector<DemoComparison> list;
  for (const DemoKind kind : {DemoKind::kImpression, DemoKind::kExposure, DemoKind::kConversion}) {
    const DemoCounts& ours = of(tally, kind);
    const std::string_view name = name_of(kind);
    list.push_back({fmt::format("{}s accepted", name),
                    ours.accepted,
                    deltas.of(kEvents, {{"type", name}, {"result", "accepted"}}),
                    ours.failed});
    list.push_back({fmt::format("{}s duplicate", name),
                    ours.duplicate,
                    deltas.of(kEvents, {{"type", name}, {"result", "duplicate"}}),
                    ours.failed});
    list.push_back(
        {fmt::format("{}s rejected", name), ours.rejected, deltas.of(kRejected, {{"type", name}}), ours.failed});
  }
  // A postback is answered OK whether it is new or a repetition.
  const DemoCounts& postbacks = of(tally, DemoKind::kPostback);
  list.push_back({"postbacks answered OK",
                  postbacks.accepted,
                  deltas.of(kEvents, {{"type", "postback"}, {"result", "accepted"}}) +
                      deltas.of(kEvents, {{"type", "postback"}, {"result", "duplicate"}}),
                  postbacks.failed});
  const DemoCounts& clicks = of(tally, DemoKind::kClick);
  const auto outcome = [&](std::string_view name) {
    return deltas.of(kClicks, {{"outcome", name}});
  };
  list.push_back({"clicks redirected", clicks.accepted, outcome("redirected") + outcome("prefetch"), clicks.failed});
  list.push_back({"clicks duplicate", clicks.duplicate, outcome("duplicate"), clicks.failed});
  std::uint64_t refused = 0;
  for (const std::string_view name :
       {"bad_request", "bad_signature", "expired", "unknown", "paused", "host_not_allowed", "throttled"}) {
    refused += outcome(name);
  }
  list.push_back({"clicks refused", clicks.refused, refused, clicks.failed});
  DemoCounts total = tally.total();
  list.push_back(
      {"events judged", total.accepted + total.duplicate, count_verdicts(before, after).total(), total.failed});
  return list;
}

DemoVerdicts count_verdicts(const MetricsText& before, const MetricsText& after) {
  const Deltas deltas(before, after);
  const auto of_class = [&](std::string_view klass) {
    return deltas.of(kJudged, {{"class", klass}});
  };
  return {of_class("valid"), of_class("suspect"), of_class("givt"), of_class("sivt")};
}

}  // namespace tallystick::cli
