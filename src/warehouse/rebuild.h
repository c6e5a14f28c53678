#pragma once
// Takes aggregates of some days of one log back and makes them anew from the event tables (sql/recounts.sql), as the
// loader would have counted them. Nothing may insert events of that log meanwhile. Idempotent: after a failure it is
// run again.

#include <cstdint>
#include <span>

#include "base/error.h"
#include "warehouse/client.h"
#include "warehouse/layout.h"

namespace tallystick::warehouse {

// `days`: UTC, since 1970-01-01; empty: nothing to do.
[[nodiscard]] base::Result<void> rebuild_days(Client& client,
                                              const Layout& layout,
                                              std::uint32_t log_id,
                                              std::span<const std::uint16_t> days);

}  // namespace tallystick::warehouse
