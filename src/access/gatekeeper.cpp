#include "access/gatekeeper.h"

#include <cstring>

#include "access/scopes.h"

namespace tallystick::access {
namespace {

constexpr std::int64_t kCheckIntervalUs = base::kMicrosPerSecond / 2;
constexpr std::int64_t kUseIntervalUs = base::kMicrosPerMinute;
constexpr std::size_t kMaxWatchedClients = 10'000;
constexpr std::string_view kScheme = "Bearer ";
constexpr std::size_t kMaxSecretBytes = 256;

}  // namespace

std::size_t KeyGatekeeper::DigestHash::operator()(const crypto::Digest& digest) const noexcept {
  std::size_t value = 0;
  std::memcpy(&value, digest.data(), sizeof value);
  return value;
}

base::Result<http::Principal> KeyGatekeeper::admit(const http::Request& request, std::string_view scope) {
  const std::string_view header = request.header("Authorization");
  if (!header.starts_with(kScheme) || header.size() > kScheme.size() + kMaxSecretBytes) {
    return base::fail(
        base::ErrorKind::kUnauthenticated, "key_missing", "send an API key: Authorization: Bearer tsk_...");
  }
  if (has_too_many_failures(request.client)) {
    return base::fail(base::ErrorKind::kRateLimited, "too_many_failures", "too many wrong keys; try again in a minute");
  }
  TALLY_TRY(refresh());
  auto key = find_valid(header.substr(kScheme.size()));
  if (!key) {
    count_failure(request.client);
    return std::unexpected(key.error());
  }
  http::Principal principal{base::format_uuid(key->id), key->name, key->tenant, key->scopes};
  // A tenant's key reaches no staff route, whatever is written in its scopes (I6).
  const bool is_open_to = principal.tenant.empty() || is_scope_for_tenants(scope);
  if (!is_open_to || !principal.has_scope(scope)) {
    return base::fail(
        base::ErrorKind::kForbidden, "scope_missing", "this needs a key with the scope " + std::string(scope));
  }
  note_use(*key);
  return principal;
}

base::Result<void> KeyGatekeeper::refresh() {
  {
    const std::lock_guard lock(mutex_);
    const std::int64_t now_us = clock_.monotonic_us();
    if (revision_ >= 0 && now_us - checked_at_us_ < kCheckIntervalUs) {
      return {};
    }
    checked_at_us_ = now_us;
  }
  TALLY_ASSIGN(const std::int64_t revision, keys_.revision());
  {
    const std::lock_guard lock(mutex_);
    if (revision == revision_) {
      return {};
    }
  }
  TALLY_ASSIGN(auto keys, keys_.list());
  const std::lock_guard lock(mutex_);
  by_digest_.clear();
  for (ApiKey& key : keys) {
    const crypto::Digest digest = key.digest;
    by_digest_.emplace(digest, std::move(key));
  }
  revision_ = revision;
  return {};
}

// The look-up goes by the digest of the whole secret, so its timing says nothing about a secret that is partly right.
base::Result<ApiKey> KeyGatekeeper::find_valid(std::string_view secret) {
  const crypto::Digest digest = key_digest(secret);
  const std::lock_guard lock(mutex_);
  const auto found = by_digest_.find(digest);
  if (found == by_digest_.end() || !found->second.is_valid_at(clock_.now())) {
    return base::fail(base::ErrorKind::kUnauthenticated, "key_unknown", "this API key is not valid");
  }
  return found->second;
}

bool KeyGatekeeper::has_too_many_failures(const base::IpAddress& client) {
  const std::lock_guard lock(mutex_);
  const auto found = failures_.find(client);
  return found != failures_.end() && found->second.minute == clock_.monotonic_us() / base::kMicrosPerMinute &&
         found->second.count >= kMaxFailuresPerMinute;
}

void KeyGatekeeper::count_failure(const base::IpAddress& client) {
  const std::lock_guard lock(mutex_);
  const std::int64_t minute = clock_.monotonic_us() / base::kMicrosPerMinute;
  if (failures_.size() >= kMaxWatchedClients) {
    std::erase_if(failures_, [&](const auto& entry) { return entry.second.minute != minute; });
    if (failures_.size() >= kMaxWatchedClients) {
      return;
    }
  }
  Failures& failures = failures_[client];
  if (failures.minute != minute) {
    failures = {minute, 0};
  }
  ++failures.count;
}

void KeyGatekeeper::note_use(const ApiKey& key) {
  const base::Timestamp now = clock_.now();
  {
    const std::lock_guard lock(mutex_);
    base::Timestamp& used_at = used_at_[key.id];
    if (now - used_at < kUseIntervalUs) {
      return;
    }
    used_at = now;
  }
  // That it is not recorded once in a while is no reason to refuse the request.
  static_cast<void>(keys_.record_use(key.id));
}

}  // namespace tallystick::access
