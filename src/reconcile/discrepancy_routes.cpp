#include <utility>

#include <boost/json.hpp>

#include "access/json_members.h"
#include "access/rest.h"
#include "reconcile/json.h"
#include "reconcile/routes.h"

namespace tallystick::reconcile {
namespace {

namespace json = boost::json;
using http::Method;
using http::Request;
using http::Response;

constexpr const char* kReadDiscrepancies = "reconciliation:read";
constexpr const char* kWriteDiscrepancies = "reconciliation:write";

Response answer_discrepancy(base::Result<Response> result, const Request& request) {
  return result ? *std::move(result) : access::failure_response(result.error(), request);
}

json::object shown(const DiscrepancyService& service, const Discrepancy& discrepancy) {
  json::object object = to_json(discrepancy);
  object["is_overdue"] = service.is_late(discrepancy);
  return object;
}

base::Result<Response> list_discrepancies(DiscrepancyService& service,
                                          const ResolveSubject& resolve,
                                          const Request& request) {
  TALLY_ASSIGN(const access::PageRequest page, access::parse_page_request(request));
  DiscrepancyFilter filter;
  if (const std::string state = request.query_parameter("state"); state == "unresolved") {
    filter.is_unresolved_only = true;
  } else if (!state.empty()) {
    TALLY_ASSIGN(filter.state, parse_discrepancy_state(state));
  }
  if (const std::string subject = request.query_parameter("subject"); !subject.empty()) {
    TALLY_ASSIGN(filter.subject, resolve(subject));
  }
  filter.owner = request.query_parameter("owner");
  TALLY_ASSIGN(std::vector<Discrepancy> found, service.list(filter, page.after, page.limit + 1));
  std::string next;
  if (std::ssize(found) > page.limit) {
    found.resize(static_cast<std::size_t>(page.limit));
    next = base::format_uuid(found.back().id);
  }
  json::array items;
  for (const Discrepancy& discrepancy : found) {
    items.push_back(shown(service, discrepancy));
  }
  return access::page_response(std::move(items), next);
}

base::Result<Response> show_discrepancy(DiscrepancyService& service, const Request& request) {
  TALLY_ASSIGN(const base::Uuid id, base::parse_uuid(request.path_parameter("id")));
  TALLY_ASSIGN(const DiscrepancyHistory history, service.get(id));
  json::object object = shown(service, history.discrepancy);
  json::array notes;
  for (const DiscrepancyNote& note : history.notes) {
    notes.push_back(to_json(note));
  }
  object["notes"] = std::move(notes);
  return access::record_response(object, history.discrepancy.version);
}

// {"code": "accepted", "text": "..."}
void take_resolution(access::JsonMembers& members, DiscrepancyChange& change) {
  const auto value = members.take("resolution");
  if (!value) {
    return;
  }
  const json::object* object = value->if_object();
  if (object == nullptr) {
    members.errors().add("/resolution", "wrong_type", "expected an object with code and text");
    return;
  }
  for (const auto& member : *object) {
    const std::string_view name(member.key().data(), member.key().size());
    if (name != "code" && name != "text") {
      members.errors().add(std::string("/resolution/").append(name), "unknown_member", "is not a member here");
    } else if (!member.value().is_string()) {
      members.errors().add(std::string("/resolution/").append(name), "wrong_type", "expected a string");
    } else if (name == "text") {
      change.resolution_text = std::string(member.value().get_string());
    } else if (const auto code = parse_resolution(member.value().get_string())) {
      change.resolution = *code;
    } else {
      members.errors().add("/resolution/code", code.error());
    }
  }
}

base::Result<DiscrepancyChange> parse_change(std::string_view body) {
  TALLY_ASSIGN(auto members, access::JsonMembers::parse(body));
  DiscrepancyChange change;
  change.owner = members.take_text("owner");
  change.due_date = members.take_parsed("due_date", base::parse_date);
  change.state = members.take_parsed("state", parse_discrepancy_state);
  take_resolution(members, change);
  TALLY_TRY(members.finish());
  return change;
}

base::Result<Response> change_discrepancy(DiscrepancyService& service, const Request& request) {
  TALLY_ASSIGN(const base::Uuid id, base::parse_uuid(request.path_parameter("id")));
  TALLY_ASSIGN(const auto version, access::parse_if_match(request));
  TALLY_ASSIGN(const DiscrepancyChange change, parse_change(request.body));
  TALLY_ASSIGN(const Discrepancy changed, service.change(id, change, version, access::change_context(request)));
  return access::record_response(shown(service, changed), changed.version);
}

base::Result<Response> add_note(DiscrepancyService& service, const Request& request) {
  TALLY_ASSIGN(const base::Uuid id, base::parse_uuid(request.path_parameter("id")));
  TALLY_ASSIGN(auto members, access::JsonMembers::parse(request.body));
  members.require("text");
  const auto text = members.take_text("text");
  TALLY_TRY(members.finish());
  const access::ChangeContext context = access::change_context(request);
  const std::string author = request.principal.name.empty() ? context.actor : request.principal.name;
  TALLY_ASSIGN(const DiscrepancyNote note, service.add_note(id, text.value_or(""), author, context));
  return http::json_response(201, json::serialize(to_json(note)));
}

}  // namespace

void add_discrepancy_routes(http::Router& router,
                            DiscrepancyService& service,
                            const ResolveSubject& resolve_subject,
                            const MakeIdempotent& make_idempotent) {
  router.add({Method::kGet,
              "/api/discrepancies",
              kReadDiscrepancies,
              "List discrepancies; ?state=unresolved, ?subject=, ?owner=",
              [&service, resolve_subject](const Request& request) {
                return answer_discrepancy(list_discrepancies(service, resolve_subject, request), request);
              }});
  router.add({Method::kGet,
              "/api/discrepancies/{id}",
              kReadDiscrepancies,
              "A discrepancy with its notes",
              [&service](const Request& request) {
                return answer_discrepancy(show_discrepancy(service, request), request);
              }});
  router.add({Method::kPatch,
              "/api/discrepancies/{id}",
              kWriteDiscrepancies,
              "Change owner, due date or state of a discrepancy; resolve it",
              [&service](const Request& request) {
                return answer_discrepancy(change_discrepancy(service, request), request);
              }});
  router.add({Method::kPost,
              "/api/discrepancies/{id}/notes",
              kWriteDiscrepancies,
              "Add a note to a discrepancy",
              make_idempotent([&service](const Request& request) {
                return answer_discrepancy(add_note(service, request), request);
              })});
}

}  // namespace tallystick::reconcile
