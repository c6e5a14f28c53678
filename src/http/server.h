#pragma once
// The HTTP/1.1 server: one reactor per thread, each with its own listening socket (SO_REUSEPORT), so a
// connection never leaves its thread. A reactor parses all buffered requests, answers in order, and
// writes all ready answers at once. Inline routes run on the reactor and may answer later (capture
// waits for durability); all others run on a bounded worker pool behind it.

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "base/ip.h"
#include "base/log.h"
#include "http/message.h"
#include "http/router.h"

namespace tallystick::http {

class Reactor;

// Learns when an answer was handed to the kernel (or never will be). Reactor thread.
class WriteObserver {
 public:
  virtual ~WriteObserver() = default;
  virtual void on_written(std::uint64_t tag, bool is_written) = 0;
};

// The right and duty to answer one request, once; reactor thread only. A Reply that dies unsent
// answers 500. Answering after the peer has gone is harmless (an observer hears is_written = false).
class Reply {
 public:
  Reply() = default;
  Reply(Reply&& other) noexcept;
  Reply& operator=(Reply&& other) noexcept;
  ~Reply();

  // `headers` is zero or more complete lines "Name: value\r\n". Date, Content-Length and Connection
  // are added. An empty content_type sends none.
  void send(int status,
            std::string_view headers,
            std::string_view content_type,
            std::string_view body,
            WriteObserver* observer = nullptr,
            std::uint64_t tag = 0);
  // The peer has closed its end, or the connection is gone: most likely nobody will read the answer.
  [[nodiscard]] bool is_peer_gone() const;

 private:
  friend class Reactor;
  Reactor* reactor_ = nullptr;
  std::uint64_t connection_ = 0;  // generation-checked handle
  std::uint64_t slot_ = 0;        // position in the connection's order of answers
};

// What a room puts on every reactor: one instance per reactor, used by its thread only.
class ReactorService {
 public:
  virtual ~ReactorService() = default;
  // Must not block. `request` and `parameters` are views valid during the call.
  virtual void handle(int inline_tag,
                      const RequestView& request,
                      const std::vector<PathParameter>& parameters,
                      Reply reply) = 0;
  // After all events of one turn were handled: the moment to submit what was staged.
  virtual void on_turn_end() = 0;
  // Now and then, at least once a second: the moment to give up work that nobody waits for any more.
  virtual void on_sweep() {}
};

class ReactorContext {
 public:
  virtual ~ReactorContext() = default;
  // Thread-safe: runs `task` on the reactor's thread, soon.
  virtual void post(std::function<void()> task) = 0;
  [[nodiscard]] virtual std::size_t index() const = 0;
};

using ReactorServiceFactory = std::function<std::unique_ptr<ReactorService>(ReactorContext&)>;

struct TlsOptions {
  std::string certificate_file;  // PEM chain; empty: no TLS
  std::string key_file;
};

struct ServerOptions {
  std::string address = "0.0.0.0";
  std::uint16_t port = 8080;  // 0: any free one
  // Path of a socket to listen on instead of address and port: one reactor, mode 0600, clients count as loopback. A
  // socket that nobody listens on any more is replaced; stop() removes it.
  std::string unix_socket = {};
  unsigned reactors = 1;
  unsigned workers = 4;
  std::size_t max_queued_jobs = 1024;  // beyond it 503 with Retry-After
  std::size_t max_connections = 10'000;
  std::size_t max_header_bytes = 16UZ * 1024;         // 431
  std::size_t max_pipelined = 256;                    // unanswered requests on one connection before reading pauses
  std::int64_t header_timeout_ms = 10'000;            // 408: from the first byte to the end of the head
  std::int64_t body_timeout_ms = 30'000;              // 408
  std::int64_t idle_timeout_ms = 75'000;              // closed silently
  std::int64_t write_timeout_ms = 30'000;             // a peer that does not read
  std::int64_t drain_timeout_ms = 10'000;             // graceful stop
  std::vector<base::IpNetwork> trusted_proxies = {};  // whose X-Forwarded-For is believed
  TlsOptions tls = {};
  base::Log* log = nullptr;  // outlives the server; failures of handlers and sockets are told to it
};

struct ServerStatistics {
  std::uint64_t connections_accepted = 0;
  std::uint64_t connections_open = 0;
  std::uint64_t requests = 0;
  std::uint64_t responses_by_class[6] = {};  // [2] = 2xx, ...
  std::uint64_t jobs_queued = 0;
  std::uint64_t jobs_refused = 0;
};

class Server {
 public:
  // `router` and `gatekeeper` must outlive the server. Errors: "listen_failed", "tls_setup_failed".
  [[nodiscard]] static base::Result<std::unique_ptr<Server>> start(const ServerOptions& options,
                                                                   const Router& router,
                                                                   Gatekeeper& gatekeeper,
                                                                   const ReactorServiceFactory& factory);
  // stop() and wait.
  ~Server();
  Server(const Server&) = delete;
  Server& operator=(const Server&) = delete;

  [[nodiscard]] std::uint16_t port() const;
  [[nodiscard]] ServerStatistics statistics() const;
  // Reads certificate and key again, for new connections. Nothing changes on failure ("tls_setup_failed").
  [[nodiscard]] base::Result<void> reload_certificate();
  // Graceful: stops listening, lets every accepted request be answered, then closes. Blocks until done
  // or the drain time-out.
  void stop();

 private:
  struct State;
  explicit Server(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

}  // namespace tallystick::http
