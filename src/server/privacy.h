#pragma once
// Erases a person from everything that this server stores (80-platform, "Privacy"): the journal's personal fields and
// the dead letters. Every proof stays valid. Thread-safe.

#include <cstdint>
#include <string_view>

#include "access/audit.h"
#include "base/error.h"
#include "base/time.h"
#include "crypto/key_ring.h"
#include "journal/journal.h"
#include "records/database.h"

namespace tallystick::server {

struct PrivacyRooms {
  journal::Journal& journal;
  records::Database& database;
  access::AuditLog& audit;
  const crypto::KeyRing& key_ring;
};

struct PersonErasure {
  std::uint64_t records_erased = 0;
  std::uint64_t records_scanned = 0;
  std::uint64_t dead_letters_erased = 0;
  std::uint64_t journal_sequence = 0;  // of the record that says so
};

// `user_id` as the events carried it: 64 hex digits or a UUID. It is hashed with the pepper, and neither stored nor
// logged. Error code: "bad_user_id".
[[nodiscard]] base::Result<PersonErasure> erase_person(const PrivacyRooms& rooms,
                                                       std::string_view user_id,
                                                       const access::ChangeContext& context);

}  // namespace tallystick::server
