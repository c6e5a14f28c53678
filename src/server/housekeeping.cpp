#include "server/housekeeping.h"

#include <algorithm>
#include <string>

#include <sys/resource.h>

#include "access/audit.h"
#include "journal/codec.h"

namespace tallystick::server {
namespace {

constexpr rlim_t kOtherFiles = 256;  // segments, tiles, databases, listeners

}  // namespace

base::Result<void> journal_audit_digests(records::Database& database,
                                         journal::Journal& journal,
                                         const base::Clock& clock) {
  const auto deliver = [&](const base::Uuid& id, const crypto::Digest& digest) -> base::Result<void> {
    std::string fields;
    journal::encode(journal::DigestRecord{id, digest}, fields);
    // A digest that is delivered again after a crash is a duplicate within this window.
    TALLY_ASSIGN(
        [[maybe_unused]] const std::uint64_t sequence,
        journal.append({journal::RecordKind::kAudit, journal::DedupeWindow::kLong, id, clock.now()}, fields, {}));
    return {};
  };
  TALLY_ASSIGN([[maybe_unused]] const std::size_t count, access::AuditLog::drain_outbox(database, deliver));
  return {};
}

base::Result<RetentionReport> apply_retention(journal::Journal& journal,
                                              const base::Config& config,
                                              const base::Clock& clock,
                                              base::Log& log) {
  const base::Timestamp now = clock.now();
  TALLY_ASSIGN(const journal::Journal::ErasureReport erased,
               journal.erase_before(now - config.integer("journal.personal_retention_days") * base::kMicrosPerDay));
  TALLY_ASSIGN(
      const std::uint64_t dropped,
      journal.drop_segments_before(now - config.integer("journal.segment_retention_days") * base::kMicrosPerDay));
  if (erased.records_erased > 0 || dropped > 0) {
    log.info("retention applied", {{"records_erased", erased.records_erased}, {"segments_dropped", dropped}});
  }
  return RetentionReport{erased.records_erased, dropped};
}

void raise_open_file_limit(const base::Config& config, base::Log& log) {
  rlimit limit{};
  const auto wanted = static_cast<rlim_t>(config.integer("http.max_connections")) + kOtherFiles;
  if (::getrlimit(RLIMIT_NOFILE, &limit) != 0 || limit.rlim_cur >= wanted) {
    return;
  }
  limit.rlim_cur = std::min(wanted, limit.rlim_max);
  if (::setrlimit(RLIMIT_NOFILE, &limit) != 0 || limit.rlim_cur < wanted) {
    log.warning("fewer open files allowed than http.max_connections needs",
                {{"limit", limit.rlim_cur}, {"needed", wanted}});
  }
}

}  // namespace tallystick::server
