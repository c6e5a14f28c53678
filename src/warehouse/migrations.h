#pragma once
// The numbered schema files that are embedded in the binary, and their application to a database. Statements are
// IF NOT EXISTS, so that a migration that was cut off is simply run again. One process at a time.

#include <span>
#include <string_view>

#include "base/error.h"
#include "base/time.h"
#include "warehouse/client.h"
#include "warehouse/layout.h"

namespace tallystick::warehouse {

struct Migration {
  int version = 0;
  std::string_view name;  // "0001_events"
  std::string_view text;  // as in the file
};

// Ascending, without gaps, from 1.
[[nodiscard]] std::span<const Migration> embedded_migrations();

// Applies what is missing and brings the times of retention up to date; the database must exist. Returns the version.
// Error codes: "warehouse_schema_newer", "warehouse_schema_changed", and those of Client.
[[nodiscard]] base::Result<int> apply_migrations(Client& client,
                                                 const Layout& layout,
                                                 std::span<const Migration> migrations,
                                                 base::Timestamp now);

}  // namespace tallystick::warehouse
