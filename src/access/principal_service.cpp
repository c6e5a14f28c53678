#include "access/principal_service.h"

#include <algorithm>
#include <utility>

#include <boost/json.hpp>

#include "access/json.h"
#include "access/store.h"
#include "base/field_errors.h"

namespace tallystick::access {
namespace {

base::Result<void> expect_good(const Principal& principal) {
  base::FieldErrors errors;
  if (principal.name.empty() || principal.name.size() > kMaxPrincipalNameBytes) {
    errors.add("/name", "bad_length", "a name has 1 to 200 bytes");
  }
  const RoleInfo& role = info_of(principal.role);
  if (role.is_tenant && (principal.tenant.empty() || principal.tenant.size() > kMaxTenantBytes)) {
    errors.add("/tenant", "bad_length", "a tenant's role needs its tenant, of 1 to 64 bytes");
  }
  if (!role.is_tenant && !principal.tenant.empty()) {
    errors.add("/tenant", "not_for_staff", "staff belong to no tenant");
  }
  return errors.result();
}

base::Result<void> expect_same_side(Role before, Role after) {
  base::FieldErrors errors;
  if (info_of(before).is_tenant != info_of(after).is_tenant) {
    errors.add("/role", "other_side", "staff stay staff and tenants stay tenants; make another principal");
  }
  return errors.result();
}

// Whoever has the machine can always make a key on the command line; whoever has only the API could not come back.
base::Result<void> expect_an_administrator_besides(soci::session& session,
                                                   const Principal& leaving,
                                                   base::Timestamp now) {
  const PrincipalFilter administrators{.role = Role::kAdmin, .is_disabled = false};
  const auto others = load_principals(session, administrators, "", 2);
  if (std::ranges::any_of(others, [&](const Principal& other) { return other.id != leaving.id; })) {
    return {};
  }
  const auto keys = load_keys(session);
  const bool has_free_key = std::ranges::any_of(keys, [&](const ApiKey& key) {
    return !key.has_principal() && key.is_valid_at(now) && std::ranges::find(key.scopes, "admin") != key.scopes.end();
  });
  if (!has_free_key) {
    return base::fail(
        base::ErrorKind::kConflict, "last_administrator", "this is the last administrator; make another one first");
  }
  return {};
}

bool is_administrator(const Principal& principal) {
  return principal.role == Role::kAdmin && !principal.is_disabled;
}

std::string audit_form(const Principal& principal) {
  return boost::json::serialize(to_json(principal));
}

std::string subject_of(const Principal& principal) {
  return "principal:" + base::format_uuid(principal.id);
}

}  // namespace

base::Result<Principal> get_principal(soci::session& session, const base::Uuid& id) {
  auto found = find_principal(session, id);
  if (!found) {
    return base::fail(base::ErrorKind::kNotFound, "principal_not_found", "there is no such principal");
  }
  return *std::move(found);
}

Principal make_principal(const PrincipalDraft& draft, base::Timestamp now, base::Random& random) {
  Principal principal;
  principal.id = base::make_uuid_v7(now, random);
  principal.name = draft.name;
  principal.kind = draft.kind;
  principal.role = draft.role;
  principal.tenant = draft.tenant;
  principal.created_at = principal.updated_at = now;
  return principal;
}

base::Result<void> insert_new_principal(soci::session& session,
                                        AuditLog& audit,
                                        const Principal& principal,
                                        const ChangeContext& context) {
  insert(session, principal);
  return audit.append(
      session,
      {.action = "principal.create", .subject = subject_of(principal), .before = {}, .after = audit_form(principal)},
      context);
}

base::Result<Principal> PrincipalService::create(const PrincipalDraft& draft, const ChangeContext& context) {
  const Principal principal = make_principal(draft, clock_.now(), random_);
  TALLY_TRY(expect_good(principal));
  return database_.write<Principal>([&](soci::session& session) -> base::Result<Principal> {
    begin_change(session);
    TALLY_TRY(insert_new_principal(session, audit_, principal, context));
    return principal;
  });
}

base::Result<std::vector<Principal>> PrincipalService::list(const PrincipalFilter& filter,
                                                            std::string_view after,
                                                            std::int64_t max_rows) {
  return database_.read<std::vector<Principal>>([&](soci::session& session) -> base::Result<std::vector<Principal>> {
    return load_principals(session, filter, after, max_rows);
  });
}

base::Result<Principal> PrincipalService::get(const base::Uuid& id) {
  return database_.read<Principal>([&](soci::session& session) { return get_principal(session, id); });
}

base::Result<Principal> PrincipalService::edit(const base::Uuid& id,
                                               std::string_view action,
                                               std::optional<std::int64_t> expected_version,
                                               const ChangeContext& context,
                                               const std::function<void(Principal&)>& edit) {
  return database_.write<Principal>([&](soci::session& session) -> base::Result<Principal> {
    begin_change(session);
    TALLY_ASSIGN(Principal before, get_principal(session, id));
    if (expected_version && *expected_version != before.version) {
      return base::fail(base::ErrorKind::kConflict,
                        "version_conflict",
                        "it was changed meanwhile; read it again and repeat the change");
    }
    Principal after = before;
    edit(after);
    if (after == before) {
      return before;
    }
    TALLY_TRY(expect_same_side(before.role, after.role));
    TALLY_TRY(expect_good(after));
    if (is_administrator(before) && !is_administrator(after)) {
      TALLY_TRY(expect_an_administrator_besides(session, before, clock_.now()));
    }
    after.updated_at = clock_.now();
    if (!update(session, after)) {
      return base::fail(base::ErrorKind::kInternal, "unexpected", "the principal changed under the lock of changes");
    }
    ++after.version;
    TALLY_TRY(audit_.append(session,
                            {.action = std::string(action),
                             .subject = subject_of(after),
                             .before = audit_form(before),
                             .after = audit_form(after)},
                            context));
    return after;
  });
}

base::Result<Principal> PrincipalService::change(const base::Uuid& id,
                                                 const PrincipalChange& change,
                                                 std::optional<std::int64_t> expected_version,
                                                 const ChangeContext& context) {
  return edit(id, "principal.change", expected_version, context, [&](Principal& principal) {
    principal.name = change.name.value_or(principal.name);
    principal.role = change.role.value_or(principal.role);
  });
}

base::Result<Principal> PrincipalService::set_disabled(const base::Uuid& id,
                                                       bool is_disabled,
                                                       std::optional<std::int64_t> expected_version,
                                                       const ChangeContext& context) {
  return edit(
      id, is_disabled ? "principal.disable" : "principal.enable", expected_version, context, [&](Principal& principal) {
        principal.is_disabled = is_disabled;
      });
}

}  // namespace tallystick::access
