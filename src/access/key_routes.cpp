#include <boost/json.hpp>

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

base::Result<NewApiKey> create_key(KeyService& keys, const Request& request) {
  TALLY_ASSIGN(auto members, JsonMembers::parse(request.body));
  KeyDraft draft;
  members.require("name");
  members.require("scopes");
  draft.name = members.take_text("name").value_or("");
  draft.scopes = members.take_texts("scopes").value_or(std::vector<std::string>());
  draft.tenant = members.take_text("tenant").value_or("");
  draft.expires_at = members.take_parsed("expires_at", base::parse_rfc3339).value_or(base::Timestamp{});
  TALLY_TRY(members.finish());
  TALLY_TRY(expect_may_grant(request.principal, draft.scopes));
  return keys.create(draft, change_context(request));
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

void add_key_routes(http::Router& router, KeyService& keys) {
  constexpr std::string_view kScope = "keys:write";
  router.add({Method::kGet, "/api/keys", std::string(kScope), "List API keys", [&keys](const Request& request) {
                const auto listed = keys.list();
                if (!listed) {
                  return failure_response(listed.error(), request);
                }
                json::array items;
                for (const ApiKey& key : *listed) {
                  items.push_back(to_json(key));
                }
                return page_response(std::move(items), "");
              }});
  router.add({Method::kPost,
              "/api/keys",
              std::string(kScope),
              "Make an API key; the answer shows it once",
              [&keys](const Request& request) {
                const auto made = create_key(keys, request);
                return made ? secret_response(*made) : failure_response(made.error(), request);
              }});
  router.add({Method::kPost,
              "/api/keys/{id}/rotate",
              std::string(kScope),
              "Make a successor; the old key stays valid for overlap_seconds",
              [&keys](const Request& request) {
                const auto made = rotate_key(keys, request);
                return made ? secret_response(*made) : failure_response(made.error(), request);
              }});
  router.add(
      {Method::kDelete, "/api/keys/{id}", std::string(kScope), "Revoke an API key", [&keys](const Request& request) {
         const auto revoked = revoke_key(keys, request);
         return revoked ? http::json_response(200, json::serialize(to_json(*revoked)))
                        : failure_response(revoked.error(), request);
       }});
}

}  // namespace tallystick::access
