#include "access/rest.h"

#include <charconv>

#include <fmt/format.h>

#include "access/json_members.h"
#include "base/encoding.h"
#include "base/uuid.h"

namespace tallystick::access {
namespace {

namespace json = boost::json;

std::optional<std::int64_t> parse_integer(std::string_view text) {
  std::int64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc{} || end != text.data() + text.size()) {
    return std::nullopt;
  }
  return value;
}

}  // namespace

base::Result<PageRequest> parse_page_request(const http::Request& request) {
  PageRequest page;
  if (const auto text = request.query_parameter("limit"); !text.empty()) {
    const auto limit = parse_integer(text);
    if (!limit || *limit < 1 || *limit > kMaxPageItems) {
      return base::fail(
          base::ErrorKind::kInvalid, "bad_limit", fmt::format("limit is a number from 1 to {}", kMaxPageItems));
    }
    page.limit = *limit;
  }
  if (const auto text = request.query_parameter("cursor"); !text.empty()) {
    const auto bytes = base::from_base64url(text);
    if (!bytes || !base::parse_uuid(base::as_text(*bytes))) {
      return base::fail(base::ErrorKind::kInvalid, "bad_cursor", "the cursor is not one that an answer gave");
    }
    page.after = base::as_text(*bytes);
  }
  return page;
}

http::Response page_response(json::array items, std::string_view next_after) {
  json::object body;
  body["items"] = std::move(items);
  body["next_cursor"] =
      next_after.empty() ? json::value() : json::value(base::to_base64url(base::as_bytes(next_after)));
  return http::json_response(200, json::serialize(body));
}

base::Result<void> expect_empty_body(const http::Request& request) {
  TALLY_ASSIGN(auto members, JsonMembers::parse(request.body));
  return members.finish();
}

std::string make_etag(std::int64_t version) {
  return fmt::format("\"{}\"", version);
}

base::Result<std::optional<std::int64_t>> parse_if_match(const http::Request& request) {
  auto text = request.header("If-Match");
  if (text.empty() || text == "*") {
    return std::nullopt;
  }
  const bool is_quoted = text.size() >= 2 && text.front() == '"' && text.back() == '"';
  const auto version = is_quoted ? parse_integer(text.substr(1, text.size() - 2)) : std::nullopt;
  if (!version) {
    return base::fail(base::ErrorKind::kInvalid, "bad_if_match", "If-Match holds one entity tag as ETag gave it");
  }
  return version;
}

http::Response record_response(const json::object& record, std::int64_t version, std::string_view location) {
  auto response = http::json_response(location.empty() ? 200 : 201, json::serialize(record));
  response.headers.emplace_back("ETag", make_etag(version));
  if (!location.empty()) {
    response.headers.emplace_back("Location", location);
  }
  return response;
}

http::Response failure_response(const base::Error& error, const http::Request& request) {
  auto response = http::problem(error, request.path);
  const bool is_stale = error.code == "version_conflict" && !request.header("If-Match").empty();
  if (is_stale) {
    response.status = 412;
    auto body = json::parse(response.body).as_object();
    body["status"] = response.status;
    response.body = json::serialize(body);
  }
  return response;
}

}  // namespace tallystick::access
