#include <algorithm>
#include <array>
#include <iterator>
#include <stdexcept>
#include <utility>

#include "base/slug.h"
#include "partners/store.h"
#include "records/rows.h"

namespace tallystick::partners {
namespace {

struct LinkRow {
  std::string id, partner_id, slug, status, destination, disclosure, coupon;
  records::NullableText placement_id;
  std::int64_t created_at = 0, updated_at = 0, version = 0;
};

void for_each_column(LinkRow& row, const auto& visit) {
  visit("id", row.id);
  visit("partner_id", row.partner_id);
  visit("slug", row.slug);
  visit("status", row.status);
  visit("destination", row.destination);
  visit("placement_id", row.placement_id);
  visit("disclosure", row.disclosure);
  visit("coupon", row.coupon);
  visit("created_at", row.created_at);
  visit("updated_at", row.updated_at);
  visit("version", row.version);
}

LinkRow to_row(const Link& link) {
  LinkRow row;
  row.id = base::format_uuid(link.id);
  row.partner_id = base::format_uuid(link.partner_id);
  row.slug = link.slug;
  row.status = name_of(link.status);
  row.destination = link.destination;
  if (link.placement_id) {
    row.placement_id.set(base::format_uuid(*link.placement_id));
  }
  row.disclosure = link.disclosure;
  row.coupon = link.coupon;
  row.created_at = link.created_at.us;
  row.updated_at = link.updated_at.us;
  row.version = link.version;
  return row;
}

// What was stored passed validation, so anything else is a broken invariant.
template <typename T>
T stored(base::Result<T> result) {
  if (!result) {
    throw std::runtime_error("links holds what cannot be read: " + result.error().code);
  }
  return *std::move(result);
}

Link to_link(const LinkRow& row) {
  Link link;
  link.id = stored(base::parse_uuid(row.id));
  link.partner_id = stored(base::parse_uuid(row.partner_id));
  link.slug = row.slug;
  link.status = stored(parse_status(row.status));
  link.destination = row.destination;
  if (!row.placement_id.is_null()) {
    link.placement_id = stored(base::parse_uuid(row.placement_id.value));
  }
  link.disclosure = row.disclosure;
  link.coupon = row.coupon;
  link.created_at = {row.created_at};
  link.updated_at = {row.updated_at};
  link.version = row.version;
  return link;
}

}  // namespace

std::vector<Link> load_links(soci::session& session,
                             const LinkFilter& filter,
                             std::string_view after,
                             std::int64_t max_rows) {
  std::vector<records::Condition> conditions = {{"id", ">", std::string(after)}};
  if (filter.partner_id) {
    conditions.push_back({"partner_id", "=", base::format_uuid(*filter.partner_id)});
  }
  if (filter.status) {
    conditions.push_back({"status", "=", std::string(name_of(*filter.status))});
  }
  const auto rows = records::select_rows<LinkRow>(session, "links", conditions, max_rows);
  std::vector<Link> links;
  links.reserve(rows.size());
  std::ranges::transform(rows, std::back_inserter(links), to_link);
  return links;
}

std::optional<Link> find_link(soci::session& session, const base::Uuid& partner_id, std::string_view slug_or_id) {
  const auto id = base::parse_uuid(slug_or_id);
  if (!id && !base::is_slug(slug_or_id)) {
    return std::nullopt;
  }
  const std::array conditions = {records::Condition{"partner_id", "=", base::format_uuid(partner_id)},
                                 id ? records::Condition{"id", "=", base::format_uuid(*id)}
                                    : records::Condition{"slug", "=", std::string(slug_or_id)}};
  const auto rows = records::select_rows<LinkRow>(session, "links", conditions, 1);
  return rows.empty() ? std::nullopt : std::optional(to_link(rows.front()));
}

void insert(soci::session& session, const Link& link) {
  records::insert_row(session, "links", to_row(link));
  count_revision(session);
}

bool update(soci::session& session, const Link& link) {
  if (!records::update_row(session, "links", to_row(link), {"partner_id", "slug", "created_at"})) {
    return false;
  }
  count_revision(session);
  return true;
}

void count_revision(soci::session& session) {
  session << "UPDATE catalog_revisions SET revision = revision + 1 WHERE catalog = 'partners'";
}

std::int64_t load_revision(soci::session& session) {
  std::int64_t revision = 0;
  session << "SELECT revision FROM catalog_revisions WHERE catalog = 'partners'", soci::into(revision);
  return revision;
}

}  // namespace tallystick::partners
