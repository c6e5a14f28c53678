#include "warehouse/batch_assembler.h"

#include <array>

#include <gmock/gmock.h>

#include "tests/warehouse/log_fixture.h"
#include "tests/warehouse/native_table.h"

namespace tallystick::warehouse {
namespace {

using testing::ElementsAre;

class BatchAssemblerTest : public LogTest {
 protected:
  // All records from `first` on.
  LoadBatch assemble(BatchAssembler& assembler, std::uint64_t first = 0) {
    LoadBatch batch;
    batch.begin_at(first);
    const auto reader = journal_->make_reader(first);
    journal::Record record;
    while (reader->next(record, 0).value()) {
      EXPECT_TRUE(assembler.take(record, batch));
    }
    EXPECT_TRUE(assembler.finish(batch));
    return batch;
  }
  journal::Impression shown(std::uint64_t merchant) const {
    journal::Impression event;
    event.occurred_at = clock_.now();
    event.placement_id = id_of(1'000);
    event.merchant_id = id_of(merchant);
    return event;
  }
  std::uint64_t forward(std::initializer_list<std::uint64_t> clicks) {
    const std::vector<std::uint64_t> sequences(clicks);
    return append(journal::Forwarding{.state = journal::ForwardingState::kForwarded, .sequences = sequences});
  }
};

TEST_F(BatchAssemblerTest, RowsCarryLogSequenceAndPseudonyms) {
  append(shown(5), person("anna", "s1"));
  append(journal::Click{}, person("", "s1"));
  BatchAssembler assembler(*journal_, 42);
  const LoadBatch batch = assemble(assembler);
  EXPECT_EQ(batch.first, 0U);
  EXPECT_EQ(batch.end, 2U);
  EXPECT_EQ(batch.frontier, clock_.now());
  EXPECT_THAT(batch.days.days(), ElementsAre(20'717));  // 2026-09-21
  const NativeTable impressions(batch.impressions);
  ASSERT_EQ(impressions.rows(), 1U);
  EXPECT_EQ(impressions.at(0, "log_id"), "42");
  EXPECT_EQ(impressions.at(0, "sequence"), "0");
  EXPECT_NE(impressions.at(0, "user"), "0");
  const NativeTable clicks(batch.clicks);
  EXPECT_EQ(clicks.at(0, "sequence"), "1");
  EXPECT_EQ(clicks.at(0, "user"), "0");
  EXPECT_EQ(clicks.at(0, "session"), impressions.at(0, "session"));
}

TEST_F(BatchAssemblerTest, SlotsAreCountedThroughARestart) {
  append(shown(5), person("", "s1"));
  append(shown(6), person("", "s1"));
  const auto later = append(shown(5), person("", "s1"));
  append(shown(7), person("", "s1"));
  append(shown(7));
  BatchAssembler whole(*journal_, 1);
  const NativeTable all(assemble(whole).impressions);
  EXPECT_EQ(all.at(1, "slots_filled"), "2");
  EXPECT_EQ(all.at(2, "slots_filled"), "2");
  EXPECT_EQ(all.at(3, "slots_filled"), "3");
  EXPECT_EQ(all.at(4, "slots_filled"), "0") << "without a session";
  BatchAssembler restarted(*journal_, 1);
  ASSERT_TRUE(restarted.warm_up(later));
  const NativeTable rest(assemble(restarted, later).impressions);
  EXPECT_EQ(rest.at(0, "slots_filled"), "2");
  EXPECT_EQ(rest.at(1, "slots_filled"), "3");
}

TEST_F(BatchAssemblerTest, AForwardingTakesItsClickFromMemoryOrFromTheLog) {
  journal::Click click;
  click.link_id = id_of(300);
  const auto old_click = append(click);
  click.link_id = id_of(301);
  const auto new_click = append(click);
  forward({old_click, new_click});
  BatchAssembler assembler(*journal_, 1);
  const LoadBatch batch = assemble(assembler, new_click);  // the older one was loaded before a restart
  const NativeTable forwardings(batch.forwardings);
  ASSERT_EQ(forwardings.rows(), 2U);
  for (std::size_t row = 0; row < 2; ++row) {
    const bool is_old = forwardings.at(row, "click_sequence") == std::to_string(old_click);
    EXPECT_EQ(forwardings.at(row, "link_id"), base::format_uuid(id_of(is_old ? 300 : 301)));
    EXPECT_EQ(forwardings.at(row, "state"), "1");
  }
  EXPECT_EQ(batch.skipped_records, 0U);
}

TEST_F(BatchAssemblerTest, RevisionsKeepTheOrderOfTheLogAndTheDimensionsOfTheirEvents) {
  const auto impression = append(shown(5));
  const auto click = append(journal::Click{});
  const auto first = revise(click, journal::VerdictClass::kSivt);
  const auto second = revise(impression, journal::VerdictClass::kGivt);
  const auto third = revise(click, journal::VerdictClass::kValid);
  BatchAssembler assembler(*journal_, 1);
  const LoadBatch batch = assemble(assembler);
  ASSERT_EQ(batch.revisions.size(), 3U);
  EXPECT_EQ(batch.revisions[0].head.sequence, first);
  EXPECT_EQ(batch.revisions[1].head.sequence, second);
  EXPECT_EQ(batch.revisions[2].head.sequence, third);
  EXPECT_EQ(batch.revisions[1].event_kind, journal::RecordKind::kImpression);
  EXPECT_EQ(batch.revisions[1].event.merchant_id, id_of(5));
  EXPECT_EQ(batch.revisions[2].event.verdict_class, journal::VerdictClass::kValid) << "as it was recorded";
}

TEST_F(BatchAssemblerTest, WhatIsAboutNoEventIsCountedAsSkipped) {
  const auto erasure = append(journal::Erasure{.cause = journal::ErasureCause::kPerson, .sequences = {}});
  revise(erasure, journal::VerdictClass::kSivt);
  forward({erasure});
  BatchAssembler assembler(*journal_, 1);
  const LoadBatch batch = assemble(assembler);
  EXPECT_EQ(batch.rows(), 0U);
  EXPECT_EQ(batch.skipped_records, 2U);
}

TEST_F(BatchAssemblerTest, AnErasedPersonIsNotInTheRows) {
  append(shown(5), person("anna", "s1"));
  append(shown(5), person("bob", "s2"));
  append(journal::Click{}, person("", "s1"));
  ASSERT_TRUE(journal_->erase_user(crypto::sha256("anna")));
  BatchAssembler assembler(*journal_, 1);
  const LoadBatch batch = assemble(assembler);
  const NativeTable impressions(batch.impressions);
  EXPECT_EQ(impressions.at(0, "user"), "0");
  EXPECT_EQ(impressions.at(0, "session"), "0");
  EXPECT_EQ(impressions.at(0, "slots_filled"), "0");
  EXPECT_NE(impressions.at(1, "user"), "0");
  EXPECT_EQ(NativeTable(batch.clicks).at(0, "session"), "0") << "the session named nobody but her";
  EXPECT_THAT(batch.erased_sequences, ElementsAre(0, 2));
}

TEST_F(BatchAssemblerTest, RetentionErasesEverythingBelow) {
  append(shown(5), person("anna", "s1"));
  clock_.advance_us(base::kMicrosPerDay);
  append(shown(5), person("anna", "s1"));
  ASSERT_TRUE(journal_->erase_before(clock_.now()));
  BatchAssembler assembler(*journal_, 1);
  const LoadBatch batch = assemble(assembler);
  EXPECT_EQ(batch.erased_below, 1U);
  EXPECT_TRUE(batch.erased_sequences.empty());
}

}  // namespace
}  // namespace tallystick::warehouse
