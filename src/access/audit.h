#pragma once
// The audit trail: every change that a person or program makes, written in the transaction of the change itself (I7,
// 80-platform "Audit"). Append-only: the database refuses anything else. The digest of each entry goes on to the
// journal through an outbox, so that the trail cannot be altered unseen either. Thread-safe.

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include <soci/soci.h>

#include "base/error.h"
#include "base/random.h"
#include "base/time.h"
#include "base/uuid.h"
#include "crypto/sha256.h"
#include "http/message.h"
#include "records/database.h"

namespace tallystick::access {

// Who changes something, why, and in which request.
struct ChangeContext {
  std::string actor;       // "key:<id>", "cli:<user>", "system"
  std::string reason;      // may be empty
  std::string request_id;  // may be empty
};

// From the principal, the header "X-Change-Reason" (at most 500 bytes of it) and the request id.
[[nodiscard]] ChangeContext change_context(const http::Request& request);

struct AuditChange {
  std::string action;   // "partner.pause"
  std::string subject;  // "partner:<id>"
  std::string before;   // JSON, or empty
  std::string after;    // JSON, or empty
};

struct AuditEntry {
  base::Uuid id;
  base::Timestamp occurred_at;
  ChangeContext context;
  AuditChange change;
  crypto::Digest digest{};
};

// SHA-256 over every other member of the entry, each preceded by its length as eight bytes, least significant first.
[[nodiscard]] crypto::Digest digest_of(const AuditEntry& entry);

struct AuditFilter {
  std::string actor = {};  // empty: any
  std::string action = {};
  std::string subject = {};
  base::Timestamp from = {};         // inclusive
  base::Timestamp to = {INT64_MAX};  // exclusive
};

class AuditLog {
 public:
  AuditLog(const base::Clock& clock, base::Random& random) : clock_(clock), random_(random) {}

  // In the caller's transaction.
  [[nodiscard]] base::Result<void> append(soci::session& session,
                                          const AuditChange& change,
                                          const ChangeContext& context);

  // Newest first. `before_id` is where the page before ended; empty: from the newest.
  [[nodiscard]] static base::Result<std::vector<AuditEntry>> list(records::Database& database,
                                                                  const AuditFilter& filter,
                                                                  std::string_view before_id,
                                                                  std::int64_t max_entries);

  // Hands the digests that were not handed on yet to `deliver`, oldest first, and forgets each once it was delivered. A
  // crash in between delivers it again: `deliver` must know the id. The number delivered.
  using Deliver = std::function<base::Result<void>(const base::Uuid& id, const crypto::Digest& digest)>;
  [[nodiscard]] static base::Result<std::size_t> drain_outbox(records::Database& database, const Deliver& deliver);

 private:
  const base::Clock& clock_;
  base::Random& random_;
};

}  // namespace tallystick::access
