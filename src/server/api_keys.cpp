#include "server/api_keys.h"

#include <algorithm>
#include <limits>
#include <memory>

#include "base/uuid.h"

namespace tallystick::server {
namespace {

// Of the last load; both functions run on the refresher's thread.
struct Seen {
  std::int64_t next_expiry_us = std::numeric_limits<std::int64_t>::max();
  std::int64_t expiries = 0;
};

}  // namespace

CatalogRefresher::Keys make_key_source(access::KeyService& keys, const base::Clock& clock) {
  const auto seen = std::make_shared<Seen>();
  CatalogRefresher::Keys source;
  source.revision = [&keys, &clock, seen]() -> base::Result<std::int64_t> {
    if (clock.now().us >= seen->next_expiry_us) {
      ++seen->expiries;
      seen->next_expiry_us = std::numeric_limits<std::int64_t>::max();
    }
    TALLY_ASSIGN(const std::int64_t revision, keys.revision());
    return revision + seen->expiries;
  };
  source.load_all = [&keys, &clock, seen]() -> base::Result<std::vector<capture::CatalogKey>> {
    TALLY_ASSIGN(const std::vector<access::UsableKey> all, keys.list_usable());
    const base::Timestamp now = clock.now();
    std::vector<capture::CatalogKey> valid;
    for (const auto& [key, role] : all) {
      if (!key.is_valid_at(now)) {
        continue;
      }
      if (key.expires_at.us != 0) {
        seen->next_expiry_us = std::min(seen->next_expiry_us, key.expires_at.us);
      }
      valid.push_back({base::format_uuid(key.id), key.digest, key.scopes});
    }
    return valid;
  };
  return source;
}

access::KeyDraft demo_key_draft() {
  return {.name = "demo",
          .scopes = {"partners:read",
                     "partners:write",
                     "exposure:read",
                     "exposure:write",
                     "links:sign",
                     "conversions:write",
                     "insights:read",
                     "journal:read",
                     "metrics:read"}};
}

}  // namespace tallystick::server
