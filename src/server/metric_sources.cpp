#include "server/metric_sources.h"

#include <array>
#include <string>

#include <fmt/format.h>

#include "server/version.h"

namespace tallystick::server {
namespace {

constexpr std::array<std::string_view, quality::kEventKindCount> kKinds = {"impression", "click", "conversion"};

template <typename Read>
void add_journal_counter(
    base::Metrics& metrics, const journal::Journal& journal, std::string name, std::string help, Read read) {
  metrics.add_counter("tallystick_journal_" + std::move(name), std::move(help), [&journal, read] {
    return static_cast<double>(read(journal.statistics()));
  });
}

template <typename Read>
void add_journal_gauge(
    base::Metrics& metrics, const journal::Journal& journal, std::string name, std::string help, Read read) {
  metrics.add_gauge("tallystick_journal_" + std::move(name), std::move(help), [&journal, read] {
    return static_cast<double>(read(journal.statistics()));
  });
}

}  // namespace

void add_build_metrics(base::Metrics& metrics) {
  metrics.add_gauge("tallystick_build_info", "Always 1; the version is a label.", [](base::MetricSamples& out) {
    out.add({{"version", std::string(kVersion)}}, 1);
  });
}

void add_journal_metrics(base::Metrics& metrics, const journal::Journal& journal) {
  using S = journal::Statistics;
  add_journal_gauge(
      metrics, journal, "records", "Durable records: the size of the tree.", [](const S& s) { return s.records; });
  add_journal_gauge(
      metrics, journal, "checkpoint_records", "Records that the latest checkpoint covers.", [](const S& s) {
        return s.checkpoint_size;
      });
  add_journal_gauge(metrics, journal, "segments", "Segment files.", [](const S& s) { return s.segments; });
  add_journal_gauge(
      metrics, journal, "queued_bytes", "Bytes waiting for the writer.", [](const S& s) { return s.queued_bytes; });
  add_journal_gauge(metrics, journal, "remembered_ids", "Event ids held in memory for duplicates.", [](const S& s) {
    return s.remembered_ids;
  });
  add_journal_gauge(metrics, journal, "disk_full", "1 while appends fail for want of space.", [](const S& s) {
    return s.is_disk_full ? 1 : 0;
  });
  add_journal_counter(
      metrics, journal, "groups_total", "Groups written together.", [](const S& s) { return s.groups; });
  add_journal_counter(metrics, journal, "written_bytes_total", "Bytes written to segments.", [](const S& s) {
    return s.bytes_written;
  });
  add_journal_counter(metrics, journal, "syncs_total", "Calls of fdatasync.", [](const S& s) { return s.syncs; });
  add_journal_counter(metrics, journal, "sync_seconds_total", "Time spent in fdatasync.", [](const S& s) {
    return static_cast<double>(s.sync_us_total) / 1e6;
  });
  add_journal_counter(
      metrics, journal, "duplicates_total", "Events refused as duplicates.", [](const S& s) { return s.duplicates; });
  add_journal_counter(metrics, journal, "failed_appends_total", "Batches that could not be appended.", [](const S& s) {
    return s.failed_appends;
  });
}

void add_quality_metrics(base::Metrics& metrics, const quality::Judge& judge) {
  metrics.add_counter("tallystick_quality_judged_events_total",
                      "Events judged, by kind and verdict.",
                      [&judge](base::MetricSamples& out) {
                        const quality::JudgeStats stats = judge.stats();
                        for (std::size_t kind = 0; kind < kKinds.size(); ++kind) {
                          for (std::size_t klass = 0; klass < quality::kVerdictClassCount; ++klass) {
                            out.add(
                                {{"kind", std::string(kKinds[kind])},
                                 {"class", std::string(journal::name_of(static_cast<journal::VerdictClass>(klass)))}},
                                static_cast<double>(stats.classes[kind][klass]));
                          }
                        }
                      });
  metrics.add_counter("tallystick_quality_reasons_total",
                      "Reasons given in verdicts, by kind; an event may have several.",
                      [&judge](base::MetricSamples& out) {
                        const quality::JudgeStats stats = judge.stats();
                        for (std::size_t kind = 0; kind < kKinds.size(); ++kind) {
                          for (std::size_t reason = 0; reason < journal::kReasonCount; ++reason) {
                            out.add({{"kind", std::string(kKinds[kind])},
                                     {"reason", std::string(journal::name_of(static_cast<journal::Reason>(reason)))}},
                                    static_cast<double>(stats.reasons[kind][reason]));
                          }
                        }
                      });
}

void add_engine_metrics(base::Metrics& metrics, const engine::Supervisor& engine) {
  metrics.add_gauge("tallystick_engine_up", "1 while the built-in ClickHouse answers.", [&engine] {
    return engine.status().is_up ? 1.0 : 0.0;
  });
  metrics.add_counter("tallystick_engine_restarts_total", "Times the engine was started again.", [&engine] {
    return static_cast<double>(engine.status().restarts);
  });
}

void add_access_metrics(base::Metrics& metrics, const access::KeyGatekeeper& gatekeeper) {
  metrics.add_counter(
      "tallystick_access_requests_total",
      "Administration requests, by what became of them at the gate.",
      [&gatekeeper](base::MetricSamples& out) {
        for (std::size_t i = 0; i < access::kAdmissionResults; ++i) {
          const auto result = static_cast<access::AdmissionResult>(i);
          out.add({{"result", std::string(access::name_of(result))}}, static_cast<double>(gatekeeper.count_of(result)));
        }
      });
}

void add_http_metrics(base::Metrics& metrics, const http::Server& server) {
  metrics.add_gauge("tallystick_http_connections", "Open connections.", [&server] {
    return static_cast<double>(server.statistics().connections_open);
  });
  metrics.add_counter("tallystick_http_connections_accepted_total", "Connections accepted.", [&server] {
    return static_cast<double>(server.statistics().connections_accepted);
  });
  metrics.add_counter("tallystick_http_requests_total", "Requests read.", [&server] {
    return static_cast<double>(server.statistics().requests);
  });
  metrics.add_counter(
      "tallystick_http_responses_total", "Answers written, by class of status.", [&server](base::MetricSamples& out) {
        const http::ServerStatistics statistics = server.statistics();
        for (std::size_t klass = 1; klass < std::size(statistics.responses_by_class); ++klass) {
          out.add({{"status", fmt::format("{}xx", klass)}}, static_cast<double>(statistics.responses_by_class[klass]));
        }
      });
  metrics.add_gauge("tallystick_http_queued_jobs", "Administration requests waiting for a worker.", [&server] {
    return static_cast<double>(server.statistics().jobs_queued);
  });
  metrics.add_counter("tallystick_http_refused_jobs_total",
                      "Administration requests refused because the queue was full.",
                      [&server] { return static_cast<double>(server.statistics().jobs_refused); });
}

}  // namespace tallystick::server
