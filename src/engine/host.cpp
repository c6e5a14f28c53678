#include "engine/host.h"

#include <csignal>
#include <cstdlib>
#include <fstream>

#include <pthread.h>
#include <sched.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/file.h"
#include "engine/library.h"
#include "engine/service.h"
#include "http/server.h"

namespace tallystick::engine {

namespace {

constexpr int kNice = 10;
constexpr int kOomScore = 500;  // of 1000: capture must not be the one that the kernel picks
constexpr int kIoPriorityBestEffortLowest = (2 << 13) | 7;
constexpr int kIoPriorityOfProcess = 1;

// Whatever the system refuses stays as it is: none of it is needed to be right.
void yield_to_others() {
  ::setpriority(PRIO_PROCESS, 0, kNice);
  sched_param parameters{};
  ::sched_setscheduler(0, SCHED_BATCH, &parameters);
  ::syscall(SYS_ioprio_set, kIoPriorityOfProcess, 0, kIoPriorityBestEffortLowest);
  std::ofstream("/proc/self/oom_score_adj") << kOomScore;
}

base::Result<void> die_with(std::int64_t parent) {
  if (parent == 0) {
    return {};
  }
  ::prctl(PR_SET_PDEATHSIG, SIGKILL);
  // It may have died before the call.
  if (::getppid() != parent) {
    return base::fail(base::ErrorKind::kUnavailable, "engine_orphaned", "the process to live with is gone");
  }
  return {};
}

// The library reads configuration from the home and the current folder; it gets neither.
base::Result<void> enter_folder(const std::filesystem::path& folder) {
  TALLY_TRY(base::make_folder(folder, 0700));
  if (::chdir(folder.c_str()) != 0) {
    return base::fail(base::ErrorKind::kUnavailable, "engine_open_failed", "cannot enter " + folder.string());
  }
  ::unsetenv("HOME");        // NOLINT(concurrency-mt-unsafe): no other thread runs yet
  ::setenv("TZ", "UTC", 1);  // NOLINT(concurrency-mt-unsafe)
  return {};
}

// Whoever reaches the socket may do everything: its mode is the gate.
class OpenGate final : public http::Gatekeeper {
 public:
  http::Admission admit(const http::Request& /*request*/, std::string_view /*scope*/) override {
    return {http::Principal{}};
  }
};

http::ServerOptions server_options(base::Log& log) {
  http::ServerOptions options;
  options.workers = 1;  // every route is handled by the reactor and the executor
  options.max_connections = 256;
  options.max_header_bytes = 1UZ << 20;  // queries and settings may come in the URL
  options.max_pipelined = 4;
  options.body_timeout_ms = 120'000;
  options.write_timeout_ms = 120'000;
  options.idle_timeout_ms = 300'000;
  options.drain_timeout_ms = 8'000;
  options.log = &log;
  return options;
}

sigset_t block_stop_signals() {
  sigset_t set;
  sigemptyset(&set);
  sigaddset(&set, SIGTERM);
  sigaddset(&set, SIGINT);
  pthread_sigmask(SIG_BLOCK, &set, nullptr);
  std::signal(SIGPIPE, SIG_IGN);
  return set;
}

}  // namespace

base::Result<void> run_host(const HostOptions& options, base::Log& log) {
  ::prctl(PR_SET_NAME, "tally-engine");
  TALLY_TRY(die_with(options.parent));
  yield_to_others();
  const sigset_t stop_signals = block_stop_signals();
  TALLY_ASSIGN(const std::filesystem::path file, find_library(options.library));
  DatabaseOptions database_options = options.database;
  database_options.directory = std::filesystem::absolute(options.database.directory);
  const std::string socket = std::filesystem::absolute(options.socket).string();
  TALLY_TRY(enter_folder(database_options.directory));
  TALLY_ASSIGN(const ChdbFunctions library, open_library(file));
  TALLY_ASSIGN(const auto database, Database::open(library, database_options));

  http::Router router;
  add_routes(router, options.max_body_bytes);
  OpenGate gate;
  Executor executor(*database, options.executor);
  const auto factory = [&executor](http::ReactorContext& context) {
    return make_service(context, executor);
  };
  http::ServerOptions listen = server_options(log);
  std::unique_ptr<http::Server> tcp;
  if (!options.listen_address.empty()) {
    listen.address = options.listen_address;
    listen.port = options.listen_port;
    TALLY_ASSIGN(tcp, http::Server::start(listen, router, gate, factory));
    log.info("engine listens", {{"address", listen.address}, {"port", tcp->port()}});
  }
  listen.unix_socket = socket;
  TALLY_ASSIGN(const auto server, http::Server::start(listen, router, gate, factory));
  const QueryOutput version = database->run({.sql = "SELECT version() FORMAT TSVRaw"});
  log.info("engine serves",
           {{"socket", socket}, {"library", file.string()}, {"version", version.text().substr(0, version.size - 1)}});

  int number = 0;
  while (sigwait(&stop_signals, &number) != 0) {
  }
  server->stop();
  if (tcp) {
    tcp->stop();
  }
  executor.stop();
  log.info("engine stopped");
  return {};
}

}  // namespace tallystick::engine
