#include "access/service.h"

#include <algorithm>
#include <array>
#include <map>
#include <utility>

#include <boost/json.hpp>

#include "access/json.h"
#include "access/principal_service.h"
#include "access/scopes.h"
#include "base/encoding.h"
#include "base/field_errors.h"

namespace tallystick::access {
namespace {

constexpr std::int64_t kMaxOverlapUs = 30 * base::kMicrosPerDay;

// `owner`: null for a key of its own.
base::Result<void> validate(const KeyDraft& draft, const Principal* owner, base::Timestamp now) {
  base::FieldErrors errors;
  if (draft.name.empty() || draft.name.size() > kMaxKeyNameBytes) {
    errors.add("/name", "bad_length", "a name has 1 to 200 bytes");
  }
  if (draft.tenant.size() > kMaxTenantBytes) {
    errors.add("/tenant", "bad_length", "a tenant has at most 64 bytes");
  }
  if (draft.scopes.empty()) {
    errors.add("/scopes", "required", "a key needs one scope at least");
  }
  for (std::size_t i = 0; i < draft.scopes.size(); ++i) {
    if (!is_scope(draft.scopes[i])) {
      errors.add("/scopes/" + std::to_string(i), "unknown_scope", "there is no scope of this name");
    } else if (owner != nullptr && !grants(owner->role, draft.scopes[i])) {
      errors.add("/scopes/" + std::to_string(i), "not_in_role", "the principal's role does not have this scope");
    } else if (!draft.tenant.empty() && !is_scope_for_tenants(draft.scopes[i])) {
      errors.add("/scopes/" + std::to_string(i), "not_for_tenants", "the key of a tenant cannot have this scope");
    }
  }
  if (draft.expires_at.us != 0 && draft.expires_at <= now) {
    errors.add("/expires_at", "in_the_past", "a key must not expire before it is made");
  }
  return errors.result();
}

base::Result<Principal> get_active_principal(soci::session& session, const base::Uuid& id) {
  TALLY_ASSIGN(Principal principal, get_principal(session, id));
  if (principal.is_disabled) {
    return base::fail(
        base::ErrorKind::kConflict, "principal_disabled", "the principal is disabled; enable it before it gets a key");
  }
  return principal;
}

base::Result<ApiKey> get_key(soci::session& session, const base::Uuid& id) {
  auto key = find_key(session, id);
  if (!key) {
    return base::fail(base::ErrorKind::kNotFound, "key_not_found", "there is no such API key");
  }
  return *std::move(key);
}

}  // namespace

crypto::Digest key_digest(std::string_view secret) {
  return crypto::sha256(secret);
}

std::string to_json_text(const ApiKey& key) {
  return boost::json::serialize(to_json(key));
}

NewApiKey KeyService::make_key(const KeyDraft& draft) {
  std::array<std::uint8_t, kKeyBytes> bytes{};
  random_.fill(bytes);
  NewApiKey made;
  made.secret = std::string(kKeyPrefix) + base::to_hex(bytes);
  made.key.created_at = clock_.now();
  made.key.id = base::make_uuid_v7(made.key.created_at, random_);
  made.key.name = draft.name;
  made.key.scopes = draft.scopes;
  made.key.tenant = draft.tenant;
  made.key.principal_id = draft.principal_id;
  made.key.expires_at = draft.expires_at;
  made.key.digest = key_digest(made.secret);
  return made;
}

base::Result<void> KeyService::append_audit(soci::session& session,
                                            std::string_view action,
                                            const ApiKey* before,
                                            const ApiKey& after,
                                            const ChangeContext& context) {
  return audit_.append(session,
                       {.action = std::string(action),
                        .subject = "api_key:" + base::format_uuid(after.id),
                        .before = before == nullptr ? "" : to_json_text(*before),
                        .after = to_json_text(after)},
                       context);
}

base::Result<NewApiKey> KeyService::insert_key(soci::session& session,
                                               const KeyDraft& draft,
                                               const ChangeContext& context) {
  NewApiKey made = make_key(draft);
  insert(session, made.key);
  TALLY_TRY(append_audit(session, "api_key.create", nullptr, made.key, context));
  return made;
}

base::Result<NewApiKey> KeyService::create(const KeyDraft& draft, const ChangeContext& context) {
  if (draft.principal_id.is_nil()) {
    TALLY_TRY(validate(draft, nullptr, clock_.now()));
  }
  return database_.write<NewApiKey>([&](soci::session& session) -> base::Result<NewApiKey> {
    begin_change(session);
    KeyDraft whole = draft;
    if (!draft.principal_id.is_nil()) {
      TALLY_ASSIGN(const Principal owner, get_active_principal(session, draft.principal_id));
      TALLY_TRY(validate(draft, &owner, clock_.now()));
      whole.tenant = owner.tenant;
    }
    return insert_key(session, whole, context);
  });
}

base::Result<std::optional<NewApiKey>> KeyService::create_first_admin_key() {
  using Made = std::optional<NewApiKey>;
  return database_.write<Made>([&](soci::session& session) -> base::Result<Made> {
    begin_change(session);
    if (!load_keys(session, {}, {}, 1).empty()) {
      return Made();
    }
    const ChangeContext context{"system", "first start", ""};
    const Principal administrator = make_principal(
        {.name = "first administrator", .kind = PrincipalKind::kPerson, .role = Role::kAdmin}, clock_.now(), random_);
    TALLY_TRY(insert_new_principal(session, audit_, administrator, context));
    TALLY_ASSIGN(
        NewApiKey made,
        insert_key(
            session, {.name = "first administrator", .scopes = {"admin"}, .principal_id = administrator.id}, context));
    return Made(std::move(made));
  });
}

base::Result<NewApiKey> KeyService::rotate(const base::Uuid& id,
                                           std::int64_t overlap_us,
                                           const ChangeContext& context) {
  if (overlap_us < 0 || overlap_us > kMaxOverlapUs) {
    return base::fail(base::ErrorKind::kUnprocessable, "bad_overlap", "the old key may stay valid for 0 to 30 days");
  }
  return database_.write<NewApiKey>([&](soci::session& session) -> base::Result<NewApiKey> {
    begin_change(session);
    TALLY_ASSIGN(const ApiKey old, get_key(session, id));
    const base::Timestamp now = clock_.now();
    if (!old.is_valid_at(now)) {
      return base::fail(base::ErrorKind::kConflict, "key_not_valid", "the key has expired or was revoked");
    }
    if (old.has_principal()) {
      TALLY_TRY(get_active_principal(session, old.principal_id));
    }
    ApiKey ending = old;
    ending.expires_at = old.expires_at.us == 0 ? now + overlap_us : std::min(old.expires_at, now + overlap_us);
    update(session, ending);
    TALLY_TRY(append_audit(session, "api_key.rotate", &old, ending, context));
    return insert_key(session,
                      {.name = old.name, .scopes = old.scopes, .tenant = old.tenant, .principal_id = old.principal_id},
                      context);
  });
}

base::Result<ApiKey> KeyService::revoke(const base::Uuid& id, const ChangeContext& context) {
  return database_.write<ApiKey>([&](soci::session& session) -> base::Result<ApiKey> {
    begin_change(session);
    TALLY_ASSIGN(ApiKey before, get_key(session, id));
    if (before.revoked_at.us != 0) {
      return before;
    }
    ApiKey after = before;
    after.revoked_at = clock_.now();
    update(session, after);
    TALLY_TRY(append_audit(session, "api_key.revoke", &before, after, context));
    return after;
  });
}

base::Result<std::vector<ApiKey>> KeyService::list(const KeyFilter& filter,
                                                   std::string_view after,
                                                   std::int64_t max_rows) {
  return database_.read<std::vector<ApiKey>>([&](soci::session& session) -> base::Result<std::vector<ApiKey>> {
    return load_keys(session, filter, after, max_rows);
  });
}

base::Result<std::vector<UsableKey>> KeyService::list_usable() {
  return database_.read<std::vector<UsableKey>>([](soci::session& session) -> base::Result<std::vector<UsableKey>> {
    std::map<base::Uuid, Principal> principals;
    for (Principal& principal : load_principals(session, {}, "", INT64_MAX)) {
      principals.emplace(principal.id, std::move(principal));
    }
    std::vector<UsableKey> usable;
    for (ApiKey& key : load_keys(session)) {
      if (!key.has_principal()) {
        usable.push_back({std::move(key), ""});
        continue;
      }
      // On PostgreSQL a principal may be newer than the list above: then the next look reads both again.
      const auto owner = principals.find(key.principal_id);
      if (owner == principals.end() || owner->second.is_disabled) {
        continue;
      }
      key.scopes = effective_scopes(key.scopes, owner->second.role);
      usable.push_back({std::move(key), std::string(name_of(owner->second.role))});
    }
    return usable;
  });
}

base::Result<ApiKey> KeyService::get(const base::Uuid& id) {
  return database_.read<ApiKey>([&](soci::session& session) { return get_key(session, id); });
}

base::Result<std::int64_t> KeyService::revision() {
  return database_.read<std::int64_t>(
      [](soci::session& session) -> base::Result<std::int64_t> { return load_key_revision(session); });
}

base::Result<void> KeyService::record_use(const base::Uuid& id) {
  TALLY_TRY(database_.write<bool>([&](soci::session& session) -> base::Result<bool> {
    set_last_used(session, id, clock_.now());
    return true;
  }));
  return {};
}

}  // namespace tallystick::access
