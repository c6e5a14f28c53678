#include "server/openapi.h"

#include <algorithm>
#include <map>
#include <memory>
#include <mutex>
#include <set>

#include <boost/json.hpp>
#include <fmt/format.h>

#include "embedded/openapi.h"
#include "server/version.h"

namespace tallystick::server {
namespace {

namespace json = boost::json;

constexpr std::string_view kPublic = "public";
constexpr std::string_view kProblemType = "application/problem+json";

// "/log/tile/{rest...}" is written "/log/tile/{rest}": OpenAPI has no parameter of several segments.
std::string openapi_path(std::string_view pattern) {
  std::string path(pattern);
  if (const std::size_t dots = path.find("...}"); dots != std::string::npos) {
    path.erase(dots, 3);
  }
  return path;
}

std::string key_of_operation(const http::Route& route) {
  return fmt::format("{} {}", http::name_of(route.method), openapi_path(route.pattern));
}

std::vector<std::string> parameters_in(std::string_view path) {
  std::vector<std::string> names;
  for (std::size_t at = path.find('{'); at != std::string_view::npos; at = path.find('{', at + 1)) {
    names.emplace_back(path.substr(at + 1, path.find('}', at) - at - 1));
  }
  return names;
}

// "get-api-partners-partner": unique, as method and path are.
std::string operation_id(std::string_view key) {
  std::string id;
  for (const char c : key) {
    const bool is_plain = (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_' || c == '.';
    const bool is_capital = c >= 'A' && c <= 'Z';
    if (is_plain || is_capital) {
      id += is_capital ? static_cast<char>(c - 'A' + 'a') : c;
    } else if (!id.empty() && id.back() != '-' && c != '}') {
      id += '-';
    }
  }
  return id;
}

// The first segment that says what it is about: "partners", "jobs", "log".
std::string tag_of(std::string_view path) {
  if (path.starts_with("/api/")) {
    path.remove_prefix(4);
  }
  path.remove_prefix(1);
  const std::string_view segment = path.substr(0, path.find('/'));
  return segment.empty() ? "pages" : std::string(segment);
}

json::object reference_to(std::string_view schema) {
  return {{"$ref", fmt::format("#/components/schemas/{}", schema)}};
}

json::object content_of(std::string_view type, json::object schema) {
  return {{std::string(type), json::object{{"schema", std::move(schema)}}}};
}

json::object header_parameter(std::string_view name, std::string_view description) {
  return {{"name", name}, {"in", "header"}, {"description", description}, {"schema", {{"type", "string"}}}};
}

json::array make_parameters(const http::Route& route, std::string_view path, const json::object& entry) {
  json::array parameters;
  for (const std::string& name : parameters_in(path)) {
    parameters.push_back(
        json::object{{"name", name}, {"in", "path"}, {"required", true}, {"schema", {{"type", "string"}}}});
  }
  if (const json::value* const query = entry.if_contains("query")) {
    for (const auto& [name, description] : query->as_object()) {
      json::object parameter{{"name", name}, {"in", "query"}, {"schema", {{"type", "string"}}}};
      if (!description.as_string().empty()) {
        parameter["description"] = description;
      }
      parameters.push_back(std::move(parameter));
    }
  }
  if (route.method == http::Method::kPatch) {
    parameters.push_back(header_parameter("If-Match", "the ETag that the change is meant for"));
  }
  if (route.method == http::Method::kPost && entry.at("status").to_number<int>() == 201) {
    parameters.push_back(header_parameter("Idempotency-Key", "the same key with the same request answers the same"));
  }
  return parameters;
}

json::object make_request_body(std::string_view body) {
  if (body == "file") {
    return {{"required", true},
            {"content", content_of("application/octet-stream", {{"type", "string"}, {"format", "binary"}})}};
  }
  return {{"required", true}, {"content", content_of("application/json", reference_to(body))}};
}

json::object make_responses(const json::object& entry) {
  json::object success{{"description", "Done"}};
  if (const json::value& answer = entry.at("answer"); answer.is_string()) {
    success["content"] = content_of("application/json", reference_to(answer.as_string()));
  } else if (const json::value* const type = entry.if_contains("content")) {
    success["content"] = content_of(type->as_string(), {{"type", "string"}});
  }
  return {{fmt::format("{}", entry.at("status").to_number<int>()), std::move(success)},
          {"default",
           {{"description", "What is wrong, and what to do (RFC 9457)"},
            {"content", content_of(kProblemType, reference_to("Problem"))}}}};
}

json::object make_operation(const http::Route& route, const json::object& entry) {
  const std::string path = openapi_path(route.pattern);
  json::object operation{{"operationId", operation_id(key_of_operation(route))},
                         {"summary", route.summary},
                         {"tags", json::array{tag_of(path)}}};
  if (route.scope == kPublic) {
    operation["security"] = json::array{};
  } else {
    operation["security"] = json::array{json::object{{"key", json::array{route.scope}}}};
  }
  if (json::array parameters = make_parameters(route, path, entry); !parameters.empty()) {
    operation["parameters"] = std::move(parameters);
  }
  if (const json::value* const body = entry.if_contains("body")) {
    operation["requestBody"] = make_request_body(body->as_string());
  }
  operation["responses"] = make_responses(entry);
  return operation;
}

std::string lower_case(std::string_view text) {
  std::string out(text);
  std::ranges::transform(
      out, out.begin(), [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; });
  return out;
}

}  // namespace

std::string make_openapi(const http::Router& router, std::string_view url) {
  const json::value details = json::parse(embedded::openapi());
  const json::object& entries = details.at("operations").as_object();
  const json::object unknown{{"answer", nullptr}, {"status", 200}};
  json::object paths;
  std::set<std::string> tags;
  for (const auto& route : router.routes()) {
    const std::string path = openapi_path(route->pattern);
    const json::value* const entry = entries.if_contains(key_of_operation(*route));
    if (!paths.contains(path)) {
      paths[path] = json::object{};
    }
    paths[path].as_object()[lower_case(http::name_of(route->method))] =
        make_operation(*route, entry == nullptr ? unknown : entry->as_object());
    tags.insert(tag_of(path));
  }
  json::array tag_list;
  for (const std::string& tag : tags) {
    tag_list.push_back(json::object{{"name", tag}});
  }
  const json::object document{
      {"openapi", "3.1.0"},
      {"info",
       {{"title", "Tallystick"},
        {"version", kVersion},
        {"license", {{"name", "Apache-2.0"}, {"identifier", "Apache-2.0"}}},
        {"description",
         "Records ad and affiliate events in a log that nobody can alter unseen, and reconciles outside claims with "
         "it. "
         "Problem codes are explained under /problems/{code}."}}},
      {"servers", json::array{json::object{{"url", url}}}},
      {"tags", std::move(tag_list)},
      {"paths", std::move(paths)},
      {"components",
       {{"schemas", details.at("schemas")},
        {"securitySchemes",
         {{"key",
           {{"type", "http"},
            {"scheme", "bearer"},
            {"description", "An API key, tsk_...; the scope that a route needs is named with it"}}}}}}}};
  return json::serialize(document);
}

OpenapiGaps find_openapi_gaps(const http::Router& router) {
  const json::value details = json::parse(embedded::openapi());
  const json::object& entries = details.at("operations").as_object();
  std::set<std::string> registered;
  OpenapiGaps gaps;
  for (const auto& route : router.routes()) {
    const std::string key = key_of_operation(*route);
    registered.insert(key);
    if (!entries.contains(key)) {
      gaps.routes.push_back(key);
    }
  }
  for (const auto& entry : entries) {
    if (!registered.contains(std::string(entry.key()))) {
      gaps.entries.emplace_back(entry.key());
    }
  }
  return gaps;
}

void add_openapi_route(http::Router& router, std::string url) {
  struct Document {
    std::once_flag once;
    std::string text;
  };
  auto document = std::make_shared<Document>();
  router.add({http::Method::kGet,
              "/openapi.json",
              std::string(kPublic),
              "This interface as OpenAPI 3.1",
              [&router, url = std::move(url), document](const http::Request&) {
                std::call_once(document->once, [&] { document->text = make_openapi(router, url); });
                return http::json_response(200, document->text);
              }});
}

}  // namespace tallystick::server
