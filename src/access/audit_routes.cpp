#include <boost/json.hpp>

#include "access/json.h"
#include "access/rest.h"
#include "access/routes.h"

namespace tallystick::access {
namespace {

namespace json = boost::json;
using http::Request;
using http::Response;

constexpr std::int64_t kMaxExportRows = 100'000;

base::Result<base::Timestamp> parse_bound(const Request& request, std::string_view name, base::Timestamp fallback) {
  const std::string text = request.query_parameter(name);
  return text.empty() ? base::Result<base::Timestamp>(fallback) : base::parse_rfc3339(text);
}

base::Result<AuditFilter> parse_filter(const Request& request) {
  AuditFilter filter;
  filter.actor = request.query_parameter("actor");
  filter.action = request.query_parameter("action");
  filter.subject = request.query_parameter("subject");
  TALLY_ASSIGN(filter.from, parse_bound(request, "from", filter.from));
  TALLY_ASSIGN(filter.to, parse_bound(request, "to", filter.to));
  return filter;
}

// RFC 4180. A leading =, +, - or @ would be a formula to a spreadsheet.
std::string csv_field(std::string_view text) {
  std::string field = "\"";
  if (!text.empty() && std::string_view("=+-@\t\r").find(text.front()) != std::string_view::npos) {
    field += '\'';
  }
  for (const char c : text) {
    field += c == '"' ? "\"\"" : std::string(1, c);
  }
  return field + '"';
}

std::string to_csv(const std::vector<AuditEntry>& entries) {
  std::string csv = "id,occurred_at,actor,action,subject,reason,request_id,before,after,digest\r\n";
  for (const AuditEntry& entry : entries) {
    const json::object object = to_json(entry);
    csv += csv_field(base::format_uuid(entry.id));
    for (const std::string_view text : {std::string_view(object.at("occurred_at").as_string()),
                                        std::string_view(entry.context.actor),
                                        std::string_view(entry.change.action),
                                        std::string_view(entry.change.subject),
                                        std::string_view(entry.context.reason),
                                        std::string_view(entry.context.request_id),
                                        std::string_view(entry.change.before),
                                        std::string_view(entry.change.after),
                                        std::string_view(object.at("digest").as_string())}) {
      csv += "," + csv_field(text);
    }
    csv += "\r\n";
  }
  return csv;
}

bool wants_csv(const Request& request) {
  return request.query_parameter("format") == "csv" || request.header("Accept").starts_with("text/csv");
}

base::Result<Response> list_entries(records::Database& database, const Request& request) {
  TALLY_ASSIGN(const AuditFilter filter, parse_filter(request));
  if (wants_csv(request)) {
    TALLY_ASSIGN(const auto entries, AuditLog::list(database, filter, "", kMaxExportRows));
    return Response{200,
                    "text/csv; charset=utf-8",
                    to_csv(entries),
                    {{"Content-Disposition", "attachment; filename=\"audit.csv\""}}};
  }
  TALLY_ASSIGN(const PageRequest page, parse_page_request(request));
  TALLY_ASSIGN(auto entries, AuditLog::list(database, filter, page.after, page.limit + 1));
  std::string next;
  if (std::ssize(entries) > page.limit) {
    entries.resize(static_cast<std::size_t>(page.limit));
    next = base::format_uuid(entries.back().id);
  }
  json::array items;
  for (const AuditEntry& entry : entries) {
    items.push_back(to_json(entry));
  }
  return page_response(std::move(items), next);
}

}  // namespace

void add_audit_routes(http::Router& router, records::Database& database) {
  router.add({http::Method::kGet,
              "/api/audit",
              "audit:read",
              "List the audit trail, newest first; ?format=csv exports it",
              [&database](const Request& request) {
                auto response = list_entries(database, request);
                return response ? *std::move(response) : failure_response(response.error(), request);
              }});
}

}  // namespace tallystick::access
