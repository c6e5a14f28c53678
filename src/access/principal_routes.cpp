#include <boost/json.hpp>

#include "access/idempotency.h"
#include "access/json.h"
#include "access/json_members.h"
#include "access/rest.h"
#include "access/routes.h"
#include "access/scopes.h"

namespace tallystick::access {
namespace {

namespace json = boost::json;
using http::Method;
using http::Request;
using http::Response;

constexpr const char* kRead = "principals:read";
constexpr const char* kWrite = "principals:write";

Response answer_principal(const base::Result<Principal>& principal, const Request& request) {
  return principal ? record_response(to_json(*principal), principal->version)
                   : failure_response(principal.error(), request);
}

base::Result<void> expect_may_give(const Request& request, Role role) {
  return expect_may_grant(request.principal, scopes_of(role));
}

base::Result<Principal> create_principal(PrincipalService& principals, const Request& request) {
  TALLY_ASSIGN(auto members, JsonMembers::parse(request.body));
  PrincipalDraft draft;
  members.require("name");
  members.require("role");
  draft.name = members.take_text("name").value_or("");
  draft.kind = members.take_parsed("kind", parse_principal_kind).value_or(PrincipalKind::kProgram);
  draft.role = members.take_parsed("role", parse_role).value_or(Role::kSupport);
  draft.tenant = members.take_text("tenant").value_or("");
  TALLY_TRY(members.finish());
  TALLY_TRY(expect_may_give(request, draft.role));
  return principals.create(draft, change_context(request));
}

base::Result<PrincipalFilter> parse_principal_filter(const Request& request) {
  PrincipalFilter filter;
  if (const std::string role = request.query_parameter("role"); !role.empty()) {
    TALLY_ASSIGN(filter.role, parse_role(role));
  }
  if (const std::string status = request.query_parameter("status"); !status.empty()) {
    if (status != "active" && status != "disabled") {
      return base::fail(base::ErrorKind::kInvalid, "bad_parameter", "status is active or disabled");
    }
    filter.is_disabled = status == "disabled";
  }
  filter.tenant = request.query_parameter("tenant");
  return filter;
}

base::Result<Response> list_principals(PrincipalService& principals, const Request& request) {
  TALLY_ASSIGN(const PageRequest page, parse_page_request(request));
  TALLY_ASSIGN(const PrincipalFilter filter, parse_principal_filter(request));
  TALLY_ASSIGN(auto found, principals.list(filter, page.after, page.limit + 1));
  std::string next;
  if (std::ssize(found) > page.limit) {
    found.resize(static_cast<std::size_t>(page.limit));
    next = base::format_uuid(found.back().id);
  }
  json::array items;
  for (const Principal& principal : found) {
    items.push_back(to_json(principal));
  }
  return page_response(std::move(items), next);
}

base::Result<Principal> get_named_principal(PrincipalService& principals, const Request& request) {
  TALLY_ASSIGN(const base::Uuid id, base::parse_uuid(request.path_parameter("id")));
  return principals.get(id);
}

// The version that the permission was looked up for: when the role changes meanwhile, the answer is a conflict.
base::Result<std::int64_t> expect_may_change(const Principal& principal, const Request& request) {
  TALLY_ASSIGN(const auto version, parse_if_match(request));
  TALLY_TRY(expect_may_give(request, principal.role));
  return version.value_or(principal.version);
}

base::Result<Principal> change_principal(PrincipalService& principals, const Request& request) {
  TALLY_ASSIGN(auto members, JsonMembers::parse(request.body));
  PrincipalChange change;
  change.name = members.take_text("name");
  change.role = members.take_parsed("role", parse_role);
  TALLY_TRY(members.finish());
  TALLY_ASSIGN(const Principal before, get_named_principal(principals, request));
  TALLY_ASSIGN(const std::int64_t version, expect_may_change(before, request));
  if (change.role) {
    TALLY_TRY(expect_may_give(request, *change.role));
  }
  return principals.change(before.id, change, version, change_context(request));
}

base::Result<Principal> set_principal_disabled(PrincipalService& principals, bool is_disabled, const Request& request) {
  TALLY_TRY(expect_empty_body(request));
  TALLY_ASSIGN(const Principal before, get_named_principal(principals, request));
  TALLY_ASSIGN(const std::int64_t version, expect_may_change(before, request));
  return principals.set_disabled(before.id, is_disabled, version, change_context(request));
}

}  // namespace

void add_principal_routes(http::Router& router, const RouteSources& sources) {
  PrincipalService& principals = sources.principals;
  router.add({Method::kGet, "/api/principals", kRead, "List principals", [&principals](const Request& request) {
                auto response = list_principals(principals, request);
                return response ? *std::move(response) : failure_response(response.error(), request);
              }});
  router.add({Method::kPost,
              "/api/principals",
              kWrite,
              "Create a principal: a person or a program with a role",
              make_idempotent(sources.database, sources.clock, [&principals](const Request& request) {
                const auto made = create_principal(principals, request);
                return made ? record_response(
                                  to_json(*made), made->version, "/api/principals/" + base::format_uuid(made->id))
                            : failure_response(made.error(), request);
              })});
  router.add({Method::kGet, "/api/principals/{id}", kRead, "Get a principal", [&principals](const Request& request) {
                return answer_principal(get_named_principal(principals, request), request);
              }});
  router.add({Method::kPatch,
              "/api/principals/{id}",
              kWrite,
              "Change name or role of a principal",
              [&principals](const Request& request) {
                return answer_principal(change_principal(principals, request), request);
              }});
  for (const bool is_disabled : {true, false}) {
    router.add({Method::kPost,
                is_disabled ? "/api/principals/{id}/disable" : "/api/principals/{id}/enable",
                kWrite,
                is_disabled ? "Disable a principal: none of its keys is good any more"
                            : "Enable a disabled principal: its keys are good again",
                [&principals, is_disabled](const Request& request) {
                  return answer_principal(set_principal_disabled(principals, is_disabled, request), request);
                }});
  }
}

}  // namespace tallystick::access
