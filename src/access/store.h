#pragma once
// The SQL of API keys. In the caller's transaction; throws soci::soci_error.

#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include <soci/soci.h>

#include "access/model.h"

namespace tallystick::access {

// Before reading a key that is then changed: changes of keys wait for each other until the transaction ends, so that a
// rotation cannot write back what a revocation has just changed. Counts the revision up.
void begin_change(soci::session& session);
// Both after begin_change().
void insert(soci::session& session, const ApiKey& key);
void update(soci::session& session, const ApiKey& key);
[[nodiscard]] std::optional<ApiKey> find_key(soci::session& session, const base::Uuid& id);
struct KeyFilter {
  std::optional<base::Uuid> principal_id = {};
};

// By id, that is in the order of creation; `after` is the id the page before ended with, or empty.
[[nodiscard]] std::vector<ApiKey> load_keys(soci::session& session,
                                            const KeyFilter& filter = {},
                                            std::string_view after = {},
                                            std::int64_t max_rows = INT64_MAX);
// Not an event of the trail, and no reason for other nodes to read the keys again.
void set_last_used(soci::session& session, const base::Uuid& id, base::Timestamp at);
// Counts up with every change.
[[nodiscard]] std::int64_t load_key_revision(soci::session& session);

}  // namespace tallystick::access
