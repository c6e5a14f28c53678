#pragma once
// The SQL of placements, merchants and exposure units. Every function works in the session's transaction, if there
// is one, and throws soci::soci_error when the database fails (Database turns it into an Error). Every write also
// counts up the catalogue's revision. One thread per session.

#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include <soci/soci.h>

#include "base/uuid.h"
#include "exposure/model.h"

namespace tallystick::exposure {

struct PlacementFilter {
  std::optional<Status> status = {};
};

struct MerchantFilter {
  std::optional<Status> status = {};
};

struct ExposureUnitFilter {
  std::optional<base::Uuid> merchant_id = {};
};

// Lists are ordered by id, that is in the order of creation; `after` is the id the page before ended with, or empty.
[[nodiscard]] std::vector<Placement> load_placements(soci::session& session,
                                                     const PlacementFilter& filter,
                                                     std::string_view after,
                                                     std::int64_t max_rows);
[[nodiscard]] std::optional<Placement> find_placement(soci::session& session, std::string_view slug_or_id);
void insert(soci::session& session, const Placement& placement);
// Stores everything but id, slug and creation time, counting the version up from the given one; false when the stored
// version is another. The same for the others.
[[nodiscard]] bool update(soci::session& session, const Placement& placement);

[[nodiscard]] std::vector<Merchant> load_merchants(soci::session& session,
                                                   const MerchantFilter& filter,
                                                   std::string_view after,
                                                   std::int64_t max_rows);
[[nodiscard]] std::optional<Merchant> find_merchant(soci::session& session, std::string_view slug_or_id);
void insert(soci::session& session, const Merchant& merchant);
[[nodiscard]] bool update(soci::session& session, const Merchant& merchant);

[[nodiscard]] std::vector<ExposureUnit> load_exposure_units(soci::session& session,
                                                            const ExposureUnitFilter& filter,
                                                            std::string_view after,
                                                            std::int64_t max_rows);
[[nodiscard]] std::optional<ExposureUnit> find_exposure_unit(soci::session& session,
                                                             const base::Uuid& merchant_id,
                                                             const base::Uuid& id);
void insert(soci::session& session, const ExposureUnit& unit);
[[nodiscard]] bool update(soci::session& session, const ExposureUnit& unit);

// Counts every change, by whatever node; read it to learn cheaply whether to load again.
void count_revision(soci::session& session);
[[nodiscard]] std::int64_t load_revision(soci::session& session);

}  // namespace tallystick::exposure
