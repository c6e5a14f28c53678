#pragma once
// From settings to the options of each room. Pure.

#include <string>

#include "access/gatekeeper.h"
#include "base/config.h"
#include "base/error.h"
#include "base/log.h"
#include "capture/settings.h"
#include "engine/supervisor.h"
#include "http/server.h"
#include "journal/journal.h"
#include "records/database.h"
#include "server/data_directory.h"
#include "warehouse/warehouse.h"

namespace tallystick::server {

[[nodiscard]] base::Result<base::LogOptions> log_options(const base::Config& config);
// Error code: "bad_cidr" for a trusted proxy that is no network.
[[nodiscard]] base::Result<http::ServerOptions> http_options(const base::Config& config);
[[nodiscard]] journal::Options journal_options(const base::Config& config, const DataDirectory& data);
[[nodiscard]] records::DatabaseOptions database_options(const base::Config& config, const DataDirectory& data);

// `binary`: this program.
[[nodiscard]] engine::SupervisorOptions engine_options(const base::Config& config,
                                                       const DataDirectory& data,
                                                       const std::filesystem::path& binary);

// `engine`: the built-in one, used when no URL is configured; may be null. Error code: "bad_configuration".
[[nodiscard]] base::Result<warehouse::Options> warehouse_options(const base::Config& config,
                                                                 const engine::Supervisor* engine);

[[nodiscard]] access::RateLimits rate_limits(const base::Config& config);

[[nodiscard]] capture::CaptureSettings capture_settings(const base::Config& config);

// "http://localhost:8080", or what http.public_url says. `port` as bound.
[[nodiscard]] std::string public_url(const base::Config& config, std::uint16_t port);

}  // namespace tallystick::server
