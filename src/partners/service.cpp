#include "partners/service.h"

#include <algorithm>
#include <utility>

#include <boost/json.hpp>
#include <fmt/format.h>

#include "base/field_errors.h"
#include "base/uuid.h"
#include "partners/coupon_store.h"
#include "partners/json.h"
#include "partners/validation.h"
#include "records/rows.h"

namespace tallystick::partners {
namespace {

namespace json = boost::json;

base::Result<Partner> get_partner_in(soci::session& session, std::string_view slug_or_id) {
  auto found = find_partner(session, slug_or_id);
  if (!found) {
    return base::fail(base::ErrorKind::kNotFound, "partner_not_found", "there is no such partner");
  }
  return *std::move(found);
}

base::Result<Partner> lock_partner_in(soci::session& session, std::string_view slug_or_id) {
  lock_partner(session, slug_or_id);
  return get_partner_in(session, slug_or_id);
}

base::Result<Link> get_link_in(soci::session& session, const base::Uuid& partner_id, std::string_view slug_or_id) {
  auto found = find_link(session, partner_id, slug_or_id);
  if (!found) {
    return base::fail(base::ErrorKind::kNotFound, "link_not_found", "the partner has no such link");
  }
  return *std::move(found);
}

std::unexpected<base::Error> fail_version() {
  return base::fail(
      base::ErrorKind::kConflict, "version_conflict", "it was changed meanwhile; read it again and repeat the change");
}

base::Result<void> expect_version(std::int64_t version, std::optional<std::int64_t> expected_version) {
  if (expected_version && *expected_version != version) {
    return fail_version();
  }
  return {};
}

// The secret is not in the JSON form; the trail still shows that it was set anew.
json::object audit_form(const Partner& partner, std::string_view secret_mark) {
  auto object = to_json(partner);
  object["postback_secret"] =
      partner.postback_secret.empty() ? json::string_view("none") : json::string_view(secret_mark);
  return object;
}

base::Result<void> expect_links_fit(soci::session& session, const Partner& before, const Partner& after) {
  if (before.allowed_hosts == after.allowed_hosts && before.allows_http == after.allows_http) {
    return {};
  }
  for (const auto& link : load_links(session, {.partner_id = after.id}, "", records::kAllRows)) {
    if (!validate(link, after)) {
      base::FieldErrors errors;
      errors.add(before.allows_http && !after.allows_http ? "/allows_http" : "/allowed_hosts",
                 "host_in_use",
                 fmt::format("the destination of link {} would no longer be allowed", link.slug));
      return errors.result();
    }
  }
  return {};
}

template <typename T>
Page<T> to_page(std::vector<T> items, std::int64_t limit) {
  Page<T> page{std::move(items), {}};
  if (std::ssize(page.items) > limit) {
    page.items.resize(static_cast<std::size_t>(limit));
    page.next_after = base::format_uuid(page.items.back().id);
  }
  return page;
}

}  // namespace

PartnerService::PartnerService(records::Database& database,
                               access::AuditLog& audit,
                               const base::Clock& clock,
                               base::Random& random)
    : database_(database), audit_(audit), clock_(clock), random_(random) {}

base::Result<Partner> PartnerService::create_partner(std::string_view slug,
                                                     const PartnerChange& change,
                                                     const access::ChangeContext& context) {
  Partner partner;
  const auto now = clock_.now();
  partner.id = base::make_uuid_v7(now, random_);
  partner.slug = slug;
  partner.created_at = partner.updated_at = now;
  apply(change, partner);
  TALLY_TRY(validate(partner));
  return database_.write<Partner>([&](soci::session& session) -> base::Result<Partner> {
    insert(session, partner);
    TALLY_TRY(audit_.append(session,
                            {.action = "partner.create",
                             .subject = "partner:" + base::format_uuid(partner.id),
                             .before = {},
                             .after = json::serialize(audit_form(partner, "set"))},
                            context));
    return partner;
  });
}

base::Result<Page<Partner>> PartnerService::list_partners(const PartnerFilter& filter,
                                                          std::string_view after,
                                                          std::int64_t limit) {
  return database_.read<Page<Partner>>([&](soci::session& session) -> base::Result<Page<Partner>> {
    return to_page(load_partners(session, filter, after, limit + 1), limit);
  });
}

base::Result<Partner> PartnerService::get_partner(std::string_view slug_or_id) {
  return database_.read<Partner>([&](soci::session& session) { return get_partner_in(session, slug_or_id); });
}

base::Result<Partner> PartnerService::edit_partner(std::string_view slug_or_id,
                                                   std::string_view action,
                                                   std::optional<std::int64_t> expected_version,
                                                   const access::ChangeContext& context,
                                                   const std::function<void(Partner&)>& edit) {
  return database_.write<Partner>([&](soci::session& session) -> base::Result<Partner> {
    TALLY_ASSIGN(auto before, lock_partner_in(session, slug_or_id));
    TALLY_TRY(expect_version(before.version, expected_version));
    auto after = before;
    edit(after);
    if (after == before) {
      return before;
    }
    TALLY_TRY(validate(after));
    TALLY_TRY(expect_links_fit(session, before, after));
    after.updated_at = clock_.now();
    if (!update(session, after)) {
      return fail_version();
    }
    ++after.version;
    const bool is_new_secret = before.postback_secret != after.postback_secret;
    TALLY_TRY(audit_.append(session,
                            {.action = std::string(action),
                             .subject = "partner:" + base::format_uuid(after.id),
                             .before = json::serialize(audit_form(before, "set")),
                             .after = json::serialize(audit_form(after, is_new_secret ? "set anew" : "set"))},
                            context));
    return after;
  });
}

base::Result<Partner> PartnerService::change_partner(std::string_view slug_or_id,
                                                     const PartnerChange& change,
                                                     std::optional<std::int64_t> expected_version,
                                                     const access::ChangeContext& context) {
  return edit_partner(
      slug_or_id, "partner.change", expected_version, context, [&](Partner& partner) { apply(change, partner); });
}

base::Result<Partner> PartnerService::set_partner_status(std::string_view slug_or_id,
                                                         Status status,
                                                         const access::ChangeContext& context) {
  return edit_partner(slug_or_id,
                      status == Status::kPaused ? "partner.pause" : "partner.resume",
                      std::nullopt,
                      context,
                      [&](Partner& partner) { partner.status = status; });
}

base::Result<void> PartnerService::remove_partner(std::string_view slug_or_id, const access::ChangeContext& context) {
  const auto removed = database_.write<Partner>([&](soci::session& session) -> base::Result<Partner> {
    TALLY_ASSIGN(auto partner, lock_partner_in(session, slug_or_id));
    if (!load_links(session, {.partner_id = partner.id}, "", 1).empty()) {
      return base::fail(base::ErrorKind::kConflict,
                        "partner_in_use",
                        "the partner has links, which events may refer to; pause it instead");
    }
    if (!load_coupons(session, {.partner_id = partner.id}, "", 1).empty()) {
      return base::fail(
          base::ErrorKind::kConflict, "partner_in_use", "the partner has coupons; delete them first, or pause it");
    }
    partners::remove_partner(session, partner.id);
    TALLY_TRY(audit_.append(session,
                            {.action = "partner.delete",
                             .subject = "partner:" + base::format_uuid(partner.id),
                             .before = json::serialize(audit_form(partner, "set")),
                             .after = {}},
                            context));
    return partner;
  });
  TALLY_TRY(removed);
  return {};
}

base::Result<Link> PartnerService::create_link(std::string_view partner,
                                               std::string_view slug,
                                               const LinkChange& change,
                                               const access::ChangeContext& context) {
  return database_.write<Link>([&](soci::session& session) -> base::Result<Link> {
    TALLY_ASSIGN(const auto owner, lock_partner_in(session, partner));
    Link link;
    const auto now = clock_.now();
    link.id = base::make_uuid_v7(now, random_);
    link.partner_id = owner.id;
    link.slug = slug;
    link.created_at = link.updated_at = now;
    apply(change, link);
    TALLY_TRY(validate(link, owner));
    insert(session, link);
    TALLY_TRY(audit_.append(session,
                            {.action = "link.create",
                             .subject = "link:" + base::format_uuid(link.id),
                             .before = {},
                             .after = json::serialize(to_json(link))},
                            context));
    return link;
  });
}

base::Result<Page<Link>> PartnerService::list_links(std::string_view partner,
                                                    const std::optional<Status>& status,
                                                    std::string_view after,
                                                    std::int64_t limit) {
  return database_.read<Page<Link>>([&](soci::session& session) -> base::Result<Page<Link>> {
    TALLY_ASSIGN(const auto owner, get_partner_in(session, partner));
    return to_page(load_links(session, {.status = status, .partner_id = owner.id}, after, limit + 1), limit);
  });
}

base::Result<Link> PartnerService::get_link(std::string_view partner, std::string_view slug_or_id) {
  return database_.read<Link>([&](soci::session& session) -> base::Result<Link> {
    TALLY_ASSIGN(const auto owner, get_partner_in(session, partner));
    return get_link_in(session, owner.id, slug_or_id);
  });
}

base::Result<Link> PartnerService::edit_link(std::string_view partner,
                                             std::string_view slug_or_id,
                                             std::string_view action,
                                             std::optional<std::int64_t> expected_version,
                                             const access::ChangeContext& context,
                                             const std::function<void(Link&)>& edit) {
  return database_.write<Link>([&](soci::session& session) -> base::Result<Link> {
    TALLY_ASSIGN(const auto owner, lock_partner_in(session, partner));
    TALLY_ASSIGN(auto before, get_link_in(session, owner.id, slug_or_id));
    TALLY_TRY(expect_version(before.version, expected_version));
    auto after = before;
    edit(after);
    if (after == before) {
      return before;
    }
    TALLY_TRY(validate(after, owner));
    after.updated_at = clock_.now();
    if (!update(session, after)) {
      return fail_version();
    }
    ++after.version;
    TALLY_TRY(audit_.append(session,
                            {.action = std::string(action),
                             .subject = "link:" + base::format_uuid(after.id),
                             .before = json::serialize(to_json(before)),
                             .after = json::serialize(to_json(after))},
                            context));
    return after;
  });
}

base::Result<Link> PartnerService::change_link(std::string_view partner,
                                               std::string_view slug_or_id,
                                               const LinkChange& change,
                                               std::optional<std::int64_t> expected_version,
                                               const access::ChangeContext& context) {
  return edit_link(
      partner, slug_or_id, "link.change", expected_version, context, [&](Link& link) { apply(change, link); });
}

base::Result<Link> PartnerService::set_link_status(std::string_view partner,
                                                   std::string_view slug_or_id,
                                                   Status status,
                                                   const access::ChangeContext& context) {
  return edit_link(partner,
                   slug_or_id,
                   status == Status::kPaused ? "link.pause" : "link.resume",
                   std::nullopt,
                   context,
                   [&](Link& link) { link.status = status; });
}

base::Result<std::int64_t> PartnerService::revision() {
  return database_.read<std::int64_t>(
      [](soci::session& session) -> base::Result<std::int64_t> { return load_revision(session); });
}

base::Result<Snapshot> PartnerService::load_all() {
  return database_.read<Snapshot>([](soci::session& session) -> base::Result<Snapshot> {
    // The revision first: a change in between is then read again, never missed.
    Snapshot snapshot;
    snapshot.revision = load_revision(session);
    snapshot.partners = load_partners(session, {}, "", records::kAllRows);
    snapshot.links = load_links(session, {}, "", records::kAllRows);
    return snapshot;
  });
}

}  // namespace tallystick::partners
