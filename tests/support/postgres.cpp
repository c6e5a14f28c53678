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
  TemporaryDirectory folder;
  std::unique_ptr<ChildProcess> server;
  int databases = 0;
};

PostgresServer& PostgresServer::get() {
  static PostgresServer server;
  return server;
}

PostgresServer::PostgresServer(const std::vector<std::string>& settings) : state_(std::make_unique<State>()) {
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
