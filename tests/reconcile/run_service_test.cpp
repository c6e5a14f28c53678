#include "reconcile/run_service.h"

#include <stdexcept>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/reconcile/run_fixture.h"

namespace tallystick::reconcile::test {
namespace {

class Runs : public RunFixture {};

TEST_P(Runs, WhatIsKeptComesBackWhole) {
  const Made made = make_small();
  const KeptRun kept = must_keep(made);
  const auto run = service_->get(kept.id);
  ASSERT_TRUE(run);
  EXPECT_EQ(run->request.subject, "partner:acme-id");
  EXPECT_EQ(run->request.subject_name, "Acme");
  EXPECT_EQ(run->request.from, made.request.from);
  EXPECT_EQ(run->request.to, made.request.to);
  EXPECT_EQ(run->request.their_time_zone, "America/New_York");
  EXPECT_EQ(run->request.sources, R"({"imports":["i-1"]})");
  EXPECT_EQ(run->request.actor, "key:1");
  EXPECT_EQ(run->clicks.our_gross, 50);
  EXPECT_EQ(run->clicks.our_net, 45);
  EXPECT_EQ(run->clicks.theirs, 44);
  EXPECT_EQ(run->claims, 3);
  EXPECT_EQ(run->truths, 3);
  EXPECT_EQ(run->items, 4);
  EXPECT_TRUE(run->previous_run_id.is_nil());
  EXPECT_EQ(run->finished_at, kept.finished_at);
  ASSERT_EQ(run->findings.size(), 1U);
  const Finding& finding = run->findings.front();
  EXPECT_EQ(finding.currency, eur());
  EXPECT_EQ(finding.our_commission_minor, 2'700);
  EXPECT_EQ(finding.their_commission_minor, 2'305);
  EXPECT_EQ(finding.variance.percent(), "14.63");
  EXPECT_TRUE(finding.is_discrepancy);
  EXPECT_EQ(finding.causes, made.outcome.findings.front().causes);
}

TEST_P(Runs, ClicksThatTheyDoNotStateStayUnknown) {
  Made made = make_small();
  made.sides.clicks.theirs = std::nullopt;
  EXPECT_EQ(service_->get(must_keep(made).id)->clicks.theirs, std::nullopt);
}

TEST_P(Runs, AnItemExplainsItself) {
  const KeptRun run = must_keep(make_small());
  const auto items = service_->list_items(run.id, {}, -1, 10);
  ASSERT_TRUE(items);
  ASSERT_EQ(items->size(), 4U);
  const ItemRecord& plain = items->at(0);
  EXPECT_EQ(plain.kind, "matched");
  EXPECT_EQ(plain.rule, "click_id");
  EXPECT_EQ(plain.confidence, 1'000);
  EXPECT_EQ(plain.claim_key, "T-1");
  EXPECT_EQ(plain.click_id, base::format_uuid(id(1)));
  EXPECT_EQ(plain.truth_id, base::format_uuid(id(101)));
  EXPECT_TRUE(causes_of(plain).empty());
  const ItemRecord& matched = items->at(1);
  EXPECT_EQ(matched.rule, "order_id");
  EXPECT_EQ(matched.confidence, 990);
  EXPECT_EQ(matched.runner_up_id, base::format_uuid(id(103)));
  EXPECT_EQ(matched.runner_up_confidence, 400);
  EXPECT_EQ(matched.claim_order_id, "A-2");
  EXPECT_EQ(matched.truth_order_id, "a-2");
  EXPECT_EQ(matched.claim_amount, 10'050);
  EXPECT_EQ(matched.truth_amount, 10'000);
  EXPECT_EQ(matched.claim_status, "approved");
  EXPECT_EQ(matched.claim_occurred_at, kNoon.us);
  EXPECT_EQ(causes_of(matched), (std::vector<CauseAmount>{{Cause::kTolerance, 5, 1}}));
  const ItemRecord& theirs = items->at(2);
  EXPECT_EQ(theirs.kind, "only_theirs");
  EXPECT_EQ(theirs.rule, "");
  EXPECT_EQ(theirs.truth_id, "");
  EXPECT_EQ(theirs.their_counted, 300);
  const ItemRecord& ours = items->at(3);
  EXPECT_EQ(ours.kind, "only_ours");
  EXPECT_EQ(ours.claim_key, "");
  EXPECT_EQ(ours.truth_order_id, "A-3");
  EXPECT_EQ(causes_of(ours), (std::vector<CauseAmount>{{Cause::kUnexplained, -700, 1}}));
}

TEST_P(Runs, TextsOfReportsAreKeptAsTheyAre) {
  Made made = make_small();
  const std::string odd = "a\"b\\c\td'e; DROP TABLE recon_items; -- \xC3\xBC\xF0\x9F\x9A\x80";
  made.sides.claims[0].reference = odd;
  made.sides.claims[0].key = odd + "\n";
  const auto items = service_->list_items(must_keep(made).id, {}, -1, 1);
  EXPECT_EQ(items->front().reference, odd);
  EXPECT_EQ(items->front().claim_key, odd + "\n");
}

TEST_P(Runs, AnItemMayHaveSeveralCauses) {
  Made made = make_small();
  made.outcome.items[1].causes = {{Cause::kRounding, 1, 1}, {Cause::kReversal, 4, 2}};
  const KeptRun run = must_keep(made);
  const auto items = service_->list_items(run.id, {}, 0, 1);
  EXPECT_EQ(items->front().cause, "reversal") << "the greatest";
  EXPECT_EQ(causes_of(items->front()), made.outcome.items[1].causes);
  EXPECT_EQ(service_->list_items(run.id, {.cause = Cause::kRounding}, -1, 10)->size(), 1U) << "found by any of them";
}

TEST_P(Runs, ItemsAreFilteredAndPaged) {
  const KeptRun run = must_keep(make_small());
  const auto positions = [&](const ItemFilter& filter, std::int64_t after = -1, std::int64_t max = 10) {
    std::vector<std::int64_t> found;
    const auto items = service_->list_items(run.id, filter, after, max);
    for (const ItemRecord& item : *items) {
      found.push_back(item.position);
    }
    return found;
  };
  using testing::ElementsAre;
  EXPECT_THAT(positions({}), ElementsAre(0, 1, 2, 3));
  EXPECT_THAT(positions({}, 1, 1), ElementsAre(2));
  EXPECT_THAT(positions({.kind = "matched"}), ElementsAre(0, 1));
  EXPECT_THAT(positions({.kind = "only_ours"}), ElementsAre(3));
  EXPECT_THAT(positions({.kind = "only_theirs"}), ElementsAre(2));
  EXPECT_THAT(positions({.has_difference_only = true}), ElementsAre(1, 2, 3));
  EXPECT_THAT(positions({.cause = Cause::kMissingSubId}), ElementsAre(2));
  EXPECT_THAT(positions({.kind = "matched", .cause = Cause::kTolerance}), ElementsAre(1));
  EXPECT_THAT(positions({.currency = "EUR"}), ElementsAre(0, 1, 2, 3));
  EXPECT_THAT(positions({.currency = "USD"}), ElementsAre());
  EXPECT_EQ(service_->list_items(base::Uuid{}, {}, -1, 1).error().code, "run_not_found");
}

TEST_P(Runs, TotalsOfItemsAddUpToTheFinding) {
  const KeptRun run = must_keep(make_small());
  const auto totals = service_->total_items(run.id);
  ASSERT_TRUE(totals);
  std::int64_t ours = 0;
  std::int64_t theirs = 0;
  std::int64_t records = 0;
  for (const ItemTotal& total : *totals) {
    ours += total.our_counted;
    theirs += total.their_counted;
    records += total.records;
  }
  EXPECT_EQ(ours, 2'700);
  EXPECT_EQ(theirs, 2'305);
  EXPECT_EQ(records, 4);
}

TEST_P(Runs, ARerunRefersToTheOneBefore) {
  const KeptRun first = must_keep(make_small());
  const KeptRun second = must_keep(make_small());
  Made other = make_small();
  other.request.to = day("2026-11-29");
  const KeptRun other_days = must_keep(other);
  EXPECT_EQ(second.previous_run_id, first.id);
  EXPECT_TRUE(other_days.previous_run_id.is_nil());
  const auto latest = service_->find_latest("partner:acme-id", day("2026-11-01"), day("2026-11-30"));
  ASSERT_TRUE(latest);
  ASSERT_TRUE(latest->has_value());
  EXPECT_EQ((*latest)->id, second.id);
  EXPECT_EQ((*latest)->findings.size(), 1U);
  EXPECT_FALSE(service_->find_latest("partner:none", day("2026-11-01"), day("2026-11-30"))->has_value());
}

TEST_P(Runs, AreListedNewestFirst) {
  const KeptRun first = must_keep(make_small());
  Made october = make_equal();
  october.request.subject = "partner:other";
  october.request.from = day("2026-10-01");
  october.request.to = day("2026-10-31");
  const KeptRun second = must_keep(october);
  const KeptRun third = must_keep(make_small());
  const auto ids = [](const base::Result<std::vector<KeptRun>>& runs) {
    std::vector<base::Uuid> found;
    for (const KeptRun& run : *runs) {
      found.push_back(run.id);
    }
    return found;
  };
  using testing::ElementsAre;
  EXPECT_THAT(ids(service_->list("", "", 10)), ElementsAre(third.id, second.id, first.id));
  EXPECT_THAT(ids(service_->list("", base::format_uuid(third.id), 1)), ElementsAre(second.id));
  EXPECT_THAT(ids(service_->list("partner:other", "", 10)), ElementsAre(second.id));
  EXPECT_THAT(ids(service_->list(RunFilter{.to = day("2026-10-15")}, "", 10)), ElementsAre(second.id));
  EXPECT_THAT(ids(service_->list(RunFilter{.from = day("2026-10-31"), .to = day("2026-11-01")}, "", 10)),
              ElementsAre(third.id, second.id, first.id));
  const auto all = service_->list("", "", 10);
  for (const KeptRun& run : *all) {
    EXPECT_EQ(run.findings.size(), 1U);
    EXPECT_EQ(run.findings.front().causes.size(), run.id == second.id ? 0U : 3U);
  }
}

TEST_P(Runs, NobodySeesARunBeforeItIsWholeAndOthersWriteMeanwhile) {
  const Made made = make_large(12'000);
  int looked = 0;
  const auto run = keep(made,
                        {.report =
                             [&](std::int64_t done, std::int64_t total, std::string_view) {
                               ++looked;
                               EXPECT_EQ(total, 12'001);
                               EXPECT_EQ(count("recon_items"), done);
                               EXPECT_TRUE(service_->list("", "", 10)->empty());
                               // No transaction of the run is open: another writer gets in between two portions.
                               EXPECT_TRUE(execute("UPDATE catalog_revisions SET revision = revision + 1"));
                             },
                         .is_cancelled = {}});
  ASSERT_TRUE(run) << run.error().message;
  EXPECT_EQ(looked, 4) << "portions of 5,000, and the end";
  const auto last = service_->list_items(run->id, {.has_difference_only = true}, -1, 10);
  ASSERT_EQ(last->size(), 1U);
  EXPECT_EQ(last->front().claim_key, "alone");
  EXPECT_EQ(last->front().position, 12'000);
}

TEST_P(Runs, ACrashLeavesNothingToBeSeenAndTheNextRunSweepsItAway) {
  const Made made = make_large(12'000);
  EXPECT_THROW((void)keep(made,
                          {.report =
                               [](std::int64_t done, std::int64_t, std::string_view) {
                                 if (done == 10'000) {
                                   throw std::runtime_error("the process dies here");
                                 }
                               },
                           .is_cancelled = {}}),
               std::runtime_error);
  EXPECT_EQ(count("recon_items"), 10'000);
  EXPECT_TRUE(service_->list("", "", 10)->empty());
  EXPECT_EQ(service_->remove_leftovers(), 0) << "it may still be at work, on another node";
  const KeptRun again = must_keep(make_small());
  EXPECT_EQ(count("recon_items"), 10'004);
  clock_.advance_us(kAbandonedAfterUs);
  EXPECT_EQ(service_->remove_leftovers(), 1);
  EXPECT_EQ(count("recon_items"), 4);
  EXPECT_EQ(count("recon_runs"), 1);
  EXPECT_EQ(service_->list("", "", 10)->front().id, again.id);
}

TEST_P(Runs, ARunThatWasTakenForDeadDoesNotGoOn) {
  const auto run = keep(make_large(12'000),
                        {.report =
                             [&](std::int64_t done, std::int64_t, std::string_view) {
                               if (done == 5'000) {
                                 clock_.advance_us(kAbandonedAfterUs + 1);
                                 EXPECT_EQ(service_->remove_leftovers(), 1);
                               }
                             },
                         .is_cancelled = {}});
  ASSERT_FALSE(run);
  EXPECT_EQ(run.error().code, "run_abandoned");
  EXPECT_EQ(count("recon_items"), 0);
  EXPECT_EQ(count("recon_runs"), 0);
}

TEST_P(Runs, ACancelledRunLeavesNothing) {
  bool is_cancelled = false;
  const auto run =
      keep(make_large(12'000),
           {.report = [&](std::int64_t done, std::int64_t, std::string_view) { is_cancelled = done == 10'000; },
            .is_cancelled =
                [&] {
                  return is_cancelled;
                }});
  ASSERT_FALSE(run);
  EXPECT_EQ(run.error().code, "cancelled");
  EXPECT_EQ(count("recon_items"), 0);
  EXPECT_EQ(count("recon_runs"), 0);
  EXPECT_EQ(count("discrepancies"), 0);
}

TEST_P(Runs, BadRequestsAreRefused) {
  const auto code = [&](auto change) {
    Made made = make_small();
    change(made.request);
    return keep(made).error().code;
  };
  EXPECT_EQ(code([](RunRequest& request) { request.subject = ""; }), "no_subject");
  EXPECT_EQ(code([](RunRequest& request) { request.to = day("2026-10-31"); }), "bad_period");
  EXPECT_EQ(code([](RunRequest& request) { request.their_time_zone = "Mars/Crater"; }), "unknown_time_zone");
  EXPECT_EQ(code([](RunRequest& request) { request.sources = "imports"; }), "bad_sources");
  EXPECT_EQ(count("recon_runs"), 0);
}

TEST_P(Runs, RunMatchesExplainsAndKeeps) {
  const Made made = make_small();
  const auto run = service_->run(made.request, made.sides, {});
  ASSERT_TRUE(run) << run.error().message;
  ASSERT_EQ(run->findings.size(), 1U);
  const Finding& finding = run->findings.front();
  EXPECT_EQ(finding.our_commission_minor, 2'700);
  EXPECT_EQ(finding.their_commission_minor, 2'305);
  EXPECT_EQ(finding.matched, 2);
  std::int64_t sum = 0;
  for (const CauseAmount& cause : finding.causes) {
    sum += cause.amount_minor;
  }
  EXPECT_EQ(sum, -395);
  EXPECT_EQ(service_->get(run->id)->findings.front().causes, finding.causes);
}

TEST_P(Runs, IsInTheAuditTrail) {
  const KeptRun run = must_keep(make_equal());
  const auto entries = access::AuditLog::list(database(), {.action = "reconciliation.run"}, "", 10);
  ASSERT_EQ(entries->size(), 1U);
  EXPECT_EQ(entries->front().context.actor, "key:1");
  EXPECT_EQ(entries->front().change.subject, "reconciliation:" + base::format_uuid(run.id));
}

TALLY_ON_BOTH_DATABASES(Runs);

}  // namespace
}  // namespace tallystick::reconcile::test
