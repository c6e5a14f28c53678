#include "tests/http/http_fixture.h"

#include <algorithm>
#include <future>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <unistd.h>

#include "http/ascii.h"

namespace tallystick::http {

namespace {

constexpr std::chrono::seconds kPatience{20};
constexpr int kReceiveBufferBytes = 4096;

class EchoService final : public ReactorService {
 public:
  explicit EchoService(Ledger& ledger) : ledger_(ledger) {}

  void handle(int tag, const RequestView& request, const std::vector<PathParameter>& parameters, Reply reply) override {
    switch (tag) {
      case kHoldTag:
        ledger_.hold(std::move(reply));
        return;
      case kDropTag:
        return;
      case kObserveTag:
        reply.send(200, {}, "text/plain", "observed", &ledger_, std::stoull(std::string(parameters.at(0).value)));
        return;
      case kLargeTag:
        reply.send(200, {}, "text/plain", std::string(4U << 20U, 'x'), &ledger_, 1);
        return;
      default:
        break;
    }
    std::string text(name_of(request.method));
    text.append(" ").append(request.path).append("?").append(request.query).append(" ").append(request.body);
    text.append(" ").append(base::format_ip(request.client)).append(request.is_tls ? " tls" : " plain");
    reply.send(200, "X-Echo: 1\r\n", "text/plain", text);
  }
  void on_turn_end() override { ++ledger_.turns; }

