#include "engine/database.h"

#include <algorithm>

#include <fmt/format.h>

#include "base/file.h"

namespace tallystick::engine {

namespace {

// What no argument says. Statistics of every column of every part cost a tenth of loading, and our queries look for
// what the order, the partitions and the indexes of the tables already say. A mutation (what is erased) goes through
// all parts of a table, a few at a time; between them the library would rest for up to a second.
constexpr std::string_view kConfig = R"(<clickhouse>
  <merge_tree>
    <auto_statistics_types></auto_statistics_types>
  </merge_tree>
  <background_processing_pool_task_sleep_seconds_when_no_work_random_part>0.1</background_processing_pool_task_sleep_seconds_when_no_work_random_part>
</clickhouse>
)";

std::filesystem::path config_file(const DatabaseOptions& options) {
  return options.directory / "engine.xml";
}

// The library's own defaults are a share of the machine's memory; capture lives on the same machine.
std::vector<std::string> make_arguments(const DatabaseOptions& options) {
  const std::uint64_t cache = std::clamp<std::uint64_t>(options.memory_bytes / 32, 4ULL << 20, 256ULL << 20);
  return {"tallystick",
          fmt::format("--path={}", options.directory.string()),
          fmt::format("--config-file={}", config_file(options).string()),
          fmt::format("--max_server_memory_usage={}", options.memory_bytes),
          fmt::format("--mark_cache_size={}", cache),
          fmt::format("--primary_index_cache_size={}", cache),
          fmt::format("--index_mark_cache_size={}", cache),
          "--uncompressed_cache_size=0",
          "--index_uncompressed_cache_size=0",
          "--vector_similarity_index_cache_size=0",
          "--compiled_expression_cache_size=16777216",
          "--background_pool_size=2",
          "--background_common_pool_size=2",
          "--background_move_pool_size=1",
          "--background_fetches_pool_size=1",
          "--background_schedule_pool_size=4",
          "--background_buffer_flush_schedule_pool_size=1",
          "--background_message_broker_schedule_pool_size=1",
          "--background_distributed_schedule_pool_size=1"};
}

std::string escape(std::string_view text, char quote) {
  std::string out(1, quote);
  for (const char c : text) {
    if (c == quote || c == '\\') {
      out.push_back('\\');
    }
    out.push_back(c);
  }
  out.push_back(quote);
  return out;
}

}  // namespace

std::string quote_text(std::string_view text) {
  return escape(text, '\'');
}

std::string quote_name(std::string_view name) {
  return escape(name, '`');
}

// One connection: a session of its own, made for one query (0.2 ms).
class Database::Session {
 public:
  Session(const ChdbFunctions& library, const DatabaseOptions& options) : library_(library) {
    std::vector<std::string> arguments = make_arguments(options);
    std::vector<char*> pointers;
    pointers.reserve(arguments.size());
    for (std::string& argument : arguments) {
      pointers.push_back(argument.data());
    }
    connection_ = library_.connect(static_cast<int>(pointers.size()), pointers.data());
  }
  ~Session() {
    if (connection_ != nullptr) {
      library_.close(connection_);
    }
  }
  Session(const Session&) = delete;
  Session& operator=(const Session&) = delete;

  [[nodiscard]] bool is_open() const { return connection_ != nullptr && *connection_ != nullptr; }

  [[nodiscard]] QueryOutput run(std::string_view sql, std::string_view format, const NameValues& parameters = {}) {
    std::vector<const char*> names;
    std::vector<const char*> values;
    std::vector<std::size_t> name_bytes;
    std::vector<std::size_t> value_bytes;
    for (const auto& [name, value] : parameters) {
      names.push_back(name.data());
      values.push_back(value.data());
      name_bytes.push_back(name.size());
      value_bytes.push_back(value.size());
    }
    ChdbResult* const result = parameters.empty()
                                   ? library_.query(*connection_, sql.data(), sql.size(), format.data(), format.size())
                                   : library_.query_with_parameters(*connection_,
                                                                    sql.data(),
                                                                    sql.size(),
                                                                    format.data(),
                                                                    format.size(),
                                                                    names.data(),
                                                                    name_bytes.data(),
                                                                    values.data(),
                                                                    value_bytes.data(),
                                                                    parameters.size());
    return take(result);
  }

