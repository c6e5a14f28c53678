#include "http/message.h"

#include <algorithm>

#include "http/ascii.h"
#include "http/url.h"

namespace tallystick::http {

namespace {

template <typename Pairs>
std::string_view find_pair(const Pairs& pairs, std::string_view name) {
  for (const auto& [key, value] : pairs) {
    if (equals_ignoring_case(key, name)) {
      return value;
    }
  }
  return {};
}

}  // namespace

std::string_view name_of(Method method) {
  switch (method) {
    case Method::kGet:
      return "GET";
    case Method::kHead:
      return "HEAD";
    case Method::kPost:
      return "POST";
    case Method::kPut:
      return "PUT";
    case Method::kPatch:
      return "PATCH";
    case Method::kDelete:
      return "DELETE";
    case Method::kOptions:
      return "OPTIONS";
    case Method::kOther:
      break;
  }
  return "other";
}

std::string_view RequestView::header(std::string_view name) const {
  return find_pair(headers, name);
}

bool Principal::has_scope(std::string_view scope) const {
  return std::any_of(
      scopes.begin(), scopes.end(), [scope](const std::string& held) { return held == scope || held == "admin"; });
}

std::string_view Request::header(std::string_view name) const {
  return find_pair(headers, name);
}

std::string_view Request::path_parameter(std::string_view name) const {
  for (const auto& [key, value] : path_parameters) {
    if (key == name) {
      return value;
    }
  }
  return {};
}

std::string Request::query_parameter(std::string_view name) const {
  QueryReader reader(query);
  QueryPair pair;
  while (reader.next(pair)) {
    if (decode_query_text(pair.name) == name) {
      return decode_query_text(pair.value);
    }
  }
  return {};
}

Response json_response(int status, std::string body) {
  Response response;
  response.status = status;
  response.body = std::move(body);
  return response;
}

}  // namespace tallystick::http
