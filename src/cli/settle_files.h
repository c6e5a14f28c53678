#pragma once
// A settlement plan's rows as the networks' own report files: columns and order as each network documents them, in the
// encoding, with the delimiters, dates, amounts and surrounding lines that its reports have. Pure.

#include <span>
#include <string>
#include <vector>

#include "base/time_zone.h"
#include "cli/settle_model.h"

namespace tallystick::cli {

struct SettleFile {
  std::string name;   // "settle-cj-2026-10.csv"
  std::string bytes;  // as it would be downloaded
  std::int64_t new_rows = 0;
  std::int64_t repeated_rows = 0;  // stand in a file before it
};

// The report of the month after begins so many days early: reports overlap.
inline constexpr std::int32_t kRepeatedDays = 2;

// The report of the network for the days [first, last] of its time zone.
[[nodiscard]] std::string write_settle_report(const SettleNetwork& network,
                                              const base::TimeZone& zone,
                                              base::Date first,
                                              base::Date last,
                                              std::span<const SettleRow> rows);

// The files of one network, in the order in which one imports them: the report of the month; the end of the one before,
// if it has rows; the beginning of the one after, which repeats the last days of the month and adds the late rows.
[[nodiscard]] std::vector<SettleFile> make_settle_files(const SettlePlan& plan,
                                                        std::size_t network,
                                                        const SettleSettings& settings,
                                                        const base::TimeZone& zone);

}  // namespace tallystick::cli
