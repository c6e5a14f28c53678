#pragma once
// Decides who may use a route: "Authorization: Bearer tsk_..." and the scope that the route declares. Keys are kept in
// memory and read again when the database says that they changed, at most half a second later, so that a revocation
// works within a second on every node. Thread-safe.

#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <unordered_map>

#include "access/model.h"
#include "access/service.h"
#include "base/ip.h"
#include "base/time.h"
#include "http/router.h"

namespace tallystick::access {

inline constexpr int kMaxFailuresPerMinute = 30;  // of one client address; then 429

class KeyGatekeeper final : public http::Gatekeeper {
 public:
  // Both must outlive it.
  KeyGatekeeper(KeyService& keys, const base::Clock& clock) : keys_(keys), clock_(clock) {}

  // Error codes: "key_missing", "key_unknown" (also expired and revoked ones: nothing is told to whoever guesses),
  // "scope_missing", "too_many_failures".
  [[nodiscard]] base::Result<http::Principal> admit(const http::Request& request, std::string_view scope) override;

 private:
  struct DigestHash {
    std::size_t operator()(const crypto::Digest& digest) const noexcept;
  };
  struct Failures {
    std::int64_t minute = 0;
    int count = 0;
  };

  [[nodiscard]] base::Result<void> refresh();
  [[nodiscard]] base::Result<ApiKey> find_valid(std::string_view secret);
  [[nodiscard]] bool has_too_many_failures(const base::IpAddress& client);
  void count_failure(const base::IpAddress& client);
  void note_use(const ApiKey& key);

  KeyService& keys_;
  const base::Clock& clock_;
  std::mutex mutex_;
  std::unordered_map<crypto::Digest, ApiKey, DigestHash> by_digest_;
  std::map<base::IpAddress, Failures> failures_;
  std::map<base::Uuid, base::Timestamp> used_at_;
  std::int64_t revision_ = -1;
  std::int64_t checked_at_us_ = 0;
};

}  // namespace tallystick::access
