#include "access/audit.h"

#include <algorithm>
#include <stdexcept>
#include <utility>

#include "base/encoding.h"
#include "base/utf8.h"

namespace tallystick::access {
namespace {

constexpr std::size_t kMaxReasonBytes = 500;
constexpr int kOutboxBatch = 200;

struct AuditRow {
  std::string id, actor, action, subject, reason, before_state, after_state, request_id, digest;
  std::int64_t occurred_at = 0;
};

AuditEntry to_entry(const AuditRow& row) {
  AuditEntry entry;
  if (!base::parse_uuid_into(row.id, entry.id)) {
    throw std::runtime_error("audit_entries.id holds what is no UUID");
  }
  entry.occurred_at = {row.occurred_at};
  entry.context = {row.actor, row.reason, row.request_id};
  entry.change = {row.action, row.subject, row.before_state, row.after_state};
  const auto digest = base::from_hex(row.digest);
  if (!digest || digest->size() != entry.digest.size()) {
    throw std::runtime_error("audit_entries.digest holds what is no digest");
  }
  std::copy(digest->begin(), digest->end(), entry.digest.begin());
  return entry;
}

void add_sized(crypto::Sha256& hash, std::string_view text) {
  std::array<std::uint8_t, 8> length{};
  for (std::size_t i = 0; i < length.size(); ++i) {
    length[i] = static_cast<std::uint8_t>(text.size() >> 8 * i);
  }
  hash.update(length).update(text);
}

}  // namespace

ChangeContext change_context(const http::Request& request) {
  ChangeContext context;
  context.actor = request.principal.id.empty() ? "nobody" : "key:" + request.principal.id;
  context.reason = base::clean_utf8(request.header("X-Change-Reason"), kMaxReasonBytes);
  context.request_id = request.request_id;
  return context;
}

crypto::Digest digest_of(const AuditEntry& entry) {
  crypto::Sha256 hash;
  add_sized(hash, base::format_uuid(entry.id));
  add_sized(hash, std::to_string(entry.occurred_at.us));
  for (const std::string* text : {&entry.context.actor,
                                  &entry.context.reason,
                                  &entry.context.request_id,
                                  &entry.change.action,
                                  &entry.change.subject,
                                  &entry.change.before,
                                  &entry.change.after}) {
    add_sized(hash, *text);
  }
  return hash.finish();
}

base::Result<void> AuditLog::append(soci::session& session, const AuditChange& change, const ChangeContext& context) {
  AuditEntry entry;
  entry.occurred_at = clock_.now();
  entry.id = base::make_uuid_v7(entry.occurred_at, random_);
  entry.context = context;
  entry.change = change;
  const std::string id = base::format_uuid(entry.id);
  const std::string digest = base::to_hex(digest_of(entry));
  session << "INSERT INTO audit_entries (id, actor, action, subject, reason, before_state, after_state, request_id, "
             "digest, occurred_at) VALUES (:id, :actor, :action, :subject, :reason, :before_state, :after_state, "
             ":request_id, :digest, :occurred_at)",
      soci::use(id), soci::use(context.actor), soci::use(change.action), soci::use(change.subject),
      soci::use(context.reason), soci::use(change.before), soci::use(change.after), soci::use(context.request_id),
      soci::use(digest), soci::use(entry.occurred_at.us);
  session << "INSERT INTO audit_outbox (id, digest) VALUES (:id, :digest)", soci::use(id), soci::use(digest);
  return {};
}

base::Result<std::vector<AuditEntry>> AuditLog::list(records::Database& database,
                                                     const AuditFilter& filter,
                                                     std::string_view before_id,
                                                     std::int64_t max_entries) {
  return database.read<std::vector<AuditEntry>>([&](soci::session& session) -> base::Result<std::vector<AuditEntry>> {
    AuditRow row;
    // An id is hexadecimal: every one is before "z", in any collation, and a page far down costs what the first does.
    const std::string before(before_id.empty() ? "z" : before_id);
    soci::statement statement =
        (session.prepare << "SELECT id, actor, action, subject, reason, before_state, after_state, request_id, "
                            "digest, occurred_at FROM audit_entries WHERE id < :before AND (:actor1 = '' OR actor = "
                            ":actor2) AND (:action1 = '' OR action = :action2) AND "
                            "(:subject1 = '' OR subject = :subject2) AND occurred_at >= :lower AND occurred_at < "
                            ":upper ORDER BY id DESC LIMIT :max_entries",
         soci::into(row.id),
         soci::into(row.actor),
         soci::into(row.action),
         soci::into(row.subject),
         soci::into(row.reason),
         soci::into(row.before_state),
         soci::into(row.after_state),
         soci::into(row.request_id),
         soci::into(row.digest),
         soci::into(row.occurred_at),
         soci::use(before, "before"),
         soci::use(filter.actor, "actor1"),
         soci::use(filter.actor, "actor2"),
         soci::use(filter.action, "action1"),
         soci::use(filter.action, "action2"),
         soci::use(filter.subject, "subject1"),
         soci::use(filter.subject, "subject2"),
         soci::use(filter.from.us, "lower"),
         soci::use(filter.to.us, "upper"),
         soci::use(max_entries, "max_entries"));
    statement.execute();
    std::vector<AuditEntry> entries;
    while (statement.fetch()) {
      entries.push_back(to_entry(row));
    }
    return entries;
  });
}

base::Result<std::size_t> AuditLog::drain_outbox(records::Database& database, const Deliver& deliver) {
  using Pending = std::vector<std::pair<std::string, std::string>>;
  TALLY_ASSIGN(const Pending pending, database.read<Pending>([](soci::session& session) -> base::Result<Pending> {
    Pending rows;
    std::string id;
    std::string digest;
    soci::statement statement = (session.prepare << "SELECT id, digest FROM audit_outbox ORDER BY id LIMIT :batch",
                                 soci::into(id),
                                 soci::into(digest),
                                 soci::use(kOutboxBatch));
    statement.execute();
    while (statement.fetch()) {
      rows.emplace_back(id, digest);
    }
    return rows;
  }));
  for (const auto& [id, text] : pending) {
    TALLY_ASSIGN(const base::Uuid entry_id, base::parse_uuid(id));
    TALLY_ASSIGN(const auto bytes, base::from_hex(text));
    crypto::Digest digest{};
    std::copy_n(bytes.begin(), std::min(bytes.size(), digest.size()), digest.begin());
    TALLY_TRY(deliver(entry_id, digest));
    TALLY_TRY(database.write<bool>([&delivered = id](soci::session& session) -> base::Result<bool> {
      session << "DELETE FROM audit_outbox WHERE id = :id", soci::use(delivered);
      return true;
    }));
  }
  return pending.size();
}

}  // namespace tallystick::access
