// When batches are handed over, on a clock that is moved by hand.
#include "warehouse/load_pipeline.h"

#include <atomic>
#include <chrono>
#include <future>
#include <memory>
#include <optional>
#include <string>
#include <thread>
#include <utility>

#include <gtest/gtest.h>

#include "tests/warehouse/live/live_fixture.h"
#include "tests/warehouse/log_fixture.h"

namespace tallystick::warehouse {
namespace {

class Log final : public LogTest {
 public:
  using LogTest::append;
  void append_impressions(int count) {
    journal::Impression event;
    event.occurred_at = clock_.now();
    for (int i = 0; i < count; ++i) {
      append(event);
    }
  }
  // Each in a campaign of its own, in one group: a record at a time would take minutes.
  void append_campaigns(int count) {
    struct Owner final : journal::BatchOwner {
      std::promise<std::unique_ptr<journal::Batch>> done;
      void on_batch_done(std::unique_ptr<journal::Batch> batch) override { done.set_value(std::move(batch)); }
    } owner;
    auto batch = std::make_unique<journal::Batch>();
    journal::Impression event;
    event.occurred_at = clock_.now();
    for (int i = 0; i < count; ++i) {
      const std::string campaign = std::to_string(i);
      event.campaign = campaign;
      std::string fields;
      journal::encode(event, fields);
      batch->add({journal::RecordKind::kImpression, journal::DedupeWindow::kNone, id_of(++last_id_), clock_.now()},
                 fields,
                 "",
                 random_);
    }
    journal_->submit(std::move(batch), owner);
    ASSERT_FALSE(owner.done.get_future().get()->error());
  }
  [[nodiscard]] const journal::Journal& journal() const { return *journal_; }
  [[nodiscard]] base::ManualClock& clock() { return clock_; }

 private:
  void TestBody() override {}
};

class LiveLoadPipeline : public Live {
 protected:
  static constexpr std::uint32_t kLog = 7;

  [[nodiscard]] std::unique_ptr<LoadPipeline> open(LoadPipeline::Between between = {}, std::size_t batch_rows = 1'000) {
    layout_ = make_schema();
    const LoadLimits limits{.batch_rows = batch_rows, .flush_interval_us = base::kMicrosPerHour};
    return std::make_unique<LoadPipeline>(
        log_.journal(),
        std::make_unique<LoadWriter>(client_, *layout_, kLog, log_.clock(), LoadStart{}),
        kLog,
        0,
        limits,
        log_.clock(),
        counters_,
        std::move(between));
  }
  // Steps until that much is loaded.
  static void step_until(LoadPipeline& pipeline, std::uint64_t loaded) {
    for (int i = 0; i < 10'000 && pipeline.loaded() < loaded; ++i) {
      ASSERT_TRUE(pipeline.step(UINT64_MAX, 0));
      std::this_thread::sleep_for(std::chrono::milliseconds(3));
    }
    ASSERT_EQ(pipeline.loaded(), loaded);
  }

