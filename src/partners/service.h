#pragma once
// What can be done with partners and links. Every change is validated, versioned and written in one transaction with
// its audit entry. Thread-safe: blocks on the database, so it runs on workers.

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
#include "partners/changes.h"
#include "partners/model.h"
#include "partners/store.h"
#include "records/database.h"

namespace tallystick::partners {

// One page of a list and where the next one begins; empty at the end.
template <typename T>
struct Page {
  std::vector<T> items;
  std::string next_after;
};

// All that the capture path needs, and the revision it was read at.
struct Snapshot {
  std::int64_t revision = 0;
  std::vector<Partner> partners;
  std::vector<Link> links;
};

class PartnerService {
 public:
  // All must outlive the service.
  PartnerService(records::Database& database, access::AuditLog& audit, const base::Clock& clock, base::Random& random);

  // Error codes: "validation_failed", "already_exists" (the slug).
  [[nodiscard]] base::Result<Partner> create_partner(std::string_view slug,
                                                     const PartnerChange& change,
                                                     const access::ChangeContext& context);
  [[nodiscard]] base::Result<Page<Partner>> list_partners(const PartnerFilter& filter,
                                                          std::string_view after,
                                                          std::int64_t limit);
  // Error code: "partner_not_found".
  [[nodiscard]] base::Result<Partner> get_partner(std::string_view slug_or_id);
  // `expected_version`: what the caller has seen, if it says. Refuses to take an allowed host or http away from under a
  // link ("/allowed_hosts" "host_in_use"). Error codes: "partner_not_found", "validation_failed", "version_conflict".
  [[nodiscard]] base::Result<Partner> change_partner(std::string_view slug_or_id,
                                                     const PartnerChange& change,
                                                     std::optional<std::int64_t> expected_version,
                                                     const access::ChangeContext& context);
  // Setting the status it has changes nothing and is no error.
  [[nodiscard]] base::Result<Partner> set_partner_status(std::string_view slug_or_id,
                                                         Status status,
                                                         const access::ChangeContext& context);
  // Only while it has no link and no coupon: a click needs a link, so nothing can refer to such a partner. Error codes:
  // "partner_not_found", "partner_in_use".
  [[nodiscard]] base::Result<void> remove_partner(std::string_view slug_or_id, const access::ChangeContext& context);

  // The same for the links of a partner. Error codes also: "link_not_found", "unknown_reference" (the placement).
  [[nodiscard]] base::Result<Link> create_link(std::string_view partner,
                                               std::string_view slug,
                                               const LinkChange& change,
                                               const access::ChangeContext& context);
  [[nodiscard]] base::Result<Page<Link>> list_links(std::string_view partner,
                                                    const std::optional<Status>& status,
                                                    std::string_view after,
                                                    std::int64_t limit);
  [[nodiscard]] base::Result<Link> get_link(std::string_view partner, std::string_view slug_or_id);
  [[nodiscard]] base::Result<Link> change_link(std::string_view partner,
                                               std::string_view slug_or_id,
                                               const LinkChange& change,
                                               std::optional<std::int64_t> expected_version,
                                               const access::ChangeContext& context);
  [[nodiscard]] base::Result<Link> set_link_status(std::string_view partner,
                                                   std::string_view slug_or_id,
                                                   Status status,
                                                   const access::ChangeContext& context);

  // A number that every change of a partner or link, by whatever node, counts up. One indexed row: cheap.
  [[nodiscard]] base::Result<std::int64_t> revision();
  [[nodiscard]] base::Result<Snapshot> load_all();

 private:
  [[nodiscard]] base::Result<Partner> edit_partner(std::string_view slug_or_id,
                                                   std::string_view action,
                                                   std::optional<std::int64_t> expected_version,
                                                   const access::ChangeContext& context,
                                                   const std::function<void(Partner&)>& edit);
  [[nodiscard]] base::Result<Link> edit_link(std::string_view partner,
                                             std::string_view slug_or_id,
                                             std::string_view action,
                                             std::optional<std::int64_t> expected_version,
                                             const access::ChangeContext& context,
                                             const std::function<void(Link&)>& edit);

  records::Database& database_;
  access::AuditLog& audit_;
  const base::Clock& clock_;
  base::Random& random_;
};

}  // namespace tallystick::partners
