#include "alerts/routes.h"

#include <utility>

#include <boost/json.hpp>

#include "access/json_members.h"
#include "access/rest.h"
#include "alerts/alert_json.h"
#include "alerts/checks.h"

namespace tallystick::alerts {
namespace {

namespace json = boost::json;
using http::Method;
using http::Request;
using http::Response;

constexpr std::size_t kMaxNoteBytes = 2'000;  // of one request
constexpr const char* kReadAlerts = "alerts:read";
constexpr const char* kWriteAlerts = "alerts:write";

base::Result<Response> list_alerts(AlertService& service, const Request& request) {
  TALLY_ASSIGN(const auto page, access::parse_page_request(request));
  AlertFilter filter;
  if (const std::string text = request.query_parameter("state"); !text.empty()) {
    TALLY_ASSIGN(filter.state, parse_state(text));
  }
  if (const std::string text = request.query_parameter("severity"); !text.empty()) {
    TALLY_ASSIGN(filter.severity, parse_severity(text));
  }
  TALLY_ASSIGN(auto alerts, service.list(filter, page.after, page.limit + 1));
  std::string next_after;
  if (std::ssize(alerts) > page.limit) {
    alerts.resize(static_cast<std::size_t>(page.limit));
    next_after = base::format_uuid(alerts.back().id);
  }
  json::array items;
  for (const Alert& alert : alerts) {
    items.push_back(to_json(alert));
  }
  return access::page_response(std::move(items), next_after);
}

base::Result<Response> get_alert(AlertService& service, const Request& request) {
  TALLY_ASSIGN(const base::Uuid id, base::parse_uuid(request.path_parameter("id")));
  TALLY_ASSIGN(const AlertHistory history, service.get(id));
  json::object body = to_json(history.alert);
  json::array deliveries;
  for (const Delivery& delivery : history.deliveries) {
    deliveries.push_back(to_json(delivery));
  }
  body["deliveries"] = std::move(deliveries);
  return http::json_response(200, json::serialize(body));
}

// {"notes": "..."} or nothing.
base::Result<std::string> parse_notes(const Request& request) {
  TALLY_ASSIGN(auto members, access::JsonMembers::parse(request.body));
  std::string notes = members.take_text("notes").value_or("");
  if (notes.size() > kMaxNoteBytes) {
    members.errors().add("/notes", "bad_length", "at most 2000 bytes");
  }
  TALLY_TRY(members.finish());
  return notes;
}

using Settle = base::Result<Alert> (AlertService::*)(const base::Uuid&, std::string_view, const access::ChangeContext&);

base::Result<Response> settle(AlertService& service, Settle action, const Request& request) {
  TALLY_ASSIGN(const base::Uuid id, base::parse_uuid(request.path_parameter("id")));
  TALLY_ASSIGN(const std::string notes, parse_notes(request));
  TALLY_ASSIGN(const Alert alert, (service.*action)(id, notes, access::change_context(request)));
  return http::json_response(200, json::serialize(to_json(alert)));
}

base::Result<Response> check_now(jobs::Queue& queue, const Request& request) {
  TALLY_TRY(access::expect_empty_body(request));
  jobs::Draft draft = make_check_job();
  draft.actor = access::change_context(request).actor;
  TALLY_ASSIGN(const jobs::Job job, queue.enqueue(draft));
  const std::string id = base::format_uuid(job.id);
  Response response = http::json_response(202, json::serialize(json::object{{"job_id", id}}));
  response.headers.emplace_back("Location", "/api/jobs/" + id);
  return response;
}

http::Handler handler_of(std::function<base::Result<Response>(const Request&)> work) {
  return [work = std::move(work)](const Request& request) {
    auto result = work(request);
    return result ? *std::move(result) : access::failure_response(result.error(), request);
  };
}

}  // namespace

void add_alert_routes(http::Router& router, AlertService& service, jobs::Queue& queue) {
  router.add({Method::kGet,
              "/api/alerts",
              kReadAlerts,
              "List alerts; ?state=open&severity=critical",
              handler_of([&service](const Request& request) { return list_alerts(service, request); })});
  router.add({Method::kGet,
              "/api/alerts/{id}",
              kReadAlerts,
              "An alert, and what was told of it on which channel",
              handler_of([&service](const Request& request) { return get_alert(service, request); })});
  router.add({Method::kPost,
              "/api/alerts/{id}/acknowledge",
              kWriteAlerts,
              "Somebody looks at it",
              handler_of([&service](const Request& request) {
                return settle(service, &AlertService::acknowledge, request);
              })});
  router.add(
      {Method::kPost,
       "/api/alerts/{id}/resolve",
       kWriteAlerts,
       "It is settled",
       handler_of([&service](const Request& request) { return settle(service, &AlertService::resolve, request); })});
  router.add({Method::kPost,
              "/api/alerts/check",
              kWriteAlerts,
              "Run the hourly checks now, as a job",
              handler_of([&queue](const Request& request) { return check_now(queue, request); })});
}

}  // namespace tallystick::alerts
