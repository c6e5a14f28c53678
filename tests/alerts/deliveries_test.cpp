// From an alert that changes to a receiver that hears of it.
#include "alerts/deliveries.h"

#include <boost/json.hpp>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/alerts/alert_fixture.h"
#include "tests/alerts/hook_receiver.h"

namespace tallystick::alerts {
namespace {

using testing::HasSubstr;
using testing::Not;
using Strings = std::vector<std::string>;

const std::string kSent = R"({"state":"sent"})";
const std::string kDroppedResult = R"({"state":"dropped"})";

class Deliveries : public AlertFixture {
 protected:
  HookReceiver receiver_;
};

TEST_P(Deliveries, ARaiseIsToldOnceAndRepetitionsAreNot) {
  make_channel("ops", receiver_.url());
  const Alert alert = raise("disk");
  raise("disk");
  EXPECT_EQ(run_due(), Strings{kSent});
  ASSERT_EQ(receiver_.requests().size(), 1U);
  EXPECT_THAT(receiver_.requests()[0].body, HasSubstr("Warning: look"));
  EXPECT_EQ(receiver_.requests()[0].header("Content-Type"), "application/json");
  EXPECT_EQ(deliveries_of(alert), "raised sent");
}

TEST_P(Deliveries, WhatIsWorseAcknowledgedOrResolvedIsToldToo) {
  make_channel("ops", receiver_.url());
  const Alert alert = raise("disk");
  EXPECT_EQ(run_due(), Strings{kSent});
  raise("disk", Severity::kCritical);
  EXPECT_EQ(run_due(), Strings{kSent});
  ASSERT_TRUE(service_->acknowledge(alert.id, "on it", context_));
  ASSERT_TRUE(service_->acknowledge(alert.id, "still", context_)) << "notes alone are not told";
  EXPECT_EQ(run_due(), Strings{kSent});
  ASSERT_TRUE(service_->resolve(alert.id, "", context_));
  EXPECT_EQ(run_due(), Strings{kSent});
  EXPECT_EQ(deliveries_of(alert), "raised sent; escalated sent; acknowledged sent; resolved sent");
  const auto requests = receiver_.requests();
  ASSERT_EQ(requests.size(), 4U);
  EXPECT_THAT(requests[1].body, HasSubstr("Critical: look"));
  EXPECT_THAT(requests[2].body, HasSubstr("Acknowledged: look"));
  EXPECT_THAT(requests[3].body, HasSubstr("Resolved: look"));
}

TEST_P(Deliveries, AChannelHearsWhatItWants) {
  ChannelChange critical;
  critical.min_severity = Severity::kCritical;
  make_channel("pager", receiver_.url(), critical);
  ChannelChange partners;
  partners.subjects = {"partner:*"};
  make_channel("partners", receiver_.url(), partners);
  ChannelChange disabled;
  disabled.is_enabled = false;
  make_channel("off", receiver_.url(), disabled);
  const Alert warning = raise("disk");
  const Alert of_partner = raise("acme", Severity::kWarning, "partner:acme");
  EXPECT_EQ(deliveries_of(warning), "");
  EXPECT_EQ(deliveries_of(of_partner), "raised queued");
  raise("disk", Severity::kCritical);
  EXPECT_EQ(deliveries_of(warning), "escalated queued") << "the pager hears of it now";
}

TEST_P(Deliveries, WhatIsOverBeforeItWasToldIsNotTold) {
  make_channel("ops", receiver_.url());
  const Alert alert = raise("disk");
  ASSERT_TRUE(service_->resolve(alert.id, "", context_));
  EXPECT_EQ(run_due(), (Strings{kDroppedResult, kDroppedResult}));
  EXPECT_EQ(deliveries_of(alert), "raised dropped superseded; resolved dropped never_told");
  EXPECT_TRUE(receiver_.requests().empty());
}

TEST_P(Deliveries, QuietHoursPutItOffToTheirEnd) {
  ChannelChange quiet;
  quiet.quiet_hours = QuietHours{.time_zone = "UTC", .from_minute = 22 * 60, .to_minute = 7 * 60, .days = {}};
  (*quiet.quiet_hours)->days = {Weekday::kTuesday};
  make_channel("desk", receiver_.url(), quiet);
  const Alert alert = raise("disk");
  EXPECT_TRUE(run_due().empty());
  const AlertHistory history = service_->get(alert.id).value();
  ASSERT_EQ(history.deliveries.size(), 1U);
  EXPECT_EQ(base::format_rfc3339(history.deliveries[0].due_at), "2023-11-15T07:00:00Z");
  raise("disk", Severity::kCritical);
  EXPECT_EQ(run_due(), Strings{kSent}) << "critical passes";
  clock_.set(base::parse_rfc3339("2023-11-15T07:00:00Z").value());
  EXPECT_EQ(run_due(), Strings{kDroppedResult}) << "the escalation said it already";
  EXPECT_EQ(deliveries_of(alert), "raised dropped superseded; escalated sent");
}

TEST_P(Deliveries, ARetryThatFallsIntoQuietHoursWaitsForTheirEnd) {
  ChannelChange quiet;
  quiet.quiet_hours = QuietHours{.time_zone = "UTC", .from_minute = 23 * 60, .to_minute = 7 * 60, .days = {}};
  (*quiet.quiet_hours)->days = {Weekday::kTuesday};
  make_channel("desk", receiver_.url(), quiet);
  receiver_.answer_next(503);
  const Alert alert = raise("disk");
  EXPECT_EQ(run_due(), Strings{"delivery_deferred"});
  clock_.set(base::parse_rfc3339("2023-11-14T23:30:00Z").value());
  EXPECT_EQ(run_due(2), Strings{R"({"state":"queued"})"});
  EXPECT_EQ(receiver_.requests().size(), 1U);
  clock_.set(base::parse_rfc3339("2023-11-15T07:00:00Z").value());
  EXPECT_EQ(run_due(), Strings{kSent});
  EXPECT_EQ(deliveries_of(alert), "raised sent");
}

TEST_P(Deliveries, AFailedAttemptIsTriedAgainAndKnownByItsId) {
  ChannelChange change;
  change.name = "crm";
  change.url = receiver_.url();
  change.secret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
  ASSERT_TRUE(channels_->create(ChannelKind::kWebhook, change, context_));
  receiver_.answer_next(500);
  const Alert alert = raise("disk");
  EXPECT_EQ(run_due(), Strings{"delivery_deferred"});
  EXPECT_EQ(deliveries_of(alert), "raised queued delivery_deferred");
  clock_.advance_us(base::kMicrosPerMinute);
  EXPECT_EQ(run_due(2), Strings{kSent});
  EXPECT_EQ(deliveries_of(alert), "raised sent");
  const auto requests = receiver_.requests();
  ASSERT_EQ(requests.size(), 2U);
  EXPECT_EQ(requests[0].header("webhook-id"), requests[1].header("webhook-id"));
  EXPECT_NE(requests[0].header("webhook-timestamp"), requests[1].header("webhook-timestamp"));
  EXPECT_EQ(service_->get(alert.id)->deliveries[0].attempts, 2);
}

TEST_P(Deliveries, ARefusalIsFinalAndIsSeenInItsDeliveryButRaisesNothing) {
  make_channel("ops", receiver_.url());
  receiver_.answer_next(404);
  const Alert alert = raise("disk");
  EXPECT_EQ(run_due(), Strings{"delivery_refused"});
  EXPECT_EQ(deliveries_of(alert), "raised failed delivery_refused");
  EXPECT_THAT(logged_, HasSubstr("an alert was not delivered"));
  EXPECT_EQ(service_->list({}, "", 10)->size(), 1U) << "what cannot be told is not told of";
}

TEST_P(Deliveries, TheLastAttemptIsFinal) {
  make_channel("ops", receiver_.url());
  receiver_.answer_next(429);
  const Alert alert = raise("disk");
  EXPECT_EQ(run_due(kMaxDeliveryAttempts), Strings{"delivery_deferred"});
  EXPECT_EQ(deliveries_of(alert), "raised failed delivery_deferred");
  EXPECT_EQ(run_due(), Strings{kSent}) << "its job was retried by hand";
}

TEST_P(Deliveries, OneWhoseWorkerDiedHoldsUpALaterOneForAWhileOnly) {
  make_channel("ops", receiver_.url());
  const Alert alert = raise("disk");
  finished_[queue_->list({}, "", 10)->front().id] = true;  // nobody runs it again
  ASSERT_TRUE(database().write<bool>([](soci::session& session) -> base::Result<bool> {
    session << "UPDATE alert_deliveries SET state = 'sending', attempts = 1";
    return true;
  }));
  ASSERT_TRUE(service_->resolve(alert.id, "", context_));
  EXPECT_EQ(run_due(kMaxDeliveryWaits), Strings{"earlier_delivery_under_way"});
  EXPECT_EQ(run_due(kMaxDeliveryWaits + 1), Strings{kSent});
  EXPECT_EQ(deliveries_of(alert), "raised sending; resolved sent");
}

TEST_P(Deliveries, RedirectsAreNotFollowed) {
  make_channel("ops", receiver_.url());
  receiver_.answer_next(302, receiver_.url() + "/elsewhere");
  raise("disk");
  EXPECT_EQ(run_due(), Strings{"delivery_refused"});
  EXPECT_EQ(receiver_.requests().size(), 1U);
}

TEST_P(Deliveries, WhatIsSecretIsNeverLogged) {
  make_channel("ops", receiver_.url());
  receiver_.answer_next(404);
  receiver_.answer_next(503);
  raise("disk");
  run_due();
  raise("other");
  run_due(kMaxDeliveryAttempts);
  EXPECT_THAT(logged_, Not(HasSubstr("T0KEN")));
  const AlertHistory history = service_->get(service_->list({}, "", 10)->back().id).value();
  EXPECT_THAT(history.deliveries.at(0).detail, Not(HasSubstr("T0KEN")));
}

TEST_P(Deliveries, AChannelThatIsRemovedLosesWhatWaits) {
  const Channel channel = make_channel("ops", receiver_.url());
  const Alert alert = raise("disk");
  ASSERT_TRUE(channels_->remove(channel.id, context_));
  EXPECT_EQ(run_due(), Strings{kDroppedResult});
  EXPECT_EQ(deliveries_of(alert), "raised dropped channel_removed");
  EXPECT_EQ(service_->get(alert.id)->deliveries[0].channel_name, "ops");
}

TEST_P(Deliveries, AJobThatNamesNothingIsRefused) {
  jobs::Job job;
  HandJob bad(job);
  EXPECT_EQ(deliverer_->run(bad).error().code, "bad_payload");
  job.draft.payload = R"({"delivery_id":"0190163d-8694-739b-aea5-966c26f8ad90"})";
  HandJob unknown(job);
  EXPECT_EQ(deliverer_->run(unknown).error().code, "delivery_not_found");
}

TEST_P(Deliveries, AreCountedByKindAndResult) {
  make_channel("ops", receiver_.url());
  receiver_.answer_next(503);
  raise("disk");
  run_due();
  run_due(2);
  base::Metrics metrics;
  deliverer_->add_metrics(metrics);
  const std::string text = metrics.serialize();
  EXPECT_THAT(text, HasSubstr(R"(tallystick_alert_deliveries_total{kind="slack",result="sent"} 1)"));
  EXPECT_THAT(text, HasSubstr(R"(tallystick_alert_deliveries_total{kind="slack",result="deferred"} 1)"));
  EXPECT_THAT(text, HasSubstr(R"(tallystick_alert_deliveries_total{kind="email",result="failed"} 0)"));
}

TALLY_ON_BOTH_DATABASES(Deliveries);

}  // namespace
}  // namespace tallystick::alerts
