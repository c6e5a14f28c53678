#pragma once
// Counts what the log holds, with the journal's readers and plain maps, and asks the warehouse for the same figures:
// each must be equal. Knows nothing of how the loader works.

#include <cstdint>
#include <filesystem>
#include <map>
#include <string>

#include "warehouse/client.h"

namespace tallystick::crash {

// By name, without those that are 0: rows by table, class, placement and hour; the classes as revised; forwardings;
// revisions; revenue; slots; users.
using Figures = std::map<std::string, std::int64_t>;

// While no server runs: of the records before `end`.
[[nodiscard]] Figures count_log(const std::filesystem::path& data_directory, std::uint64_t end = UINT64_MAX);

struct WarehouseFigures {
  Figures figures;
  std::uint64_t end = 0;  // of the records that are loaded
};
// Of the running server's built-in engine, at a moment when nothing is half loaded: from the raw tables and from the
// aggregates of the generation that is read. Also expects the aggregates, sketches of users and sessions included, to
// be what a GROUP BY over the raw tables gives. Throws std::runtime_error.
[[nodiscard]] WarehouseFigures count_loaded(const std::filesystem::path& data_directory);

// Names every difference.
void expect_equal_figures(const Figures& log, const Figures& warehouse);

[[nodiscard]] warehouse::Endpoint endpoint_of(const std::filesystem::path& data_directory);
// `value` of the first row, as text; "" when there is no row.
[[nodiscard]] std::string ask(warehouse::Client& client, const std::string& sql);
// `tallystick_3`
[[nodiscard]] std::string current_database(warehouse::Client& client);

}  // namespace tallystick::crash
