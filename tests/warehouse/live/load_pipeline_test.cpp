// When batches are handed over, on a clock that is moved by hand.
#include "warehouse/load_pipeline.h"

#include <atomic>
#include <chrono>
#include <memory>
#include <optional>
#include <thread>

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
  [[nodiscard]] const journal::Journal& journal() const { return *journal_; }
  [[nodiscard]] base::ManualClock& clock() { return clock_; }

 private:
  void TestBody() override {}
};

class LiveLoadPipeline : public Live {
 protected:
  static constexpr std::uint32_t kLog = 7;

  [[nodiscard]] std::unique_ptr<LoadPipeline> open(LoadPipeline::Between between = {}) {
    layout_ = make_schema();
    const LoadLimits limits{.batch_rows = 1'000, .flush_interval_us = base::kMicrosPerHour};
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
