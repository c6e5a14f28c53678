#include "settlement/import_routes.h"

#include <algorithm>
#include <charconv>
#include <cstdio>
#include <fstream>
#include <utility>

#include <boost/json.hpp>
#include <fmt/format.h>

#include "access/rest.h"
#include "base/uuid.h"
#include "settlement/import_json.h"
#include "settlement/upload_form.h"

namespace tallystick::settlement {
namespace {

namespace json = boost::json;
using http::Method;
using http::Request;
using http::Response;

constexpr std::string_view kReadScope = "reports:read";
constexpr std::string_view kWriteScope = "reports:write";
constexpr std::string_view kReports = "/api/partners/{partner}/reports";
constexpr std::int64_t kMaxWaitSeconds = 30;
constexpr std::int64_t kMaxLines = 1'000;   // of a page of rows or rejections
constexpr std::int64_t kAllKept = 100'000;  // rejections in a CSV

Response respond(base::Result<Response> result, const Request& request) {
  return result ? *std::move(result) : access::failure_response(result.error(), request);
}

base::Result<ReportImport> find_named(ImportService& service, const Request& request) {
  TALLY_ASSIGN(const base::Uuid id, base::parse_uuid(request.path_parameter("id")));
  return service.get(request.path_parameter("partner"), id);
}

struct GivenFile {
  std::string_view content;
  std::string name;
  std::string profile;
};

base::Result<GivenFile> read_given_file(const Request& request) {
  GivenFile given{request.body, request.query_parameter("file_name"), request.query_parameter("profile")};
  const std::string_view type = request.header("Content-Type");
  if (!is_form(type)) {
    return given;
  }
  TALLY_ASSIGN(const auto parts, parse_form(type, request.body));
  bool has_file = false;
  for (const FormPart& part : parts) {
    if (part.name == "profile") {
      given.profile = part.content;
    } else if (!has_file && (part.name == "file" || !part.file_name.empty())) {
      has_file = true;
      given.content = part.content;
      given.name = given.name.empty() ? part.file_name : given.name;
    }
  }
  if (!has_file) {
    return base::fail(base::ErrorKind::kInvalid, "bad_form", "the form has no file; its part is called file");
  }
  return given;
}

base::Result<Response> import_body(ImportService& service, const Request& request) {
  TALLY_ASSIGN(const GivenFile given, read_given_file(request));
  if (given.content.empty()) {
    return base::fail(base::ErrorKind::kUnprocessable, "empty_report", "the file is empty");
  }
  TALLY_TRY(service.partners().find(request.path_parameter("partner")));  // before anything is stored
  TALLY_ASSIGN(const StoredFile file, service.files().store(given.content));
  TALLY_ASSIGN(ReportImport import,
               service.submit(request.path_parameter("partner"),
                              file,
                              given.name.empty() ? "report" : given.name,
                              given.profile,
                              access::change_context(request)));
  TALLY_ASSIGN(import, wait_as_asked(service, request, import));
  return import_response(service, import);
}

base::Result<Response> list_imports(ImportService& service, const Request& request) {
  TALLY_ASSIGN(const auto page, access::parse_page_request(request));
  TALLY_ASSIGN(auto imports, service.list(request.path_parameter("partner"), page.after, page.limit));
  json::array items;
  for (const ReportImport& import : imports) {
    items.push_back(to_json(import));
  }
  const bool is_full = std::ssize(imports) == page.limit;
  return access::page_response(std::move(items), is_full ? base::format_uuid(imports.back().id) : std::string());
}

// Commas, quotes and line ends are quoted; what a spreadsheet would take for a formula gets an apostrophe.
void append_cell(std::string& out, std::string_view cell) {
  const bool is_formula = !cell.empty() && std::string_view("=+-@\t\r").find(cell.front()) != std::string_view::npos;
  out += '"';
  out += is_formula ? "'" : "";
  for (const char c : cell) {
    out += c == '"' ? "\"\"" : std::string(1, c);
  }
  out += '"';
}

Response rejections_csv(const std::vector<StoredRejection>& rejections) {
  std::string out = "line,code,reason,excerpt\r\n";
  for (const StoredRejection& rejection : rejections) {
    fmt::format_to(std::back_inserter(out), "{},{},", rejection.line, rejection.code);
    append_cell(out, rejection.reason);
    out += ',';
    append_cell(out, rejection.excerpt);
    out += "\r\n";
  }
  return {200, "text/csv; charset=utf-8", std::move(out)};
}

// A page by line: {"items": [...], "next_after": 17 or null}.
template <typename Item>
Response page_of_lines(const std::vector<Item>& lines, std::int64_t limit) {
  json::array items;
  for (const Item& line : lines) {
    items.push_back(to_json(line));
  }
  const bool is_full = std::ssize(lines) == limit;
  return http::json_response(
      200,
      json::serialize(json::object{{"items", std::move(items)},
                                   {"next_after", is_full ? json::value(lines.back().line) : json::value()}}));
}

base::Result<Response> list_rejections(ImportService& service, const Request& request) {
  TALLY_ASSIGN(const ReportImport import, find_named(service, request));
  const std::string format = request.query_parameter("format");
  if (format == "csv") {
    TALLY_ASSIGN(const auto all, service.list_rejections(import, 0, kAllKept));
    return rejections_csv(all);
  }
  if (!format.empty() && format != "json") {
    return base::fail(base::ErrorKind::kInvalid, "bad_format", "format is json or csv");
  }
  TALLY_ASSIGN(const std::int64_t limit, parse_number(request, "limit", access::kDefaultPageItems, 1, kMaxLines));
  TALLY_ASSIGN(const std::int64_t after, parse_number(request, "after", 0, 0, INT64_MAX));
  TALLY_ASSIGN(const auto rejections, service.list_rejections(import, after, limit));
  return page_of_lines(rejections, limit);
}

base::Result<Response> list_rows(ImportService& service, const Request& request) {
  TALLY_ASSIGN(const ReportImport import, find_named(service, request));
  TALLY_ASSIGN(const std::int64_t limit, parse_number(request, "limit", access::kDefaultPageItems, 1, kMaxLines));
  TALLY_ASSIGN(const std::int64_t after, parse_number(request, "after", 0, 0, INT64_MAX));
  TALLY_ASSIGN(const auto rows, service.list_rows(import, after, limit));
  return page_of_lines(rows, limit);
}

base::Result<Response> get_file(ImportService& service, const Request& request) {
  TALLY_ASSIGN(const ReportImport import, find_named(service, request));
  TALLY_ASSIGN(const std::int64_t offset, parse_number(request, "offset", 0, 0, INT64_MAX));
  std::ifstream in(service.files().path_of(import.file_digest), std::ios::binary);
  if (!in) {
    return base::fail(base::ErrorKind::kNotFound,
                      "file_not_found",
                      fmt::format("the file lies on node {}, not on this one", import.node));
  }
  const std::int64_t left = std::max<std::int64_t>(0, import.file_bytes - offset);
  std::string bytes(static_cast<std::size_t>(std::min<std::int64_t>(left, kMaxBodyBytes)), '\0');
  in.seekg(offset);
  in.read(bytes.data(), static_cast<std::streamsize>(bytes.size()));
  bytes.resize(static_cast<std::size_t>(std::max<std::streamsize>(0, in.gcount())));
  Response response{200, "application/octet-stream", std::move(bytes)};
  response.headers.emplace_back("Content-Disposition", fmt::format("attachment; filename=\"{}\"", import.file_digest));
  response.headers.emplace_back("X-Content-Type-Options", "nosniff");
  response.headers.emplace_back("X-File-Bytes", fmt::format("{}", import.file_bytes));
  return response;
}

Response list_profiles(ImportService& service) {
  json::array items;
  for (const Profile& profile : service.profiles().all()) {
    items.push_back(to_json(profile));
  }
  return http::json_response(200, json::serialize(json::object{{"items", std::move(items)}}));
}

std::string reports_path(std::string_view rest) {
  return std::string(kReports) + std::string(rest);
}

}  // namespace

base::Result<std::int64_t> parse_number(
    const Request& request, std::string_view name, std::int64_t fallback, std::int64_t least, std::int64_t most) {
  const std::string text = request.query_parameter(name);
  if (text.empty()) {
    return fallback;
  }
  std::int64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size() || value < least || value > most) {
    return base::fail(
        base::ErrorKind::kInvalid, "bad_parameter", fmt::format("{} is a number from {} to {}", name, least, most));
  }
  return value;
}

