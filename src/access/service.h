#pragma once
// What can be done with API keys: make, list, rotate, revoke; every change is in the audit trail. Thread-safe: blocks
// on the database.

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "access/audit.h"
#include "access/model.h"
#include "base/error.h"
#include "base/random.h"
#include "base/time.h"
#include "records/database.h"

namespace tallystick::access {

struct KeyDraft {
  std::string name;
  std::vector<std::string> scopes;
  std::string tenant = {};
  base::Timestamp expires_at = {};  // zero: never
};

class KeyService {
 public:
  KeyService(records::Database& database, AuditLog& audit, const base::Clock& clock, base::Random& random)
      : database_(database), audit_(audit), clock_(clock), random_(random) {}

  // Error code: "validation_failed" (name, scopes, tenant, expiry in the past).
  [[nodiscard]] base::Result<NewApiKey> create(const KeyDraft& draft, const ChangeContext& context);
  // Makes the administrator's key when there is no key at all; nothing otherwise.
  [[nodiscard]] base::Result<std::optional<NewApiKey>> create_first_admin_key();
  // A new key with the same name, scopes and tenant; the old one stays valid for `overlap_us` more (0 to 30 days).
  // Error codes: "key_not_found", "key_not_valid", "bad_overlap".
  [[nodiscard]] base::Result<NewApiKey> rotate(const base::Uuid& id,
                                               std::int64_t overlap_us,
                                               const ChangeContext& context);
  // Revoking again changes nothing. Error code: "key_not_found".
  [[nodiscard]] base::Result<ApiKey> revoke(const base::Uuid& id, const ChangeContext& context);
  [[nodiscard]] base::Result<std::vector<ApiKey>> list();
  // Error code: "key_not_found".
  [[nodiscard]] base::Result<ApiKey> get(const base::Uuid& id);

  [[nodiscard]] base::Result<std::int64_t> revision();
  [[nodiscard]] base::Result<void> record_use(const base::Uuid& id);

 private:
  [[nodiscard]] NewApiKey make_key(const KeyDraft& draft);
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
