#pragma once
// A delivery as a plain value: one thing told of one alert on one channel; and the rules of what is told. Pure.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "alerts/channel.h"
#include "alerts/model.h"
#include "base/error.h"
#include "base/time.h"
#include "base/uuid.h"

namespace tallystick::alerts {

// What is told. A test is told at once, without a delivery.
enum class Cause : std::uint8_t { kRaised, kEscalated, kAcknowledged, kResolved, kTest };
[[nodiscard]] std::string_view name_of(Cause cause);
// Error code: "unknown_cause".
[[nodiscard]] base::Result<Cause> parse_cause(std::string_view text);

enum class DeliveryState : std::uint8_t {
  kQueued,   // waits for its time or its next attempt
  kSending,  // an attempt is under way, or was when its worker died
  kSent,
  kFailed,   // for good, until its job is retried
  kDropped,  // there was nothing to tell any more
};
[[nodiscard]] std::string_view name_of(DeliveryState state);
// Error code: "unknown_delivery_state".
[[nodiscard]] base::Result<DeliveryState> parse_delivery_state(std::string_view text);

inline constexpr std::string_view kDeliverJob = "alerts.deliver";
inline constexpr int kMaxDeliveryAttempts = 16;  // with the pauses of the queue four to seven hours
// So often a delivery lets an earlier one go first; by then a worker that died has been missed.
inline constexpr int kMaxDeliveryWaits = 4;

struct Delivery {
  base::Uuid id;  // the receiver knows a repetition by it
  base::Uuid alert_id;
  base::Uuid channel_id;
  std::string channel_name;  // as it was called then
  ChannelKind channel_kind = ChannelKind::kSlack;
  std::int64_t number = 1;  // of this alert on this channel
  Cause cause = Cause::kRaised;
  DeliveryState state = DeliveryState::kQueued;
  std::int64_t attempts = 0;
  std::string reason;  // a code: why it failed or was dropped
  std::string detail;  // for people
  base::Timestamp due_at;
  base::Timestamp created_at;
  base::Timestamp finished_at;  // zero: not yet
};

// When the channel may be told of the alert: now, or when its quiet hours end.
[[nodiscard]] base::Result<base::Timestamp> due_at(const Channel& channel, Severity severity, base::Timestamp now);

// What becomes of a delivery whose time has come.
struct Decision {
  enum class Action : std::uint8_t { kSend, kDrop, kPostpone, kWait };
  Action action = Action::kSend;
  std::string reason = {};         // kDrop: a code
  std::string detail = {};         // kDrop
  base::Timestamp postponed_to{};  // kPostpone
};

// `channel`: as it is now; nothing: removed. `siblings`: all deliveries of the alert on the channel. Of several that
// wait only the latest is told, since it says how things are now; and nobody hears the end of what they never heard
// of.
[[nodiscard]] base::Result<Decision> decide(const Delivery& delivery,
                                            const Alert& alert,
                                            const std::optional<Channel>& channel,
                                            const std::vector<Delivery>& siblings,
                                            base::Timestamp now);

}  // namespace tallystick::alerts
