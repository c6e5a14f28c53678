#include "http/reactor.h"

#include <algorithm>
#include <array>
#include <exception>
#include <string>
#include <utility>

#include <boost/asio/ip/v6_only.hpp>
#include <boost/asio/post.hpp>
#include <sys/socket.h>
#include <unistd.h>

#include "http/cors.h"
#include "http/dispatch.h"
#include "http/problem.h"
#include "http/unix_listener.h"

namespace tallystick::http {

namespace asio = boost::asio;
using boost::system::error_code;

namespace {

constexpr std::size_t kMaxHandlersPerTurn = 48;
constexpr int kBacklog = 4096;

void add_one(std::atomic<std::uint64_t>& counter) {
  counter.store(counter.load(std::memory_order_relaxed) + 1, std::memory_order_relaxed);
}

base::IpAddress to_ip(const asio::ip::address& address) {
  base::IpAddress out;
  if (address.is_v6()) {
    const auto bytes = address.to_v6().to_bytes();
    std::copy(bytes.begin(), bytes.end(), out.bytes.begin());
    return out;
  }
  const auto bytes = address.to_v4().to_bytes();
  out.bytes[10] = out.bytes[11] = 0xFF;
  std::copy(bytes.begin(), bytes.end(), out.bytes.begin() + 12);
  return out;
}

asio::ip::address to_asio(const base::IpAddress& address) {
  if (address.is_v4()) {
    asio::ip::address_v4::bytes_type bytes{};
    std::copy(address.bytes.begin() + 12, address.bytes.end(), bytes.begin());
    return asio::ip::address_v4(bytes);
  }
  asio::ip::address_v6::bytes_type bytes{};
  std::copy(address.bytes.begin(), address.bytes.end(), bytes.begin());
  return asio::ip::address_v6(bytes);
}

}  // namespace

Reactor::Reactor(std::size_t index, ReactorEnvironment& environment, TlsContext tls)
    : index_(index), environment_(environment), io_(std::make_unique<asio::io_context>(1)), tls_(std::move(tls)) {
  const ServerOptions& o = environment.options;
  const std::int64_t shortest =
      std::min({o.header_timeout_ms, o.body_timeout_ms, o.idle_timeout_ms, o.write_timeout_ms});
  sweep_ms_ = std::clamp<std::int64_t>(shortest / 4, 10, 1000);
  timer_ = std::make_unique<Timer>(*io_);
  update_now();
}

Reactor::~Reactor() {
  stop();
  // Tasks that were never run may hold replies: they must find the (empty) table of connections.
  timer_.reset();
  acceptor_.reset();
  io_.reset();
}

base::Result<std::uint16_t> Reactor::listen(const base::IpAddress& address, std::uint16_t port, bool is_shared) {
  const asio::ip::tcp::endpoint endpoint(to_asio(address), port);
  auto acceptor = std::make_unique<Acceptor>(*io_);
  error_code error;
  const auto step = [&error](auto&& action) {
    if (!error) {
      action(error);
    }
  };
  step([&](error_code& e) { acceptor->open(endpoint.protocol(), e); });
  step([&](error_code& e) { acceptor->set_option(asio::socket_base::reuse_address(true), e); });
  step([&](error_code& e) {
    acceptor->set_option(asio::detail::socket_option::boolean<SOL_SOCKET, SO_REUSEPORT>(is_shared), e);
  });
  if (endpoint.address().is_v6()) {
    // "::" serves IPv4 as well.
    step([&](error_code& e) { acceptor->set_option(asio::ip::v6_only(false), e); });
  }
  step([&](error_code& e) { acceptor->bind(endpoint, e); });
  step([&](error_code& e) { acceptor->listen(kBacklog, e); });
  if (error) {
    return base::fail(
        base::ErrorKind::kUnavailable,
        "listen_failed",
        "cannot listen on " + base::format_ip(address) + " port " + std::to_string(port) + ": " + error.message());
  }
  acceptor_ = std::move(acceptor);
  return acceptor_->local_endpoint().port();
}

base::Result<void> Reactor::listen_unix(const std::string& path) {
  TALLY_ASSIGN(const int socket, open_unix_listener(path, kBacklog));
  // Asio's TCP acceptor does nothing that a stream socket of another family could not do.
  auto acceptor = std::make_unique<Acceptor>(*io_);
  error_code error;
  acceptor->assign(asio::ip::tcp::v4(), socket, error);
  if (error) {
    ::close(socket);
    return base::fail(base::ErrorKind::kUnavailable, "listen_failed", "cannot listen on " + path);
  }
  acceptor_ = std::move(acceptor);
  is_unix_ = true;
  peer_ = asio::ip::tcp::endpoint(asio::ip::address_v4::loopback(), 0);
  return {};
}

void Reactor::run_thread(const ReactorServiceFactory& factory) {
  service_ = factory ? factory(*this) : nullptr;
  thread_ = std::thread([this] { run(); });
}

void Reactor::post(std::function<void()> task) {
  asio::post(*io_, std::move(task));
}

void Reactor::begin_drain() {
  post([this] {
    is_draining_ = true;
    error_code ignored;
    acceptor_->close(ignored);
    for (std::size_t i = 0; i < connections_.size(); ++i) {
      if (connections_[i]) {
        connections_[i]->drain();
      }
    }
  });
}

void Reactor::stop() {
  if (!thread_.joinable()) {
    return;
  }
  post([this] { is_stopping_ = true; });
  thread_.join();
}

void Reactor::use_tls(TlsContext tls) {
  post([this, tls = std::move(tls)] { tls_ = tls; });
}

void Reactor::update_now() {
  now_ms_ = clock_.monotonic_us() / base::kMicrosPerMilli;
  date_line_ = date_.line_at(clock_.now());
}

void Reactor::run() {
  const auto work = asio::make_work_guard(*io_);
  accept_next();
  schedule_sweep();
  while (!is_stopping_) {
    run_turn();
  }
  error_code ignored;
  acceptor_->close(ignored);
  timer_->cancel();
  for (auto& connection : connections_) {
    if (connection) {
      connection->close();
    }
  }
  // Cancelled operations still report; none of them may outlive its connection.
  while (!closed_.empty()) {
    io_->poll();
    remove_closed();
  }
  service_.reset();
}

void Reactor::run_turn() {
  if (!is_turn_wanted_) {
    io_->run_one();
  }
  is_turn_wanted_ = false;
  update_now();
  for (std::size_t handlers = 0; handlers < kMaxHandlersPerTurn && io_->poll_one() > 0; ++handlers) {
  }
  if (service_) {
    service_->on_turn_end();
  }
  flush_dirty();
  remove_closed();
}

void Reactor::flush_dirty() {
  flushing_.swap(dirty_);
  for (const std::uint64_t handle : flushing_) {
    if (Connection* connection = find(handle)) {
      connection->flush();
    }
  }
  flushing_.clear();
  if (!dirty_.empty()) {
    want_turn();
  }
}

void Reactor::mark_dirty(Connection& connection, bool& is_dirty) {
  if (!is_dirty) {
    is_dirty = true;
    dirty_.push_back(connection.handle());
  }
}

Connection* Reactor::find(std::uint64_t handle) {
  const std::size_t index = handle & 0xFFFF'FFFFU;
  if (index >= connections_.size() || generations_[index] != handle >> 32U) {
    return nullptr;
  }
  return connections_[index].get();
}

bool Reactor::is_peer_gone(std::uint64_t handle) {
  const Connection* const connection = find(handle);
  return connection == nullptr || connection->is_peer_gone();
}

void Reactor::on_closed(Connection& connection) {
  closed_.push_back(connection.handle());
}

void Reactor::remove_closed() {
  if (closed_.empty()) {
    return;
  }
  std::erase_if(closed_, [this](std::uint64_t handle) {
    const std::size_t index = handle & 0xFFFF'FFFFU;
    if (!connections_[index]->is_removable()) {
      return false;
    }
    connections_[index].reset();
    ++generations_[index];
    free_.push_back(static_cast<std::uint32_t>(index));
    environment_.open_connections.fetch_sub(1);
    environment_.on_connection_closed();
    return true;
  });
}

void Reactor::accept_next() {
  is_accepting_ = true;
  if (is_unix_) {
    // The peer has no address that fits an endpoint of TCP.
    acceptor_->async_accept(*io_,
                            [this](error_code error, ReactorSocket socket) { on_accept(error, std::move(socket)); });
    return;
  }
  acceptor_->async_accept(
      *io_, peer_, [this](error_code error, ReactorSocket socket) { on_accept(error, std::move(socket)); });
}

void Reactor::on_accept(error_code error, ReactorSocket socket) {
  is_accepting_ = false;
  if (is_draining_ || is_stopping_ || error == asio::error::operation_aborted) {
    return;
  }
  if (error) {
    // Out of descriptors or memory: the next sweep tries again.
    if (environment_.options.log != nullptr) {
      environment_.options.log->warning("cannot accept a connection", {{"what", error.message()}});
    }
    return;
  }
  accept_next();
  add_one(counters_.connections_accepted);
  if (environment_.open_connections.fetch_add(1) >= environment_.options.max_connections) {
    environment_.open_connections.fetch_sub(1);
    refuse_connection(socket);
    return;
  }
  error_code ignored;
  socket.set_option(asio::ip::tcp::no_delay(true), ignored);
  if (free_.empty()) {
    free_.push_back(static_cast<std::uint32_t>(connections_.size()));
    connections_.emplace_back();
    generations_.push_back(1);
  }
  const std::uint32_t index = free_.back();
  free_.pop_back();
  const std::uint64_t handle = (static_cast<std::uint64_t>(generations_[index]) << 32U) | index;
  auto& connection = connections_[index];
  connection = std::make_unique<Connection>(*this, handle, to_ip(peer_.address()), tls_ != nullptr);
  connection->start(tls_ ? make_tls_transport(std::move(socket), *tls_, *connection)
                         : make_plain_transport(std::move(socket), *connection));
}

void Reactor::refuse_connection(ReactorSocket& socket) const {
  if (tls_) {
    return;
  }
  std::string bytes;
  const std::string body = make_problem_body(
      503, "Service Unavailable", "too_many_connections", "the server has as many connections as it may", {});
  serialise({503, "Retry-After: 1\r\n", kProblemContentType, body, date_line_}, {.is_last = true}, bytes);
  // Best effort: a new socket's send buffer is empty.
  [[maybe_unused]] const auto sent =
      ::send(socket.native_handle(), bytes.data(), bytes.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
  error_code ignored;
  socket.shutdown(ReactorSocket::shutdown_send, ignored);
}

void Reactor::schedule_sweep() {
  timer_->expires_after(std::chrono::milliseconds(sweep_ms_));
  timer_->async_wait([this](error_code error) {
    if (!error) {
      sweep();
      schedule_sweep();
    }
  });
}

void Reactor::sweep() {
  for (std::size_t i = 0; i < connections_.size(); ++i) {
    if (connections_[i]) {
      connections_[i]->sweep(now_ms_);
    }
  }
  if (service_) {
    service_->on_sweep();
  }
  if (!is_accepting_ && !is_draining_ && !is_stopping_) {
    accept_next();
  }
}

void Reactor::count_request() {
  add_one(counters_.requests);
}

void Reactor::answer_with(
    std::uint64_t handle, std::uint64_t place, Answer answer, WriteObserver* observer, std::uint64_t tag) {
  Connection* connection = find(handle);
  if (connection == nullptr) {
    if (observer != nullptr) {
      observer->on_written(tag, false);
    }
    return;
  }
  add_one(counters_.responses_by_class[std::clamp(answer.status / 100, 1, 5)]);
  answer.date = date_line_;
  connection->answer(place, answer, observer, tag);
}

void Reactor::handle(std::uint64_t handle, std::uint64_t place, const RequestView& request, const Match& match) {
  count_request();
  if (match.route == nullptr) {
    handle_unrouted(handle, place, request, match);
    return;
  }
  if (match.route->inline_tag < 0) {
    submit_job(handle, place, request, match);
    return;
  }
  Reply reply;
  reply.reactor_ = this;
  reply.connection_ = handle;
  reply.slot_ = place;
  if (!service_) {
    return;
  }
  try {
    service_->handle(match.route->inline_tag, request, match.parameters, std::move(reply));
  } catch (const std::exception& failure) {
    // The reply died on the way up and has answered 500.
    if (options().log != nullptr) {
      options().log->error("an inline route failed", {{"route", match.route->pattern}, {"what", failure.what()}});
    }
  }
}

void Reactor::handle_unrouted(std::uint64_t handle,
                              std::uint64_t place,
                              const RequestView& request,
                              const Match& match) {
  const PathSummary path = environment_.router.summarise(request.path);
  if (request.method == Method::kOptions && (match.is_path_known || request.path == "*")) {
    const std::string headers = make_options_headers(path);
    answer_with(handle, place, {.status = 204, .headers = headers});
    return;
  }
  if (match.is_path_known) {
    const std::string body =
        make_problem_body(405, "Method not allowed", "method_not_allowed", "allowed: " + path.allow, request.path);
    const std::string headers = "Allow: " + path.allow + "\r\n";
    answer_with(handle, place, {405, headers, kProblemContentType, body});
    return;
  }
  const std::string body =
      make_problem_body(404, "Not found", "not_found", "there is nothing at this path", request.path);
  answer_with(handle, place, {404, {}, kProblemContentType, body});
}

void Reactor::submit_job(std::uint64_t handle, std::uint64_t place, const RequestView& request, const Match& match) {
  auto owned = std::make_shared<Request>(make_request(request, match.parameters, random_));
  const Route& route = *match.route;
  const bool is_taken = environment_.workers.submit([this, handle, place, owned, &route] {
    Response response = run_handler(route, *owned, environment_.gatekeeper, environment_.options.log);
    post([this, handle, place, owned, response = std::move(response)] {
      const std::string headers = format_headers(response, owned->request_id);
      answer_with(handle, place, {response.status, headers, response.content_type, response.body});
    });
  });
  if (is_taken) {
    return;
  }
  add_one(counters_.jobs_refused);
  const std::string body =
      make_problem_body(503, "Temporarily unavailable", "queue_full", "too many requests are waiting", request.path);
  const std::string headers = "Retry-After: 1\r\nX-Request-Id: " + owned->request_id + "\r\n";
  answer_with(handle, place, {503, headers, kProblemContentType, body});
}

}  // namespace tallystick::http
