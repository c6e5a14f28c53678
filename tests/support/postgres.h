#pragma once
// A private PostgreSQL server for one test program: a fresh cluster in a temporary folder, reached through a unix
// socket, gone when the program ends. Started on first use.

#include <filesystem>
#include <memory>
#include <string>
#include <vector>

namespace tallystick::support {

class PostgresServer {
 public:
  // The server of this program, in memory where there is enough. Throws std::runtime_error, saying what to install,
  // when there is none.
  static PostgresServer& get();
  // Another one, on disk, for a program that needs `settings` of its own ("shared_buffers=1GB").
  explicit PostgresServer(const std::vector<std::string>& settings = {});
  ~PostgresServer();
  PostgresServer(const PostgresServer&) = delete;
  PostgresServer& operator=(const PostgresServer&) = delete;

  // Makes an empty database and returns its URL.
  [[nodiscard]] std::string create_database();

 private:
  PostgresServer(const std::vector<std::string>& settings, const std::filesystem::path& parent);

  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace tallystick::support