 private:
  Ledger& ledger_;
};

}  // namespace

RawClient::RawClient(std::uint16_t port) : descriptor_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
  timeval patience{20, 0};
  ::setsockopt(descriptor_, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
  ::setsockopt(descriptor_, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof patience);
  const int yes = 1;
  ::setsockopt(descriptor_, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes);
  ::setsockopt(descriptor_, SOL_SOCKET, SO_RCVBUF, &kReceiveBufferBytes, sizeof kReceiveBufferBytes);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  EXPECT_EQ(::connect(descriptor_, reinterpret_cast<const sockaddr*>(&address), sizeof address), 0);
}

RawClient::~RawClient() {
  if (descriptor_ >= 0) {
    ::close(descriptor_);
  }
}

void RawClient::send(std::string_view bytes) {
  while (!bytes.empty()) {
    const ::ssize_t sent = ::send(descriptor_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (sent <= 0) {
      return;  // the server closed; what it answered is still there to be read
    }
    bytes.remove_prefix(static_cast<std::size_t>(sent));
  }
}

void RawClient::shut_down_sending() {
  ::shutdown(descriptor_, SHUT_WR);
}

void RawClient::reset() {
  const linger now{1, 0};
  ::setsockopt(descriptor_, SOL_SOCKET, SO_LINGER, &now, sizeof now);
  ::close(std::exchange(descriptor_, -1));
}

bool RawClient::fill() {
  char block[16384];
  const ::ssize_t count = ::recv(descriptor_, block, sizeof block, 0);
  if (count <= 0) {
    return false;
  }
  buffer_.append(block, static_cast<std::size_t>(count));
  return true;
}

std::string RawClient::read_answer(bool is_head) {
  std::size_t head_end = std::string::npos;
  while ((head_end = buffer_.find("\r\n\r\n")) == std::string::npos) {
    if (!fill()) {
      return std::exchange(buffer_, {});
    }
  }
  const std::string length = header_of(std::string_view(buffer_).substr(0, head_end + 4), "Content-Length");
  const std::size_t size = head_end + 4 + (is_head || length.empty() ? 0 : std::stoul(length));
  while (buffer_.size() < size && fill()) {
  }
  std::string answer = buffer_.substr(0, size);
  buffer_.erase(0, size);
  return answer;
}

std::string RawClient::read_to_end() {
  while (fill()) {
  }
  return std::exchange(buffer_, {});
}

std::string get(std::string_view target, std::string_view headers) {
  return "GET " + std::string(target) + " HTTP/1.1\r\nHost: x\r\n" + std::string(headers) + "\r\n";
}

int status_of(std::string_view answer) {
  return answer.size() < 12 ? 0 : std::stoi(std::string(answer.substr(9, 3)));
}

std::string body_of(std::string_view answer) {
  const std::size_t end = answer.find("\r\n\r\n");
  return end == std::string_view::npos ? std::string() : std::string(answer.substr(end + 4));
}

std::string header_of(std::string_view answer, std::string_view name) {
  std::string_view head = answer.substr(0, answer.find("\r\n\r\n"));
  for (std::size_t end = head.find("\r\n"); end != std::string_view::npos; end = head.find("\r\n")) {
    head.remove_prefix(end + 2);
    const std::string_view line = head.substr(0, head.find("\r\n"));
    const std::size_t colon = line.find(':');
    if (colon != std::string_view::npos && equals_ignoring_case(line.substr(0, colon), name)) {
      return std::string(trim_ascii(line.substr(colon + 1)));
    }
  }
  return {};
}

Admission OpenGate::admit(const Request& request, std::string_view scope) {
  const std::vector<std::pair<std::string, std::string>> headers = {{"X-Gate", std::string(scope)}};
  if (scope == kPublicScope) {
    return {Principal{}, headers};
  }
  if (request.header("Authorization").empty()) {
    return {base::fail(base::ErrorKind::kUnauthenticated, "key_missing", "send an API key"), headers};
  }
  Principal principal;
  principal.id = "key-1";
  principal.scopes = {std::string(scope)};
  return {std::move(principal), headers};
}

void Ledger::on_written(std::uint64_t tag, bool is_written) {
  const std::lock_guard lock(mutex_);
  written_.emplace_back(tag, is_written);
  changed_.notify_all();
}

void Ledger::hold(Reply reply) {
  held.push_back(std::move(reply));
  const std::lock_guard lock(mutex_);
  ++held_count_;
  changed_.notify_all();
}

void Ledger::await_held(std::size_t count) {
  std::unique_lock lock(mutex_);
  EXPECT_TRUE(changed_.wait_for(lock, kPatience, [&] { return held_count_ >= count; }));
}

std::vector<std::pair<std::uint64_t, bool>> Ledger::await_written(std::size_t count) {
  std::unique_lock lock(mutex_);
  EXPECT_TRUE(changed_.wait_for(lock, kPatience, [&] { return written_.size() >= count; }));
  return written_;
}

ServerTest::ServerTest() {
  const auto add_inline = [this](Method method, const char* pattern, int tag) {
    router_.add({.method = method,
                 .pattern = pattern,
                 .scope = "public",
                 .summary = "",
                 .inline_tag = tag,
                 .max_body_bytes = 4096,
                 .is_cross_origin = tag == kEchoTag});
  };
  add_inline(Method::kGet, "/echo/{rest...}", kEchoTag);
  add_inline(Method::kPost, "/echo", kEchoTag);
  add_inline(Method::kGet, "/hold/{rest...}", kHoldTag);
  add_inline(Method::kGet, "/drop", kDropTag);
  add_inline(Method::kGet, "/observe/{tag}", kObserveTag);
  add_inline(Method::kGet, "/large", kLargeTag);
  router_.add({.method = Method::kPost,
               .pattern = "/job/{name}",
               .scope = "public",
               .summary = "",
               .handler = [](const Request& request) {
                 return json_response(201,
                                      std::string(request.path_parameter("name")) + "|" + request.query_parameter("q") +
                                          "|" + request.body);
               }});
  router_.add({.method = Method::kGet,
               .pattern = "/private",
               .scope = "partners:read",
               .summary = "",
               .handler = [](const Request& request) {
                 return json_response(200, request.principal.id);
               }});
  router_.add({.method = Method::kGet,
               .pattern = "/throw",
               .scope = "public",
               .summary = "",
               .handler = [](const Request&) -> Response {
                 throw std::runtime_error("the secret reason");
               }});
  router_.add({.method = Method::kGet,
               .pattern = "/block",
               .scope = "public",
               .summary = "",
               .handler = [this](const Request&) {
                 std::unique_lock lock(block_mutex_);
                 ++blocked_;
                 block_changed_.notify_all();
                 block_changed_.wait_for(lock, kPatience, [this] { return is_unblocked_; });
                 return json_response(200, "{}");
               }});
}

ServerTest::~ServerTest() {
  unblock();
  if (server_) {
    if (is_stopped_) {
      ledger_.held.clear();
    } else {
      on_reactor([this] { ledger_.held.clear(); });
    }
    server_.reset();
  }
}

void ServerTest::start(const ServerOptions& options) {
  ServerOptions used = options;
  used.address = "127.0.0.1";
  used.port = 0;
  auto server = Server::start(used, router_, gate_, [this](ReactorContext& context) {
    context_ = &context;
    return std::make_unique<EchoService>(ledger_);
  });
  ASSERT_TRUE(server.has_value()) << server.error().message;
  server_ = *std::move(server);
}

void ServerTest::on_reactor(const std::function<void()>& task) {
  auto done = std::make_shared<std::promise<void>>();
  auto future = done->get_future();
  context_->post([&task, done] {
    task();
    done->set_value();
  });
  ASSERT_EQ(future.wait_for(kPatience), std::future_status::ready);
}

void ServerTest::stop() {
  server_->stop();
  is_stopped_ = true;
}

void ServerTest::release(std::size_t index, WriteObserver* observer, std::uint64_t tag) {
  on_reactor([&] { ledger_.held.at(index).send(200, {}, "text/plain", "held", observer, tag); });
}

void ServerTest::unblock() {
  const std::lock_guard lock(block_mutex_);
  is_unblocked_ = true;
  block_changed_.notify_all();
}

void ServerTest::await_blocked(std::size_t count) {
  std::unique_lock lock(block_mutex_);
  EXPECT_TRUE(block_changed_.wait_for(lock, kPatience, [&] { return blocked_ >= count; }));
}

}  // namespace tallystick::http
