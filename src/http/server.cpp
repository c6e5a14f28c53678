#include "http/server.h"

#include <algorithm>
#include <atomic>
#include <chrono>
#include <condition_variable>
#include <mutex>
#include <utility>

#include <unistd.h>

#include "http/reactor.h"
#include "http/tls.h"
#include "http/worker_pool.h"

namespace tallystick::http {

struct Server::State {
  State(const ServerOptions& server_options, const Router& router, Gatekeeper& gatekeeper)
      : options(server_options),
        workers(server_options.workers, server_options.max_queued_jobs),
        environment{options, router, gatekeeper, workers} {
    environment.on_connection_closed = [this] {
      const std::lock_guard lock(mutex);
      closed.notify_all();
    };
  }

  const ServerOptions options;
  WorkerPool workers;
  std::mutex mutex;
  std::condition_variable closed;
  ReactorEnvironment environment;
  std::vector<std::unique_ptr<Reactor>> reactors;
  std::uint16_t port = 0;
  std::atomic<bool> is_stopped = false;
};

Server::Server(std::unique_ptr<State> state) : state_(std::move(state)) {}

Server::~Server() {
  stop();
}

base::Result<std::unique_ptr<Server>> Server::start(const ServerOptions& options,
                                                    const Router& router,
                                                    Gatekeeper& gatekeeper,
                                                    const ReactorServiceFactory& factory) {
  const auto address = base::parse_ip(options.address);
  if (!address) {
    return base::fail(base::ErrorKind::kInvalid, "listen_failed", "the address to listen on must be an IP address");
  }
  Reactor::TlsContext tls;
  if (!options.tls.certificate_file.empty()) {
    TALLY_ASSIGN(tls, load_tls_context(options.tls));
  }
  auto state = std::make_unique<State>(options, router, gatekeeper);
  if (!options.unix_socket.empty()) {
    auto reactor = std::make_unique<Reactor>(0, state->environment, tls);
    TALLY_TRY(reactor->listen_unix(options.unix_socket));
    state->reactors.push_back(std::move(reactor));
    state->reactors.front()->run_thread(factory);
    return std::unique_ptr<Server>(new Server(std::move(state)));
  }
  state->port = options.port;
  const bool is_shared = options.reactors > 1;
  if (is_shared && options.port != 0) {
    // A shared port would also be shared with another process that listens there already: ask first.
    Reactor probe(0, state->environment, nullptr);
    TALLY_TRY(probe.listen(*address, options.port, false));
  }
  for (std::size_t i = 0; i < std::max(options.reactors, 1U); ++i) {
    auto reactor = std::make_unique<Reactor>(i, state->environment, tls);
    TALLY_ASSIGN(state->port, reactor->listen(*address, state->port, is_shared));
    state->reactors.push_back(std::move(reactor));
  }
  for (auto& reactor : state->reactors) {
    reactor->run_thread(factory);
  }
  return std::unique_ptr<Server>(new Server(std::move(state)));
}

std::uint16_t Server::port() const {
  return state_->port;
}

base::Result<void> Server::reload_certificate() {
  if (state_->options.tls.certificate_file.empty()) {
    return {};
  }
  TALLY_ASSIGN(const auto tls, load_tls_context(state_->options.tls));
  for (auto& reactor : state_->reactors) {
    reactor->use_tls(tls);
  }
  return {};
}

ServerStatistics Server::statistics() const {
  ServerStatistics out;
  for (const auto& reactor : state_->reactors) {
    const ReactorCounters& counters = reactor->counters();
    out.connections_accepted += counters.connections_accepted.load(std::memory_order_relaxed);
    out.requests += counters.requests.load(std::memory_order_relaxed);
    out.jobs_refused += counters.jobs_refused.load(std::memory_order_relaxed);
    for (std::size_t i = 0; i < std::size(out.responses_by_class); ++i) {
      out.responses_by_class[i] += counters.responses_by_class[i].load(std::memory_order_relaxed);
    }
  }
  out.connections_open = state_->environment.open_connections.load();
  out.jobs_queued = state_->workers.queued();
  return out;
}

void Server::stop() {
  if (state_->is_stopped.exchange(true)) {
    return;
  }
  if (!state_->options.unix_socket.empty()) {
    ::unlink(state_->options.unix_socket.c_str());
  }
  for (auto& reactor : state_->reactors) {
    reactor->begin_drain();
  }
  {
    std::unique_lock lock(state_->mutex);
    state_->closed.wait_for(lock, std::chrono::milliseconds(state_->options.drain_timeout_ms), [this] {
      return state_->environment.open_connections.load() == 0;
    });
  }
  // Handlers that still run post to their reactor, which must be there.
  state_->workers.stop();
  for (auto& reactor : state_->reactors) {
    reactor->stop();
  }
}

}  // namespace tallystick::http
