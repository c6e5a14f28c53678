#include "access/principal_store.h"

#include <stdexcept>

#include "records/rows.h"

namespace tallystick::access {
namespace {

struct PrincipalRow {
  std::string id, name, kind, role, tenant, status;
  std::int64_t created_at = 0, updated_at = 0, version = 0;
};

void for_each_column(PrincipalRow& row, const auto& visit) {
  visit("id", row.id);
  visit("name", row.name);
  visit("kind", row.kind);
  visit("role", row.role);
  visit("tenant", row.tenant);
  visit("status", row.status);
  visit("created_at", row.created_at);
  visit("updated_at", row.updated_at);
  visit("version", row.version);
}

std::string_view status_name(bool is_disabled) {
  return is_disabled ? "disabled" : "active";
}

PrincipalRow to_principal_row(const Principal& principal) {
  PrincipalRow row;
  row.id = base::format_uuid(principal.id);
  row.name = principal.name;
  row.kind = name_of(principal.kind);
  row.role = name_of(principal.role);
  row.tenant = principal.tenant;
  row.status = status_name(principal.is_disabled);
  row.created_at = principal.created_at.us;
  row.updated_at = principal.updated_at.us;
  row.version = principal.version;
  return row;
}

Principal from_principal_row(const PrincipalRow& row) {
  Principal principal;
  const auto kind = parse_principal_kind(row.kind);
  const auto role = parse_role(row.role);
  if (!base::parse_uuid_into(row.id, principal.id) || !kind || !role) {
    throw std::runtime_error("principals holds a row that cannot be read");
  }
  principal.name = row.name;
  principal.kind = *kind;
  principal.role = *role;
  principal.tenant = row.tenant;
  principal.is_disabled = row.status == status_name(true);
  principal.created_at = {row.created_at};
  principal.updated_at = {row.updated_at};
  principal.version = row.version;
  return principal;
}

}  // namespace

void insert(soci::session& session, const Principal& principal) {
  records::insert_row(session, "principals", to_principal_row(principal));
}

bool update(soci::session& session, const Principal& principal) {
  return records::update_row(session, "principals", to_principal_row(principal), {"kind", "tenant", "created_at"});
}

std::optional<Principal> find_principal(soci::session& session, const base::Uuid& id) {
  const std::vector<records::Condition> conditions = {{"id", "=", base::format_uuid(id)}};
  const auto rows = records::select_rows<PrincipalRow>(session, "principals", conditions, 1);
  return rows.empty() ? std::nullopt : std::optional(from_principal_row(rows.front()));
}

std::vector<Principal> load_principals(soci::session& session,
                                       const PrincipalFilter& filter,
                                       std::string_view after,
                                       std::int64_t max_rows) {
  std::vector<records::Condition> conditions;
  if (filter.role) {
    conditions.push_back({"role", "=", std::string(name_of(*filter.role))});
  }
  if (filter.is_disabled) {
    conditions.push_back({"status", "=", std::string(status_name(*filter.is_disabled))});
  }
  if (!filter.tenant.empty()) {
    conditions.push_back({"tenant", "=", filter.tenant});
  }
  if (!after.empty()) {
    conditions.push_back({"id", ">", std::string(after)});
  }
  std::vector<Principal> principals;
  for (const PrincipalRow& row : records::select_rows<PrincipalRow>(session, "principals", conditions, max_rows)) {
    principals.push_back(from_principal_row(row));
  }
  return principals;
}

}  // namespace tallystick::access
