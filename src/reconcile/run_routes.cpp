#include <algorithm>
#include <charconv>
#include <utility>

#include <boost/json.hpp>
#include <fmt/format.h>

#include "access/rest.h"
#include "base/encoding.h"
#include "reconcile/exports.h"
#include "reconcile/json.h"
#include "reconcile/routes.h"
#include "reconcile/statement.h"

namespace tallystick::reconcile {
namespace {

namespace json = boost::json;
using http::Request;
using http::Response;

constexpr const char* kReadScope = "reconciliation:read";
constexpr std::int64_t kCsvItemsAtATime = 2'000;
// One answer of an export; a longer one goes on where its Link header says.
constexpr std::size_t kMaxCsvBytes = 4UZ << 20;

Response answer_run(base::Result<Response> result, const Request& request) {
  return result ? *std::move(result) : access::failure_response(result.error(), request);
}

base::Result<base::Uuid> run_id_in(const Request& request) {
  return base::parse_uuid(request.path_parameter("run"));
}

base::Result<std::string> format_in(const Request& request, std::string_view first, std::string_view second) {
  std::string format = request.query_parameter("format");
  if (format.empty()) {
    return std::string(first);
  }
  if (format == first || format == second) {
    return format;
  }
  return base::fail(base::ErrorKind::kInvalid, "bad_format", fmt::format("format is {} or {}", first, second));
}

base::Result<std::optional<base::Date>> date_in(const Request& request, std::string_view name) {
  const std::string text = request.query_parameter(name);
  if (text.empty()) {
    return std::nullopt;
  }
  TALLY_ASSIGN(const base::Date date, base::parse_date(text));
  return date;
}

base::Result<Response> list_runs(RunService& service, const ResolveSubject& resolve, const Request& request) {
  TALLY_ASSIGN(const access::PageRequest page, access::parse_page_request(request));
  RunFilter filter;
  if (const std::string subject = request.query_parameter("subject"); !subject.empty()) {
    TALLY_ASSIGN(filter.subject, resolve(subject));
  }
  TALLY_ASSIGN(filter.from, date_in(request, "from"));
  TALLY_ASSIGN(filter.to, date_in(request, "to"));
  TALLY_ASSIGN(std::vector<Run> runs, service.list(filter, page.after, page.limit + 1));
  std::string next;
  if (std::ssize(runs) > page.limit) {
    runs.resize(static_cast<std::size_t>(page.limit));
    next = base::format_uuid(runs.back().id);
  }
  json::array items;
  for (const Run& run : runs) {
    items.push_back(to_json(run));
  }
  return access::page_response(std::move(items), next);
}

json::array discrepancies_json(DiscrepancyService& service, const std::vector<Discrepancy>& discrepancies) {
  json::array array;
  for (const Discrepancy& discrepancy : discrepancies) {
    json::object object = to_json(discrepancy);
    object["is_overdue"] = service.is_late(discrepancy);
    array.push_back(std::move(object));
  }
  return array;
}

base::Result<Response> show_run(RunService& service, const Request& request) {
  TALLY_ASSIGN(const base::Uuid id, run_id_in(request));
  TALLY_ASSIGN(const Run run, service.get(id));
  TALLY_ASSIGN(const std::vector<Discrepancy> discrepancies, service.discrepancies().list_of_run(id));
  json::object object = to_json(run);
  object["previous"] = nullptr;
  if (!run.previous_run_id.is_nil()) {
    TALLY_ASSIGN(const Run previous, service.get(run.previous_run_id));
    object["previous"] = json::object{{"id", base::format_uuid(previous.id)},
                                      {"finished_at", base::format_rfc3339(previous.finished_at)},
                                      {"changes", changes_between(previous.findings, run.findings)}};
  }
  object["discrepancies"] = discrepancies_json(service.discrepancies(), discrepancies);
  return http::json_response(200, json::serialize(object));
}

// What an answer of a list of items ended with: the position, as text.
base::Result<std::int64_t> position_in(const Request& request) {
  const std::string cursor = request.query_parameter("cursor");
  if (cursor.empty()) {
    return -1;
  }
  const auto bytes = base::from_base64url(cursor);
  const std::string_view text = bytes ? base::as_text(*bytes) : std::string_view();
  std::int64_t position = -1;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), position);
  if (text.empty() || error != std::errc{} || end != text.data() + text.size() || position < 0) {
    return base::fail(base::ErrorKind::kInvalid, "bad_cursor", "the cursor is not one that an answer gave");
  }
  return position;
}

