#pragma once
// Holds the log against what the senders remember.

#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include "tests/crash/traffic.h"

namespace tallystick::crash {

// How often each event id is in the log, read with the library while no server runs.
[[nodiscard]] std::map<std::string, int> count_events(const std::filesystem::path& data_directory);

// Everything acknowledged is there, nothing is there twice, nothing is there that was never sent.
void expect_exactly_once(const Ledger& ledger, const std::map<std::string, int>& counts);

// `tallystick journal verify` with more arguments succeeds.
void expect_verified(const std::filesystem::path& data_directory, const std::vector<std::string>& more = {});

}  // namespace tallystick::crash