  Log log_;
  LoadCounters counters_;
  std::optional<Layout> layout_;
};

TEST_P(LiveLoadPipeline, TheLastBatchOfALogGoesAtOnceAndTheNextOneWaits) {
  const auto pipeline = open();
  log_.append_impressions(3);
  step_until(*pipeline, 3);  // though no time passes
  log_.append_impressions(2);
  for (int i = 0; i < 20; ++i) {
    ASSERT_TRUE(pipeline->step(UINT64_MAX, 0));
  }
  EXPECT_EQ(pipeline->position(), 5U) << "read";
  EXPECT_EQ(pipeline->loaded(), 3U) << "a batch was made only just now";
  log_.clock().advance_us(base::kMicrosPerHour - 1);
  ASSERT_TRUE(pipeline->step(UINT64_MAX, 0));
  EXPECT_EQ(counters_.batches, 1U);
  log_.clock().advance_us(1);
  step_until(*pipeline, 5);
  EXPECT_EQ(counters_.batches, 2U);
  EXPECT_EQ(number("SELECT count() FROM " + layout_->table("impressions")), 5);
}

TEST_P(LiveLoadPipeline, WhatIsLeftAfterFullBatchesGoesAtOnce) {
  const auto pipeline = open();
  log_.append_impressions(700);
  step_until(*pipeline, 700);  // though no time passes
  EXPECT_GT(counters_.batches, 2U);
  log_.append_impressions(2);
  for (int i = 0; i < 20; ++i) {
    ASSERT_TRUE(pipeline->step(UINT64_MAX, 0));
  }
  EXPECT_EQ(pipeline->position(), 702U) << "read";
  EXPECT_EQ(pipeline->loaded(), 700U) << "the last batch was not full, and made only just now";
}

TEST_P(LiveLoadPipeline, MemoryOfLargeBatchesIsGivenBackWhenThereAreNoneForAMinute) {
  const auto pipeline = open();
  constexpr std::uint64_t kMany = 4'000;
  log_.append_campaigns(kMany);
  step_until(*pipeline, kMany);
  const std::size_t kept = pipeline->kept_rows();
  EXPECT_GE(kept, 1'000U);
  std::uint64_t loaded = kMany;
  for (int i = 0; i < 3; ++i) {  // what comes in the meantime keeps nothing
    log_.append_impressions(1);
    log_.clock().advance_us(LoadPipeline::kKeepMemoryUs / 3 - 1);
    ASSERT_TRUE(pipeline->step(UINT64_MAX, 0));
  }
  EXPECT_EQ(pipeline->kept_rows(), kept) << "a minute is not over";
  log_.clock().advance_us(base::kMicrosPerHour);  // the interval of flushing too
  loaded += 3;
  step_until(*pipeline, loaded);
  EXPECT_LT(pipeline->kept_rows(), 100U) << "of the batch that was being filled as well";
  log_.append_campaigns(kMany);
  loaded += kMany;
  step_until(*pipeline, loaded);
  EXPECT_GE(pipeline->kept_rows(), 1'000U);
  log_.clock().advance_us(LoadPipeline::kKeepMemoryUs);
  for (int i = 0; i < 1'000 && pipeline->kept_rows() >= 100; ++i) {  // the writer may still be at work on something
    ASSERT_TRUE(pipeline->step(UINT64_MAX, 0));
    std::this_thread::sleep_for(std::chrono::milliseconds(3));
  }
  EXPECT_LT(pipeline->kept_rows(), 100U) << "with nothing at all to do";
  EXPECT_EQ(number("SELECT uniqExact(sequence) FROM " + layout_->table("impressions")), static_cast<int>(loaded));
  EXPECT_EQ(number("SELECT sum(impressions) FROM " + layout_->table("exposure_hourly")), static_cast<int>(loaded));
}

// More batches than there is memory for: each waits for the memory of an earlier one, and all arrive once.
TEST_P(LiveLoadPipeline, FullBatchesArriveWhoeverWaitsForWhom) {
  const auto pipeline = open();
  constexpr int kRows = 8'500;
  log_.append_impressions(kRows);
  while (pipeline->position() < kRows) {
    ASSERT_TRUE(pipeline->step(UINT64_MAX, 0));
  }
  ASSERT_TRUE(pipeline->drain());
  EXPECT_EQ(pipeline->loaded(), static_cast<std::uint64_t>(kRows));
  EXPECT_GE(counters_.batches, 9U);
  EXPECT_EQ(number("SELECT count() FROM " + layout_->table("impressions")), kRows);
  EXPECT_EQ(number("SELECT uniqExact(sequence) FROM " + layout_->table("impressions")), kRows);
}

// More than a batch can number.
TEST_P(LiveLoadPipeline, CampaignsThatAreAllDifferentMakeSmallerBatches) {
  constexpr int kRows = 140'000;
  const auto pipeline = open({}, 8 * kRows);
  log_.append_campaigns(kRows);
  while (pipeline->position() < kRows) {
    ASSERT_TRUE(pipeline->step(UINT64_MAX, 0));
  }
  ASSERT_TRUE(pipeline->drain());
  EXPECT_EQ(counters_.batches, 3U) << "of 65,536 campaigns at most";
  EXPECT_EQ(number("SELECT count() FROM " + layout_->table("impressions")), kRows);
  EXPECT_EQ(number("SELECT uniqExact(campaign) FROM " + layout_->table("impressions")), kRows);
}

TEST_P(LiveLoadPipeline, ADrainedOneRests) {
  std::atomic<int> calls = 0;
  const auto pipeline = open([&](const LoadWriter&, std::uint64_t) { ++calls; });
  log_.append_impressions(1);
  step_until(*pipeline, 1);
  for (int i = 0; i < 20; ++i) {
    log_.clock().advance_us(base::kMicrosPerSecond);  // what is done between is due again
    ASSERT_TRUE(pipeline->step(UINT64_MAX, 0));
    ASSERT_TRUE(pipeline->drain());
    const int before = calls;
    std::this_thread::sleep_for(std::chrono::milliseconds(2));
    EXPECT_EQ(calls, before);
  }
  EXPECT_GT(calls, 1);
}

TALLY_OVER_BOTH(LiveLoadPipeline);

}  // namespace
}  // namespace tallystick::warehouse
