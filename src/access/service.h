#pragma once
// What can be done with API keys: make, list, rotate, revoke; every change is in the audit trail. Thread-safe: blocks
// on the database.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "access/audit.h"
#include "access/model.h"
#include "access/store.h"
#include "base/error.h"
#include "base/random.h"
#include "base/time.h"
#include "records/database.h"

namespace tallystick::access {

struct KeyDraft {
  std::string name;
  std::vector<std::string> scopes;
  std::string tenant = {};          // the principal's when there is one
  base::Timestamp expires_at = {};  // zero: never
  base::Uuid principal_id = {};     // nil: a key of its own
};

class KeyService {
 public:
  KeyService(records::Database& database, AuditLog& audit, const base::Clock& clock, base::Random& random)
      : database_(database), audit_(audit), clock_(clock), random_(random) {}

  // Error codes: "validation_failed" (name, scopes, tenant, expiry in the past, scopes beyond the principal's role),
  // "principal_not_found", "principal_disabled".
  [[nodiscard]] base::Result<NewApiKey> create(const KeyDraft& draft, const ChangeContext& context);
  // Makes the administrator and a key when there is no key at all; nothing otherwise.
  [[nodiscard]] base::Result<std::optional<NewApiKey>> create_first_admin_key();
  // A new key with the same name, scopes, tenant and principal; the old one stays valid for `overlap_us` more (0 to 30
  // days). Error codes: "key_not_found", "key_not_valid", "bad_overlap", "principal_disabled".
  [[nodiscard]] base::Result<NewApiKey> rotate(const base::Uuid& id,
                                               std::int64_t overlap_us,
                                               const ChangeContext& context);
  // Revoking again changes nothing. Error code: "key_not_found".
  [[nodiscard]] base::Result<ApiKey> revoke(const base::Uuid& id, const ChangeContext& context);
  // In the order of creation; `after` is the id the page before ended with, or empty.
  [[nodiscard]] base::Result<std::vector<ApiKey>> list(const KeyFilter& filter = {},
                                                       std::string_view after = {},
                                                       std::int64_t max_rows = INT64_MAX);
  // What opens doors: each with the scopes that its principal's role leaves it, and without those of disabled
  // principals. Expired and revoked ones are among them.
  [[nodiscard]] base::Result<std::vector<UsableKey>> list_usable();
  // Error code: "key_not_found".
  [[nodiscard]] base::Result<ApiKey> get(const base::Uuid& id);

  [[nodiscard]] base::Result<std::int64_t> revision();
  [[nodiscard]] base::Result<void> record_use(const base::Uuid& id);

 private:
  [[nodiscard]] NewApiKey make_key(const KeyDraft& draft);
  [[nodiscard]] base::Result<NewApiKey> insert_key(soci::session& session,
                                                   const KeyDraft& draft,
                                                   const ChangeContext& context);
  [[nodiscard]] base::Result<void> append_audit(soci::session& session,
                                                std::string_view action,
                                                const ApiKey* before,
                                                const ApiKey& after,
                                                const ChangeContext& context);

  records::Database& database_;
  AuditLog& audit_;
  const base::Clock& clock_;
  base::Random& random_;
};

// SHA-256 of the key as it is sent.
[[nodiscard]] crypto::Digest key_digest(std::string_view secret);

// For answers and the trail: everything but digest and secret.
[[nodiscard]] std::string to_json_text(const ApiKey& key);

}  // namespace tallystick::access
