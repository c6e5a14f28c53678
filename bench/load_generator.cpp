#include "bench/load_generator.h"

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <stdexcept>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

namespace tallystick::bench {
namespace {

using SteadyClock = std::chrono::steady_clock;

std::int64_t now_ns() {
  return std::chrono::duration_cast<std::chrono::nanoseconds>(SteadyClock::now().time_since_epoch()).count();
}

struct Connection {
  int socket = -1;
  std::string_view unsent;
  std::string answer;
  std::int64_t due_ns = 0;
  bool is_busy = false;
};

// Length of the whole answer at the start of `text`, or 0 while it is incomplete.
std::size_t answer_length(std::string_view text) {
  const std::size_t head = text.find("\r\n\r\n");
  if (head == std::string_view::npos) {
    return 0;
  }
  std::size_t body = 0;
  for (const std::string_view name : {"Content-Length: ", "content-length: "}) {
    const std::size_t at = text.substr(0, head).find(name);
    if (at != std::string_view::npos) {
      body = static_cast<std::size_t>(std::strtoull(text.data() + at + name.size(), nullptr, 10));
    }
  }
  return text.size() >= head + 4 + body ? head + 4 + body : 0;
}

class Generator {
 public:
  Generator(const LoadOptions& options, const NextRequest& next) : options_(options), next_(next) {
    epoll_ = ::epoll_create1(0);
    connections_.resize(options.connections);
    for (unsigned i = 0; i < options.connections; ++i) {
      open(i);
    }
  }
  ~Generator() {
    for (const Connection& connection : connections_) {
      ::close(connection.socket);
    }
    ::close(epoll_);
  }
  Generator(const Generator&) = delete;
  Generator& operator=(const Generator&) = delete;

