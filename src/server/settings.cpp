#include "server/settings.h"

#include <array>
#include <cstdlib>

namespace tallystick::server {
namespace {

using base::Setting;
using enum base::SettingType;

constexpr std::int64_t kMiB = 1 << 20;
constexpr std::int64_t kGiB = 1LL << 30;
constexpr std::int64_t kDay = 24 * 60 * 60 * 1000LL;

constexpr auto kSettings = std::to_array<Setting>({
    {"data.directory", kText, "tallystick-data", "Where the journal, the keys and the embedded records database live."},

    {"http.address", kText, "0.0.0.0", "Address to listen on; `::` for IPv6 and IPv4."},
    {"http.port", kInteger, "8080", "Port to listen on; 0 takes any free one.", 0, 65'535},
    {"http.public_url",
     kText,
     "",
     "Scheme and host under which visitors reach this server, for signed links; empty: http://localhost:<port>."},
    {"http.reactors",
     kInteger,
     "0",
     "Threads that capture events, each with its own socket; 0: one per core, less one for the journal.",
     0,
     256},
    {"http.workers", kInteger, "4", "Threads for administration, which may wait for the records database.", 1, 256},
    {"http.max_connections",
     kInteger,
     "10000",
     "Open connections; more are refused, so that memory stays bounded.",
     1,
     1'000'000},
    {"http.max_queued_jobs",
     kInteger,
     "1024",
     "Administration requests that may wait for a worker before 503 is answered.",
     1,
     1'000'000},
    {"http.max_header_bytes", kInteger, "16384", "Size of a request's head; beyond it 431.", 1'024, kMiB},
    {"http.header_timeout_ms", kInteger, "10000", "From the first byte to the end of the head; then 408.", 100, kDay},
    {"http.body_timeout_ms",
     kInteger,
     "30000",
     "From the end of the head to the end of the body; then 408.",
     100,
     kDay},
    {"http.idle_timeout_ms", kInteger, "75000", "A connection without a request is closed after this time.", 100, kDay},
    {"http.write_timeout_ms",
     kInteger,
     "30000",
     "A peer that does not read its answer is cut off after this time.",
     100,
     kDay},
    {"http.drain_timeout_ms", kInteger, "10000", "How long a graceful stop waits for requests under way.", 0, kDay},
    {"http.trusted_proxies",
     kTextList,
     "127.0.0.0/8,::1/128",
     "Networks whose X-Forwarded-For is believed, as CIDR; the default is a proxy on this machine."},
    {"http.tls_certificate_file", kText, "", "PEM chain; empty: no TLS (a proxy in front does it)."},
    {"http.tls_key_file", kText, "", "PEM private key of the certificate."},

    {"log.level", kChoice, "info", "Least severity that is written.", 0, 0, "debug|info|warning|error|off"},
    {"log.format", kChoice, "logfmt", "One line an entry, as key=value or as JSON.", 0, 0, "logfmt|json"},
    {"log.file", kText, "", "File to append to; empty: standard error."},

    {"journal.origin",
     kText,
     "tallystick.local/log",
     "Name of the log in its checkpoints; choose it once, verifiers pin it."},
    {"journal.sync",
     kChoice,
     "always",
     "`always`: acknowledged means on disk; `interval`: acknowledged means written, synced soon after.",
     0,
     0,
     "always|interval"},
    {"journal.sync_interval_ms", kInteger, "100", "Longest time between syncs with `interval`.", 1, 60'000},
    {"journal.checkpoint_interval_ms",
     kInteger,
     "1000",
     "A signed checkpoint at least this often while events arrive.",
     10,
     60'000},
    {"journal.segment_bytes", kInteger, "134217728", "Size at which a new segment file begins.", kMiB, 4096 * kMiB},
    {"journal.max_queued_bytes",
     kInteger,
     "67108864",
     "Bytes waiting for the writer before capture answers 503.",
     kMiB,
     16'384 * kMiB},
    {"journal.max_remembered_ids",
     kInteger,
     "32000000",
     "Event ids remembered for duplicates (about 40 bytes each); beyond it 503.",
     1'000,
     4'000'000'000},
    {"journal.personal_retention_days", kInteger, "30", "Personal fields are zeroed after this many days.", 1, 3'650},
    {"journal.segment_retention_days",
     kInteger,
     "730",
     "Whole segments are dropped after this many days; their proofs stay.",
     1,
     36'500},

    {"records.url",
     kText,
     "",
     "`sqlite:///path` or `postgresql://user:password@host/name`; empty: records.db in the data directory.",
     0,
     0,
     "",
     true},
    {"records.pool_size", kInteger, "4", "Database sessions held open.", 1, 256},
    {"records.wait_timeout_ms", kInteger, "5000", "How long a request waits for a free session; then 503.", 1, 600'000},

    {"access.requests_per_minute",
     kInteger,
     "3000",
     "Administration requests of one API key, which may come at once; beyond it 429; 0: unlimited.",
     0,
     1'000'000},
    {"access.public_requests_per_minute",
     kInteger,
     "6000",
     "Requests without a key, of tiles and receipts for instance, from one client address (IPv6: one /64); beyond it "
     "429; 0: unlimited.",
     0,
     1'000'000},

    {"capture.tcf_vendor_id",
     kInteger,
     "0",
     "Our id in IAB's Global Vendor List; 0: none, the vendor bits are not asked for.",
     0,
     65'535},
    {"capture.default_analytics_consent", kBoolean, "false", "What holds for analytics when a visitor states nothing."},
    {"capture.default_marketing_consent", kBoolean, "false", "What holds for marketing when a visitor states nothing."},
    {"capture.clicks_per_client_per_second",
     kInteger,
     "50",
     "Redirects for one client address; beyond it 429; 0: unlimited.",
     0,
     1'000'000},
    {"capture.click_burst", kInteger, "200", "Redirects that one address may ask for at once.", 1, 1'000'000},
    {"capture.requests_per_client_per_second",
     kInteger,
     "200",
     "Requests of events from one client address; beyond it 429; 0: unlimited.",
     0,
     1'000'000},
    {"capture.request_burst", kInteger, "1000", "Requests of events that one address may send at once.", 1, 1'000'000},
    {"capture.max_outstanding",
     kInteger,
     "16384",
     "Requests of one reactor that wait for the journal; then 503.",
     16,
     10'000'000},
    {"capture.dead_letter_alert_above", kInteger, "100", "Open dead letters that raise an alert.", 0, 1'000'000'000},

    {"quality.config_file",
     kText,
     "",
     "Path of quality.toml with limits and lists (docs/quality.md), reloaded when it changes; empty: the defaults."},

    {"engine.enabled",
     kBoolean,
     "true",
     "Whether the built-in ClickHouse engine runs beside the server (docs/engine.md); with warehouse.url it "
     "stays off anyway."},
    {"engine.library",
     kText,
     "",
     "Path of libchdb.so; empty: beside the binary, in ../lib/tallystick, or where scripts/bootstrap put it."},
    {"engine.memory_bytes",
     kInteger,
     "2147483648",
     "Bound of the engine's memory: a query beyond it fails (code 241), the machine does not.",
     256 * kMiB,
     1'024 * kGiB},
    {"engine.threads", kInteger, "0", "Threads of one query; 0: one per core.", 0, 1'024},
    {"engine.concurrent_queries",
     kInteger,
     "4",
     "Queries at a time; one place is kept for inserts, further ones wait, then 503.",
     2,
     64},
    {"engine.max_body_bytes",
     kInteger,
     "536870912",
     "Largest insert, which is held in memory; beyond it 413.",
     kMiB,
     16 * kGiB},

    {"warehouse.enabled", kBoolean, "true", "Whether events are loaded into the warehouse (docs/warehouse.md)."},
    {"warehouse.url",
     kText,
     "",
     "A ClickHouse server's HTTP interface, `https://clickhouse.example:8443`; empty: the built-in engine."},
    {"warehouse.user", kText, "", "Of the ClickHouse server."},
    {"warehouse.password", kText, "", "Of the ClickHouse server's user.", 0, 0, "", true},
    {"warehouse.ca_file",
     kText,
     "",
     "PEM certificates that the ClickHouse server's is checked with; empty: the system's."},
    {"warehouse.compress",
     kBoolean,
     "true",
     "Whether inserts into the ClickHouse server are compressed, with Zstandard."},
    {"warehouse.timeout_ms",
     kInteger,
     "60000",
     "How long a statement may take before it is given up and ended.",
     100,
     kDay},
    {"warehouse.cluster", kText, "", "Name of the ClickHouse cluster that holds the tables; empty: one server."},
    {"warehouse.database",
     kText,
     "tallystick",
     "Databases are named so, with the generation's number: `tallystick_1`."},
    {"warehouse.batch_rows",
     kInteger,
     "500000",
     "Rows that are inserted together at most; two batches are held in memory.",
     1'000,
     1'000'000},
    {"warehouse.flush_interval_ms",
     kInteger,
     "1000",
     "How long an event waits for others before it is inserted.",
     10,
     60'000},
    {"warehouse.max_lag_s",
     kInteger,
     "60",
     "Further behind the log than this, an alert is raised and /readyz says degraded.",
     1,
     86'400},

    {"metrics.public",
     kBoolean,
     "true",
     "Whether /metrics answers without a key; false asks for a key with the scope metrics:read."},

    {"reports.time_zone",
     kText,
     "UTC",
     "IANA name of the time zone whose days reports have when a request names none."},

    {"jobs.threads", kInteger, "2", "Jobs that run at a time on this node, at low priority.", 1, 64},
    {"jobs.retention_days",
     kInteger,
     "30",
     "Jobs that are done, dead or cancelled are removed after this many days.",
     1,
     3'650},

    {"node.name",
     kText,
     "",
     "How this node calls itself where several share the records database, where no two may have the same name; empty: "
     "the host's name and six hex digits, made once and kept in the data directory."},

    {"catalog.refresh_interval_ms",
     kInteger,
     "400",
     "How often changed partners, links, placements, merchants and keys reach the capture path.",
     10,
     1'000},
});

constexpr auto kCommandVariables = std::to_array<std::string_view>(
    {"TALLYSTICK_CONFIG", "TALLYSTICK_URL", "TALLYSTICK_API_KEY", "TALLYSTICK_API_KEY_FILE", "TALLYSTICK_SOURCE_DIR"});

}  // namespace

std::span<const base::Setting> settings() {
  return kSettings;
}

std::span<const std::string_view> command_variables() {
  return kCommandVariables;
}

base::Result<base::Config> load_config(const std::optional<std::filesystem::path>& file,
                                       const Environment& environment) {
  base::ConfigSource source;
  source.file = file;
  if (!file && std::filesystem::exists("tallystick.toml")) {
    source.file = "tallystick.toml";
  }
  source.environment = environment;
  source.other_variables = kCommandVariables;
  return base::Config::load(kSettings, source);
}

}  // namespace tallystick::server
