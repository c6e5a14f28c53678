#include "access/json.h"

#include "base/encoding.h"

namespace tallystick::access {
namespace {

namespace json = boost::json;

json::value time_or_null(base::Timestamp time) {
  return time.us == 0 ? json::value() : json::value(base::format_rfc3339(time));
}

// What the trail holds is JSON that we wrote.
json::value parsed_or_null(const std::string& text) {
  return text.empty() ? json::value() : json::parse(text);
}

}  // namespace

json::object to_json(const ApiKey& key) {
  return {{"id", base::format_uuid(key.id)},
          {"name", key.name},
          {"scopes", json::array(key.scopes.begin(), key.scopes.end())},
          {"tenant", key.tenant},
          {"principal_id", key.has_principal() ? json::value(base::format_uuid(key.principal_id)) : json::value()},
          {"created_at", base::format_rfc3339(key.created_at)},
          {"expires_at", time_or_null(key.expires_at)},
          {"revoked_at", time_or_null(key.revoked_at)},
          {"last_used_at", time_or_null(key.last_used_at)}};
}

json::object to_json(const Principal& principal) {
  const auto scopes = info_of(principal.role).scopes;
  return {{"id", base::format_uuid(principal.id)},
          {"name", principal.name},
          {"kind", name_of(principal.kind)},
          {"role", name_of(principal.role)},
          {"scopes", json::array(scopes.begin(), scopes.end())},
          {"tenant", principal.tenant},
          {"status", principal.is_disabled ? "disabled" : "active"},
          {"created_at", base::format_rfc3339(principal.created_at)},
          {"updated_at", base::format_rfc3339(principal.updated_at)},
          {"version", principal.version}};
}

json::object to_json(const AuditEntry& entry) {
  return {{"id", base::format_uuid(entry.id)},
          {"occurred_at", base::format_rfc3339(entry.occurred_at)},
          {"actor", entry.context.actor},
          {"action", entry.change.action},
          {"subject", entry.change.subject},
          {"reason", entry.context.reason},
          {"request_id", entry.context.request_id},
          {"before", parsed_or_null(entry.change.before)},
          {"after", parsed_or_null(entry.change.after)},
          {"digest", base::to_hex(entry.digest)}};
}

}  // namespace tallystick::access
