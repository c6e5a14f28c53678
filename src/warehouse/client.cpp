#include "warehouse/client.h"

#include <algorithm>
#include <array>
#include <chrono>
#include <utility>

#include <fmt/format.h>

#include "base/encoding.h"
#include "base/random.h"
#include "http/url.h"

namespace tallystick::warehouse {

namespace {

using std::chrono::milliseconds;
using std::chrono::steady_clock;

constexpr std::int64_t kConnectTimeoutMs = 5'000;
constexpr std::int64_t kPingTimeoutMs = 5'000;
constexpr std::int64_t kCancelTimeoutMs = 60'000;
constexpr std::int64_t kCancelPollMs = 50;
constexpr std::size_t kManyBuffers = 8;  // from here on any will do: about one for each table of a batch
constexpr std::array<std::int64_t, 2> kRetryAfterMs = {100, 500};
constexpr int kMemoryFileRefused = 90'001;  // engine/query_request.h

using Settings = std::vector<std::pair<std::string, std::string>>;

std::unexpected<base::Error> stopping() {
  return base::fail(base::ErrorKind::kUnavailable, "warehouse_stopping", "the program is stopping");
}

std::string make_id_prefix() {
  base::SystemRandom random;
  return fmt::format("tallystick-{:016x}", random.next_u64());
}

void append_pair(std::string& url, std::string_view name, std::string_view value) {
  url += url.back() == '?' ? "" : "&";
  base::percent_encode_into(name, url);
  url += '=';
  base::percent_encode_into(value, url);
}

// What a read says besides the caller's settings.
Settings reading_settings(std::int64_t timeout_ms) {
  return {{"readonly", "2"},           // nothing but reading; settings may be given
          {"wait_end_of_query", "1"},  // an error is an error and not the end of a cut answer
          {"cancel_http_readonly_queries_on_client_close", "1"},
          {"output_format_json_quote_64bit_integers", "0"},
          {"date_time_output_format", "iso"},
          {"max_execution_time", std::to_string((timeout_ms + 999) / 1'000)}};
}

// What every statement says: a change is made when the answer comes, on a cluster on every replica that must have it.
Settings common_settings(const Endpoint& endpoint) {
  // The cache of conditions forgets half of a condition that stands partly in PREWHERE, and then skips granules that
  // have rows (ClickHouse issue 104781, in 26.2 to 26.5): figures would come out too small.
  Settings settings = {{"mutations_sync", "2"}, {"use_query_condition_cache", "0"}};
  if (!endpoint.cluster.empty()) {
    settings.insert(settings.end(),
                    {{"alter_sync", "2"},
                     {"insert_quorum", "auto"},
                     {"distributed_foreground_insert", "1"},
                     {"distributed_product_mode", "global"}});
  }
  return settings;
}

}  // namespace

struct Client::Statement {
  http::Method method = http::Method::kPost;
  std::string_view path = "/";
  std::string_view sql = {};
  const Parameters* parameters = nullptr;
  const QueryOptions* options = nullptr;
  Settings settings = {};
  std::string_view format = {};
  std::string query_id = {};
  std::string_view data = {};    // not empty: the SQL goes into the URL
  std::string memory_file = {};  // in place of `data`: where the engine finds it
  bool is_compressed = false;
  std::int64_t timeout_ms = 0;
};

// A connection that is given back by itself.
class Client::Lease {
 public:
  Lease(Client& owner, std::unique_ptr<http::Client> http) : owner_(&owner), http_(std::move(http)) {}
  Lease(Lease&& other) noexcept = default;
  Lease& operator=(Lease&&) = delete;
  ~Lease() {
    if (http_) {
      {
        const std::lock_guard lock(owner_->mutex_);
        owner_->idle_.push_back(std::move(http_));
      }
      owner_->wake_.notify_one();
    }
  }

  http::Client& http() { return *http_; }

 private:
  Client* owner_;
  std::unique_ptr<http::Client> http_;
};

Client::Client(Endpoint endpoint, ClientLimits limits)
    : endpoint_(std::move(endpoint)),
      limits_(limits),
      id_prefix_(make_id_prefix()),
      can_share_memory_(endpoint_.is_built_in()) {}

base::Result<Client::Lease> Client::take_connection(std::int64_t timeout_ms) {
  std::unique_lock lock(mutex_);
  const bool is_in_time = wake_.wait_for(lock, milliseconds(timeout_ms), [&] {
    return is_stopping_ || !idle_.empty() || open_ < limits_.max_connections;
  });
  if (is_stopping_) {
    return stopping();
  }
  if (!is_in_time) {
    return base::fail(base::ErrorKind::kTimeout, "warehouse_timeout", "all connections to the warehouse are in use");
  }
  if (!idle_.empty()) {
    std::unique_ptr<http::Client> http = std::move(idle_.back());  // the one used last is the most likely to be open
    idle_.pop_back();
    return Lease(*this, std::move(http));
  }
  auto http = std::make_unique<http::Client>();
  ++open_;
  return Lease(*this, std::move(http));
}

std::string Client::make_query_id(const QueryOptions& options) {
  return options.query_id.empty() ? fmt::format("{}-{}", id_prefix_, ++last_id_) : options.query_id;
}

http::ClientRequest Client::make_request(const Statement& statement) const {
  http::ClientRequest request;
  request.method = statement.method;
  std::string url = endpoint_.is_built_in() ? "http://localhost" : endpoint_.url;
  while (url.ends_with('/')) {
    url.pop_back();
  }
  url.append(statement.path).append("?");
  if (!statement.query_id.empty()) {
    append_pair(url, "query_id", statement.query_id);
  }
  if (!statement.format.empty()) {
    append_pair(url, "default_format", statement.format);
  }
  if (statement.options != nullptr && !statement.options->database.empty()) {
    append_pair(url, "database", statement.options->database);
  }
  if (!statement.sql.empty()) {
    const Settings none;
    const Settings& given = statement.options == nullptr ? none : statement.options->settings;
    Settings common = common_settings(endpoint_);
    std::erase_if(common, [&](const auto& setting) {
      return std::ranges::find(given, setting.first, &Settings::value_type::first) != given.end();
    });
    for (const Settings* settings : {&std::as_const(common), &statement.settings, &given}) {
      for (const auto& [name, value] : *settings) {
        append_pair(url, name, value);
      }
    }
  }
  if (statement.parameters != nullptr) {
    for (const auto& [name, value] : *statement.parameters) {
      append_pair(url, "param_" + name, escape_parameter(statement.sql, name, value));
    }
  }
  if (!statement.memory_file.empty()) {
    append_pair(url, "query", statement.sql);
    request.headers.emplace_back("X-Tallystick-Memory-File", statement.memory_file);
  } else if (statement.data.empty()) {
    request.borrowed_body = statement.sql;
  } else {
    append_pair(url, "query", statement.sql);
    request.borrowed_body = statement.data;
    request.headers.emplace_back("Content-Type", "application/octet-stream");
    if (statement.is_compressed) {
      request.headers.emplace_back("Content-Encoding", "zstd");
    }
  }
  if (!endpoint_.is_built_in() && !endpoint_.user.empty()) {
    request.headers.emplace_back("X-ClickHouse-User", endpoint_.user);
    request.headers.emplace_back("X-ClickHouse-Key", endpoint_.password);
  }
  request.url = std::move(url);
  request.unix_socket = endpoint_.unix_socket;
  request.ca_file = endpoint_.ca_file;
  request.connect_timeout_ms = std::min(kConnectTimeoutMs, statement.timeout_ms);
  request.total_timeout_ms = statement.timeout_ms;
  request.max_response_bytes = limits_.max_answer_bytes;
  request.is_cancelled = &is_stopping_;
  return request;
}

base::Result<http::ClientResponse> Client::send(const Statement& statement) {
  TALLY_ASSIGN(Lease lease, take_connection(statement.timeout_ms));
  auto answer = lease.http().send(make_request(statement));
  if (!answer) {
    return std::unexpected(explain_failure(answer.error()));
  }
  if (answer->status != 200) {
    return std::unexpected(explain_answer(*answer));
  }
  return answer;
}

// The same query id every time: when the first attempt still runs, the server refuses the second instead of doing the
// work twice.
base::Result<http::ClientResponse> Client::send_with_retries(const Statement& statement) {
  for (int attempt = 1;; ++attempt) {
    auto answer = send(statement);
    if (answer || attempt >= limits_.max_attempts || !is_passing(answer.error())) {
      return answer;
    }
    const auto step = std::min(static_cast<std::size_t>(attempt) - 1, kRetryAfterMs.size() - 1);
    std::unique_lock lock(mutex_);
    if (wake_.wait_for(lock, milliseconds(kRetryAfterMs[step]), [this] { return is_stopping_.load(); })) {
      return stopping();
    }
  }
}

base::Result<Rows> Client::query(std::string_view sql, const Parameters& parameters, const QueryOptions& options) {
  Statement statement;
  statement.sql = sql;
  statement.parameters = &parameters;
  statement.options = &options;
  statement.timeout_ms = options.timeout_ms > 0 ? options.timeout_ms : endpoint_.timeout_ms;
  statement.settings = reading_settings(statement.timeout_ms);
  statement.format = "JSONCompact";
  statement.query_id = make_query_id(options);
  TALLY_ASSIGN(const http::ClientResponse answer, send_with_retries(statement));
  return Rows::parse(answer.body);
}

base::Result<void> Client::execute(std::string_view sql, const Parameters& parameters, const QueryOptions& options) {
  Statement statement;
  statement.sql = sql;
  statement.parameters = &parameters;
  statement.options = &options;
  statement.timeout_ms = options.timeout_ms > 0 ? options.timeout_ms : endpoint_.timeout_ms;
  statement.settings = {{"wait_end_of_query", "1"}};
  statement.query_id = make_query_id(options);
  const auto answer = options.is_repeatable ? send_with_retries(statement) : send(statement);
  return answer ? base::Result<void>() : std::unexpected(answer.error());
}

// The one that is nearest in size: what a smaller block cuts off is memory that the next larger one touches anew. One
// that is much larger or smaller is left to others.
std::unique_ptr<InsertBuffer> Client::take_buffer(std::size_t bytes) {
  constexpr double kMuch = 3;
  const auto ratio = [bytes](const std::unique_ptr<InsertBuffer>& buffer) {
    const auto a = static_cast<double>(std::max<std::size_t>(buffer->peak(), 1));
    const auto b = static_cast<double>(std::max<std::size_t>(bytes, 1));
    return std::max(a / b, b / a);
  };
  const std::lock_guard lock(mutex_);
  const auto found = std::ranges::min_element(spare_buffers_, {}, ratio);
  if (found == spare_buffers_.end() || (ratio(*found) > kMuch && spare_buffers_.size() < kManyBuffers)) {
    return std::make_unique<InsertBuffer>();
  }
  std::unique_ptr<InsertBuffer> buffer = std::move(*found);
  spare_buffers_.erase(found);
  return buffer;
}

void Client::give_back(std::unique_ptr<InsertBuffer> buffer) {
  const std::lock_guard lock(mutex_);
  spare_buffers_.push_back(std::move(buffer));
}

void Client::give_back_memory() {
  const std::lock_guard lock(mutex_);
  spare_buffers_.clear();
}

base::Result<void> Client::insert(std::string_view table,
                                  const Block& block,
                                  const QueryOptions& options,
                                  const std::function<void()>& taken) {
  if (block.empty()) {
    return {};
  }
  const std::string sql = fmt::format("INSERT INTO {} ({}) FORMAT Native", table, block.column_list());
  Statement statement;
  statement.sql = sql;
  statement.options = &options;
  statement.timeout_ms = options.timeout_ms > 0 ? options.timeout_ms : endpoint_.timeout_ms;
  statement.settings = {{"wait_end_of_query", "1"}, {"async_insert", "0"}};
  statement.query_id = make_query_id(options);
  std::unique_ptr<InsertBuffer> buffer = take_buffer(block.serialised_bytes());
  TALLY_TRY(can_share_memory_ ? insert_shared(statement, *buffer, block, taken)
                              : insert_by_wire(statement, *buffer, block, taken));
  // After an error it is dropped: the engine may still be reading what it shares.
  give_back(std::move(buffer));
  return {};
}

base::Result<void> Client::insert_shared(Statement& statement,
                                         InsertBuffer& buffer,
                                         const Block& block,
                                         const std::function<void()>& taken) {
  if (!buffer.write_shared(block)) {
    return insert_by_wire(statement, buffer, block, taken);
  }
  statement.memory_file = buffer.shared_name();
  const bool is_taken = taken && has_shared_memory_;
  if (is_taken) {
    taken();
  }
  const auto answer = send(statement);
  if (answer) {
    has_shared_memory_ = true;
    return {};
  }
  if (clickhouse_number(answer.error()) != kMemoryFileRefused) {
    return std::unexpected(answer.error());
  }
  // Not in the same container, perhaps. Nothing has happened: no query of ClickHouse's fails with this number.
  can_share_memory_ = false;
  if (is_taken) {  // another engine than the one that took blocks in: whoever inserts does so again
    return std::unexpected(answer.error());
  }
  statement.memory_file.clear();
  return insert_by_wire(statement, buffer, block, taken);
}

base::Result<void> Client::insert_by_wire(Statement& statement,
                                          InsertBuffer& buffer,
                                          const Block& block,
                                          const std::function<void()>& taken) {
  statement.is_compressed = endpoint_.compress && !endpoint_.is_built_in();
  statement.data = statement.is_compressed ? buffer.write_compressed(block) : buffer.write(block);
  if (taken) {
    taken();
  }
  const auto answer = send(statement);
  return answer ? base::Result<void>() : std::unexpected(answer.error());
}

base::Result<void> Client::ping() {
  Statement statement;
  statement.method = http::Method::kGet;
  statement.path = "/ping";
  statement.timeout_ms = kPingTimeoutMs;
  const auto answer = send(statement);
  return answer ? base::Result<void>() : std::unexpected(answer.error());
}

// True when there was one to end.
base::Result<bool> Client::kill(std::string_view query_id) {
  Statement statement;
  statement.timeout_ms = kCancelTimeoutMs;
  statement.query_id = make_query_id({});
  if (endpoint_.is_built_in()) {
    // The engine's own way, which also reaches queries that wait for their turn.
    statement.method = http::Method::kDelete;
    statement.query_id = query_id;
    TALLY_ASSIGN(const http::ClientResponse answer, send(statement));
    return std::string_view(answer.body) != "0\n";  // as a view: g++ 12 sees a string compared that was never made
  }
  const std::string sql = fmt::format("KILL QUERY{} WHERE query_id = {{id:String}} SYNC",
                                      endpoint_.cluster.empty() ? "" : " ON CLUSTER `" + endpoint_.cluster + "`");
  const Parameters parameters = {{"id", std::string(query_id)}};
  statement.sql = sql;
  statement.parameters = &parameters;
  statement.format = "JSONCompact";
  TALLY_ASSIGN(const http::ClientResponse answer, send_with_retries(statement));
  if (!endpoint_.cluster.empty() || answer.body.empty()) {
    return false;  // a row per host, whether it had the query or not; SYNC has waited for those that had it
  }
  TALLY_ASSIGN(const Rows rows, Rows::parse(answer.body));
  return !rows.empty();
}

base::Result<void> Client::cancel(std::string_view query_id) {
  const auto end = steady_clock::now() + milliseconds(kCancelTimeoutMs);
  while (true) {
    TALLY_ASSIGN(const bool had_one, kill(query_id));
    if (!had_one) {
      return {};
    }
    if (steady_clock::now() > end) {
      return base::fail(base::ErrorKind::kTimeout, "warehouse_timeout", "the query does not end");
    }
    std::unique_lock lock(mutex_);
    if (wake_.wait_for(lock, milliseconds(kCancelPollMs), [this] { return is_stopping_.load(); })) {
      return stopping();
    }
  }
}

base::Result<void> Client::make_durable() {
  if (endpoint_.data_folder.empty()) {
    return {};
  }
  const std::lock_guard lock(disk_mutex_);
  if (!disk_) {
    TALLY_ASSIGN(base::FileSystemSync disk, base::FileSystemSync::open(endpoint_.data_folder));
    disk_.emplace(std::move(disk));
  }
  return disk_->sync();
}

void Client::stop() {
  {
    const std::lock_guard lock(mutex_);
    is_stopping_ = true;
  }
  wake_.notify_all();
}

std::string Client::shown_endpoint() const {
  if (endpoint_.is_built_in()) {
    return "built-in";
  }
  const auto url = http::parse_url(endpoint_.url);
  return url ? fmt::format("{}://{}:{}", url->scheme(), url->host, url->port) : "not a URL";
}

}  // namespace tallystick::warehouse