std::string cursor_of(std::int64_t position) {
  return base::to_base64url(base::as_bytes(fmt::format("{}", position)));
}

base::Result<std::int64_t> limit_in(const Request& request, std::int64_t fallback) {
  if (request.query_parameter("limit").empty()) {
    return fallback;
  }
  Request without_cursor = request;  // whose form is another here
  without_cursor.query = "limit=" + base::percent_encode(request.query_parameter("limit"));
  TALLY_ASSIGN(const access::PageRequest page, access::parse_page_request(without_cursor));
  return page.limit;
}

base::Result<ItemFilter> item_filter_in(const Request& request) {
  ItemFilter filter;
  if (const std::string kind = request.query_parameter("kind"); !kind.empty()) {
    TALLY_ASSIGN(filter.kind, parse_item_kind(kind));
  }
  if (const std::string cause = request.query_parameter("cause"); !cause.empty()) {
    TALLY_ASSIGN(filter.cause, parse_cause(cause));
  }
  if (const std::string currency = request.query_parameter("currency"); !currency.empty()) {
    TALLY_TRY(base::parse_currency(currency));
    filter.currency = currency;
  }
  const std::string different = request.query_parameter("different");
  if (!different.empty() && different != "true" && different != "false") {
    return base::fail(base::ErrorKind::kInvalid, "bad_parameter", "different is true or false");
  }
  filter.has_difference_only = different == "true";
  return filter;
}

// The same question, from where this answer ended (RFC 8288).
std::string next_items_link(const Request& request, std::int64_t after) {
  std::string target = request.path + "?format=csv";
  for (const char* name : {"kind", "cause", "currency", "different", "limit"}) {
    if (const std::string value = request.query_parameter(name); !value.empty()) {
      target += fmt::format("&{}={}", name, base::percent_encode(value));
    }
  }
  return fmt::format("<{}&cursor={}>; rel=\"next\"", target, cursor_of(after));
}

Response csv_response(std::string csv, const std::string& file_name) {
  Response response{200, "text/csv; charset=utf-8", std::move(csv)};
  response.headers.emplace_back("Content-Disposition", fmt::format("attachment; filename=\"{}\"", file_name));
  return response;
}

// Whole, or up to `limit` rows if the request has one; cut at kMaxCsvBytes. The column names stand on the first part
// only, so that the parts put together are one table.
base::Result<Response> export_items(RunService& service,
                                    const base::Uuid& id,
                                    const ItemFilter& filter,
                                    const Request& request) {
  TALLY_ASSIGN(std::int64_t after, position_in(request));
  TALLY_ASSIGN(std::int64_t rows_left, limit_in(request, INT64_MAX));
  std::string csv = after < 0 ? items_csv_header() : std::string();
  bool is_whole = false;
  while (!is_whole && rows_left > 0 && csv.size() < kMaxCsvBytes) {
    const std::int64_t wanted = std::min(rows_left, kCsvItemsAtATime);
    TALLY_ASSIGN(std::vector<ItemRecord> items, service.list_items(id, filter, after, wanted + 1));
    is_whole = std::ssize(items) <= wanted;
    items.resize(std::min(items.size(), static_cast<std::size_t>(wanted)));
    for (const ItemRecord& item : items) {
      append_item_csv(item, csv);
    }
    rows_left -= std::ssize(items);
    after = items.empty() ? after : items.back().position;
  }
  Response response = csv_response(std::move(csv), fmt::format("items-{}.csv", base::format_uuid(id)));
  if (!is_whole) {
    response.headers.emplace_back("Link", next_items_link(request, after));
  }
  return response;
}

