#pragma once
// What `tallystick doctor` looks at, one finding each. The checks change nothing but for a probe file that is removed.

#include <cstdint>
#include <string>
#include <vector>

#include "base/config.h"
#include "base/time.h"
#include "server/data_directory.h"

namespace tallystick::cli {

enum class FindingState : std::uint8_t { kGood, kWarning, kBad };
[[nodiscard]] std::string_view name_of(FindingState state);

struct Finding {
  std::string check;
  FindingState state = FindingState::kGood;
  std::string detail;
  std::string advice = {};  // what to do; empty when good
};

[[nodiscard]] Finding check_keys(const server::DataDirectory& data);
[[nodiscard]] Finding check_disk_space(const server::DataDirectory& data);
// Median of a few small synced writes.
[[nodiscard]] Finding check_sync_latency(const server::DataDirectory& data, const base::Clock& clock);
[[nodiscard]] Finding check_clock(const base::Clock& clock, const server::DataDirectory& data);
[[nodiscard]] Finding check_open_files(const base::Config& config);
// That the library is there; the engine itself is the server's.
[[nodiscard]] Finding check_engine(const base::Config& config);
[[nodiscard]] Finding check_database(const base::Config& config, const server::DataDirectory& data);

}  // namespace tallystick::cli
