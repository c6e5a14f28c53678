#include "server/privacy.h"

#include <fmt/format.h>
#include <soci/soci.h>

#include "base/encoding.h"
#include "capture/identity.h"

namespace tallystick::server {
namespace {

// The rows stay, so that counts stay; what they held of the person goes.
base::Result<std::uint64_t> erase_dead_letters(const PrivacyRooms& rooms,
                                               const crypto::Digest& user,
                                               const access::AuditChange& change,
                                               const access::ChangeContext& context) {
  return rooms.database.write<std::uint64_t>([&](soci::session& session) -> base::Result<std::uint64_t> {
    const std::string hash = base::to_hex(user);
    soci::statement statement =
        (session.prepare << "UPDATE dead_letters SET raw = '{}', user_hash = '', session_hash = '', "
                            "state = CASE state WHEN 'open' THEN 'dismissed' ELSE state END "
                            "WHERE user_hash = :user",
         soci::use(hash));
    statement.execute(true);
    TALLY_TRY(rooms.audit.append(session, change, context));
    return static_cast<std::uint64_t>(statement.get_affected_rows());
  });
}

}  // namespace

base::Result<PersonErasure> erase_person(const PrivacyRooms& rooms,
                                         std::string_view user_id,
                                         const access::ChangeContext& context) {
  const auto user = capture::hash_user(*rooms.key_ring.signer(crypto::KeyPurpose::kPepper).key, user_id);
  if (!user) {
    return base::fail(base::ErrorKind::kInvalid, "bad_user_id", "a user id is 64 hex digits or a UUID");
  }
  PersonErasure report;
  TALLY_ASSIGN(const journal::Journal::ErasureReport erased, rooms.journal.erase_user(*user));
  report.records_erased = erased.records_erased;
  report.records_scanned = erased.records_scanned;
  report.journal_sequence = erased.erasure_sequence;
  const access::AuditChange change{"privacy.erase",
                                   fmt::format("journal:{}", erased.erasure_sequence),
                                   "",
                                   fmt::format(R"({{"records_erased":{}}})", erased.records_erased)};
  TALLY_ASSIGN(report.dead_letters_erased, erase_dead_letters(rooms, *user, change, context));
  return report;
}

}  // namespace tallystick::server
