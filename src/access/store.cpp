#include "access/store.h"

#include <algorithm>
#include <stdexcept>
#include <utility>

#include <boost/json.hpp>

#include "base/encoding.h"
#include "records/rows.h"

namespace tallystick::access {
namespace {

namespace json = boost::json;

struct KeyRow {
  std::string id, name, digest, scopes, tenant;
  records::NullableText principal_id;
  std::int64_t created_at = 0, expires_at = 0, revoked_at = 0, last_used_at = 0;
};

void for_each_column(KeyRow& row, const auto& visit) {
  visit("id", row.id);
  visit("name", row.name);
  visit("digest", row.digest);
  visit("scopes", row.scopes);
  visit("tenant", row.tenant);
  visit("principal_id", row.principal_id);
  visit("created_at", row.created_at);
  visit("expires_at", row.expires_at);
  visit("revoked_at", row.revoked_at);
  visit("last_used_at", row.last_used_at);
}

KeyRow to_row(const ApiKey& key) {
  KeyRow row;
  row.id = base::format_uuid(key.id);
  row.name = key.name;
  row.digest = base::to_hex(key.digest);
  row.scopes = json::serialize(json::array(key.scopes.begin(), key.scopes.end()));
  row.tenant = key.tenant;
  if (key.has_principal()) {
    row.principal_id.set(base::format_uuid(key.principal_id));
  }
  row.created_at = key.created_at.us;
  row.expires_at = key.expires_at.us;
  row.revoked_at = key.revoked_at.us;
  row.last_used_at = key.last_used_at.us;
  return row;
}

ApiKey from_row(const KeyRow& row) {
  ApiKey key;
  const auto digest = base::from_hex(row.digest);
  const bool has_good_principal =
      row.principal_id.is_null() || base::parse_uuid_into(row.principal_id.value, key.principal_id);
  const bool has_good_digest = digest && digest->size() == key.digest.size();
  if (!base::parse_uuid_into(row.id, key.id) || !has_good_principal || !has_good_digest) {
    throw std::runtime_error("api_keys holds a row that cannot be read");
  }
  std::copy(digest->begin(), digest->end(), key.digest.begin());
  key.name = row.name;
  const json::value scopes = json::parse(row.scopes);
  for (const auto& scope : scopes.as_array()) {
    key.scopes.emplace_back(scope.as_string());
  }
  key.tenant = row.tenant;
  key.created_at = {row.created_at};
  key.expires_at = {row.expires_at};
  key.revoked_at = {row.revoked_at};
  key.last_used_at = {row.last_used_at};
  return key;
}

}  // namespace

void begin_change(soci::session& session) {
  session << "UPDATE catalog_revisions SET revision = revision + 1 WHERE catalog = 'keys'";
}

void insert(soci::session& session, const ApiKey& key) {
  records::insert_row(session, "api_keys", to_row(key));
}

void update(soci::session& session, const ApiKey& key) {
  const KeyRow row = to_row(key);
  session << "UPDATE api_keys SET expires_at = :expires_at, revoked_at = :revoked_at WHERE id = :id",
      soci::use(row.expires_at), soci::use(row.revoked_at), soci::use(row.id);
}

std::optional<ApiKey> find_key(soci::session& session, const base::Uuid& id) {
  const std::vector<records::Condition> conditions = {{"id", "=", base::format_uuid(id)}};
  const auto rows = records::select_rows<KeyRow>(session, "api_keys", conditions, 1);
  return rows.empty() ? std::nullopt : std::optional(from_row(rows.front()));
}

std::vector<ApiKey> load_keys(soci::session& session,
                              const KeyFilter& filter,
                              std::string_view after,
                              std::int64_t max_rows) {
  std::vector<records::Condition> conditions;
  if (filter.principal_id) {
    conditions.push_back({"principal_id", "=", base::format_uuid(*filter.principal_id)});
  }
  if (!after.empty()) {
    conditions.push_back({"id", ">", std::string(after)});
  }
  std::vector<ApiKey> keys;
  for (const KeyRow& row : records::select_rows<KeyRow>(session, "api_keys", conditions, max_rows)) {
    keys.push_back(from_row(row));
  }
  return keys;
}

void set_last_used(soci::session& session, const base::Uuid& id, base::Timestamp at) {
  const std::string text = base::format_uuid(id);
  session << "UPDATE api_keys SET last_used_at = :at WHERE id = :id", soci::use(at.us), soci::use(text);
}

std::int64_t load_key_revision(soci::session& session) {
  std::int64_t revision = 0;
  session << "SELECT revision FROM catalog_revisions WHERE catalog = 'keys'", soci::into(revision);
  return revision;
}

}  // namespace tallystick::access
