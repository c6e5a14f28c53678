#include "alerts/routes.h"

#include <utility>

#include <boost/json.hpp>

namespace tallystick::alerts {
namespace {

namespace json = boost::json;
using http::Method;
using http::Request;
using http::Response;

constexpr std::int64_t kMaxAlerts = 500;

json::object to_json(const Alert& alert) {
  return {{"id", base::format_uuid(alert.id)},
          {"key", alert.dedupe_key},
          {"severity", name_of(alert.severity)},
          {"subject", alert.subject},
          {"summary", alert.summary},
          {"evidence", json::parse(alert.evidence)},
          {"state", name_of(alert.state)},
          {"notes", alert.notes},
          {"occurrences", alert.occurrences},
          {"first_at", base::format_rfc3339(alert.first_at)},
          {"last_at", base::format_rfc3339(alert.last_at)}};
}

base::Result<Response> list_alerts(AlertService& service, const Request& request) {
  std::optional<State> state;
  if (const std::string text = request.query_parameter("state"); !text.empty()) {
    TALLY_ASSIGN(state, parse_state(text));
  }
  const std::string cursor = request.query_parameter("cursor");
  if (!cursor.empty()) {
    TALLY_TRY(base::parse_uuid(cursor));
  }
  TALLY_ASSIGN(const auto alerts, service.list(state, cursor, kMaxAlerts));
  json::array items;
  for (const Alert& alert : alerts) {
    items.push_back(to_json(alert));
  }
  const bool is_full = std::ssize(alerts) == kMaxAlerts;
  return http::json_response(
      200,
      json::serialize(
          json::object{{"items", std::move(items)},
                       {"next_cursor", is_full ? json::value(base::format_uuid(alerts.back().id)) : json::value()}}));
}

// {"notes": "..."} or nothing.
base::Result<std::string> parse_notes(const Request& request) {
  constexpr std::size_t kMaxNotesBytes = 2'000;
  if (request.body.empty()) {
    return std::string();
  }
  boost::system::error_code error;
  const json::value body = json::parse(request.body, error);
  const json::object* object = error ? nullptr : body.if_object();
  const json::value* notes = object == nullptr || object->size() != 1 ? nullptr : object->if_contains("notes");
  if (notes == nullptr || !notes->is_string() || notes->get_string().size() > kMaxNotesBytes) {
    return base::fail(base::ErrorKind::kInvalid, "bad_notes", R"(send {"notes": "at most 2000 bytes"} or nothing)");
  }
  return std::string(notes->get_string());
}

using Settle = base::Result<Alert> (AlertService::*)(const base::Uuid&, std::string_view, const RecordChange&);

base::Result<Response> settle(AlertService& service,
                              Settle action,
                              const Request& request,
                              const RecordRequest& record) {
  TALLY_ASSIGN(const base::Uuid id, base::parse_uuid(request.path_parameter("id")));
  TALLY_ASSIGN(const std::string notes, parse_notes(request));
  TALLY_ASSIGN(const Alert alert,
               (service.*action)(id, notes, [&](soci::session& session, const Alert& before, const Alert& after) {
                 return record(
                     session, request, after, json::serialize(to_json(before)), json::serialize(to_json(after)));
               }));
  return http::json_response(200, json::serialize(to_json(alert)));
}

Response answer(base::Result<Response> result, const Request& request) {
  return result ? *std::move(result) : http::problem(result.error(), request.path);
}

}  // namespace

void add_routes(http::Router& router, AlertService& service, const RecordRequest& record) {
  router.add(
      {Method::kGet, "/api/alerts", "alerts:read", "List alerts; ?state=open", [&service](const Request& request) {
         return answer(list_alerts(service, request), request);
       }});
  router.add({Method::kPost,
              "/api/alerts/{id}/acknowledge",
              "alerts:write",
              "Somebody looks at it",
              [&service, record](const Request& request) {
                return answer(settle(service, &AlertService::acknowledge, request, record), request);
              }});
  router.add({Method::kPost,
              "/api/alerts/{id}/resolve",
              "alerts:write",
              "It is settled",
              [&service, record](const Request& request) {
                return answer(settle(service, &AlertService::resolve, request, record), request);
              }});
}

}  // namespace tallystick::alerts
