#include "alerts/delivery.h"

#include <gtest/gtest.h>

namespace tallystick::alerts {
namespace {

const base::Timestamp kNoon = base::parse_rfc3339("2026-01-15T12:00:00Z").value();

class DeliveryDecision : public testing::Test {
 protected:
  DeliveryDecision() {
    alert_.severity = Severity::kWarning;
    alert_.subject = "partner:acme";
  }

  static Delivery delivery(std::int64_t number, Cause cause, std::int64_t attempts = 0) {
    Delivery made;
    made.number = number;
    made.cause = cause;
    made.attempts = attempts;
    return made;
  }

  // "send", "wait", "postpone", or the reason of a drop.
  std::string decision(const Delivery& own, const std::vector<Delivery>& siblings = {}) {
    const Decision made = decide(own, alert_, channel_, siblings, kNoon).value();
    switch (made.action) {
      case Decision::Action::kSend:
        return "send";
      case Decision::Action::kWait:
        return "wait";
      case Decision::Action::kPostpone:
        return "postpone to " + base::format_rfc3339(made.postponed_to);
      case Decision::Action::kDrop:
        break;
    }
    return made.reason;
  }

  Alert alert_;
  std::optional<Channel> channel_{Channel{}};
};

TEST_F(DeliveryDecision, WhatIsRaisedIsSent) {
  EXPECT_EQ(decision(delivery(1, Cause::kRaised)), "send");
}

TEST_F(DeliveryDecision, AChannelThatIsGoneOrDisabledIsToldNothing) {
  channel_->is_enabled = false;
  EXPECT_EQ(decision(delivery(1, Cause::kRaised)), "channel_disabled");
  channel_.reset();
  EXPECT_EQ(decision(delivery(1, Cause::kRaised)), "channel_removed");
}

TEST_F(DeliveryDecision, OfSeveralThatWaitOnlyTheLatestIsTold) {
  EXPECT_EQ(decision(delivery(1, Cause::kRaised), {delivery(2, Cause::kAcknowledged)}), "superseded");
  EXPECT_EQ(decision(delivery(2, Cause::kAcknowledged), {delivery(1, Cause::kRaised)}), "send");
}

TEST_F(DeliveryDecision, NobodyHearsTheEndOfWhatTheyNeverHeardOf) {
  EXPECT_EQ(decision(delivery(2, Cause::kResolved), {delivery(1, Cause::kRaised)}), "never_told");
  EXPECT_EQ(decision(delivery(2, Cause::kResolved), {delivery(1, Cause::kRaised, 1)}), "send");
  // It was tried before: perhaps it came through.
  EXPECT_EQ(decision(delivery(2, Cause::kResolved, 1), {delivery(1, Cause::kRaised)}), "send");
}

TEST_F(DeliveryDecision, OneAfterTheOther) {
  Delivery earlier = delivery(1, Cause::kRaised, 1);
  earlier.state = DeliveryState::kSending;
  EXPECT_EQ(decision(delivery(2, Cause::kResolved), {earlier}), "wait");
  earlier.state = DeliveryState::kFailed;
  EXPECT_EQ(decision(delivery(2, Cause::kResolved), {earlier}), "send");
}

TEST_F(DeliveryDecision, QuietHoursPostponeAllButWhatIsCritical) {
  channel_->quiet_hours = QuietHours{.time_zone = "UTC", .from_minute = 600, .to_minute = 800, .days = {}};
  channel_->quiet_hours->days = {Weekday::kThursday};  // 2026-01-15 is one
  EXPECT_EQ(decision(delivery(1, Cause::kRaised)), "postpone to 2026-01-15T13:20:00Z");
  alert_.severity = Severity::kCritical;
  EXPECT_EQ(decision(delivery(1, Cause::kRaised)), "send");
  channel_->quiet_hours->lets_critical_pass = false;
  EXPECT_EQ(decision(delivery(1, Cause::kRaised)), "postpone to 2026-01-15T13:20:00Z");
}

TEST_F(DeliveryDecision, NamesReadBackAsWhatTheyAre) {
  for (const Cause cause : {Cause::kRaised, Cause::kEscalated, Cause::kAcknowledged, Cause::kResolved, Cause::kTest}) {
    EXPECT_EQ(parse_cause(name_of(cause)).value(), cause);
  }
  for (const DeliveryState state : {DeliveryState::kQueued,
                                    DeliveryState::kSending,
                                    DeliveryState::kSent,
                                    DeliveryState::kFailed,
                                    DeliveryState::kDropped}) {
    EXPECT_EQ(parse_delivery_state(name_of(state)).value(), state);
  }
  EXPECT_EQ(parse_cause("gone").error().code, "unknown_cause");
  EXPECT_EQ(parse_delivery_state("gone").error().code, "unknown_delivery_state");
}

}  // namespace
}  // namespace tallystick::alerts
