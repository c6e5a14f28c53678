#pragma once
// One event loop with its own listening socket, connections and service. A turn: all handlers that are ready
// (a bounded number), the service's on_turn_end, then one write per connection that has answers. One thread, except
// what says otherwise.

#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <thread>
#include <vector>

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ssl/context.hpp>
#include <boost/asio/steady_timer.hpp>

#include "base/random.h"
#include "base/time.h"
#include "http/answer_queue.h"
#include "http/connection.h"
#include "http/date_header.h"
#include "http/server.h"
#include "http/worker_pool.h"

namespace tallystick::http {

// What the reactors of a server have in common; outlives them.
struct ReactorEnvironment {
  const ServerOptions& options;
  const Router& router;
  Gatekeeper& gatekeeper;
  WorkerPool& workers;
  std::atomic<std::size_t> open_connections{0};
  std::function<void()> on_connection_closed = {};  // any reactor's thread
};

// Written by the reactor's thread, read by any.
struct ReactorCounters {
  std::atomic<std::uint64_t> connections_accepted{0};
  std::atomic<std::uint64_t> requests{0};
  std::atomic<std::uint64_t> responses_by_class[6] = {};
  std::atomic<std::uint64_t> jobs_refused{0};
};

class Reactor final : public ReactorContext {
 public:
  using TlsContext = std::shared_ptr<boost::asio::ssl::context>;

  Reactor(std::size_t index, ReactorEnvironment& environment, TlsContext tls);
  ~Reactor() override;

  // Before run_thread(). Port 0: any free one. `is_shared`: other sockets may listen on the same port.
  // Error code: "listen_failed".
  [[nodiscard]] base::Result<std::uint16_t> listen(const base::IpAddress& address, std::uint16_t port, bool is_shared);
  // The same on a unix socket of mode 0600. Error code: "listen_failed", also when somebody listens there already.
  [[nodiscard]] base::Result<void> listen_unix(const std::string& path);
  void run_thread(const ReactorServiceFactory& factory);
  // Thread-safe. Stops accepting; connections finish what they have.
  void begin_drain();
  // Thread-safe, waits: closes everything and ends the thread.
  void stop();
  // Thread-safe: for connections accepted from now on.
  void use_tls(TlsContext tls);
  // Thread-safe.
  [[nodiscard]] const ReactorCounters& counters() const { return counters_; }

  void post(std::function<void()> task) override;
  [[nodiscard]] std::size_t index() const override { return index_; }

  // For connections and replies; reactor thread.
  [[nodiscard]] const ServerOptions& options() const { return environment_.options; }
  [[nodiscard]] const Router& router() const { return environment_.router; }
  [[nodiscard]] std::int64_t now_ms() const { return now_ms_; }
  void handle(std::uint64_t connection, std::uint64_t place, const RequestView& request, const Match& match);
  // The date is added.
  void answer_with(std::uint64_t connection,
                   std::uint64_t place,
                   Answer answer,
                   WriteObserver* observer = nullptr,
                   std::uint64_t tag = 0);
  [[nodiscard]] bool is_peer_gone(std::uint64_t connection);
  void mark_dirty(Connection& connection, bool& is_dirty);
  void want_turn() { is_turn_wanted_ = true; }
  void count_request();
  void on_closed(Connection& connection);

 private:
  using Acceptor = boost::asio::basic_socket_acceptor<boost::asio::ip::tcp, ReactorExecutor>;
  using Timer = boost::asio::basic_waitable_timer<std::chrono::steady_clock,
                                                  boost::asio::wait_traits<std::chrono::steady_clock>,
                                                  ReactorExecutor>;

  void run();
  void run_turn();
  void flush_dirty();
  void remove_closed();
  void accept_next();
  void on_accept(boost::system::error_code error, ReactorSocket socket);
  void refuse_connection(ReactorSocket& socket) const;
  void sweep();
  void schedule_sweep();
  void handle_unrouted(std::uint64_t connection, std::uint64_t place, const RequestView& request, const Match& match);
  void submit_job(std::uint64_t connection, std::uint64_t place, const RequestView& request, const Match& match);
  [[nodiscard]] Connection* find(std::uint64_t handle);
  void update_now();

  const std::size_t index_;
  ReactorEnvironment& environment_;
  base::SystemClock clock_;
  base::SystemRandom random_;
  DateHeader date_;
  std::string_view date_line_;
  std::int64_t now_ms_ = 0;
  std::int64_t sweep_ms_;
  ReactorCounters counters_;

  // A handle is the generation in the upper and the index in the lower half.
  std::vector<std::unique_ptr<Connection>> connections_;
  std::vector<std::uint32_t> generations_;
  std::vector<std::uint32_t> free_;
  std::vector<std::uint64_t> closed_;
  std::vector<std::uint64_t> dirty_;
  std::vector<std::uint64_t> flushing_;

  std::unique_ptr<boost::asio::io_context> io_;
  TlsContext tls_;
  std::unique_ptr<Acceptor> acceptor_;
  boost::asio::ip::tcp::endpoint peer_;
  bool is_unix_ = false;
  bool is_accepting_ = false;
  std::unique_ptr<Timer> timer_;
  std::unique_ptr<ReactorService> service_;
  bool is_turn_wanted_ = false;
  bool is_draining_ = false;
  bool is_stopping_ = false;
  std::thread thread_;
};

}  // namespace tallystick::http
