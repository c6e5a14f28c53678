#include "server/options.h"

#include <algorithm>
#include <thread>

#include <fmt/format.h>

#include "http/url.h"

namespace tallystick::server {
namespace {

constexpr std::int64_t kUsPerMs = base::kMicrosPerMilli;

}  // namespace

base::Result<base::LogOptions> log_options(const base::Config& config) {
  base::LogOptions options;
  TALLY_ASSIGN(options.level, base::parse_log_level(config.text("log.level")));
  options.format = config.text("log.format") == "json" ? base::LogFormat::kJson : base::LogFormat::kLogfmt;
  options.file = config.text("log.file");
  return options;
}

base::Result<http::ServerOptions> http_options(const base::Config& config) {
  http::ServerOptions options;
  options.address = config.text("http.address");
  options.port = static_cast<std::uint16_t>(config.integer("http.port"));
  options.reactors = static_cast<unsigned>(config.integer("http.reactors"));
  if (options.reactors == 0) {
    options.reactors = std::max(1U, std::thread::hardware_concurrency() - 1);
  }
  options.workers = static_cast<unsigned>(config.integer("http.workers"));
  options.max_queued_jobs = static_cast<std::size_t>(config.integer("http.max_queued_jobs"));
  options.max_connections = static_cast<std::size_t>(config.integer("http.max_connections"));
  options.max_header_bytes = static_cast<std::size_t>(config.integer("http.max_header_bytes"));
  options.header_timeout_ms = config.integer("http.header_timeout_ms");
  options.body_timeout_ms = config.integer("http.body_timeout_ms");
  options.idle_timeout_ms = config.integer("http.idle_timeout_ms");
  options.write_timeout_ms = config.integer("http.write_timeout_ms");
  options.drain_timeout_ms = config.integer("http.drain_timeout_ms");
  for (const std::string& network : config.texts("http.trusted_proxies")) {
    TALLY_ASSIGN(const base::IpNetwork parsed, base::parse_cidr(network));
    options.trusted_proxies.push_back(parsed);
  }
  options.tls = {config.text("http.tls_certificate_file"), config.text("http.tls_key_file")};
  return options;
}

journal::Options journal_options(const base::Config& config, const DataDirectory& data) {
  journal::Options options;
  options.directory = data.journal();
  options.origin = config.text("journal.origin");
  options.sync = config.text("journal.sync") == "interval" ? journal::SyncMode::kInterval : journal::SyncMode::kAlways;
  options.sync_interval_us = config.integer("journal.sync_interval_ms") * kUsPerMs;
  options.checkpoint_interval_us = config.integer("journal.checkpoint_interval_ms") * kUsPerMs;
  options.segment_bytes = static_cast<std::uint64_t>(config.integer("journal.segment_bytes"));
  options.max_queued_bytes = static_cast<std::uint64_t>(config.integer("journal.max_queued_bytes"));
  options.max_remembered_ids = static_cast<std::uint64_t>(config.integer("journal.max_remembered_ids"));
  return options;
}

records::DatabaseOptions database_options(const base::Config& config, const DataDirectory& data) {
  records::DatabaseOptions options;
  options.url = config.text("records.url");
  if (options.url.empty()) {
    options.url = "sqlite://" + std::filesystem::absolute(data.records_file()).string();
  }
  options.pool_size = static_cast<std::size_t>(config.integer("records.pool_size"));
  options.wait_timeout_ms = config.integer("records.wait_timeout_ms");
  return options;
}

namespace {

std::int64_t engine_threads(const base::Config& config) {
  const std::int64_t threads = config.integer("engine.threads");
  return threads == 0 ? std::max(1U, std::thread::hardware_concurrency()) : threads;
}

}  // namespace

engine::SupervisorOptions engine_options(const base::Config& config,
                                         const DataDirectory& data,
                                         const std::filesystem::path& binary) {
  engine::SupervisorOptions options;
  options.binary = binary;
  options.directory = data.engine();
  options.library = config.text("engine.library");
  options.memory_bytes = config.integer("engine.memory_bytes");
  options.threads = engine_threads(config);
  options.concurrent_queries = config.integer("engine.concurrent_queries");
  options.max_body_bytes = config.integer("engine.max_body_bytes");
  options.is_json_log = config.text("log.format") == "json";
  options.log_file = config.text("log.file");
  return options;
}

base::Result<warehouse::Options> warehouse_options(const base::Config& config, const engine::Supervisor* engine) {
  warehouse::Options options;
  warehouse::Endpoint& endpoint = options.endpoint;
  endpoint.url = config.text("warehouse.url");
  if (endpoint.url.empty() && engine != nullptr) {
    endpoint.unix_socket = engine->socket();
    endpoint.threads = engine_threads(config);
    endpoint.data_folder = engine->directory();
    options.names.durability = warehouse::Durability::kBatch;
  } else if (!http::parse_url(endpoint.url)) {
    return base::fail(
        base::ErrorKind::kInvalid,
        "bad_configuration",
        "warehouse.url must be an http or https address without a user: those have settings of their own");
  }
  endpoint.user = config.text("warehouse.user");
  endpoint.password = config.text("warehouse.password");
  endpoint.ca_file = config.text("warehouse.ca_file");
  endpoint.cluster = endpoint.is_built_in() ? "" : config.text("warehouse.cluster");
  endpoint.compress = config.boolean("warehouse.compress");
  endpoint.timeout_ms = config.integer("warehouse.timeout_ms");
  options.names.prefix = config.text("warehouse.database");
  options.names.cluster = endpoint.cluster;
  options.names.retention = {.personal_days = config.integer("journal.personal_retention_days"),
                             .event_days = config.integer("journal.segment_retention_days")};
  if (!warehouse::is_database_prefix(options.names.prefix) || !warehouse::is_plain_name(options.names.cluster)) {
    return base::fail(base::ErrorKind::kInvalid,
                      "bad_configuration",
                      "warehouse.database takes letters, digits and '_', warehouse.cluster also '-' and '.'");
  }
  return options;
}

access::RateLimits rate_limits(const base::Config& config) {
  return {.requests_per_minute = config.integer("access.requests_per_minute"),
          .public_requests_per_minute = config.integer("access.public_requests_per_minute")};
}

capture::CaptureSettings capture_settings(const base::Config& config) {
  capture::CaptureSettings settings;
  settings.consent.vendor_id = static_cast<unsigned>(config.integer("capture.tcf_vendor_id"));
  settings.consent.default_analytics = config.boolean("capture.default_analytics_consent");
  settings.consent.default_marketing = config.boolean("capture.default_marketing_consent");
  settings.clicks_per_client.per_second =
      static_cast<std::uint32_t>(config.integer("capture.clicks_per_client_per_second"));
  settings.clicks_per_client.burst = static_cast<std::uint32_t>(config.integer("capture.click_burst"));
  settings.requests_per_client.per_second =
      static_cast<std::uint32_t>(config.integer("capture.requests_per_client_per_second"));
  settings.requests_per_client.burst = static_cast<std::uint32_t>(config.integer("capture.request_burst"));
  settings.max_outstanding = static_cast<std::size_t>(config.integer("capture.max_outstanding"));
  settings.dead_letter_alert_above = config.integer("capture.dead_letter_alert_above");
  return settings;
}

std::string public_url(const base::Config& config, std::uint16_t port) {
  if (std::string url = config.text("http.public_url"); !url.empty()) {
    while (url.ends_with('/')) {
      url.pop_back();
    }
    return url;
  }
  return fmt::format("{}://localhost:{}", config.text("http.tls_certificate_file").empty() ? "http" : "https", port);
}

}  // namespace tallystick::server
