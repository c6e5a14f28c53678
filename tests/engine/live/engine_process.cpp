#include "tests/engine/live/engine_process.h"

#include <chrono>
#include <stdexcept>
#include <thread>

#include "base/encoding.h"
#include "tests/support/server_process.h"

namespace tallystick::engine {

http::ClientResponse send_query(const std::string& socket,
                                const std::string& url_query,
                                std::string body,
                                std::vector<std::pair<std::string, std::string>> headers) {
  http::Client client;
  auto response = client.send({.method = http::Method::kPost,
                               .url = "http://localhost/?" + url_query,
                               .headers = std::move(headers),
                               .body = std::move(body),
                               .total_timeout_ms = 120'000,
                               .max_response_bytes = 1UZ << 30,
                               .unix_socket = socket});
  if (!response) {
    throw std::runtime_error(response.error().code + ": " + response.error().message);
  }
  return *std::move(response);
}

EngineProcess::EngineProcess(const std::filesystem::path& folder, const std::vector<std::string>& more_arguments)
    : socket_((folder / "socket").string()) {
  std::vector<std::string> command = {
      support::tallystick_binary(), "engine", "--data", (folder / "data").string(), "--socket", socket_};
  command.insert(command.end(), more_arguments.begin(), more_arguments.end());
  process_ = std::make_unique<support::ChildProcess>(command, std::map<std::string, std::string>{});
  if (!process_->wait_for_output("engine serves", std::chrono::seconds(60))) {
    throw std::runtime_error("the engine did not start; its output:\n" + process_->output());
  }
}

std::string EngineProcess::text(const std::string& sql, const std::string& url_query) const {
  http::ClientResponse response = post(sql, url_query);
  if (response.status != 200) {
    throw std::runtime_error(sql + ": " + response.body);
  }
  if (response.body.ends_with('\n')) {
    response.body.pop_back();
  }
  return response.body;
}

http::ClientResponse EngineProcess::insert(std::string_view statement, std::string data) const {
  return send_query(socket_, "query=" + base::percent_encode(statement), std::move(data));
}

}  // namespace tallystick::engine