  LoadReport run() {
    const std::int64_t start = now_ns();
    const std::int64_t end = start + static_cast<std::int64_t>(options_.seconds * 1e9);
    const double interval_ns = options_.rate_per_second > 0 ? 1e9 / options_.rate_per_second : 0;
    next_due_ns_ = static_cast<double>(start);
    if (interval_ns == 0) {
      for (unsigned i = 0; i < connections_.size(); ++i) {
        send(i, now_ns());
      }
    }
    std::int64_t now = start;
    while (now < end || (now < end + 1'000'000'000 && busy_ > 0)) {
      if (interval_ns > 0 && now < end) {
        send_due(now, interval_ns);
      }
      receive(wait_ns(now, interval_ns), now < end && interval_ns == 0);
      now = now_ns();
    }
    report_.seconds = static_cast<double>(std::min(now, end) - start) / 1e9;
    summarise();
    return report_;
  }

 private:
  void open(unsigned index) {
    const int socket = ::socket(AF_INET, SOCK_STREAM, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(options_.port);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    if (::connect(socket, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) {
      throw std::runtime_error(std::string("connect: ") + std::strerror(errno));
    }
    const int on = 1;
    ::setsockopt(socket, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    epoll_event event{};
    event.events = EPOLLIN;
    event.data.u32 = index;
    ::epoll_ctl(epoll_, EPOLL_CTL_ADD, socket, &event);
    connections_[index].socket = socket;
    idle_.push_back(index);
  }

  void send_due(std::int64_t now, double interval_ns) {
    while (next_due_ns_ <= static_cast<double>(now) && !idle_.empty()) {
      const unsigned index = idle_.back();
      idle_.pop_back();
      send(index, static_cast<std::int64_t>(next_due_ns_));
      next_due_ns_ += interval_ns;
    }
  }

  void send(unsigned index, std::int64_t due_ns) {
    Connection& connection = connections_[index];
    connection.due_ns = due_ns;
    connection.is_busy = true;
    ++busy_;
    std::string_view request = next_(index);
    while (!request.empty()) {  // a request fits the socket buffer; a short write is finished here
      const ssize_t sent = ::send(connection.socket, request.data(), request.size(), MSG_NOSIGNAL);
      if (sent <= 0) {
        throw std::runtime_error(std::string("send: ") + std::strerror(errno));
      }
      request.remove_prefix(static_cast<std::size_t>(sent));
    }
  }

  // Until the next request is due, so that waiting costs the server no processor.
  [[nodiscard]] std::int64_t wait_ns(std::int64_t now, double interval_ns) const {
    constexpr std::int64_t kLongNs = 100'000'000;
    return interval_ns > 0 && !idle_.empty()
               ? std::clamp<std::int64_t>(static_cast<std::int64_t>(next_due_ns_) - now, 0, kLongNs)
               : kLongNs;
  }

  void receive(std::int64_t wait_ns, bool sends_again) {
    epoll_event events[128];
    const timespec limit{0, wait_ns};
    const int count = ::epoll_pwait2(epoll_, events, 128, &limit, nullptr);
    for (int i = 0; i < count; ++i) {
      const unsigned index = events[i].data.u32;
      Connection& connection = connections_[index];
      char buffer[65536];
      const ssize_t got = ::recv(connection.socket, buffer, sizeof buffer, MSG_DONTWAIT);
      if (got <= 0) {
        if (got < 0 && errno == EAGAIN) {
          continue;
        }
        throw std::runtime_error("the server closed a connection");
      }
      report_.bytes_received += static_cast<std::uint64_t>(got);
      connection.answer.append(buffer, static_cast<std::size_t>(got));
      const std::size_t length = answer_length(connection.answer);
      if (length == 0) {
        continue;
      }
      finish(connection);
      connection.answer.erase(0, length);
      if (sends_again) {
        send(index, now_ns());
      } else {
        idle_.push_back(index);
      }
    }
  }

  void finish(Connection& connection) {
    connection.is_busy = false;
    --busy_;
    ++report_.requests;
    const int status_class = connection.answer.size() > 9 ? connection.answer[9] - '0' : 0;
    ++report_.status_counts[status_class >= 1 && status_class <= 5 ? status_class : 0];
    latencies_us_.push_back(static_cast<std::uint32_t>((now_ns() - connection.due_ns) / 1000));
  }

  void summarise() {
    if (latencies_us_.empty()) {
      return;
    }
    std::sort(latencies_us_.begin(), latencies_us_.end());
    const auto at = [&](double share) {
      return latencies_us_[static_cast<std::size_t>(share * static_cast<double>(latencies_us_.size() - 1))] / 1000.0;
    };
    report_.p50_ms = at(0.5);
    report_.p99_ms = at(0.99);
    report_.max_ms = at(1.0);
  }

  const LoadOptions& options_;
  const NextRequest& next_;
  int epoll_ = -1;
  std::vector<Connection> connections_;
  std::vector<unsigned> idle_;
  std::vector<std::uint32_t> latencies_us_;
  std::size_t busy_ = 0;
  double next_due_ns_ = 0;
  LoadReport report_;
};

}  // namespace

LoadReport run_load(const LoadOptions& options, const NextRequest& next) {
  return Generator(options, next).run();
}

double cpu_seconds(int pid) {
  std::ifstream stat("/proc/" + std::to_string(pid) + "/stat");
  std::string text((std::istreambuf_iterator<char>(stat)), std::istreambuf_iterator<char>());
  const std::size_t after_name = text.rfind(')');
  if (after_name == std::string::npos) {
    return 0;
  }
  const char* cursor = text.c_str() + after_name + 2;
  for (int field = 3; field < 14; ++field) {
    cursor = std::strchr(cursor, ' ') + 1;
  }
  char* end = nullptr;
  const auto user = std::strtoull(cursor, &end, 10);
  const auto system = std::strtoull(end, nullptr, 10);
  return static_cast<double>(user + system) / static_cast<double>(::sysconf(_SC_CLK_TCK));
}

}  // namespace tallystick::bench
