#pragma once
// What loading says to the warehouse, apart from inserting: the statements and their ids, written in one place, so that
// recovery ends and takes back exactly what a batch may have begun. Pure.

#include <array>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "warehouse/layout.h"

namespace tallystick::warehouse {

// Every table that a batch inserts into: events by their sequence number, and what is counted of them.
inline constexpr std::array<std::string_view, 5> kLoadedTables = {
    "impressions", "clicks", "conversions", "verdict_revisions", "forwardings"};
inline constexpr std::array<std::string_view, 7> kCountedTables = {"exposure_hourly",
                                                                   "placement_hourly",
                                                                   "exposure_daily",
                                                                   "exposure_users_daily",
                                                                   "placement_daily",
                                                                   "placement_weekly",
                                                                   "click_hourly"};
// Those with pseudonyms.
inline constexpr std::array<std::string_view, 3> kPersonalTables = {"impressions", "clicks", "conversions"};

// The same in every attempt at the batch that begins at `first`: by it recovery ends what may still run.
[[nodiscard]] std::string make_load_query_id(const Layout& layout,
                                             std::uint32_t log_id,
                                             std::uint64_t first,
                                             std::string_view step);
inline constexpr std::string_view kEraseStep = "erase";

// Takes back what records from `first` on have put into the table.
[[nodiscard]] std::string make_take_back(const Layout& layout,
                                         std::string_view table,
                                         std::uint32_t log_id,
                                         std::uint64_t first);

// "sequence IN (1,2)": at most kMaxListed of them in a statement.
inline constexpr std::size_t kMaxListed = 5'000;
[[nodiscard]] std::string make_list_condition(std::string_view column, std::span<const std::uint64_t> sequences);

// Blanks the pseudonyms of the rows that the condition names.
[[nodiscard]] std::string make_erase(const Layout& layout,
                                     std::string_view table,
                                     std::uint32_t log_id,
                                     std::string_view condition);

}  // namespace tallystick::warehouse
