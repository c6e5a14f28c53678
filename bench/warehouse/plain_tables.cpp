#include "bench/warehouse/plain_tables.h"

#include <array>

#include <fmt/format.h>

namespace tallystick::bench {
namespace {

constexpr std::int64_t kTimeoutMs = 290'000;  // the engine's own is 300 s
constexpr std::size_t kMaxAnswerBytes = 256UZ << 20;
constexpr int kQuestionSeconds = 60;
constexpr const char* kDatabase = "plain";

constexpr std::array<const char*, 3> kPlainTables = {
    "CREATE TABLE exposure_events (event_id UUID, merchant_id Nullable(UUID), exposure_unit_id UUID, "
    "exposure_type LowCardinality(String), placement_id UUID, user_id Nullable(Int64), timestamp DateTime64(6, 'UTC'), "
    "rank_position Nullable(Int32), session_id Nullable(Int64), is_clickable Bool, "
    "algorithm_version LowCardinality(String)) ENGINE = MergeTree PARTITION BY toYYYYMM(timestamp) ORDER BY timestamp",
    "CREATE TABLE click_events (click_id UUID, session_id Nullable(Int64), user_id Nullable(Int64), merchant_id UUID, "
    "placement_id UUID, timestamp DateTime64(6, 'UTC')) ENGINE = MergeTree ORDER BY timestamp",
    "CREATE TABLE conversion_events (conversion_id UUID, user_id Nullable(Int64), merchant_id UUID, "
    "commission_amount Int64, currency LowCardinality(String), timestamp DateTime64(6, 'UTC')) ENGINE = MergeTree "
    "ORDER BY timestamp"};

// In the order of kPlainTables. A conversion that names a click takes user and merchant from it, as the document's
// table has them; its latest status counts.
constexpr std::array<const char*, 3> kFill = {
    "INSERT INTO exposure_events SELECT event_id, nullIf(merchant_id, toUUID('00000000-0000-0000-0000-000000000000')), "
    "exposure_unit_id, toString(exposure_type), "
    "placement_id, "
    "nullIf(reinterpretAsInt64(user), 0), occurred_at, if(rank_position < 0, NULL, rank_position), "
    "nullIf(reinterpretAsInt64(session), 0), is_clickable, algorithm_version FROM {0}.impressions",
    "INSERT INTO click_events SELECT event_id, nullIf(reinterpretAsInt64(session), 0), "
    "nullIf(reinterpretAsInt64(user), 0), merchant_id, placement_id, occurred_at FROM {0}.clicks",
    "INSERT INTO conversion_events SELECT v.conversion_key, nullIf(reinterpretAsInt64(if(v.user != 0, v.user, "
    "c.user)), "
    "0), if(v.merchant_id != toUUID('00000000-0000-0000-0000-000000000000'), v.merchant_id, c.merchant_id), "
    "if(v.status = 'reversed', 0, v.commission_minor), v.currency, v.occurred_at "
    "FROM (SELECT conversion_key, argMax(user, sequence) AS user, argMax(merchant_id, sequence) AS merchant_id, "
    "argMax(click_id, sequence) AS click_id, argMax(status, sequence) AS status, "
    "argMax(commission_minor, sequence) AS commission_minor, any(currency) AS currency, "
    "min(occurred_at) AS occurred_at FROM {0}.conversions GROUP BY conversion_key) AS v "
    "LEFT ANY JOIN (SELECT event_id, user, merchant_id FROM {0}.clicks) AS c ON v.click_id = c.event_id"};

}  // namespace

base::Result<std::string> PlainTables::ask_in(std::string_view database, std::string_view sql, int max_seconds) {
  http::ClientRequest request;
  request.method = http::Method::kPost;
  request.url = fmt::format("http://localhost/?database={}&max_execution_time={}", database, max_seconds);
  request.unix_socket = socket_;
  request.body = sql;
  request.total_timeout_ms = kTimeoutMs;
  request.max_response_bytes = kMaxAnswerBytes;
  TALLY_ASSIGN(http::ClientResponse response, client_.send(request));
  if (response.status != 200) {
    return base::fail(base::ErrorKind::kInternal, "query_failed", response.body.substr(0, 400));
  }
  return std::move(response.body);
}

base::Result<std::string> PlainTables::ask(std::string_view sql) {
  return ask_in(kDatabase, sql, kQuestionSeconds);
}

base::Result<std::uint64_t> PlainTables::fill() {
  TALLY_TRY(ask_in("default", fmt::format("CREATE DATABASE {}", kDatabase)));
  for (std::size_t i = 0; i < kPlainTables.size(); ++i) {
    TALLY_TRY(ask(kPlainTables[i]));
    TALLY_TRY(ask_in(kDatabase, fmt::format(fmt::runtime(kFill[i]), warehouse_)));
  }
  TALLY_ASSIGN(const std::string count, ask("SELECT count() FROM exposure_events"));
  return std::stoull(count);
}

}  // namespace tallystick::bench
