#pragma once
// What warehouse_bench found, as text and as JSON. Pure.

#include <algorithm>
#include <cstdint>
#include <string>
#include <vector>

#include <boost/json/value.hpp>

#include "bench/warehouse/timing.h"

namespace tallystick::bench {

struct LoadResult {
  std::uint64_t records = 0;        // of the log, all kinds
  double seconds = 0;               // from the server's first answer to the last record
  double ready_seconds = 0;         // of these, until the warehouse was there to be loaded
  double settled_seconds = 0;       // until attribution had settled, after the last record; negative: it had not
  double merged_seconds = 0;        // until no part was being merged any more, after the last record
  double settling_cpu_seconds = 0;  // of both, after the last record
  double server_cpu_seconds = 0;    // until the last record
  double engine_cpu_seconds = 0;
  std::uint64_t server_peak_bytes = 0;
  std::uint64_t engine_peak_bytes = 0;      // resident, with mapped files
  std::uint64_t engine_own_peak_bytes = 0;  // without them, sampled
  std::uint64_t engine_bound_bytes = 0;

  [[nodiscard]] double records_per_second() const {
    return static_cast<double>(records) / std::max(seconds - ready_seconds, 0.001);
  }
};

struct AnswerResult {
  std::string question;
  std::string target;
  Timing ours;
  Timing plain;     // no rounds: not asked
  Timing postgres;  // the same
};

struct Results {
  std::string machine;
  std::uint64_t events = 0;
  double generate_seconds = 0;
  LoadResult load;
  double plain_fill_seconds = 0;
  std::string postgres_version;  // empty: was not asked
  double postgres_copy_seconds = 0;
  double postgres_index_seconds = 0;
  // Exposures in the log by the generator's own count, and in each of the others.
  std::uint64_t exposures = 0;
  std::uint64_t exposures_plain = 0;
  std::uint64_t exposures_postgres = 0;
  std::uint64_t counts_checked = 0;  // of a report, which equal the generator's own
  std::vector<AnswerResult> answers;
  std::vector<std::string> problems;
};

[[nodiscard]] std::string to_text(const Results& results);
[[nodiscard]] boost::json::value to_json(const Results& results);

}  // namespace tallystick::bench
