#pragma once
// How often somebody may ask: a token bucket per key or per client address, told to the caller in the headers of
// draft-ietf-httpapi-ratelimit-headers. A bucket holds a minute's quota and fills evenly. A bucket that nobody took
// from for a minute is full again, so it is forgotten: memory is bounded, and what is forgotten early is forgiven.
// Thread-safe.

#include <cstdint>
#include <mutex>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

namespace tallystick::access {

struct RateDecision {
  bool is_allowed = true;
  std::int64_t remaining = 0;      // requests that may come at once now
  std::int64_t full_in_s = 0;      // until the whole quota is there again, rounded up
  std::int64_t retry_after_s = 0;  // when refused: until one more may come, at least 1
};

class RateLimiter {
 public:
  static constexpr std::int64_t kWindowSeconds = 60;
  static constexpr std::size_t kMaxBuckets = 50'000;  // in each of two generations

  // `policy`: its name in the headers. `requests_per_minute`: 0 is unlimited.
  RateLimiter(std::string policy, std::int64_t requests_per_minute);

  [[nodiscard]] bool is_limited() const { return quota_ > 0; }
  // Counts one request of `caller`, if it is allowed.
  [[nodiscard]] RateDecision take(const std::string& caller, std::int64_t now_us);
  // RateLimit-Policy and RateLimit, and Retry-After when refused.
  [[nodiscard]] std::vector<std::pair<std::string, std::string>> headers(const RateDecision& decision) const;

 private:
  using Buckets = std::unordered_map<std::string, std::int64_t>;  // when each will be full

  [[nodiscard]] std::int64_t& bucket_of(const std::string& caller, std::int64_t now_us);

  const std::string policy_;
  const std::int64_t quota_;
  const std::int64_t step_us_;
  std::mutex mutex_;
  Buckets recent_;
  Buckets older_;
  std::int64_t generation_since_us_ = 0;
};

}  // namespace tallystick::access
