#include "access/rate_limiter.h"

#include <algorithm>

#include <fmt/format.h>

#include "base/time.h"

namespace tallystick::access {
namespace {

constexpr std::int64_t kWindowUs = RateLimiter::kWindowSeconds * base::kMicrosPerSecond;

std::int64_t seconds_up(std::int64_t us) {
  return (us + base::kMicrosPerSecond - 1) / base::kMicrosPerSecond;
}

}  // namespace

RateLimiter::RateLimiter(std::string policy, std::int64_t requests_per_minute)
    : policy_(std::move(policy)),
      quota_(std::min(requests_per_minute, kWindowUs)),
      step_us_(quota_ > 0 ? kWindowUs / quota_ : 0) {}

std::int64_t& RateLimiter::bucket_of(const std::string& caller, std::int64_t now_us) {
  if (now_us - generation_since_us_ >= kWindowUs || recent_.size() >= kMaxBuckets) {
    older_ = std::move(recent_);
    recent_.clear();
    generation_since_us_ = now_us;
  }
  const auto [bucket, is_new] = recent_.try_emplace(caller, now_us);
  if (is_new) {
    if (const auto old = older_.find(caller); old != older_.end()) {
      bucket->second = old->second;
    }
  }
  return bucket->second;
}

RateDecision RateLimiter::take(const std::string& caller, std::int64_t now_us) {
  RateDecision decision;
  if (!is_limited()) {
    return decision;
  }
  const std::lock_guard lock(mutex_);
  std::int64_t& full_at_us = bucket_of(caller, now_us);
  const std::int64_t missing_us = std::max<std::int64_t>(full_at_us - now_us, 0);
  const std::int64_t room_us = step_us_ * quota_ - missing_us;
  if (room_us < step_us_) {
    decision.is_allowed = false;
    decision.full_in_s = seconds_up(missing_us);
    decision.retry_after_s = std::max<std::int64_t>(seconds_up(step_us_ - room_us), 1);
    return decision;
  }
  full_at_us = now_us + missing_us + step_us_;
  decision.remaining = (room_us - step_us_) / step_us_;
  decision.full_in_s = seconds_up(missing_us + step_us_);
  return decision;
}

std::vector<std::pair<std::string, std::string>> RateLimiter::headers(const RateDecision& decision) const {
  if (!is_limited()) {
    return {};
  }
  std::vector<std::pair<std::string, std::string>> lines = {
      {"RateLimit-Policy", fmt::format("\"{}\";q={};w={}", policy_, quota_, kWindowSeconds)},
      {"RateLimit", fmt::format("\"{}\";r={};t={}", policy_, decision.remaining, decision.full_in_s)}};
  if (!decision.is_allowed) {
    lines.emplace_back("Retry-After", std::to_string(decision.retry_after_s));
  }
  return lines;
}

}  // namespace tallystick::access
