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

constexpr std::int64_t kDefaultOverlapSeconds = 24 * 3600;

// The only time that the secret is shown.
Response secret_response(const NewApiKey& made) {
  json::object body = to_json(made.key);
  body["key"] = made.secret;
  Response response = http::json_response(201, json::serialize(body));
  response.headers.emplace_back("Location", "/api/keys/" + base::format_uuid(made.key.id));
  response.headers.emplace_back("Cache-Control", "no-store");
  return response;
}

// What an Idempotency-Key may remember of such an answer: all but the secret, which nothing keeps.
void leave_secret_out(Response& response) {
  if (response.status == 201) {
    json::object body = json::parse(response.body).as_object();
    body["key"] = nullptr;
    response.body = json::serialize(body);
  }
}

base::Result<NewApiKey> create_key(const RouteSources& sources, const Request& request) {
  TALLY_ASSIGN(auto members, JsonMembers::parse(request.body));
  KeyDraft draft;
  members.require("name");
  draft.name = members.take_text("name").value_or("");
  const auto principal_id = members.take_parsed("principal_id", base::parse_uuid);
  draft.principal_id = principal_id.value_or(base::Uuid{});
  // The key of a principal has all its role gives, unless it is told otherwise; the tenant is the principal's.
  if (!principal_id) {
    members.require("scopes");
    draft.tenant = members.take_text("tenant").value_or("");
  }
  auto scopes = members.take_texts("scopes");
  draft.expires_at = members.take_parsed("expires_at", base::parse_rfc3339).value_or(base::Timestamp{});
  TALLY_TRY(members.finish());
  if (principal_id && !scopes) {
    TALLY_ASSIGN(const Principal principal, sources.principals.get(*principal_id));
    scopes = scopes_of(principal.role);
  }
  draft.scopes = *std::move(scopes);
  TALLY_TRY(expect_may_grant(request.principal, draft.scopes));
  return sources.keys.create(draft, change_context(request));
}

base::Result<Response> list_keys(KeyService& keys, const Request& request) {
  TALLY_ASSIGN(const PageRequest page, parse_page_request(request));
  KeyFilter filter;
  if (const std::string principal = request.query_parameter("principal_id"); !principal.empty()) {
    TALLY_ASSIGN(filter.principal_id, base::parse_uuid(principal));
  }
  TALLY_ASSIGN(auto found, keys.list(filter, page.after, page.limit + 1));
  std::string next;
  if (std::ssize(found) > page.limit) {
    found.resize(static_cast<std::size_t>(page.limit));
    next = base::format_uuid(found.back().id);
  }
  json::array items;
  for (const ApiKey& key : found) {
    items.push_back(to_json(key));
  }
  return page_response(std::move(items), next);
}

base::Result<NewApiKey> rotate_key(KeyService& keys, const Request& request) {
  TALLY_ASSIGN(const base::Uuid id, base::parse_uuid(request.path_parameter("id")));
  TALLY_ASSIGN(auto members, JsonMembers::parse(request.body));
  const std::int64_t overlap_seconds = members.take_integer("overlap_seconds").value_or(kDefaultOverlapSeconds);
  TALLY_TRY(members.finish());
  // What a key may do never changes, so this holds in the transaction of the rotation too.
  TALLY_ASSIGN(const ApiKey old, keys.get(id));
  TALLY_TRY(expect_may_grant(request.principal, old.scopes));
  constexpr std::int64_t kMaxSeconds = INT64_MAX / base::kMicrosPerSecond;
  const bool is_in_range = overlap_seconds >= 0 && overlap_seconds <= kMaxSeconds;
  return keys.rotate(id, is_in_range ? overlap_seconds * base::kMicrosPerSecond : -1, change_context(request));
}

base::Result<ApiKey> revoke_key(KeyService& keys, const Request& request) {
  TALLY_ASSIGN(const base::Uuid id, base::parse_uuid(request.path_parameter("id")));
  TALLY_ASSIGN(const ApiKey key, keys.get(id));
  TALLY_TRY(expect_may_grant(request.principal, key.scopes));
  return keys.revoke(id, change_context(request));
}

}  // namespace

void add_key_routes(http::Router& router, const RouteSources& sources) {
  constexpr const char* kScope = "keys:write";
  KeyService& keys = sources.keys;
  router.add({Method::kGet, "/api/keys", kScope, "List API keys", [&keys](const Request& request) {
                auto response = list_keys(keys, request);
                return response ? *std::move(response) : failure_response(response.error(), request);
              }});
  router.add({Method::kPost,
              "/api/keys",
              kScope,
              "Make an API key; the answer shows it once",
              make_idempotent(
                  sources.database,
                  sources.clock,
                  [sources](const Request& request) {
                    const auto made = create_key(sources, request);
                    return made ? secret_response(*made) : failure_response(made.error(), request);
                  },
                  leave_secret_out)});
  router.add({Method::kPost,
              "/api/keys/{id}/rotate",
              kScope,
              "Make a successor; the old key stays valid for overlap_seconds",
              make_idempotent(
                  sources.database,
                  sources.clock,
                  [&keys](const Request& request) {
                    const auto made = rotate_key(keys, request);
                    return made ? secret_response(*made) : failure_response(made.error(), request);
                  },
                  leave_secret_out)});
  router.add({Method::kDelete, "/api/keys/{id}", kScope, "Revoke an API key", [&keys](const Request& request) {
                const auto revoked = revoke_key(keys, request);
                return revoked ? http::json_response(200, json::serialize(to_json(*revoked)))
                               : failure_response(revoked.error(), request);
              }});
}

}  // namespace tallystick::access
