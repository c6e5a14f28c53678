#pragma once
// What the server does by itself from time to time, and once at its start.

#include <cstdint>

#include "base/config.h"
#include "base/error.h"
#include "base/log.h"
#include "base/time.h"
#include "journal/journal.h"
#include "records/database.h"

namespace tallystick::server {

// Appends the digests of new audit entries to the journal, so that the trail cannot be changed unseen either (I7).
[[nodiscard]] base::Result<void> journal_audit_digests(records::Database& database,
                                                       journal::Journal& journal,
                                                       const base::Clock& clock);

struct RetentionReport {
  std::uint64_t records_erased = 0;
  std::uint64_t segments_dropped = 0;
};

// Zeroes personal fields and drops segments that have reached their age (15-journal, "Retention").
[[nodiscard]] base::Result<RetentionReport> apply_retention(journal::Journal& journal,
                                                            const base::Config& config,
                                                            const base::Clock& clock,
                                                            base::Log& log);

// As many file descriptors as connections and files need, within the hard limit.
void raise_open_file_limit(const base::Config& config, base::Log& log);

}  // namespace tallystick::server
