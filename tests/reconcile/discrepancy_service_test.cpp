#include "reconcile/discrepancy_service.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/reconcile/run_fixture.h"

namespace tallystick::reconcile::test {
namespace {

const access::ChangeContext kJo = {"key:2", "month end", "req-1"};

class Discrepancies : public RunFixture {
 protected:
  DiscrepancyService& discrepancies() { return service_->discrepancies(); }
  std::vector<Discrepancy> all() { return *discrepancies().list({}, "", 100); }
  Discrepancy resolve(const base::Uuid& id) {
    return *discrepancies().change(
        id,
        {.state = DiscrepancyState::kResolved, .resolution = Resolution::kAccepted, .resolution_text = "small"},
        std::nullopt,
        kJo);
  }
  std::vector<std::string> actions() {
    std::vector<std::string> found;
    const auto entries = access::AuditLog::list(database(), {}, "", 100);
    for (const access::AuditEntry& entry : *entries) {
      found.insert(found.begin(), entry.change.action);
    }
    return found;
  }
};

TEST_P(Discrepancies, AFindingAboveTheToleranceOpensOneWithAnAlert) {
  const KeptRun run = must_keep(make_small());
  const auto found = all();
  ASSERT_EQ(found.size(), 1U);
  const Discrepancy& discrepancy = found.front();
  EXPECT_EQ(discrepancy.run_id, run.id);
  EXPECT_EQ(discrepancy.subject, "partner:acme-id");
  EXPECT_EQ(discrepancy.our_commission_minor, 2'700);
  EXPECT_EQ(discrepancy.their_commission_minor, 2'305);
  EXPECT_EQ(discrepancy.state, DiscrepancyState::kOpen);
  EXPECT_EQ(base::format_date(discrepancy.due_date), "2026-12-01") << "Monday noon in New York, one business day on";
  const auto alerts = unresolved_alerts();
  ASSERT_EQ(alerts.size(), 1U);
  EXPECT_EQ(alerts.front().id, discrepancy.alert_id);
  EXPECT_EQ(alerts.front().dedupe_key, alert_key_of(discrepancy));
  EXPECT_EQ(alerts.front().severity, alerts::Severity::kWarning);
  EXPECT_THAT(alerts.front().evidence, testing::HasSubstr(R"("cause":"unexplained","amount_minor":-700)"));
  EXPECT_THAT(actions(), testing::ElementsAre("discrepancy.open", "reconciliation.run"));
}

TEST_P(Discrepancies, WithinTheToleranceNothingIsOpened) {
  must_keep(make_equal());
  EXPECT_TRUE(all().empty());
  EXPECT_TRUE(unresolved_alerts().empty());
}

TEST_P(Discrepancies, ARerunIsNotedOnTheOneThereIs) {
  const KeptRun first = must_keep(make_small());
  Made worse = make_small();
  worse.outcome.findings[0].their_commission_minor = 2'000;
  worse.outcome.findings[0].variance = {700, 2'700};
  const KeptRun second = must_keep(worse);
  ASSERT_EQ(all().size(), 1U);
  const auto history = discrepancies().get(all().front().id);
  EXPECT_EQ(history->discrepancy.run_id, first.id);
  EXPECT_EQ(history->discrepancy.latest_run_id, second.id);
  EXPECT_EQ(history->discrepancy.their_commission_minor, 2'000);
  ASSERT_EQ(history->notes.size(), 2U);
  EXPECT_EQ(history->notes[0].text, "Opened: -3.95 EUR (14.63 %) from 2026-11-01 to 2026-11-30.");
  EXPECT_EQ(history->notes[1].text, "A run from 2026-11-01 to 2026-11-30 finds -7.00 EUR (25.93 %).");
  EXPECT_EQ(history->notes[1].run_id, second.id);
  EXPECT_EQ(history->notes[1].author, "system");
  ASSERT_EQ(unresolved_alerts().size(), 1U);
  EXPECT_THAT(unresolved_alerts().front().summary, testing::HasSubstr("-7.00 EUR"));
  EXPECT_EQ(discrepancies().list_of_run(second.id)->size(), 1U);
}

TEST_P(Discrepancies, ARunWithinTheToleranceClosesNothingButSaysSo) {
  must_keep(make_small());
  const KeptRun run = must_keep(make_equal());
  ASSERT_EQ(all().size(), 1U);
  EXPECT_EQ(all().front().state, DiscrepancyState::kOpen);
  EXPECT_EQ(all().front().latest_run_id, run.id);
  const auto history = discrepancies().get(all().front().id);
  EXPECT_THAT(history->notes.back().text, testing::HasSubstr("within the tolerance; it stays open"));
  EXPECT_EQ(unresolved_alerts().size(), 1U);
}

TEST_P(Discrepancies, ARunThatHasNothingOfTheCurrencyIsNotedToo) {
  must_keep(make_small());
  Made nothing = make_small();
  nothing.outcome = {};
  must_keep(nothing);
  const auto history = discrepancies().get(all().front().id);
  EXPECT_THAT(history->notes.back().text, testing::HasSubstr("finds 0.00 EUR (0.00 %), within the tolerance"));
}

TEST_P(Discrepancies, AMonthThatGetsOnKeepsItsDiscrepancy) {
  Made part = make_small();
  part.request.to = day("2026-11-15");
  must_keep(part);
  must_keep(make_small());
  ASSERT_EQ(all().size(), 1U);
  EXPECT_EQ(base::format_date(all().front().to), "2026-11-30");
  must_keep(part);
  EXPECT_EQ(all().size(), 2U) << "fewer days are another matter";
}

TEST_P(Discrepancies, ResolvingEndsItAndItsAlert) {
  must_keep(make_small());
  const Discrepancy before = all().front();
  const Discrepancy resolved = resolve(before.id);
  EXPECT_EQ(resolved.state, DiscrepancyState::kResolved);
  EXPECT_EQ(resolved.resolution, Resolution::kAccepted);
  EXPECT_EQ(resolved.resolution_text, "small");
  EXPECT_EQ(resolved.resolved_at, clock_.now());
  EXPECT_TRUE(unresolved_alerts().empty());
  EXPECT_THAT(alerts_->get(before.alert_id)->alert.notes,
              testing::HasSubstr("the discrepancy is resolved: accepted, small"));
  EXPECT_EQ(discrepancies().change(before.id, {.owner = "jo"}, std::nullopt, kJo).error().code, "discrepancy_resolved");
  EXPECT_TRUE(discrepancies().add_note(before.id, "paid on Friday", "Jo", kJo)) << "notes may still be added";
  EXPECT_THAT(actions(), testing::Contains("discrepancy.change"));
}

TEST_P(Discrepancies, WhatWasResolvedOpensAgainOnlyWithAnotherDifference) {
  must_keep(make_small());
  resolve(all().front().id);
  must_keep(make_small());
  EXPECT_EQ(all().size(), 1U) << "the same difference was looked at";
  EXPECT_TRUE(unresolved_alerts().empty());
  EXPECT_THAT(discrepancies().get(all().front().id)->notes.back().text,
              testing::HasSubstr("finds it again, as it was resolved"));
  Made other = make_small();
  other.outcome.findings[0].their_commission_minor = 2'304;
  other.outcome.findings[0].variance = {396, 2'700};
  must_keep(other);
  EXPECT_EQ(all().size(), 2U);
  EXPECT_EQ(unresolved_alerts().size(), 1U);
}

TEST_P(Discrepancies, ChangesAreCheckedAndRecorded) {
  must_keep(make_small());
  const Discrepancy before = all().front();
  const auto changed =
      discrepancies().change(before.id,
                             {.owner = "jo", .due_date = day("2026-12-04"), .state = DiscrepancyState::kInvestigating},
                             before.version,
                             kJo);
  ASSERT_TRUE(changed) << changed.error().message;
  EXPECT_EQ(changed->owner, "jo");
  EXPECT_EQ(changed->version, before.version + 1);
  EXPECT_EQ(all().front().state, DiscrepancyState::kInvestigating);
  const auto code = [&](const DiscrepancyChange& change, std::optional<std::int64_t> version = std::nullopt) {
    const auto refused = discrepancies().change(before.id, change, version, kJo);
    return refused ? std::string("none") : refused.error().code;
  };
  EXPECT_EQ(code({.owner = "al"}, before.version), "version_conflict");
  EXPECT_EQ(code({.state = DiscrepancyState::kResolved}), "validation_failed") << "without a resolution";
  EXPECT_EQ(code({.resolution = Resolution::kAccepted}), "validation_failed") << "without the state";
  EXPECT_EQ(code({.state = DiscrepancyState::kResolved, .resolution = Resolution::kOther}), "validation_failed");
  EXPECT_EQ(code({.owner = std::string(kMaxOwnerBytes + 1, 'x')}), "validation_failed");
  EXPECT_EQ(discrepancies().change(base::Uuid{}, {.owner = "jo"}, std::nullopt, kJo).error().code,
            "discrepancy_not_found");
  const auto entries = access::AuditLog::list(database(), {.action = "discrepancy.change"}, "", 10);
  ASSERT_EQ(entries->size(), 1U) << "what was refused is not recorded";
  EXPECT_EQ(entries->front().context.actor, "key:2");
  EXPECT_THAT(entries->front().change.before, testing::HasSubstr(R"("owner":null)"));
  EXPECT_THAT(entries->front().change.after, testing::HasSubstr(R"("owner":"jo")"));
}

TEST_P(Discrepancies, NotesHaveAuthorAndTime) {
  must_keep(make_small());
  const base::Uuid id = all().front().id;
  clock_.advance_us(base::kMicrosPerHour);
  ASSERT_TRUE(discrepancies().add_note(id, "asked their\nsupport", "Jo", kJo));
  const auto history = discrepancies().get(id);
  ASSERT_EQ(history->notes.size(), 2U);
  EXPECT_EQ(history->notes[1].author, "Jo");
  EXPECT_EQ(history->notes[1].text, "asked their\nsupport");
  EXPECT_EQ(history->notes[1].created_at, clock_.now());
  EXPECT_EQ(discrepancies().add_note(id, "", "Jo", kJo).error().code, "validation_failed");
  EXPECT_EQ(discrepancies().add_note(id, std::string(1, '\0'), "Jo", kJo).error().code, "validation_failed");
  EXPECT_EQ(discrepancies().add_note(base::Uuid{}, "x", "Jo", kJo).error().code, "discrepancy_not_found");
}

TEST_P(Discrepancies, AreFiltered) {
  must_keep(make_small());
  Made other = make_small();
  other.request.subject = "partner:other";
  must_keep(other);
  ASSERT_TRUE(discrepancies().change(all().front().id, {.owner = "jo"}, std::nullopt, kJo));
  resolve(all().back().id);
  const auto count_of = [&](const DiscrepancyFilter& filter) {
    return discrepancies().list(filter, "", 100)->size();
  };
  EXPECT_EQ(count_of({}), 2U);
  EXPECT_EQ(count_of({.is_unresolved_only = true}), 1U);
  EXPECT_EQ(count_of({.state = DiscrepancyState::kResolved}), 1U);
  EXPECT_EQ(count_of({.subject = "partner:other"}), 1U);
  EXPECT_EQ(count_of({.owner = "jo"}), 1U);
  EXPECT_EQ(discrepancies().list({}, base::format_uuid(all().front().id), 100)->size(), 1U);
}

TEST_P(Discrepancies, OverdueOnesMakeTheirAlertsCritical) {
  must_keep(make_small());
  EXPECT_TRUE(discrepancies().list_overdue()->empty());
  clock_.set(*base::parse_rfc3339("2026-12-02T05:00:00Z"));
  const auto overdue = discrepancies().list_overdue();
  ASSERT_EQ(overdue->size(), 1U);
  ASSERT_TRUE(alerts_->raise(overdue->front()));
  ASSERT_EQ(unresolved_alerts().size(), 1U) << "the same alert";
  EXPECT_EQ(unresolved_alerts().front().severity, alerts::Severity::kCritical);
  resolve(all().front().id);
  EXPECT_TRUE(unresolved_alerts().empty());
  EXPECT_TRUE(discrepancies().list_overdue()->empty());
}

TEST_P(Discrepancies, WhatTheAlertsWereNotToldIsMadeUpForLater) {
  must_keep(make_small());
  // As a crash between the run and its alert leaves it.
  ASSERT_TRUE(alerts_->resolve(all().front().alert_id, "", kJo));
  ASSERT_TRUE(execute("UPDATE discrepancies SET alert_id = '', alert_state = 'wanted'"));
  ASSERT_TRUE(discrepancies().settle_alerts());
  ASSERT_EQ(unresolved_alerts().size(), 1U);
  EXPECT_EQ(all().front().alert_id, unresolved_alerts().front().id);
  ASSERT_TRUE(discrepancies().settle_alerts());
  EXPECT_EQ(unresolved_alerts().front().occurrences, 1) << "told once";
}

TALLY_ON_BOTH_DATABASES(Discrepancies);

}  // namespace
}  // namespace tallystick::reconcile::test
