#include "bench/warehouse/results.h"

#include <boost/json.hpp>
#include <fmt/format.h>

namespace tallystick::bench {
namespace {

namespace json = boost::json;

constexpr double kMiB = 1024.0 * 1024.0;

double mib(std::uint64_t bytes) {
  return static_cast<double>(bytes) / kMiB;
}

std::string show(double milliseconds) {
  return milliseconds < 100 ? fmt::format("{:.1f}", milliseconds) : fmt::format("{:.0f}", milliseconds);
}

std::string show(const Timing& timing) {
  if (!timing.error.empty()) {
    return "failed";
  }
  return timing.rounds == 0 ? "" : fmt::format("{} / {}", show(timing.p50_ms), show(timing.p95_ms));
}

json::value to_json(const Timing& timing) {
  if (!timing.error.empty()) {
    return {{"error", timing.error}};
  }
  if (timing.rounds == 0) {
    return nullptr;
  }
  return {{"rounds", timing.rounds}, {"p50_ms", timing.p50_ms}, {"p95_ms", timing.p95_ms}};
}

std::string show_load(const LoadResult& load) {
  return fmt::format(
      "load: {} records in {:.1f} s, {:.1f} s of these until the warehouse was ready: {:.0f} records/s; attribution "
      "{}, merges rested {:.1f} s after the load\n"
      "  CPU: server {:.1f} s, engine {:.1f} s: {:.2f} us a record together; settling and merging afterwards {:.1f} s\n"
      "  memory at most: server {:.0f} MiB, engine {:.0f} MiB ({:.0f} MiB of its own; its bound is {:.0f} MiB)\n",
      load.records,
      load.seconds,
      load.ready_seconds,
      load.records_per_second(),
      load.settled_seconds < 0 ? "did not settle" : fmt::format("settled {:.1f} s later", load.settled_seconds),
      load.merged_seconds,
      load.server_cpu_seconds,
      load.engine_cpu_seconds,
      (load.server_cpu_seconds + load.engine_cpu_seconds) * 1e6 / static_cast<double>(load.records),
      load.settling_cpu_seconds,
      mib(load.server_peak_bytes),
      mib(load.engine_peak_bytes),
      mib(load.engine_own_peak_bytes),
      mib(load.engine_bound_bytes));
}

}  // namespace

std::string to_text(const Results& results) {
  std::string text = fmt::format("machine: {}\n{} events, written in {:.1f} s\n{}",
                                 results.machine,
                                 results.events,
                                 results.generate_seconds,
                                 show_load(results.load));
  text += fmt::format("plain tables filled in {:.1f} s", results.plain_fill_seconds);
  if (!results.postgres_version.empty()) {
    text += fmt::format("; PostgreSQL {}: COPY {:.1f} s, indexes {:.1f} s",
                        results.postgres_version,
                        results.postgres_copy_seconds,
                        results.postgres_index_seconds);
  }
  text += fmt::format(
      "\nexposures: {} written, {} in the plain tables, {} in PostgreSQL; {} counts of the report equal the "
      "generator's own\n\n{:<30} {:>18} {:>20} {:>20}\n",
      results.exposures,
      results.exposures_plain,
      results.exposures_postgres,
      results.counts_checked,
      "p50 / p95 in ms",
      "report over HTTP",
      "plain ClickHouse",
      "PostgreSQL");
  for (const AnswerResult& answer : results.answers) {
    text += fmt::format(
        "{:<30} {:>18} {:>20} {:>20}\n", answer.question, show(answer.ours), show(answer.plain), show(answer.postgres));
  }
  for (const std::string& problem : results.problems) {
    text += "problem: " + problem + "\n";
  }
  return text;
}

json::value to_json(const Results& results) {
  const LoadResult& load = results.load;
  json::array answers;
  for (const AnswerResult& answer : results.answers) {
    answers.push_back({{"question", answer.question},
                       {"report", answer.target},
                       {"ours", to_json(answer.ours)},
                       {"plain", to_json(answer.plain)},
                       {"postgres", to_json(answer.postgres)}});
  }
  return {
      {"machine", results.machine},
      {"events", results.events},
      {"generate_seconds", results.generate_seconds},
      {"load",
       {{"records", load.records},
        {"seconds", load.seconds},
        {"records_per_second", load.records_per_second()},
        {"settled_seconds", load.settled_seconds},
        {"merged_seconds", load.merged_seconds},
        {"server_cpu_seconds", load.server_cpu_seconds},
        {"engine_cpu_seconds", load.engine_cpu_seconds},
        {"server_peak_bytes", load.server_peak_bytes},
        {"engine_peak_bytes", load.engine_peak_bytes},
        {"engine_own_peak_bytes", load.engine_own_peak_bytes},
        {"engine_bound_bytes", load.engine_bound_bytes}}},
      {"plain_fill_seconds", results.plain_fill_seconds},
      {"postgres",
       {{"version", results.postgres_version},
        {"copy_seconds", results.postgres_copy_seconds},
        {"index_seconds", results.postgres_index_seconds}}},
      {"exposures",
       {{"written", results.exposures}, {"plain", results.exposures_plain}, {"postgres", results.exposures_postgres}}},
      {"answers", std::move(answers)},
      {"problems", json::array(results.problems.begin(), results.problems.end())}};
}

}  // namespace tallystick::bench
