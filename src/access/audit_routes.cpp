#include <algorithm>
#include <cstdint>
#include <utility>

#include <boost/json.hpp>

#include "access/audit_csv.h"
#include "access/json.h"
#include "access/rest.h"
#include "access/routes.h"
#include "base/encoding.h"

namespace tallystick::access {
namespace {

namespace json = boost::json;
using http::Request;
using http::Response;

constexpr std::int64_t kRowsAtATime = 1'000;
// One answer of an export; a longer one goes on where its Link header says.
constexpr std::size_t kMaxExportBytes = 32UZ << 20;

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

bool wants_csv(const Request& request) {
  return request.query_parameter("format") == "csv" || request.header("Accept").starts_with("text/csv");
}

// The same question, from where this answer ended (RFC 8288).
std::string next_link(const Request& request, std::string_view after) {
  std::string target = "/api/audit?format=csv";
  for (const char* name : {"actor", "action", "subject", "from", "to", "limit"}) {
    if (const std::string value = request.query_parameter(name); !value.empty()) {
      target.append("&").append(name).append("=").append(base::percent_encode(value));
    }
  }
  target.append("&cursor=").append(base::to_base64url(base::as_bytes(after)));
  return "<" + target + ">; rel=\"next\"";
}

// Whole, or up to `limit` rows if the request has one; cut at kMaxExportBytes. The column names stand on the first part
// only, so that the parts put together are one table.
base::Result<Response> export_entries(records::Database& database, const AuditFilter& filter, const Request& request) {
  TALLY_ASSIGN(const PageRequest page, parse_page_request(request));
  std::int64_t rows_left = request.query_parameter("limit").empty() ? INT64_MAX : page.limit;
  std::string after = page.after;
  std::string csv(after.empty() ? audit_csv_header() : "");
  bool is_whole = false;
  while (!is_whole && rows_left > 0 && csv.size() < kMaxExportBytes) {
    const std::int64_t wanted = std::min(rows_left, kRowsAtATime);
    TALLY_ASSIGN(auto entries, AuditLog::list(database, filter, after, wanted + 1));
    is_whole = std::ssize(entries) <= wanted;
    entries.resize(std::min(entries.size(), static_cast<std::size_t>(wanted)));
    for (const AuditEntry& entry : entries) {
      append_audit_csv(entry, csv);
    }
    rows_left -= std::ssize(entries);
    after = entries.empty() ? after : base::format_uuid(entries.back().id);
  }
  Response response{200, "text/csv; charset=utf-8", std::move(csv)};
  response.headers.emplace_back("Content-Disposition", "attachment; filename=\"audit.csv\"");
  if (!is_whole) {
    response.headers.emplace_back("Link", next_link(request, after));
  }
  return response;
}

base::Result<Response> list_entries(records::Database& database, const Request& request) {
  TALLY_ASSIGN(const AuditFilter filter, parse_filter(request));
  if (wants_csv(request)) {
    return export_entries(database, filter, request);
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
