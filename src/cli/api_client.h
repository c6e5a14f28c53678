#pragma once
// The running server's API for commands: address and key from options, environment or data directory; problem details
// become errors. One thread each.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <boost/json/value.hpp>

#include "base/error.h"
#include "cli/context.h"
#include "http/client.h"

namespace tallystick::cli {

// "http://localhost:8080": --url, TALLYSTICK_URL, what the server left in the data directory, or the configuration.
[[nodiscard]] base::Result<std::string> find_server_url(const Context& context);
// --key-file, TALLYSTICK_API_KEY, TALLYSTICK_API_KEY_FILE; "" when there is none.
[[nodiscard]] base::Result<std::string> find_api_key(const Context& context);

class ApiClient {
 public:
  ApiClient(std::string url, std::string key) : url_(std::move(url)), key_(std::move(key)) {}
  // With a key, or kUnauthenticated "no_api_key" saying where one is taken from.
  [[nodiscard]] static base::Result<ApiClient> make(const Context& context);
  // For public routes.
  [[nodiscard]] static base::Result<ApiClient> make_public(const Context& context);

  [[nodiscard]] base::Result<boost::json::value> get(std::string_view path);
  [[nodiscard]] base::Result<boost::json::value> post(std::string_view path, const boost::json::value& body);
  // With `version` only if that is still the present one.
  [[nodiscard]] base::Result<boost::json::value> patch(std::string_view path,
                                                       const boost::json::value& body,
                                                       std::optional<std::int64_t> version = std::nullopt);
  [[nodiscard]] base::Result<boost::json::value> remove(std::string_view path);
  // Any bytes, with a JSON answer.
  [[nodiscard]] base::Result<boost::json::value> send_bytes(http::Method method,
                                                            std::string_view path,
                                                            std::string bytes);
  // The body as it is.
  [[nodiscard]] base::Result<std::string> get_text(std::string_view path);
  // One part of a text that comes in several, and where it goes on (the header Link, RFC 8288); "" after the last.
  struct TextPart {
    std::string body;
    std::string next;
  };
  [[nodiscard]] base::Result<TextPart> get_part(std::string_view path);

  [[nodiscard]] const std::string& url() const { return url_; }
  // Why the changes that follow are made, for the audit trail; empty: it is not said.
  void set_reason(std::string reason) { reason_ = std::move(reason); }

 private:
  struct SendOptions {
    std::string_view content_type = "application/json";
    std::optional<std::int64_t> version = {};  // the one that a change is about
  };
  [[nodiscard]] base::Result<http::ClientResponse> send(http::Method method,
                                                        std::string_view path,
                                                        std::string body,
                                                        const SendOptions& options);
  [[nodiscard]] base::Result<std::string> call(http::Method method,
                                               std::string_view path,
                                               std::string body,
                                               const SendOptions& options);

  std::string url_;
  std::string key_;
  std::string reason_;
  http::Client client_;
};

// What a problem answer says, as an error; for callers with a client of their own.
[[nodiscard]] base::Error error_from_answer(const http::ClientResponse& response);

}  // namespace tallystick::cli
