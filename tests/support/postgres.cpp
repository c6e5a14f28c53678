#include "tests/support/postgres.h"

#include <csignal>
#include <filesystem>
#include <stdexcept>

#include <pwd.h>
#include <unistd.h>

#include "tests/support/child_process.h"
#include "tests/support/temporary_directory.h"

namespace tallystick::support {
namespace {

namespace fs = std::filesystem;

constexpr std::uintmax_t kLeastMemory = 2ULL << 30;

// The folder with initdb and postgres: Debian keeps them out of PATH, one folder a version.
fs::path find_programs() {
  fs::path newest;
  for (const auto& entry : fs::directory_iterator("/usr/lib/postgresql")) {
    if (fs::exists(entry.path() / "bin" / "initdb") && entry.path() > newest) {
      newest = entry.path();
    }
  }
  if (newest.empty()) {
    throw std::runtime_error("no PostgreSQL server is installed: run scripts/bootstrap test");
  }
  return newest / "bin";
}

// Each database is about three hundred files, which a disk takes most of a test's time to make. Nothing that a test
// asks of the server depends on where it keeps them.
fs::path find_fast_folder() {
  const fs::path memory = "/dev/shm";
  std::error_code error;
  const fs::space_info space = fs::space(memory, error);
  return !error && space.available >= kLeastMemory ? memory : fs::temp_directory_path();
}

// PostgreSQL refuses to run as root.
std::vector<std::string> as_postgres(std::vector<std::string> command) {
  if (::geteuid() == 0) {
    command.insert(command.begin(), {"setpriv", "--reuid=postgres", "--regid=postgres", "--clear-groups"});
  }
  return command;
}

void must_succeed(const std::vector<std::string>& command) {
  const CommandResult result = run_command(command);
  if (result.exit_code != 0) {
    throw std::runtime_error(command.front() + " failed:\n" + result.output);
  }
}

}  // namespace

struct PostgresServer::State {
  explicit State(const fs::path& parent) : folder(parent) {}

  TemporaryDirectory folder;
  std::unique_ptr<ChildProcess> server;
  int databases = 0;
};

PostgresServer& PostgresServer::get() {
  static PostgresServer server({}, find_fast_folder());
  return server;
}

PostgresServer::PostgresServer(const std::vector<std::string>& settings)
    : PostgresServer(settings, fs::temp_directory_path()) {}

PostgresServer::PostgresServer(const std::vector<std::string>& settings, const fs::path& parent)
    : state_(std::make_unique<State>(parent)) {
  const fs::path programs = find_programs();
  const fs::path& folder = state_->folder.path();
  if (::geteuid() == 0) {
    const passwd* user = ::getpwnam("postgres");
    if (user == nullptr || ::chown(folder.c_str(), user->pw_uid, user->pw_gid) != 0) {
      throw std::runtime_error("cannot give the folder of the cluster to the user postgres");
    }
  }
  const std::string data = (folder / "cluster").string();
  must_succeed(as_postgres({(programs / "initdb").string(),
                            "--pgdata=" + data,
                            "--username=tester",
                            "--auth=trust",
                            "--encoding=UTF8",
                            "--no-sync",
                            "--no-instructions"}));
  std::vector<std::string> command = {(programs / "postgres").string(),
                                      "-D",
                                      data,
                                      "-c",
                                      "listen_addresses=",
                                      "-c",
                                      "unix_socket_directories=" + folder.string(),
                                      "-c",
                                      "fsync=off"};
  for (const std::string& setting : settings) {
    command.insert(command.end(), {"-c", setting});
  }
  state_->server = std::make_unique<ChildProcess>(as_postgres(std::move(command)));
  if (!state_->server->wait_for_output("ready to accept connections")) {
    throw std::runtime_error("PostgreSQL did not start:\n" + state_->server->output());
  }
}

PostgresServer::~PostgresServer() {
  state_->server->signal(SIGINT);  // fast shutdown
  try {
    state_->server->wait();
  } catch (const std::exception&) {
    // It was killed instead; the folder goes either way.
  }
}

std::string PostgresServer::create_database() {
  const std::string name = "test_" + std::to_string(++state_->databases);
  const std::string folder = state_->folder.path().string();
  must_succeed({"psql",
                "--quiet",
                "--host=" + folder,
                "--username=tester",
                "--dbname=postgres",
                "--command=CREATE DATABASE " + name});
  return "postgresql://tester@/" + name + "?host=" + folder;
}

}  // namespace tallystick::support
