#include "jobs/outcome.h"

#include <string>

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

namespace tallystick::jobs {
namespace {

constexpr base::Timestamp kNow{1'700'000'000'000'000};

Job running(int attempts, int max_attempts = 5) {
  Job job;
  job.draft.kind = "work";
  job.draft.max_attempts = max_attempts;
  job.state = State::kRunning;
  job.attempts = attempts;
  job.lease_owner = "a#1";
  job.lease_until = kNow + base::kMicrosPerMinute;
  return job;
}

base::Result<std::string> failure(base::ErrorKind kind = base::ErrorKind::kUnavailable) {
  return base::fail(kind, "down", "it is down");
}

TEST(Outcome, DelaysDoubleFromTenSecondsToAnHour) {
  // The random part adds between nothing and half.
  EXPECT_EQ(retry_delay_us(1, 0), 5 * base::kMicrosPerSecond);
  EXPECT_EQ(retry_delay_us(2, 0), 10 * base::kMicrosPerSecond);
  EXPECT_EQ(retry_delay_us(3, 0), 20 * base::kMicrosPerSecond);
  EXPECT_EQ(retry_delay_us(1, 5'000'000), 10 * base::kMicrosPerSecond);
  EXPECT_EQ(retry_delay_us(9, 0), 1'280 * base::kMicrosPerSecond);
  EXPECT_EQ(retry_delay_us(10, 0), 1'800 * base::kMicrosPerSecond);
  EXPECT_EQ(retry_delay_us(1'000'000, 0), 1'800 * base::kMicrosPerSecond);
}

RC_GTEST_PROP(OutcomeProperty, ADelayIsBetweenHalfAndAllOfItsStep, (int attempts, std::uint64_t random)) {
  const std::int64_t least = retry_delay_us(attempts, 0);
  const std::int64_t delay = retry_delay_us(attempts, random);
  RC_ASSERT(delay >= least);
  RC_ASSERT(delay <= 2 * least);
  RC_ASSERT(delay <= kLongestRetryUs);
}

TEST(Outcome, SuccessIsDoneAndFreesTheLease) {
  Job before = running(2);
  before.error_code = "down";
  const Job job = end_attempt(before, R"({"rows":3})", false, kNow, 0);
  EXPECT_EQ(job.state, State::kDone);
  EXPECT_EQ(job.result, R"({"rows":3})");
  EXPECT_EQ(job.finished_at, kNow);
  EXPECT_EQ(job.error_code, "");
  EXPECT_EQ(job.lease_owner, "");
  EXPECT_EQ(job.lease_until, base::Timestamp{});
}

TEST(Outcome, AFailureIsTriedAgainUntilTheLastAttempt) {
  const Job again = end_attempt(running(4), failure(), false, kNow, 0);
  EXPECT_EQ(again.state, State::kQueued);
  EXPECT_EQ(again.draft.run_at, kNow + 40 * base::kMicrosPerSecond);
  EXPECT_EQ(again.error_code, "down");
  EXPECT_EQ(again.finished_at, base::Timestamp{});
  const Job dead = end_attempt(running(5), failure(), false, kNow, 0);
  EXPECT_EQ(dead.state, State::kDead);
  EXPECT_EQ(dead.finished_at, kNow);
  EXPECT_EQ(dead.error_message, "it is down");
}

TEST(Outcome, WhatIsWrongWithTheJobItselfIsFinal) {
  using enum base::ErrorKind;
  for (const auto kind : {kInvalid, kUnprocessable, kNotFound, kForbidden, kTooLarge}) {
    EXPECT_EQ(end_attempt(running(1), failure(kind), false, kNow, 0).state, State::kDead);
  }
  for (const auto kind :
       {kInternal, kUnavailable, kConflict, kTimeout, kRateLimited, kUnauthenticated, kGone, kCorrupt}) {
    EXPECT_EQ(end_attempt(running(1), failure(kind), false, kNow, 0).state, State::kQueued);
  }
}

TEST(Outcome, AStoppedAttemptDoesNotCount) {
  const Job job = end_attempt(running(5), failure(), true, kNow, 7);
  EXPECT_EQ(job.state, State::kQueued);
  EXPECT_EQ(job.attempts, 4);
  EXPECT_EQ(job.draft.run_at, kNow);
  EXPECT_EQ(job.error_code, "") << "stopping is no failure";
}

TEST(Outcome, ACancelledJobThatGaveUpIsCancelledAndOneThatCameThroughIsDone) {
  Job asked = running(1);
  asked.is_cancel_requested = true;
  EXPECT_EQ(end_attempt(asked, failure(), false, kNow, 0).state, State::kCancelled);
  EXPECT_EQ(end_attempt(asked, failure(), true, kNow, 0).state, State::kCancelled);
  EXPECT_EQ(end_attempt(asked, "{}", false, kNow, 0).state, State::kDone);
  EXPECT_EQ(end_lost_attempt(asked, kNow).state, State::kCancelled);
}

TEST(Outcome, ALostAttemptCountsAndIsMadeUpForAtOnce) {
  const Job job = end_lost_attempt(running(1), kNow);
  EXPECT_EQ(job.state, State::kQueued);
  EXPECT_EQ(job.attempts, 1);
  EXPECT_EQ(job.draft.run_at, kNow);
  EXPECT_EQ(job.error_code, "worker_lost");
  EXPECT_EQ(end_lost_attempt(running(5), kNow).state, State::kDead) << "it may be what kills the server";
}

}  // namespace
}  // namespace tallystick::jobs