base::Result<Response> list_items(RunService& service, const Request& request) {
  TALLY_ASSIGN(const base::Uuid id, run_id_in(request));
  TALLY_ASSIGN(const ItemFilter filter, item_filter_in(request));
  TALLY_ASSIGN(const std::string format, format_in(request, "json", "csv"));
  if (format == "csv") {
    return export_items(service, id, filter, request);
  }
  TALLY_ASSIGN(const std::int64_t after, position_in(request));
  TALLY_ASSIGN(const std::int64_t limit, limit_in(request, access::kDefaultPageItems));
  TALLY_ASSIGN(std::vector<ItemRecord> items, service.list_items(id, filter, after, limit + 1));
  json::value next;
  if (std::ssize(items) > limit) {
    items.resize(static_cast<std::size_t>(limit));
    next = cursor_of(items.back().position);
  }
  json::array array;
  for (const ItemRecord& item : items) {
    array.push_back(to_json(item));
  }
  return http::json_response(
      200, json::serialize(json::object{{"items", std::move(array)}, {"next_cursor", std::move(next)}}));
}

base::Result<Response> list_findings(RunService& service, const Request& request) {
  TALLY_ASSIGN(const base::Uuid id, run_id_in(request));
  TALLY_ASSIGN(const std::string format, format_in(request, "json", "csv"));
  TALLY_ASSIGN(const Run run, service.get(id));
  if (format == "csv") {
    return csv_response(findings_csv(run), fmt::format("findings-{}.csv", base::format_uuid(id)));
  }
  json::array findings;
  for (const Finding& finding : run.findings) {
    findings.push_back(to_json(finding));
  }
  return http::json_response(200, json::serialize(json::object{{"items", std::move(findings)}}));
}

base::Result<Response> show_statement(RunService& service, const Request& request) {
  TALLY_ASSIGN(const base::Uuid id, run_id_in(request));
  TALLY_ASSIGN(const std::string format, format_in(request, "html", "csv"));
  Statement statement;
  TALLY_ASSIGN(statement.run, service.get(id));
  TALLY_ASSIGN(statement.totals, service.total_items(id));
  TALLY_ASSIGN(statement.discrepancies, service.discrepancies().list_of_run(id));
  if (format == "csv") {
    return csv_response(statement_csv(statement), fmt::format("statement-{}.csv", base::format_uuid(id)));
  }
  Response response{200, "text/html; charset=utf-8", statement_html(statement)};
  // The page has neither scripts nor anything from elsewhere, whatever a partner wrote into its report.
  response.headers.emplace_back("Content-Security-Policy", "default-src 'none'; style-src 'unsafe-inline'");
  return response;
}

}  // namespace

void add_run_routes(http::Router& router, RunService& service, const ResolveSubject& resolve_subject) {
  const auto add = [&](std::string pattern, std::string summary, const auto& handle) {
    router.add({http::Method::kGet,
                std::move(pattern),
                kReadScope,
                std::move(summary),
                [&service, handle](const Request& request) {
                  return answer_run(handle(service, request), request);
                }});
  };
  add("/api/reconciliations",
      "List reconciliations, newest first; ?subject=, ?from=, ?to=",
      [resolve_subject](RunService& runs, const Request& request) {
        return list_runs(runs, resolve_subject, request);
      });
  add("/api/reconciliations/{run}", "A reconciliation: findings, causes, what changed since the one before", show_run);
  add("/api/reconciliations/{run}/items", "Its records, matched or not, with their causes; ?format=csv", list_items);
  add("/api/reconciliations/{run}/findings", "Its findings by currency; ?format=csv", list_findings);
  add("/api/reconciliations/{run}/statement", "The statement for the partner, to print; ?format=csv", show_statement);
}

void add_routes(http::Router& router,
                RunService& service,
                const ResolveSubject& resolve_subject,
                const MakeIdempotent& make_idempotent) {
  add_run_routes(router, service, resolve_subject);
  add_discrepancy_routes(router, service.discrepancies(), resolve_subject, make_idempotent);
}

}  // namespace tallystick::reconcile
