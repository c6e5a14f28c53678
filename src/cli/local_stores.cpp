#include "cli/local_stores.h"

#include <utility>

#include <fmt/format.h>

#include "server/options.h"

namespace tallystick::cli {

base::Result<LocalStores> open_local_stores(Context& context) {
  TALLY_ASSIGN(base::Config config, context.load_config());
  server::DataDirectory data(config.text("data.directory"));
  if (!std::filesystem::exists(data.key_ring_file())) {
    return base::fail(
        base::ErrorKind::kNotFound,
        "no_data_directory",
        fmt::format("{} is no data directory of a server: start `tallystick serve` once, or name another with --data",
                    data.root().string()));
  }
  LocalStores stores{std::move(config), std::move(data), nullptr, nullptr, nullptr, nullptr, nullptr};
  TALLY_ASSIGN(stores.key_ring, crypto::KeyRing::open(stores.data.key_ring_file(), context.clock, context.random));
  TALLY_ASSIGN(stores.database, records::Database::open(server::database_options(stores.config, stores.data)));
  stores.audit = std::make_unique<access::AuditLog>(context.clock, context.random);
  stores.principals =
      std::make_unique<access::PrincipalService>(*stores.database, *stores.audit, context.clock, context.random);
  stores.keys = std::make_unique<access::KeyService>(*stores.database, *stores.audit, context.clock, context.random);
  return stores;
}

access::ChangeContext cli_change(const Context& context, std::string reason) {
  return {"cli:" + context.variable("USER").value_or("unknown"), std::move(reason), ""};
}

}  // namespace tallystick::cli
