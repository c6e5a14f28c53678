#pragma once
// ClickHouse over HTTP: the built-in engine's unix socket, or a server or cluster at a URL. Values from outside travel
// as parameters ({name:Type} in the SQL), never inside the SQL. Every call is bounded in time, connections and answer.
// Thread-safe: calls run side by side, each on a connection of a small pool.

#include <atomic>
#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/error.h"
#include "base/file_system_sync.h"
#include "http/client.h"
#include "warehouse/answer.h"
#include "warehouse/block.h"
#include "warehouse/insert_buffer.h"
#include "warehouse/parameters.h"
#include "warehouse/rows.h"

namespace tallystick::warehouse {

struct Endpoint {
  std::string url = {};          // "https://clickhouse.example:8443"
  std::string unix_socket = {};  // path of the built-in engine's; `url` is not looked at then
  std::string data_folder = {};  // where the built-in engine keeps its tables, on this machine; empty: not known
  std::string user = {};
  std::string password = {};
  std::string ca_file = {};  // PEM; empty: the system's
  std::string cluster = {};  // its name, where a statement may run on any node; empty: one server
  bool compress = false;     // what is inserted, with Zstandard
  std::int64_t threads = 0;  // of one query, of the built-in engine; 0: not known
  std::int64_t timeout_ms = 60'000;

  [[nodiscard]] bool is_built_in() const { return !unix_socket.empty(); }
};

struct QueryOptions {
  std::string database = {};    // empty: the server's default
  std::string query_id = {};    // empty: one is made
  std::int64_t timeout_ms = 0;  // 0: the endpoint's
  std::vector<std::pair<std::string, std::string>> settings = {};
  // For execute(): running it twice is as good as once (IF NOT EXISTS, IF EXISTS), so it may be tried again.
  bool is_repeatable = false;
};

struct ClientLimits {
  std::size_t max_connections = 16;                    // a call waits for one, up to its time-out
  std::size_t max_answer_bytes = 256UZ * 1024 * 1024;  // beyond it "warehouse_answer_too_large"
  int max_attempts = 3;
};

// Error codes: "clickhouse_<number>" with ClickHouse's number (answer.h), "warehouse_unreachable" (nothing was sent),
// "warehouse_connection_lost" (it was, and may have happened), "warehouse_timeout", "warehouse_answer_too_large",
// "warehouse_bad_answer", "warehouse_stopping".
class Client {
 public:
  explicit Client(Endpoint endpoint, ClientLimits limits = {});
  Client(const Client&) = delete;
  Client& operator=(const Client&) = delete;

  // Reads: the server refuses whatever would change something. Tried again, under the same query id, when the server
  // was out of reach or too busy; never after a time-out. Do not write FORMAT.
  [[nodiscard]] base::Result<Rows> query(std::string_view sql,
                                         const Parameters& parameters = {},
                                         const QueryOptions& options = {});
  // Changes something. Not tried again unless `options.is_repeatable`: after an error it may or may not have happened.
  [[nodiscard]] base::Result<void> execute(std::string_view sql,
                                           const Parameters& parameters = {},
                                           const QueryOptions& options = {});
  // `table` as layout.h writes it. One request, one block, never tried again: after an error other than
  // "warehouse_unreachable" it may or may not have happened. An empty block is success.
  // `taken`, if there is one, is called at most once, on this thread: the block is not looked at any more, though it is
  // not inserted yet.
  [[nodiscard]] base::Result<void> insert(std::string_view table,
                                          const Block& block,
                                          const QueryOptions& options = {},
                                          const std::function<void()>& taken = {});

  [[nodiscard]] base::Result<void> ping();
  // Ends the statement of that query id and waits until it is gone; success when there was none.
  [[nodiscard]] base::Result<void> cancel(std::string_view query_id);

  // What was inserted and changed so far is on disk when it returns, with an endpoint that names its data folder. Does
  // nothing without: there a table's settings have to say that inserts are synced. Error codes: "folder_failed",
  // "file_write_failed".
  [[nodiscard]] base::Result<void> make_durable();

  // What was kept for further inserts.
  void give_back_memory();

  // Every call under way, and every later one, fails with "warehouse_stopping".
  void stop();

  [[nodiscard]] const Endpoint& endpoint() const { return endpoint_; }
  // "built-in" or the URL's scheme, host and port.
  [[nodiscard]] std::string shown_endpoint() const;

 private:
  struct Statement;
  class Lease;

  [[nodiscard]] base::Result<http::ClientResponse> send(const Statement& statement);
  [[nodiscard]] base::Result<http::ClientResponse> send_with_retries(const Statement& statement);
  [[nodiscard]] base::Result<Lease> take_connection(std::int64_t timeout_ms);
  [[nodiscard]] http::ClientRequest make_request(const Statement& statement) const;
  [[nodiscard]] std::string make_query_id(const QueryOptions& options);
  [[nodiscard]] base::Result<bool> kill(std::string_view query_id);
  [[nodiscard]] base::Result<void> insert_shared(Statement& statement,
                                                 InsertBuffer& buffer,
                                                 const Block& block,
                                                 const std::function<void()>& taken);
  [[nodiscard]] base::Result<void> insert_by_wire(Statement& statement,
                                                  InsertBuffer& buffer,
                                                  const Block& block,
                                                  const std::function<void()>& taken);
  // One per insert under way.
  [[nodiscard]] std::unique_ptr<InsertBuffer> take_buffer(std::size_t bytes);
  void give_back(std::unique_ptr<InsertBuffer> buffer);

  const Endpoint endpoint_;
  const ClientLimits limits_;
  const std::string id_prefix_;  // query ids of two clients differ
  std::atomic<std::uint64_t> last_id_ = 0;
  std::atomic<bool> is_stopping_ = false;
  std::atomic<bool> can_share_memory_;           // with the engine
  std::atomic<bool> has_shared_memory_ = false;  // it took a block in

  std::mutex mutex_;
  std::condition_variable wake_;
  std::vector<std::unique_ptr<http::Client>> idle_;
  std::size_t open_ = 0;
  std::vector<std::unique_ptr<InsertBuffer>> spare_buffers_;
  std::mutex disk_mutex_;
  std::optional<base::FileSystemSync> disk_;  // of the data folder, once it was needed
};

}  // namespace tallystick::warehouse
