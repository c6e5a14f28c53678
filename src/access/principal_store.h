#pragma once
// The SQL of principals. In the caller's transaction; throws soci::soci_error.

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <soci/soci.h>

#include "access/model.h"

namespace tallystick::access {

struct PrincipalFilter {
  std::optional<Role> role = {};
  std::optional<bool> is_disabled = {};
  std::string tenant = {};  // empty: any
};

// Both after begin_change() of access/store.h: principals decide what keys may do, so their changes wait for each
// other and count the same revision.
void insert(soci::session& session, const Principal& principal);
// Stores name, role, status and the time of the change, counting the version up from `principal.version`; false when
// the stored version is another.
[[nodiscard]] bool update(soci::session& session, const Principal& principal);

[[nodiscard]] std::optional<Principal> find_principal(soci::session& session, const base::Uuid& id);
// By id, that is in the order of creation; `after` is the id the page before ended with, or empty.
[[nodiscard]] std::vector<Principal> load_principals(soci::session& session,
                                                     const PrincipalFilter& filter,
                                                     std::string_view after,
                                                     std::int64_t max_rows);

}  // namespace tallystick::access
