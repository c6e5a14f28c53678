#include "alerts/deliveries.h"

#include <algorithm>
#include <map>
#include <optional>
#include <string_view>
#include <vector>

#include <boost/json.hpp>

#include "alerts/channel_store.h"
#include "alerts/delivery_store.h"
#include "alerts/store.h"
#include "jobs/outcome.h"

namespace tallystick::alerts {
namespace {

namespace json = boost::json;

constexpr std::array<std::string_view, kDeliveryResultCount> kResultNames = {"sent", "deferred", "failed", "dropped"};

jobs::Draft draft_of(const Delivery& delivery) {
  return {.kind = std::string(kDeliverJob),
          .payload = json::serialize(json::object{{"delivery_id", base::format_uuid(delivery.id)}}),
          .subject = "alert:" + base::format_uuid(delivery.alert_id),
          .run_at = delivery.due_at,
          .max_attempts = kMaxDeliveryAttempts};
}

base::Result<base::Uuid> parse_payload(std::string_view payload) {
  boost::system::error_code error;
  const json::value value = json::parse(payload, error);
  const json::object* object = error ? nullptr : value.if_object();
  const json::value* id = object == nullptr ? nullptr : object->if_contains("delivery_id");
  if (id == nullptr || !id->is_string()) {
    return base::fail(base::ErrorKind::kInvalid, "bad_payload", "the job names no delivery");
  }
  return base::parse_uuid(id->get_string());
}

std::string result_of(DeliveryState state) {
  return json::serialize(json::object{{"state", name_of(state)}});
}

}  // namespace

base::Result<void> announce(soci::session& session,
                            jobs::Queue& queue,
                            const Alert& alert,
                            Cause cause,
                            base::Timestamp now,
                            base::Random& random) {
  std::map<base::Uuid, std::int64_t> told;  // the last number on each channel
  for (const Delivery& delivery : load_deliveries(session, alert.id)) {
    std::int64_t& number = told[delivery.channel_id];
    number = std::max(number, delivery.number);
  }
  const bool is_raise = cause == Cause::kRaised || cause == Cause::kEscalated;
  for (const Channel& channel : load_channels(session, "", kMaxChannels)) {
    const auto found = told.find(channel.id);
    const bool is_told = is_raise ? wants(channel, alert) : channel.is_enabled && found != told.end();
    if (!is_told) {
      continue;
    }
    Delivery delivery;
    delivery.id = base::make_uuid_v7(now, random);
    delivery.alert_id = alert.id;
    delivery.channel_id = channel.id;
    delivery.channel_name = channel.name;
    delivery.channel_kind = channel.kind;
    delivery.number = found == told.end() ? 1 : found->second + 1;
    delivery.cause = cause;
    // A zone that this machine does not know is no reason to keep silent.
    delivery.due_at = due_at(channel, alert.severity, now).value_or(now);
    delivery.created_at = now;
    insert(session, delivery);
    TALLY_TRY(queue.enqueue(session, draft_of(delivery)));
  }
  return {};
}

// What an attempt needs once its transaction has ended. Without a channel there is nothing to send.
struct Deliverer::Attempt {
  Delivery delivery;
  std::optional<Channel> channel;
  Notice notice;
};

base::Result<Deliverer::Attempt> Deliverer::begin(const base::Uuid& id, const jobs::Job& job) {
  return rooms_.database.write<Attempt>([&](soci::session& session) { return begin_in(session, id, job); });
}

base::Result<Deliverer::Attempt> Deliverer::begin_in(soci::session& session,
                                                     const base::Uuid& id,
                                                     const jobs::Job& job) {
  const base::Timestamp now = rooms_.clock.now();
  auto delivery = lock_delivery(session, id);
  const auto alert = delivery ? lock_alert(session, delivery->alert_id) : std::nullopt;
  if (!alert) {
    return base::fail(base::ErrorKind::kNotFound, "delivery_not_found", "there is no such delivery");
  }
  Attempt attempt{*delivery, std::nullopt, {}};
  if (delivery->state == DeliveryState::kSent || delivery->state == DeliveryState::kDropped) {
    return attempt;
  }
  const auto channel = find_channel(session, delivery->channel_id);
  auto siblings = load_deliveries(session, delivery->alert_id);
  std::erase_if(siblings, [&](const Delivery& other) {
    return other.channel_id != delivery->channel_id || other.id == delivery->id;
  });
  TALLY_ASSIGN(const Decision decision, decide(*delivery, *alert, channel, siblings, now));
  if (decision.action == Decision::Action::kWait && job.attempts <= kMaxDeliveryWaits) {
    return base::fail(
        base::ErrorKind::kUnavailable, "earlier_delivery_under_way", "what was told before is still being sent");
  }
  switch (decision.action) {
    case Decision::Action::kPostpone: {
      attempt.delivery.state = DeliveryState::kQueued;
      attempt.delivery.due_at = decision.postponed_to;
      jobs::Draft again = draft_of(attempt.delivery);
      again.actor = job.draft.actor;
      TALLY_TRY(rooms_.queue.enqueue(session, again));
      break;
    }
    case Decision::Action::kDrop:
      attempt.delivery.state = DeliveryState::kDropped;
      attempt.delivery.reason = decision.reason;
      attempt.delivery.detail = decision.detail;
      attempt.delivery.finished_at = now;
      break;
    case Decision::Action::kWait:
    case Decision::Action::kSend:
      attempt.delivery.state = DeliveryState::kSending;
      ++attempt.delivery.attempts;
      attempt.channel = channel;
      attempt.notice = {.id = delivery->id,
                        .cause = delivery->cause,
                        .caused_at = delivery->created_at,
                        .alert = *alert,
                        .source = rooms_.notifier.source()};
  }
  update(session, attempt.delivery);
  return attempt;
}

base::Result<std::string> Deliverer::run(jobs::JobContext& context) {
  const jobs::Job& job = context.job();
  TALLY_ASSIGN(const base::Uuid id, parse_payload(job.draft.payload));
  TALLY_ASSIGN(const Attempt attempt, begin(id, job));
  if (!attempt.channel) {
    if (attempt.delivery.state == DeliveryState::kDropped) {
      count(attempt.delivery.channel_kind, DeliveryResult::kDropped);
    }
    return result_of(attempt.delivery.state);
  }
  const auto sent = rooms_.notifier.send(*attempt.channel, attempt.notice);
  const bool is_last = !sent && (jobs::is_final(sent.error().kind) || job.attempts >= job.draft.max_attempts);
  TALLY_TRY(finish(attempt, sent, is_last));
  if (!sent) {
    return std::unexpected(sent.error());
  }
  return result_of(DeliveryState::kSent);
}

base::Result<void> Deliverer::finish(const Attempt& attempt, const base::Result<void>& sent, bool is_last) {
  const ChannelKind kind = attempt.delivery.channel_kind;
  count(kind, sent ? DeliveryResult::kSent : is_last ? DeliveryResult::kFailed : DeliveryResult::kDeferred);
  if (!sent && is_last) {
    rooms_.log.warning("an alert was not delivered",
                       {{"alert", base::format_uuid(attempt.delivery.alert_id)},
                        {"channel", attempt.delivery.channel_name},
                        {"kind", name_of(kind)},
                        {"code", sent.error().code},
                        {"detail", sent.error().message}});
  }
  Delivery delivery = attempt.delivery;
  delivery.state = sent ? DeliveryState::kSent : is_last ? DeliveryState::kFailed : DeliveryState::kQueued;
  delivery.reason = sent ? "" : sent.error().code;
  delivery.detail = sent ? "" : sent.error().message;
  delivery.finished_at = sent || is_last ? rooms_.clock.now() : base::Timestamp{};
  TALLY_TRY(rooms_.database.write<bool>([&](soci::session& session) -> base::Result<bool> {
    update(session, delivery);
    return true;
  }));
  return {};
}

void Deliverer::count(ChannelKind kind, DeliveryResult result) {
  counters_[static_cast<std::size_t>(kind)][static_cast<std::size_t>(result)].add();
}

void Deliverer::add_metrics(base::Metrics& metrics) const {
  metrics.add_counter("tallystick_alert_deliveries_total",
                      "Attempts to tell an alert, by kind of channel and result.",
                      [this](base::MetricSamples& out) {
                        for (std::size_t kind = 0; kind < kChannelKindCount; ++kind) {
                          for (std::size_t result = 0; result < kDeliveryResultCount; ++result) {
                            out.add({{"kind", std::string(name_of(static_cast<ChannelKind>(kind)))},
                                     {"result", std::string(kResultNames[result])}},
                                    static_cast<double>(counters_[kind][result].value()));
                          }
                        }
                      });
}

}  // namespace tallystick::alerts