base::Result<ReportImport> wait_as_asked(ImportService& service, const Request& request, const ReportImport& import) {
  TALLY_ASSIGN(const std::int64_t seconds, parse_number(request, "wait", 0, 0, kMaxWaitSeconds));
  if (seconds == 0) {
    return import;
  }
  return service.wait(base::format_uuid(import.partner_id), import.id, seconds * base::kMicrosPerSecond);
}

Response import_response(ImportService& service, const ReportImport& import) {
  json::object body = to_json(import);
  const bool is_finished = import.state == ImportState::kComplete || import.state == ImportState::kRefused;
  if (!is_finished) {
    if (const auto progress = service.progress(import)) {
      body["progress"] = json::object{{"done", progress->done}, {"total", progress->total}};
    }
  }
  Response response = http::json_response(is_finished ? 201 : 202, json::serialize(body));
  response.headers.emplace_back(
      "Location",
      fmt::format("/api/partners/{}/reports/{}", base::format_uuid(import.partner_id), base::format_uuid(import.id)));
  return response;
}

void add_import_routes(http::Router& router, ImportService& service, const MakeIdempotent& make_idempotent) {
  router.add(
      {Method::kPost,
       reports_path(""),
       std::string(kWriteScope),
       "Import a report: the file as the body, or a form",
       make_idempotent([&service](const Request& request) { return respond(import_body(service, request), request); }),
       -1,
       kMaxBodyBytes});
  const auto add_get = [&](std::string_view rest, std::string_view summary, auto handler) {
    router.add({Method::kGet,
                reports_path(rest),
                std::string(kReadScope),
                std::string(summary),
                [&service, handler](const Request& request) {
                  return respond(handler(service, request), request);
                }});
  };
  add_get("", "List the imports of a partner, newest first", list_imports);
  add_get("/{id}",
          "Get an import: counts, evidence, warnings",
          [](ImportService& imports, const Request& request) -> base::Result<Response> {
            TALLY_ASSIGN(ReportImport import, find_named(imports, request));
            TALLY_ASSIGN(import, wait_as_asked(imports, request, import));
            Response response = import_response(imports, import);
            response.status = 200;
            return response;
          });
  add_get("/{id}/rejections", "List the lines that an import rejected, as JSON or CSV", list_rejections);
  add_get("/{id}/rows", "List the rows that an import stated anew", list_rows);
  add_get("/{id}/file", "Get the file of an import as it was sent", get_file);
  router.add({Method::kGet,
              "/api/report-profiles",
              std::string(kReadScope),
              "List the report profiles",
              [&service](const Request&) {
                return list_profiles(service);
              }});
}

}  // namespace tallystick::settlement
