#pragma once
// The real engine in a process of its own, on a folder that the test names, and a client for it.

#include <filesystem>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "http/client.h"
#include "tests/support/child_process.h"

namespace tallystick::engine {

// One request on a connection of its own. Throws std::runtime_error when there is no answer.
[[nodiscard]] http::ClientResponse send_query(const std::string& socket,
                                              const std::string& url_query,
                                              std::string body,
                                              std::vector<std::pair<std::string, std::string>> headers = {});

class EngineProcess {
 public:
  // Starts and waits until it answers. Throws std::runtime_error, with the output, when it does not.
  explicit EngineProcess(const std::filesystem::path& folder, const std::vector<std::string>& more_arguments = {});

  // SQL in the body; `url_query` as sent.
  [[nodiscard]] http::ClientResponse post(const std::string& sql, const std::string& url_query = "") const {
    return send_query(socket_, url_query, sql);
  }
  // The text of a successful answer, without the last end of line; throws on an error.
  [[nodiscard]] std::string text(const std::string& sql, const std::string& url_query = "") const;
  void run(const std::string& sql) const { static_cast<void>(text(sql)); }
  // INSERT with `statement` in the URL and `data` in the body.
  [[nodiscard]] http::ClientResponse insert(std::string_view statement, std::string data) const;

  [[nodiscard]] const std::string& socket() const { return socket_; }
  [[nodiscard]] support::ChildProcess& process() { return *process_; }

 private:
  std::string socket_;
  std::unique_ptr<support::ChildProcess> process_;
};

}  // namespace tallystick::engine
