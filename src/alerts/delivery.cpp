#include "alerts/delivery.h"

#include <algorithm>
#include <array>
#include <utility>

namespace tallystick::alerts {
namespace {

constexpr std::array<std::pair<Cause, std::string_view>, 5> kCauses{{
    {Cause::kRaised, "raised"},
    {Cause::kEscalated, "escalated"},
    {Cause::kAcknowledged, "acknowledged"},
    {Cause::kResolved, "resolved"},
    {Cause::kTest, "test"},
}};

constexpr std::array<std::pair<DeliveryState, std::string_view>, 5> kDeliveryStates{{
    {DeliveryState::kQueued, "queued"},
    {DeliveryState::kSending, "sending"},
    {DeliveryState::kSent, "sent"},
    {DeliveryState::kFailed, "failed"},
    {DeliveryState::kDropped, "dropped"},
}};

Decision drop(std::string reason, std::string detail) {
  return {Decision::Action::kDrop, std::move(reason), std::move(detail), {}};
}

}  // namespace

std::string_view name_of(Cause cause) {
  return std::ranges::find(kCauses, cause, &std::pair<Cause, std::string_view>::first)->second;
}

base::Result<Cause> parse_cause(std::string_view text) {
  for (const auto& [cause, name] : kCauses) {
    if (name == text) {
      return cause;
    }
  }
  return base::fail(base::ErrorKind::kInvalid, "unknown_cause", "not a cause of a delivery");
}

std::string_view name_of(DeliveryState state) {
  return std::ranges::find(kDeliveryStates, state, &std::pair<DeliveryState, std::string_view>::first)->second;
}

base::Result<DeliveryState> parse_delivery_state(std::string_view text) {
  for (const auto& [state, name] : kDeliveryStates) {
    if (name == text) {
      return state;
    }
  }
  return base::fail(base::ErrorKind::kInvalid, "unknown_delivery_state", "not a state of a delivery");
}

base::Result<base::Timestamp> due_at(const Channel& channel, Severity severity, base::Timestamp now) {
  if (!channel.quiet_hours || (severity == Severity::kCritical && channel.quiet_hours->lets_critical_pass)) {
    return now;
  }
  TALLY_ASSIGN(const auto end, quiet_until(*channel.quiet_hours, now));
  return end.value_or(now);
}

base::Result<Decision> decide(const Delivery& delivery,
                              const Alert& alert,
                              const std::optional<Channel>& channel,
                              const std::vector<Delivery>& siblings,
                              base::Timestamp now) {
  if (!channel) {
    return drop("channel_removed", "the channel is gone");
  }
  if (!channel->is_enabled) {
    return drop("channel_disabled", "the channel is disabled");
  }
  bool was_told = delivery.attempts > 0;
  bool is_earlier_under_way = false;
  for (const Delivery& sibling : siblings) {
    if (sibling.number > delivery.number) {
      return drop("superseded", "a later delivery says how things are now");
    }
    if (sibling.number < delivery.number) {
      was_told = was_told || sibling.attempts > 0;
      is_earlier_under_way = is_earlier_under_way || sibling.state == DeliveryState::kSending;
    }
  }
  if (delivery.cause == Cause::kResolved && !was_told) {
    return drop("never_told", "it was over before the channel was told of it");
  }
  TALLY_ASSIGN(const base::Timestamp due, due_at(*channel, alert.severity, now));
  if (due > now) {
    return Decision{Decision::Action::kPostpone, {}, {}, due};
  }
  return Decision{is_earlier_under_way ? Decision::Action::kWait : Decision::Action::kSend, {}, {}, {}};
}

}  // namespace tallystick::alerts