 private:
  [[nodiscard]] QueryOutput take(ChdbResult* result) const {
    QueryOutput out;
    if (result == nullptr) {
      out.error = "Code: 1001. DB::Exception: the engine gave no result. (STD_EXCEPTION)";
      return out;
    }
    const std::shared_ptr<ChdbResult> owner(result, library_.destroy);
    if (const char* const error = library_.error(result)) {
      out.error = *error == '\0' ? "Code: 1002. DB::Exception: unknown error. (UNKNOWN_EXCEPTION)" : error;
      return out;
    }
    out.size = library_.length(result);
    out.bytes = std::shared_ptr<const char>(owner, library_.buffer(result));
    out.statistics = {.result_rows = library_.result_rows(result),
                      .read_rows = library_.read_rows(result),
                      .read_bytes = library_.read_bytes(result),
                      .written_rows = library_.written_rows(result),
                      .written_bytes = library_.written_bytes(result),
                      .elapsed_ns = static_cast<std::uint64_t>(library_.elapsed_seconds(result) * 1e9)};
    return out;
  }

  const ChdbFunctions& library_;
  ChdbConnection** connection_ = nullptr;
};

Database::Database(const ChdbFunctions& library, const DatabaseOptions& options)
    : library_(library), options_(options) {}

Database::~Database() = default;

base::Result<std::unique_ptr<Database>> Database::open(const ChdbFunctions& library, const DatabaseOptions& options) {
  library.set_signal_handlers(0);
  TALLY_TRY(base::write_file_atomically(config_file(options), kConfig, 0600));
  std::unique_ptr<Database> database(new Database(library, options));
  database->keeper_ = std::make_unique<Session>(database->library_, database->options_);
  if (!database->keeper_->is_open()) {
    return base::fail(base::ErrorKind::kUnavailable,
                      "engine_open_failed",
                      "the engine cannot open " + options.directory.string() + ": another process may have it open");
  }
  // The engine's own "default" is laid over a folder of files; ours is a plain one that persists.
  const QueryOutput made =
      database->keeper_->run("CREATE DATABASE IF NOT EXISTS " + quote_name(options.name) + " ENGINE = Atomic", "Null");
  if (!made.error.empty()) {
    return base::fail(base::ErrorKind::kUnavailable, "engine_open_failed", made.error);
  }
  return database;
}

std::string Database::make_settings(const Query& query) const {
  const std::uint64_t memory = options_.memory_bytes;
  std::string sql = fmt::format(
      "SET max_threads = {}, max_insert_threads = 1, max_memory_usage = {}, max_bytes_before_external_group_by = {}, "
      "max_bytes_before_external_sort = {}, max_result_bytes = {}, result_overflow_mode = 'throw', "
      "max_execution_time = {}, max_insert_block_size = {}, min_insert_block_size_rows = {}, "
      "min_insert_block_size_bytes = 0, max_threads_min_free_memory_per_thread = {}, implicit_select = 0, "
      "input_format_parallel_parsing = 0, "
      "output_format_parallel_formatting = 0",
      options_.threads,
      memory / 4 * 3,
      memory / 4,
      memory / 4,
      memory / 8,
      options_.query_timeout_s,
      options_.max_insert_rows,
      options_.max_insert_rows,
      // ClickHouse's default of 1 GiB a thread would leave every query one thread: memory is bounded by the lines
      // above.
      memory / 32);
  if (!query.label.empty()) {
    sql += ", log_comment = " + quote_text(query.label);
  }
  for (const auto& [name, value] : query.settings) {
    sql.append(", ").append(name).append(" = ").append(quote_text(value));
  }
  return sql;
}

QueryOutput Database::run(const Query& query) const {
  Session session(library_, options_);
  if (!session.is_open()) {
    QueryOutput failed;
    failed.error = "Code: 1001. DB::Exception: the engine gives no session. (STD_EXCEPTION)";
    return failed;
  }
  // The database first: a setting may make the session read-only.
  QueryOutput prepared =
      session.run("USE " + quote_name(query.database.empty() ? options_.name : query.database), "Null");
  if (!prepared.error.empty()) {
    return prepared;
  }
  prepared = session.run(make_settings(query), "Null");
  if (!prepared.error.empty()) {
    return prepared;
  }
  return session.run(query.sql, query.format, query.parameters);
}

void Database::cancel(std::string_view label) const {
  Session session(library_, options_);
  if (session.is_open()) {
    [[maybe_unused]] const QueryOutput done =
        session.run("KILL QUERY WHERE Settings['log_comment'] = " + quote_text(label) + " ASYNC FORMAT Null", "Null");
  }
}

}  // namespace tallystick::engine
