#include "cli/offline_stores.h"

#include <utility>

#include "base/file.h"
#include "server/options.h"

namespace tallystick::cli {

base::Result<OfflineStores> open_offline_stores(Context& context, base::Config config) {
  server::DataDirectory data(config.text("data.directory"));
  OfflineStores stores{std::move(config), std::move(data)};
  TALLY_TRY(base::make_folder(stores.data.root(), 0700));
  TALLY_TRY(base::make_folder(stores.data.keys(), 0700));
  TALLY_ASSIGN(const crypto::Ed25519Seed seed, crypto::load_or_make_seed(stores.data.log_key_file(), context.random));
  stores.log_key = std::make_unique<crypto::Ed25519Key>(seed);
  journal::Options options = server::journal_options(stores.config, stores.data);
  options.sync = journal::SyncMode::kInterval;
  // Before everything else: its lock says whether a server runs.
  auto opened = journal::Journal::open(options, context.clock, context.random, *stores.log_key);
  if (!opened && opened.error().code == "journal_locked") {
    opened.error().message = "A server runs on this data directory. Stop it first, or name another with --data.";
  }
  TALLY_ASSIGN(stores.journal, std::move(opened));
  TALLY_ASSIGN(stores.key_ring, crypto::KeyRing::open(stores.data.key_ring_file(), context.clock, context.random));
  TALLY_ASSIGN(stores.database, records::Database::open(server::database_options(stores.config, stores.data)));
  TALLY_ASSIGN([[maybe_unused]] const int version, stores.database->migrate(context.clock.now()));
  return stores;
}

}  // namespace tallystick::cli
