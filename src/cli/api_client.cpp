#include "cli/api_client.h"

#include <boost/json.hpp>
#include <fmt/format.h>

#include "base/file.h"
#include "server/data_directory.h"

namespace tallystick::cli {
namespace {

namespace json = boost::json;

constexpr std::size_t kMaxKeyFileBytes = 4'096;

std::string trimmed(std::string text) {
  text.erase(text.find_last_not_of(" \t\r\n") + 1);
  while (text.ends_with('/')) {
    text.pop_back();
  }
  return text;
}

base::ErrorKind kind_of(int status) {
  using base::ErrorKind;
  for (const ErrorKind kind : {ErrorKind::kInvalid,
                               ErrorKind::kUnauthenticated,
                               ErrorKind::kForbidden,
                               ErrorKind::kNotFound,
                               ErrorKind::kTimeout,
                               ErrorKind::kConflict,
                               ErrorKind::kGone,
                               ErrorKind::kTooLarge,
                               ErrorKind::kUnprocessable,
                               ErrorKind::kRateLimited,
                               ErrorKind::kUnavailable}) {
    if (base::http_status(kind) == status) {
      return kind;
    }
  }
  return status >= 500 ? ErrorKind::kInternal : ErrorKind::kInvalid;
}

std::string text_member(const json::object& object, std::string_view name) {
  const json::value* member = object.if_contains(name);
  return member != nullptr && member->is_string() ? std::string(member->as_string()) : std::string();
}

base::Result<std::string> read_key_file(const std::string& file) {
  TALLY_ASSIGN(std::string key, base::read_file(file, kMaxKeyFileBytes));
  return trimmed(std::move(key));
}

}  // namespace

base::Result<std::string> find_server_url(const Context& context) {
  if (!context.url.empty()) {
    return trimmed(context.url);
  }
  if (const auto url = context.variable("TALLYSTICK_URL"); url && !url->empty()) {
    return trimmed(*url);
  }
  TALLY_ASSIGN(const base::Config config, context.load_config());
  const server::DataDirectory data(config.text("data.directory"));
  if (const auto address = base::read_file(data.address_file(), kMaxKeyFileBytes)) {
    return trimmed(*address);
  }
  const bool has_tls = !config.text("http.tls_certificate_file").empty();
  return fmt::format("{}://localhost:{}", has_tls ? "https" : "http", config.integer("http.port"));
}

base::Result<std::string> find_api_key(const Context& context) {
  if (!context.key_file.empty()) {
    return read_key_file(context.key_file);
  }
  if (const auto key = context.variable("TALLYSTICK_API_KEY"); key && !key->empty()) {
    return *key;
  }
  if (const auto file = context.variable("TALLYSTICK_API_KEY_FILE"); file && !file->empty()) {
    return read_key_file(*file);
  }
  return std::string();
}

base::Result<ApiClient> ApiClient::make(const Context& context) {
  TALLY_ASSIGN(std::string key, find_api_key(context));
  if (key.empty()) {
    return base::fail(
        base::ErrorKind::kUnauthenticated,
        "no_api_key",
        "this command needs an API key: set TALLYSTICK_API_KEY or TALLYSTICK_API_KEY_FILE, or give --key-file FILE");
  }
  TALLY_ASSIGN(std::string url, find_server_url(context));
  return ApiClient(std::move(url), std::move(key));
}

base::Result<ApiClient> ApiClient::make_public(const Context& context) {
  TALLY_ASSIGN(std::string url, find_server_url(context));
  return ApiClient(std::move(url), "");
}

base::Error error_from_answer(const http::ClientResponse& response) {
  base::Error error{kind_of(response.status),
                    fmt::format("http_{}", response.status),
                    fmt::format("the server answered {}", response.status)};
  boost::system::error_code parse_error;
  const json::value body = json::parse(response.body, parse_error);
  const json::object* problem = parse_error ? nullptr : body.if_object();
  if (problem == nullptr) {
    return error;
  }
  if (std::string code = text_member(*problem, "code"); !code.empty()) {
    error.code = std::move(code);
  }
  const std::string title = text_member(*problem, "title");
  const std::string detail = text_member(*problem, "detail");
  if (!detail.empty() || !title.empty()) {
    error.message = detail.empty() ? title : detail;
  }
  if (const json::value* errors = problem->if_contains("errors"); errors != nullptr && errors->is_array()) {
    for (const json::value& item : errors->get_array()) {
      if (const json::object* field = item.if_object()) {
        error.fields.push_back(
            {text_member(*field, "pointer"), text_member(*field, "code"), text_member(*field, "detail")});
      }
    }
  }
  return error;
}

base::Result<http::ClientResponse> ApiClient::send(http::Method method,
                                                   std::string_view path,
                                                   std::string body,
                                                   const SendOptions& options) {
  http::ClientRequest request;
  request.method = method;
  request.url = url_ + std::string(path);
  if (!key_.empty()) {
    request.headers.emplace_back("Authorization", "Bearer " + key_);
  }
  if (!reason_.empty()) {
    request.headers.emplace_back("X-Change-Reason", reason_);
  }
  if (options.version) {
    request.headers.emplace_back("If-Match", fmt::format("\"{}\"", *options.version));
  }
  if (!body.empty()) {
    request.headers.emplace_back("Content-Type", options.content_type);
    request.body = std::move(body);
  }
  auto response = client_.send(request);
  if (!response) {
    base::Error error = response.error();
    if (error.code == "connect_failed") {
      error.kind = base::ErrorKind::kUnavailable;
      error.message = fmt::format(
          "no server answers at {}: start it with `tallystick serve`, or name it with --url ({})", url_, error.message);
    }
    return std::unexpected(std::move(error));
  }
  if (response->status < 200 || response->status > 299) {
    return std::unexpected(error_from_answer(*response));
  }
  return response;
}

base::Result<std::string> ApiClient::call(http::Method method,
                                          std::string_view path,
                                          std::string body,
                                          const SendOptions& options) {
  TALLY_ASSIGN(http::ClientResponse response, send(method, path, std::move(body), options));
  return std::move(response.body);
}

base::Result<ApiClient::TextPart> ApiClient::get_part(std::string_view path) {
  TALLY_ASSIGN(http::ClientResponse response, send(http::Method::kGet, path, {}, {}));
  TextPart part{std::move(response.body), {}};
  const std::string_view link = response.header("Link");
  if (const std::size_t end = link.find('>');
      link.starts_with('<') && end != std::string_view::npos && link.ends_with("rel=\"next\"")) {
    part.next = link.substr(1, end - 1);
  }
  return part;
}

base::Result<std::string> ApiClient::get_text(std::string_view path) {
  return call(http::Method::kGet, path, {}, {});
}

namespace {

base::Result<json::value> parse_answer(base::Result<std::string> body) {
  if (!body) {
    return std::unexpected(std::move(body).error());
  }
  if (body->empty()) {
    return json::value();
  }
  boost::system::error_code error;
  json::value value = json::parse(*body, error);
  if (error) {
    return base::fail(
        base::ErrorKind::kInternal, "bad_answer", "the server's answer is no JSON: is this a Tallystick server?");
  }
  return value;
}

}  // namespace

base::Result<json::value> ApiClient::get(std::string_view path) {
  return parse_answer(call(http::Method::kGet, path, {}, {}));
}

base::Result<json::value> ApiClient::post(std::string_view path, const json::value& body) {
  return parse_answer(call(http::Method::kPost, path, json::serialize(body), {}));
}

base::Result<json::value> ApiClient::patch(std::string_view path,
                                           const json::value& body,
                                           std::optional<std::int64_t> version) {
  return parse_answer(call(http::Method::kPatch, path, json::serialize(body), {.version = version}));
}

base::Result<json::value> ApiClient::send_bytes(http::Method method, std::string_view path, std::string bytes) {
  return parse_answer(call(method, path, std::move(bytes), {.content_type = "application/octet-stream"}));
}

base::Result<json::value> ApiClient::remove(std::string_view path) {
  return parse_answer(call(http::Method::kDelete, path, {}, {}));
}

}  // namespace tallystick::cli
