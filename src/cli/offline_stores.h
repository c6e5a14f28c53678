#pragma once
// Everything of a data directory, the journal too, opened by a command while no server runs; made where it is not there
// yet. One thread.

#include <memory>

#include "base/config.h"
#include "base/error.h"
#include "cli/context.h"
#include "crypto/ed25519.h"
#include "crypto/key_ring.h"
#include "journal/journal.h"
#include "records/database.h"
#include "server/data_directory.h"

namespace tallystick::cli {

struct OfflineStores {
  base::Config config;
  server::DataDirectory data;
  std::unique_ptr<crypto::Ed25519Key> log_key = {};
  std::unique_ptr<crypto::KeyRing> key_ring = {};
  std::unique_ptr<journal::Journal> journal = {};
  std::unique_ptr<records::Database> database = {};
};

// The journal is synced at intervals: a crash of the machine may cost the last moments of what can be written again.
// `context` must outlive the result. Error codes: "journal_locked" (a server runs), those of the stores.
[[nodiscard]] base::Result<OfflineStores> open_offline_stores(Context& context, base::Config config);

}  // namespace tallystick::cli
