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

// IPv6 by /64: whoever has one address of a network has all of them.
std::string caller_of(const base::IpAddress& client) {
  return {reinterpret_cast<const char*>(client.bytes.data()), client.is_v4() ? client.bytes.size() : 8UZ};
}

AdmissionResult result_of(const base::Result<http::Principal>& principal) {
  if (principal) {
    return AdmissionResult::kAdmitted;
  }
  switch (principal.error().kind) {
    case base::ErrorKind::kUnauthenticated:
      return AdmissionResult::kUnauthenticated;
    case base::ErrorKind::kForbidden:
      return AdmissionResult::kForbidden;
    case base::ErrorKind::kRateLimited:
      return AdmissionResult::kRateLimited;
    default:
      return AdmissionResult::kFailed;
  }
}

}  // namespace

std::size_t KeyGatekeeper::DigestHash::operator()(const crypto::Digest& digest) const noexcept {
  std::size_t value = 0;
  std::memcpy(&value, digest.data(), sizeof value);
  return value;
}

std::string_view name_of(AdmissionResult result) {
  switch (result) {
    case AdmissionResult::kAdmitted:
      return "admitted";
    case AdmissionResult::kUnauthenticated:
      return "unauthenticated";
    case AdmissionResult::kForbidden:
      return "forbidden";
    case AdmissionResult::kRateLimited:
      return "rate_limited";
    case AdmissionResult::kFailed:
      break;
  }
  return "failed";
}

http::Admission KeyGatekeeper::admit(const http::Request& request, std::string_view scope) {
  const bool is_public = scope == http::kPublicScope;
  base::Result<UsableKey> usable = is_public ? UsableKey{} : identify(request);
  const bool is_known = usable && !is_public;
  RateLimiter& limiter = is_known ? by_key_ : by_address_;
  const std::string caller = is_known ? base::format_uuid(usable->key.id) : caller_of(request.client);
  const RateDecision decision = limiter.take(caller, clock_.monotonic_us());
  http::Admission admission{http::Principal{}, limiter.headers(decision)};
  if (!decision.is_allowed) {
    admission.principal = base::fail(
        base::ErrorKind::kRateLimited, "rate_limited", "too many requests; go on after the time in Retry-After");
  } else if (!usable) {
    admission.principal = std::unexpected(usable.error());
    if (usable.error().kind == base::ErrorKind::kRateLimited) {
      admission.headers.emplace_back("Retry-After", "60");
    }
  } else if (!is_public) {
    admission.principal = expect_scope(*usable, scope);
    if (admission.principal) {
      note_use(usable->key);
    }
  }
  counts_[static_cast<std::size_t>(result_of(admission.principal))].fetch_add(1, std::memory_order_relaxed);
  return admission;
}

std::uint64_t KeyGatekeeper::count_of(AdmissionResult result) const {
  return counts_[static_cast<std::size_t>(result)].load(std::memory_order_relaxed);
}

base::Result<UsableKey> KeyGatekeeper::identify(const http::Request& request) {
  const std::string_view header = request.header("Authorization");
  if (!header.starts_with(kScheme) || header.size() > kScheme.size() + kMaxSecretBytes) {
    return base::fail(
        base::ErrorKind::kUnauthenticated, "key_missing", "send an API key: Authorization: Bearer tsk_...");
  }
  if (has_too_many_failures(request.client)) {
    return base::fail(base::ErrorKind::kRateLimited, "too_many_failures", "too many wrong keys; try again in a minute");
  }
  TALLY_TRY(refresh(kCheckIntervalUs));
  auto usable = find_valid(header.substr(kScheme.size()));
  if (!usable) {
    // It may have been made a moment ago.
    TALLY_TRY(refresh(0));
    usable = find_valid(header.substr(kScheme.size()));
  }
  if (!usable) {
    count_failure(request.client);
  }
  return usable;
}

base::Result<http::Principal> KeyGatekeeper::expect_scope(const UsableKey& usable, std::string_view scope) const {
  const ApiKey& key = usable.key;
  http::Principal principal{.id = base::format_uuid(key.id),
                            .name = key.name,
                            .tenant = key.tenant,
                            .scopes = key.scopes,
                            .principal_id = key.has_principal() ? base::format_uuid(key.principal_id) : "",
                            .role = usable.role};
  // A tenant's key reaches no staff route, whatever is written in its scopes (I6).
  const bool is_open_to = principal.tenant.empty() || is_scope_for_tenants(scope);
  if (!is_open_to || !principal.has_scope(scope)) {
    return base::fail(
        base::ErrorKind::kForbidden, "scope_missing", "this needs a key with the scope " + std::string(scope));
  }
  return principal;
}

base::Result<void> KeyGatekeeper::refresh(std::int64_t max_age_us) {
  {
    const std::lock_guard lock(mutex_);
    const std::int64_t now_us = clock_.monotonic_us();
    if (revision_ >= 0 && now_us - checked_at_us_ < max_age_us) {
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
  TALLY_ASSIGN(auto keys, keys_.list_usable());
  const std::lock_guard lock(mutex_);
  by_digest_.clear();
  for (UsableKey& usable : keys) {
    const crypto::Digest digest = usable.key.digest;
    by_digest_.emplace(digest, std::move(usable));
  }
  revision_ = revision;
  return {};
}

// The look-up goes by the digest of the whole secret, so its timing says nothing about a secret that is partly right.
base::Result<UsableKey> KeyGatekeeper::find_valid(std::string_view secret) {
  const crypto::Digest digest = key_digest(secret);
  const std::lock_guard lock(mutex_);
  const auto found = by_digest_.find(digest);
  if (found == by_digest_.end() || !found->second.key.is_valid_at(clock_.now())) {
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
