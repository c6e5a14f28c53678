#pragma once
// What can be done with placements, merchants and exposure units. Every change is validated, versioned and written in
// one transaction with its audit entry. Thread-safe: blocks on the database, so it runs on workers.

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "access/audit.h"
#include "base/error.h"
#include "base/random.h"
#include "base/time.h"
#include "exposure/changes.h"
#include "exposure/model.h"
#include "exposure/store.h"
#include "records/database.h"

namespace tallystick::exposure {

// One page of a list and where the next one begins; empty at the end.
template <typename T>
struct Page {
  std::vector<T> items;
  std::string next_after;
};

// All that the capture path needs, and the revision it was read at.
struct Snapshot {
  std::int64_t revision = 0;
  std::vector<Placement> placements;
  std::vector<Merchant> merchants;
  std::vector<ExposureUnit> exposure_units;
};

// Error codes of all: "validation_failed", "already_exists" (the slug), "version_conflict" (somebody changed it since
// `expected_version`), "placement_not_found", "merchant_not_found", "exposure_unit_not_found". Setting the status that
// something has changes nothing and is no error.
class ExposureService {
 public:
  // All must outlive the service.
  ExposureService(records::Database& database, access::AuditLog& audit, const base::Clock& clock, base::Random& random);

  [[nodiscard]] base::Result<Placement> create_placement(std::string_view slug,
                                                         const PlacementChange& change,
                                                         const access::ChangeContext& context);
  [[nodiscard]] base::Result<Page<Placement>> list_placements(const PlacementFilter& filter,
                                                              std::string_view after,
                                                              std::int64_t limit);
  [[nodiscard]] base::Result<Placement> get_placement(std::string_view slug_or_id);
  [[nodiscard]] base::Result<Placement> change_placement(std::string_view slug_or_id,
                                                         const PlacementChange& change,
                                                         std::optional<std::int64_t> expected_version,
                                                         const access::ChangeContext& context);
  [[nodiscard]] base::Result<Placement> set_placement_status(std::string_view slug_or_id,
                                                             Status status,
                                                             const access::ChangeContext& context);

  [[nodiscard]] base::Result<Merchant> create_merchant(std::string_view slug,
                                                       const MerchantChange& change,
                                                       const access::ChangeContext& context);
  [[nodiscard]] base::Result<Page<Merchant>> list_merchants(const MerchantFilter& filter,
                                                            std::string_view after,
                                                            std::int64_t limit);
  [[nodiscard]] base::Result<Merchant> get_merchant(std::string_view slug_or_id);
  [[nodiscard]] base::Result<Merchant> change_merchant(std::string_view slug_or_id,
                                                       const MerchantChange& change,
                                                       std::optional<std::int64_t> expected_version,
                                                       const access::ChangeContext& context);
  [[nodiscard]] base::Result<Merchant> set_merchant_status(std::string_view slug_or_id,
                                                           Status status,
                                                           const access::ChangeContext& context);

  [[nodiscard]] base::Result<ExposureUnit> create_exposure_unit(std::string_view merchant,
                                                                const ExposureUnitChange& change,
                                                                const access::ChangeContext& context);
  [[nodiscard]] base::Result<Page<ExposureUnit>> list_exposure_units(std::string_view merchant,
                                                                     std::string_view after,
                                                                     std::int64_t limit);
  [[nodiscard]] base::Result<ExposureUnit> get_exposure_unit(std::string_view merchant, std::string_view id);
  [[nodiscard]] base::Result<ExposureUnit> change_exposure_unit(std::string_view merchant,
                                                                std::string_view id,
                                                                const ExposureUnitChange& change,
                                                                std::optional<std::int64_t> expected_version,
                                                                const access::ChangeContext& context);

  // A number that every change, by whatever node, counts up. One indexed row: cheap.
  [[nodiscard]] base::Result<std::int64_t> revision();
  [[nodiscard]] base::Result<Snapshot> load_all();

 private:
  // What is common to all kinds: T is Placement, Merchant or ExposureUnit.
  template <typename T>
  [[nodiscard]] T make_new();
  template <typename T>
  [[nodiscard]] base::Result<T> store_new(soci::session& session, const T& value, const access::ChangeContext& context);
  template <typename T>
  [[nodiscard]] base::Result<T> store_edited(soci::session& session,
                                             const T& before,
                                             std::string_view verb,
                                             std::optional<std::int64_t> expected_version,
                                             const access::ChangeContext& context,
                                             const std::function<void(T&)>& edit);

  records::Database& database_;
  access::AuditLog& audit_;
  const base::Clock& clock_;
  base::Random& random_;
};

}  // namespace tallystick::exposure
