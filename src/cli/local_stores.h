#pragma once
// The stores of a data directory, opened by a command on the same machine. The records database and the key ring may be
// open in a server at the same time; the journal may not.

#include <memory>

#include "access/audit.h"
#include "access/principal_service.h"
#include "access/service.h"
#include "base/config.h"
#include "base/error.h"
#include "cli/context.h"
#include "crypto/key_ring.h"
#include "records/database.h"
#include "server/data_directory.h"

namespace tallystick::cli {

struct LocalStores {
  base::Config config;
  server::DataDirectory data;
  std::unique_ptr<records::Database> database;
  std::unique_ptr<access::AuditLog> audit;
  std::unique_ptr<access::PrincipalService> principals;
  std::unique_ptr<access::KeyService> keys;
  std::unique_ptr<crypto::KeyRing> key_ring;
};

// Refuses a data directory that no server has ever used ("no_data_directory"). `context` must outlive the result.
[[nodiscard]] base::Result<LocalStores> open_local_stores(Context& context);

// Who changes something: "cli:<user>".
[[nodiscard]] access::ChangeContext cli_change(const Context& context, std::string reason);

}  // namespace tallystick::cli
