#pragma once
// What can be done with principals: make, list, change, disable, enable; every change is in the audit trail. A change
// takes effect on the principal's keys as soon as the keys are read again, within a second on every node. Thread-safe:
// blocks on the database.

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "access/audit.h"
#include "access/model.h"
#include "access/principal_store.h"
#include "base/error.h"
#include "base/random.h"
#include "base/time.h"
#include "records/database.h"

namespace tallystick::access {

struct PrincipalDraft {
  std::string name;
  PrincipalKind kind = PrincipalKind::kProgram;
  Role role = Role::kSupport;
  std::string tenant = {};  // of a tenant's role, and of no other
};

// Only the members that are set change.
struct PrincipalChange {
  std::optional<std::string> name = {};
  std::optional<Role> role = {};
};

class PrincipalService {
 public:
  PrincipalService(records::Database& database, AuditLog& audit, const base::Clock& clock, base::Random& random)
      : database_(database), audit_(audit), clock_(clock), random_(random) {}

  // Error code: "validation_failed".
  [[nodiscard]] base::Result<Principal> create(const PrincipalDraft& draft, const ChangeContext& context);
  // In the order of creation; `after` is the id the page before ended with, or empty.
  [[nodiscard]] base::Result<std::vector<Principal>> list(const PrincipalFilter& filter,
                                                          std::string_view after,
                                                          std::int64_t max_rows);
  // Error code: "principal_not_found".
  [[nodiscard]] base::Result<Principal> get(const base::Uuid& id);

  // Both: error codes "principal_not_found", "version_conflict", "last_administrator" (nobody would be left who may do
  // everything), "validation_failed". What changes nothing is no change.
  [[nodiscard]] base::Result<Principal> change(const base::Uuid& id,
                                               const PrincipalChange& change,
                                               std::optional<std::int64_t> expected_version,
                                               const ChangeContext& context);
  [[nodiscard]] base::Result<Principal> set_disabled(const base::Uuid& id,
                                                     bool is_disabled,
                                                     std::optional<std::int64_t> expected_version,
                                                     const ChangeContext& context);

 private:
  [[nodiscard]] base::Result<Principal> edit(const base::Uuid& id,
                                             std::string_view action,
                                             std::optional<std::int64_t> expected_version,
                                             const ChangeContext& context,
                                             const std::function<void(Principal&)>& edit);

  records::Database& database_;
  AuditLog& audit_;
  const base::Clock& clock_;
  base::Random& random_;
};

[[nodiscard]] Principal make_principal(const PrincipalDraft& draft, base::Timestamp now, base::Random& random);
// With its entry in the trail; in the caller's transaction, after begin_change().
[[nodiscard]] base::Result<void> insert_new_principal(soci::session& session,
                                                      AuditLog& audit,
                                                      const Principal& principal,
                                                      const ChangeContext& context);
// In the caller's transaction. Error code: "principal_not_found".
[[nodiscard]] base::Result<Principal> get_principal(soci::session& session, const base::Uuid& id);

}  // namespace tallystick::access
