#pragma once
// Outgoing HTTP through libcurl. A Client keeps its connections alive between requests; use one per
// thread (creation is thread-safe, a Client is not). Certificates are verified, redirects are not followed,
// and every time and size is bounded.

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/error.h"
#include "http/message.h"

namespace tallystick::http {

struct ClientRequest {
  Method method = Method::kGet;
  std::string url = {};  // absolute, http or https
  std::vector<std::pair<std::string, std::string>> headers = {};
  std::string body = {};
  // Instead of `body`, without a copy; must outlive send().
  std::string_view borrowed_body = {};
  std::int64_t connect_timeout_ms = 5'000;
  std::int64_t total_timeout_ms = 30'000;
  std::size_t max_response_bytes = 8UZ * 1024 * 1024;
  long max_redirects = 0;
  std::string unix_socket = {};        // path; empty: TCP
  std::string ca_file = {};            // PEM; empty: the system's
  std::string user_and_password = {};  // "name:secret" for basic authentication
  // Looked at while the transfer runs, about once a second when nothing moves; must outlive send(). May be null.
  const std::atomic<bool>* is_cancelled = nullptr;
};

struct ClientResponse {
  int status = 0;
  std::vector<std::pair<std::string, std::string>> headers = {};
  std::string body = {};

  // Case-insensitive; the first such header, or "" when absent.
  [[nodiscard]] std::string_view header(std::string_view name) const;
};

class Client {
 public:
  // Throws std::runtime_error when libcurl cannot be set up.
  Client();
  ~Client();
  Client(Client&&) noexcept;
  Client& operator=(Client&&) noexcept;

  // Any status is a success. Error codes: "bad_request" (a header or the URL cannot be sent), "connect_failed",
  // "timeout", "tls_failed", "response_too_large", "cancelled", "transfer_failed". Messages never hold the URL's query.
  [[nodiscard]] base::Result<ClientResponse> send(const ClientRequest& request);

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace tallystick::http
