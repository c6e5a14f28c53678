#include "engine/supervisor.h"

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <condition_variable>
#include <csignal>
#include <mutex>
#include <stop_token>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include <fmt/format.h>
#include <sys/eventfd.h>
#include <system_error>
#include <unistd.h>

#include "base/time.h"
#include "engine/child.h"
#include "engine/library.h"
#include "http/client.h"

namespace tallystick::engine {

namespace {

constexpr std::int64_t kStartPollMs = 20;
constexpr std::int64_t kStartLimitMs = 120'000;  // a large database on a slow disk
constexpr std::int64_t kPingIntervalMs = 5'000;
constexpr std::int64_t kPingTimeoutMs = 10'000;
constexpr int kMaxLostPings = 6;
constexpr std::int64_t kStopLimitMs = 12'000;
constexpr std::int64_t kCalmMs = 60'000;  // up for so long: the next delay is the first again

// Of the library's allocator (jemalloc). A batch needs the memory that the one before has just freed: given back and
// taken again, a page costs a fault and its zeroing each time. Few arenas, because one does not use what another has
// free: measured on two cores. Huge pages cost an idle engine 15 MB.
std::string allocator_settings(std::int64_t threads) {
  return fmt::format("JE_MALLOC_CONF=thp:always,dirty_decay_ms:30000,percpu_arena:disabled,narenas:{}",
                     std::max<std::int64_t>(threads / 2, 1));
}

}  // namespace

struct Supervisor::State {
  State(const SupervisorOptions& supervisor_options, base::Log& supervisor_log)
      : options(supervisor_options),
        log(supervisor_log),
        socket((std::filesystem::absolute(options.directory) / "socket").string()),
        stop_event(::eventfd(0, EFD_CLOEXEC)) {
    if (stop_event < 0) {
      throw std::system_error(errno, std::generic_category(), "eventfd");
    }
  }
  ~State() { ::close(stop_event); }
  State(const State&) = delete;
  State& operator=(const State&) = delete;

  const SupervisorOptions options;
  base::Log& log;
  const std::string socket;
  const int stop_event;  // readable from the request to stop on
  base::SystemClock clock;
  mutable std::mutex mutex;
  std::condition_variable_any wake;
  SupervisorStatus status;
  http::Client client;
  std::jthread thread;

  void run(const std::stop_token& token);
  void live_with(Child& child, const std::stop_token& token);
  [[nodiscard]] base::Result<Child> start_child() const;
  [[nodiscard]] bool answers();
  // False: asked to stop.
  [[nodiscard]] bool sleep(std::int64_t duration_ms, const std::stop_token& token);
  [[nodiscard]] std::int64_t now_ms() const { return clock.monotonic_us() / base::kMicrosPerMilli; }
  void set_up(pid_t pid);
  void set_down(std::string detail);
};

base::Result<Child> Supervisor::State::start_child() const {
  TALLY_ASSIGN(const std::filesystem::path library, find_library(options.library));
  std::vector<std::string> arguments = {"engine",
                                        "--data",
                                        std::filesystem::absolute(options.directory).string(),
                                        "--socket",
                                        socket,
                                        "--library",
                                        library.string(),
                                        fmt::format("--memory-bytes={}", options.memory_bytes),
                                        fmt::format("--threads={}", options.threads),
                                        fmt::format("--concurrent-queries={}", options.concurrent_queries),
                                        fmt::format("--max-body-bytes={}", options.max_body_bytes),
                                        fmt::format("--parent={}", ::getpid()),
                                        options.is_json_log ? "--log-format=json" : "--log-format=logfmt"};
  if (!options.log_file.empty()) {
    arguments.push_back("--log-file=" + std::filesystem::absolute(options.log_file).string());
  }
  return Child::start(options.binary.string(), std::move(arguments), {allocator_settings(options.threads)});
}

bool Supervisor::State::answers() {
  const auto response = client.send({.url = "http://localhost/ping",
                                     .connect_timeout_ms = kPingTimeoutMs,
                                     .total_timeout_ms = kPingTimeoutMs,
                                     .max_response_bytes = 64,
                                     .unix_socket = socket});
  return response && response->status == 200;
}

bool Supervisor::State::sleep(std::int64_t duration_ms, const std::stop_token& token) {
  std::unique_lock lock(mutex);
  wake.wait_for(lock, token, std::chrono::milliseconds(duration_ms), [] { return false; });
  return !token.stop_requested();
}

void Supervisor::State::set_up(pid_t pid) {
  const std::lock_guard lock(mutex);
  status.is_up = true;
  status.pid = pid;
  status.detail.clear();
}

void Supervisor::State::set_down(std::string detail) {
  const std::lock_guard lock(mutex);
  status.is_up = false;
  status.pid = 0;
  status.detail = std::move(detail);
}

// From the start of the child to its end.
void Supervisor::State::live_with(Child& child, const std::stop_token& token) {
  const std::int64_t start_ms = now_ms();
  while (!answers()) {
    if (token.stop_requested() || child.wait(kStartPollMs, stop_event)) {
      return;
    }
    if (now_ms() - start_ms > kStartLimitMs) {
      log.error("the engine does not come up in time");
      return;
    }
  }
  set_up(child.pid());
  log.info("engine is up", {{"pid", child.pid()}, {"milliseconds", now_ms() - start_ms}});
  int lost = 0;
  while (!child.wait(kPingIntervalMs, stop_event) && !token.stop_requested()) {
    lost = answers() ? 0 : lost + 1;
    if (lost >= kMaxLostPings) {
      log.error("the engine lives but does not answer: it is ended", {{"pings", lost}});
      return;
    }
  }
}

void Supervisor::State::run(const std::stop_token& token) {
  std::int64_t delay_ms = options.first_delay_ms;
  while (!token.stop_requested()) {
    const std::int64_t start_ms = now_ms();
    auto child = start_child();
    if (child) {
      {
        const std::lock_guard lock(mutex);
        status.pid = child->pid();
      }
      live_with(*child, token);
      if (token.stop_requested()) {
        set_down("stopping");
        child->signal(SIGTERM);
        [[maybe_unused]] const bool has_ended = child->wait(kStopLimitMs);
        return;
      }
      set_down(child->pid() == 0 ? "it ended with " + child->how_it_ended() : "it did not answer");
    } else {
      set_down(child.error().message);
    }
    log.warning("engine is down", {{"why", status.detail}, {"restart_in_ms", delay_ms}});
    if (now_ms() - start_ms > kCalmMs) {
      delay_ms = options.first_delay_ms;
    }
    if (!sleep(delay_ms, token)) {
      return;
    }
    delay_ms = std::min(2 * delay_ms, options.max_delay_ms);
    const std::lock_guard lock(mutex);
    ++status.restarts;
  }
}

Supervisor::Supervisor(const SupervisorOptions& options, base::Log& log)
    : state_(std::make_unique<State>(options, log)) {
  state_->set_down("starting");
  state_->thread = std::jthread([state = state_.get()](const std::stop_token& token) { state->run(token); });
}

Supervisor::~Supervisor() {
  stop();
}

SupervisorStatus Supervisor::status() const {
  const std::lock_guard lock(state_->mutex);
  return state_->status;
}

const std::string& Supervisor::socket() const {
  return state_->socket;
}

const std::filesystem::path& Supervisor::directory() const {
  return state_->options.directory;
}

void Supervisor::stop() {
  state_->thread.request_stop();
  [[maybe_unused]] const int written = ::eventfd_write(state_->stop_event, 1);
  if (state_->thread.joinable()) {
    state_->thread.join();
  }
}

}  // namespace tallystick::engine
