#include "http/dispatch.h"

#include <algorithm>
#include <array>
#include <exception>
#include <utility>

#include "base/encoding.h"
#include "http/ascii.h"

namespace tallystick::http {

namespace {

constexpr std::size_t kMaxRequestIdBytes = 64;

bool is_token_char(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.' || c == '_' || c == '-';
}

bool is_sane_request_id(std::string_view id) {
  return !id.empty() && id.size() <= kMaxRequestIdBytes && std::all_of(id.begin(), id.end(), is_token_char);
}

std::string make_request_id(base::Random& random) {
  std::array<std::uint8_t, 16> bytes{};
  random.fill(bytes);
  return base::to_hex(bytes);
}

bool is_added_by_server(std::string_view name) {
  static constexpr std::array<std::string_view, 5> kNames = {
      "Content-Length", "Content-Type", "Connection", "Date", "Transfer-Encoding"};
  return std::any_of(
      kNames.begin(), kNames.end(), [name](std::string_view own) { return equals_ignoring_case(own, name); });
}

bool is_safe_value(std::string_view value) {
  return std::none_of(value.begin(), value.end(), [](char c) {
    return (static_cast<unsigned char>(c) < 0x20 && c != '\t') || c == 0x7F;
  });
}

// The route's pattern is logged, not the path: that may name a person.
Response answer_failure(const Route& route, const Request& request, const char* what, base::Log* log) {
  if (log != nullptr) {
    log->error("a request handler failed",
               {{"request_id", request.request_id}, {"route", route.pattern}, {"what", what}});
  }
  return problem({base::ErrorKind::kInternal, "internal_error", {}}, request.path);
}

}  // namespace

Request make_request(const RequestView& view, const std::vector<PathParameter>& parameters, base::Random& random) {
  Request request;
  request.method = view.method;
  request.target = view.target;
  request.path = view.path;
  request.query = view.query;
  request.headers.reserve(view.headers.size());
  for (const Header& header : view.headers) {
    request.headers.emplace_back(header.name, header.value);
  }
  request.body = view.body;
  request.client = view.client;
  request.is_tls = view.is_tls;
  const std::string_view id = view.header("X-Request-Id");
  request.request_id = is_sane_request_id(id) ? std::string(id) : make_request_id(random);
  request.path_parameters.reserve(parameters.size());
  for (const PathParameter& parameter : parameters) {
    auto decoded = base::percent_decode(parameter.value);
    request.path_parameters.emplace_back(parameter.name, decoded ? *std::move(decoded) : std::string(parameter.value));
  }
  return request;
}

Response run_handler(const Route& route, Request& request, Gatekeeper& gatekeeper, base::Log* log) {
  std::vector<std::pair<std::string, std::string>> headers;
  const auto answer = [&]() -> Response {
    try {
      Admission admission = gatekeeper.admit(request, route.scope);
      headers = std::move(admission.headers);
      if (!admission.principal) {
        return problem(admission.principal.error(), request.path);
      }
      request.principal = *std::move(admission.principal);
      return route.handler(request);
    } catch (const std::exception& failure) {
      return answer_failure(route, request, failure.what(), log);
    } catch (...) {
      return answer_failure(route, request, "unknown exception", log);
    }
  };
  Response response = answer();
  for (auto& header : headers) {
    // The gatekeeper knows better than a problem's general Retry-After.
    std::erase_if(response.headers, [&](const auto& other) { return equals_ignoring_case(other.first, header.first); });
    response.headers.push_back(std::move(header));
  }
  return response;
}

std::string format_headers(const Response& response, std::string_view request_id) {
  std::string lines;
  for (const auto& [name, value] : response.headers) {
    if (name.empty() || !std::all_of(name.begin(), name.end(), is_token_char) || is_added_by_server(name) ||
        !is_safe_value(value)) {
      continue;
    }
    lines.append(name).append(": ").append(value).append("\r\n");
  }
  if (!request_id.empty()) {
    lines.append("X-Request-Id: ").append(request_id).append("\r\n");
  }
  return lines;
}

}  // namespace tallystick::http
