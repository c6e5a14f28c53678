#pragma once
// Requests and responses as plain types. RequestView is what the reactor hands to inline handlers:
// views into the connection's buffer, valid during the call. Request and Response own their bytes
// and belong to handlers that run on the worker pool.

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/error.h"
#include "base/ip.h"

namespace tallystick::http {

enum class Method : std::uint8_t { kGet, kHead, kPost, kPut, kPatch, kDelete, kOptions, kOther };
[[nodiscard]] std::string_view name_of(Method method);

struct Header {
  std::string_view name;  // as sent
  std::string_view value;
};

struct RequestView {
  Method method = Method::kGet;
  std::string_view target;  // as sent: path?query
  std::string_view path;    // still percent-encoded
  std::string_view query;   // without '?'
  std::span<const Header> headers;
  std::string_view body;
  base::IpAddress client;  // the peer, or what a trusted proxy says
  bool is_tls = false;

  // Case-insensitive; the first such header, or "" when absent.
  [[nodiscard]] std::string_view header(std::string_view name) const;
};

// Who is asking, once the key or session was checked (room `access` fills it).
struct Principal {
  std::string id;  // key or user id; empty: nobody
  std::string name;
  std::string tenant;  // empty: staff
  std::vector<std::string> scopes;
  std::string principal_id = {};  // whose key it is; empty: a key of its own
  std::string role = {};          // of that principal, as text; for what is shown, never for what is allowed

  [[nodiscard]] bool has_scope(std::string_view scope) const;  // "admin" has every scope
};

struct Request {
  Method method = Method::kGet;
  std::string target;
  std::string path;
  std::string query;
  std::vector<std::pair<std::string, std::string>> headers;
  std::string body;
  base::IpAddress client;
  bool is_tls = false;
  std::string request_id;
  std::vector<std::pair<std::string, std::string>> path_parameters;  // percent-decoded
  Principal principal;

  [[nodiscard]] std::string_view header(std::string_view name) const;
  [[nodiscard]] std::string_view path_parameter(std::string_view name) const;  // "" when absent
  // Percent- and plus-decoded value of the first such parameter, or "" when absent.
  [[nodiscard]] std::string query_parameter(std::string_view name) const;
};

struct Response {
  int status = 200;
  std::string content_type = "application/json";
  std::string body;
  std::vector<std::pair<std::string, std::string>> headers = {};
};

[[nodiscard]] Response json_response(int status, std::string body);
// RFC 9457 problem details: application/problem+json with type, title, status, detail, instance,
// code, errors[]. kInternal errors show no detail to the caller.
[[nodiscard]] Response problem(const base::Error& error, std::string_view instance);
// The body alone, for inline handlers.
[[nodiscard]] std::string problem_body(const base::Error& error, std::string_view instance);

}  // namespace tallystick::http
