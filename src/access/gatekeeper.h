#pragma once
// Decides who may use a route, and how often: "Authorization: Bearer tsk_...", the scope that the route declares, and a
// quota per key, or per client address for public routes and for whoever has no good key. Keys are kept in memory and
// read again when the database says that they or their principals changed: at once for a key that is not known yet,
// else at most half a second later, so that a revocation works within a second on every node. Thread-safe.

#include <array>
#include <atomic>
#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <unordered_map>

#include "access/model.h"
#include "access/rate_limiter.h"
#include "access/service.h"
#include "base/ip.h"
#include "base/time.h"
#include "http/router.h"

namespace tallystick::access {

inline constexpr int kMaxFailuresPerMinute = 30;  // of one client address; then 429

// 0: unlimited.
struct RateLimits {
  std::int64_t requests_per_minute = 0;         // of one key
  std::int64_t public_requests_per_minute = 0;  // of one client address, without a good key
};

enum class AdmissionResult : std::uint8_t { kAdmitted, kUnauthenticated, kForbidden, kRateLimited, kFailed };
inline constexpr std::size_t kAdmissionResults = 5;
[[nodiscard]] std::string_view name_of(AdmissionResult result);

class KeyGatekeeper final : public http::Gatekeeper {
 public:
  // Both must outlive it.
  KeyGatekeeper(KeyService& keys, const base::Clock& clock, const RateLimits& limits = {})
      : keys_(keys),
        clock_(clock),
        by_key_("key", limits.requests_per_minute),
        by_address_("address", limits.public_requests_per_minute) {}

  // Error codes: "key_missing", "key_unknown" (also expired and revoked ones and those of disabled principals: nothing
  // is told to whoever guesses), "scope_missing", "too_many_failures", "rate_limited".
  [[nodiscard]] http::Admission admit(const http::Request& request, std::string_view scope) override;
  // How many requests ended so, since the start.
  [[nodiscard]] std::uint64_t count_of(AdmissionResult result) const;

 private:
  struct DigestHash {
    std::size_t operator()(const crypto::Digest& digest) const noexcept;
  };
  struct Failures {
    std::int64_t minute = 0;
    int count = 0;
  };

  // The key of the request, if it is a good one.
  [[nodiscard]] base::Result<UsableKey> identify(const http::Request& request);
  [[nodiscard]] base::Result<http::Principal> expect_scope(const UsableKey& usable, std::string_view scope) const;
  // Reads the keys again if they changed; not when that was looked at less than `max_age_us` ago.
  [[nodiscard]] base::Result<void> refresh(std::int64_t max_age_us);
  [[nodiscard]] base::Result<UsableKey> find_valid(std::string_view secret);
  [[nodiscard]] bool has_too_many_failures(const base::IpAddress& client);
  void count_failure(const base::IpAddress& client);
  void note_use(const ApiKey& key);

  KeyService& keys_;
  const base::Clock& clock_;
  RateLimiter by_key_;
  RateLimiter by_address_;
  std::array<std::atomic<std::uint64_t>, kAdmissionResults> counts_{};
  std::mutex mutex_;
  std::unordered_map<crypto::Digest, UsableKey, DigestHash> by_digest_;
  std::map<base::IpAddress, Failures> failures_;
  std::map<base::Uuid, base::Timestamp> used_at_;
  std::int64_t revision_ = -1;
  std::int64_t checked_at_us_ = 0;
};

}  // namespace tallystick::access
