#include <algorithm>
#include <iterator>
#include <optional>
#include <stdexcept>
#include <utility>

#include <boost/json.hpp>
#include <fmt/format.h>

#include "base/slug.h"
#include "partners/json.h"
#include "partners/store.h"
#include "records/rows.h"

namespace tallystick::partners {
namespace {

namespace json = boost::json;

// One row as the database has it.
struct PartnerRow {
  std::string id, slug, name, network, status, allowed_hosts, sub_id_parameter, public_page, currency, time_zone;
  std::string postback_secret, postback_sources, contacts;
  std::int64_t allows_http = 0, link_lifetime_s = 0, throttle_per_second = 0, tolerance_basis_points = 0;
  std::int64_t allows_duplicate_postbacks = 0, created_at = 0, updated_at = 0, version = 0;
};

void for_each_column(PartnerRow& row, const auto& visit) {
  visit("id", row.id);
  visit("slug", row.slug);
  visit("name", row.name);
  visit("network", row.network);
  visit("status", row.status);
  visit("allowed_hosts", row.allowed_hosts);
  visit("allows_http", row.allows_http);
  visit("sub_id_parameter", row.sub_id_parameter);
  visit("public_page", row.public_page);
  visit("link_lifetime_s", row.link_lifetime_s);
  visit("throttle_per_second", row.throttle_per_second);
  visit("currency", row.currency);
  visit("time_zone", row.time_zone);
  visit("tolerance_basis_points", row.tolerance_basis_points);
  visit("postback_secret", row.postback_secret);
  visit("postback_sources", row.postback_sources);
  visit("allows_duplicate_postbacks", row.allows_duplicate_postbacks);
  visit("contacts", row.contacts);
  visit("created_at", row.created_at);
  visit("updated_at", row.updated_at);
  visit("version", row.version);
}

PartnerRow to_row(const Partner& partner) {
  PartnerRow row;
  row.id = base::format_uuid(partner.id);
  row.slug = partner.slug;
  row.name = partner.name;
  row.network = name_of(partner.network);
  row.status = name_of(partner.status);
  row.allowed_hosts = json::serialize(to_json(partner.allowed_hosts));
  row.allows_http = partner.allows_http ? 1 : 0;
  row.sub_id_parameter = partner.sub_id_parameter;
  row.public_page = partner.public_page;
  row.link_lifetime_s = partner.link_lifetime_s;
  row.throttle_per_second = partner.throttle_per_second;
  row.currency = partner.currency.text();
  row.time_zone = partner.time_zone;
  row.tolerance_basis_points = partner.tolerance_basis_points;
  row.postback_secret = partner.postback_secret;
  row.postback_sources = json::serialize(to_json(partner.postback_sources));
  row.allows_duplicate_postbacks = partner.allows_duplicate_postbacks ? 1 : 0;
  row.contacts = json::serialize(to_json(partner.contacts));
  row.created_at = partner.created_at.us;
  row.updated_at = partner.updated_at.us;
  row.version = partner.version;
  return row;
}

// What was stored passed validation, so anything else is a broken invariant.
template <typename T>
T stored(base::Result<T> result, std::string_view column) {
  if (!result) {
    throw std::runtime_error(fmt::format("partners.{} holds what cannot be read: {}", column, result.error().code));
  }
  return *std::move(result);
}

std::string text_of(const json::value& value) {
  return std::string(value.as_string());
}

// By value: a range-for over a member of a temporary would outlive it.
json::array parse_list(const std::string& text) {
  return json::parse(text).as_array();
}

Partner to_partner(const PartnerRow& row) {
  Partner partner;
  partner.id = stored(base::parse_uuid(row.id), "id");
  partner.slug = row.slug;
  partner.name = row.name;
  partner.network = stored(parse_network(row.network), "network");
  partner.status = stored(parse_status(row.status), "status");
  for (const auto& host : parse_list(row.allowed_hosts)) {
    partner.allowed_hosts.push_back(text_of(host));
  }
  partner.allows_http = row.allows_http != 0;
  partner.sub_id_parameter = row.sub_id_parameter;
  partner.public_page = row.public_page;
  partner.link_lifetime_s = row.link_lifetime_s;
  partner.throttle_per_second = row.throttle_per_second;
  partner.currency = stored(base::parse_currency(row.currency), "currency");
  partner.time_zone = row.time_zone;
  partner.tolerance_basis_points = row.tolerance_basis_points;
  partner.postback_secret = row.postback_secret;
  for (const auto& source : parse_list(row.postback_sources)) {
    partner.postback_sources.push_back(stored(base::parse_cidr(text_of(source)), "postback_sources"));
  }
  partner.allows_duplicate_postbacks = row.allows_duplicate_postbacks != 0;
  for (const auto& contact : parse_list(row.contacts)) {
    partner.contacts.push_back({text_of(contact.at("name")), text_of(contact.at("email"))});
  }
  partner.created_at = {row.created_at};
  partner.updated_at = {row.updated_at};
  partner.version = row.version;
  return partner;
}

std::vector<Partner> to_partners(const std::vector<PartnerRow>& rows) {
  std::vector<Partner> partners;
  partners.reserve(rows.size());
  std::ranges::transform(rows, std::back_inserter(partners), to_partner);
  return partners;
}

// What is neither a slug nor an id finds nothing; it may not even be text that the database takes.
std::optional<records::Condition> key_of(std::string_view slug_or_id) {
  if (const auto id = base::parse_uuid(slug_or_id)) {
    return records::Condition{"id", "=", base::format_uuid(*id)};
  }
  if (base::is_slug(slug_or_id)) {
    return records::Condition{"slug", "=", std::string(slug_or_id)};
  }
  return std::nullopt;
}

}  // namespace

std::vector<Partner> load_partners(soci::session& session,
                                   const PartnerFilter& filter,
                                   std::string_view after,
                                   std::int64_t max_rows) {
  std::vector<records::Condition> conditions = {{"id", ">", std::string(after)}};
  if (filter.status) {
    conditions.push_back({"status", "=", std::string(name_of(*filter.status))});
  }
  if (filter.network) {
    conditions.push_back({"network", "=", std::string(name_of(*filter.network))});
  }
  return to_partners(records::select_rows<PartnerRow>(session, "partners", conditions, max_rows));
}

std::optional<Partner> find_partner(soci::session& session, std::string_view slug_or_id) {
  const auto key = key_of(slug_or_id);
  if (!key) {
    return std::nullopt;
  }
  const auto rows = records::select_rows<PartnerRow>(session, "partners", {&*key, 1}, 1);
  return rows.empty() ? std::nullopt : std::optional(to_partner(rows.front()));
}

void lock_partner(soci::session& session, std::string_view slug_or_id) {
  const auto key = key_of(slug_or_id);
  if (!key) {
    return;
  }
  // A change that changes nothing: the portable way to take the row's lock.
  session << fmt::format("UPDATE partners SET version = version WHERE {} = :key", key->column),
      soci::use(key->value, "key");
}

void insert(soci::session& session, const Partner& partner) {
  records::insert_row(session, "partners", to_row(partner));
  count_revision(session);
}

bool update(soci::session& session, const Partner& partner) {
  if (!records::update_row(session, "partners", to_row(partner), {"slug", "created_at"})) {
    return false;
  }
  count_revision(session);
  return true;
}

void remove_partner(soci::session& session, const base::Uuid& partner_id) {
  const auto id = base::format_uuid(partner_id);
  session << "DELETE FROM partners WHERE id = :id", soci::use(id, "id");
  count_revision(session);
}

}  // namespace tallystick::partners
