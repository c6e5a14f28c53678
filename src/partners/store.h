#pragma once
// The SQL of partners and links. Every function works in the session's transaction, if there is one, and throws
// soci::soci_error when the database fails (Database turns it into an Error). Every write also counts up the
// catalogue's revision. One thread per session.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <soci/soci.h>

#include "base/error.h"
#include "base/uuid.h"
#include "partners/model.h"

namespace tallystick::partners {

struct PartnerFilter {
  std::optional<Status> status = {};
  std::optional<Network> network = {};
};

// By id, that is in the order of creation; `after` is the id the page before ended with, or empty.
[[nodiscard]] std::vector<Partner> load_partners(soci::session& session,
                                                 const PartnerFilter& filter,
                                                 std::string_view after,
                                                 std::int64_t max_rows);
[[nodiscard]] std::optional<Partner> find_partner(soci::session& session, std::string_view slug_or_id);
// Keeps other writers away from the partner and from adding or changing its links until the transaction ends.
void lock_partner(soci::session& session, std::string_view slug_or_id);
void insert(soci::session& session, const Partner& partner);
// Stores everything but id, slug and creation time, counting the version up from `partner.version`; false when the
// stored version is another.
[[nodiscard]] bool update(soci::session& session, const Partner& partner);
void remove_partner(soci::session& session, const base::Uuid& id);

struct LinkFilter {
  std::optional<Status> status = {};
  std::optional<base::Uuid> partner_id = {};
};

[[nodiscard]] std::vector<Link> load_links(soci::session& session,
                                           const LinkFilter& filter,
                                           std::string_view after,
                                           std::int64_t max_rows);
[[nodiscard]] std::optional<Link> find_link(soci::session& session,
                                            const base::Uuid& partner_id,
                                            std::string_view slug_or_id);
void insert(soci::session& session, const Link& link);
[[nodiscard]] bool update(soci::session& session, const Link& link);

// Counts every change of a partner or link, by whatever node; read it to learn cheaply whether to load again.
void count_revision(soci::session& session);
[[nodiscard]] std::int64_t load_revision(soci::session& session);

}  // namespace tallystick::partners
