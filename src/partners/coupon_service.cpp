#include "partners/coupon_service.h"

#include <string>
#include <utility>

#include <boost/json.hpp>

#include "base/uuid.h"
#include "partners/coupon_store.h"
#include "partners/json.h"
#include "partners/store.h"

namespace tallystick::partners {
namespace {

// More ending in so few days is a mistake; the first of them are enough to tell it.
constexpr std::int64_t kMaxExpiring = 10'000;

base::Result<Partner> get_owner(soci::session& session, std::string_view slug_or_id) {
  auto found = find_partner(session, slug_or_id);
  if (!found) {
    return base::fail(base::ErrorKind::kNotFound, "partner_not_found", "there is no such partner");
  }
  return *std::move(found);
}

base::Result<Partner> lock_owner(soci::session& session, std::string_view slug_or_id) {
  lock_partner(session, slug_or_id);
  return get_owner(session, slug_or_id);
}

base::Result<Coupon> get_coupon_in(soci::session& session, const Partner& owner, std::string_view code_or_id) {
  auto found = find_coupon(session, owner.id, code_or_id);
  if (!found) {
    return base::fail(base::ErrorKind::kNotFound, "coupon_not_found", "the partner has no such coupon");
  }
  return *std::move(found);
}

std::unexpected<base::Error> fail_stale() {
  return base::fail(
      base::ErrorKind::kConflict, "version_conflict", "it was changed meanwhile; read it again and repeat the change");
}

std::string coupon_subject(const Coupon& coupon) {
  return "coupon:" + base::format_uuid(coupon.id);
}

std::string coupon_text(const Coupon& coupon) {
  return boost::json::serialize(to_json(coupon));
}

}  // namespace

base::Result<Coupon> CouponService::create(std::string_view partner,
                                           std::string_view code,
                                           const CouponChange& change,
                                           const access::ChangeContext& context) {
  return database_.write<Coupon>([&](soci::session& session) -> base::Result<Coupon> {
    TALLY_ASSIGN(const auto owner, lock_owner(session, partner));
    Coupon coupon;
    const auto now = clock_.now();
    coupon.id = base::make_uuid_v7(now, random_);
    coupon.partner_id = owner.id;
    coupon.code = code;
    coupon.currency = owner.currency;
    coupon.created_at = coupon.updated_at = now;
    TALLY_TRY(apply(change, coupon));
    TALLY_TRY(validate(coupon));
    insert(session, coupon);
    TALLY_TRY(audit_.append(
        session,
        {.action = "coupon.create", .subject = coupon_subject(coupon), .before = {}, .after = coupon_text(coupon)},
        context));
    return coupon;
  });
}

base::Result<Page<Coupon>> CouponService::list(std::string_view partner,
                                               std::optional<std::int64_t> expires_within_days,
                                               std::string_view after,
                                               std::int64_t limit) {
  return database_.read<Page<Coupon>>([&](soci::session& session) -> base::Result<Page<Coupon>> {
    TALLY_ASSIGN(const auto owner, get_owner(session, partner));
    CouponFilter filter{.partner_id = owner.id};
    if (expires_within_days) {
      filter.expires_after = clock_.now();
      filter.expires_until = clock_.now() + *expires_within_days * base::kMicrosPerDay;
    }
    Page<Coupon> page{load_coupons(session, filter, after, limit + 1), {}};
    if (std::ssize(page.items) > limit) {
      page.items.pop_back();
      page.next_after = base::format_uuid(page.items.back().id);
    }
    return page;
  });
}

base::Result<Coupon> CouponService::get(std::string_view partner, std::string_view code_or_id) {
  return database_.read<Coupon>([&](soci::session& session) -> base::Result<Coupon> {
    TALLY_ASSIGN(const auto owner, get_owner(session, partner));
    return get_coupon_in(session, owner, code_or_id);
  });
}

base::Result<Coupon> CouponService::change(std::string_view partner,
                                           std::string_view code_or_id,
                                           const CouponChange& change,
                                           std::optional<std::int64_t> expected_version,
                                           const access::ChangeContext& context) {
  return database_.write<Coupon>([&](soci::session& session) -> base::Result<Coupon> {
    TALLY_ASSIGN(const auto owner, lock_owner(session, partner));
    TALLY_ASSIGN(auto before, get_coupon_in(session, owner, code_or_id));
    if (expected_version && *expected_version != before.version) {
      return fail_stale();
    }
    Coupon after = before;
    TALLY_TRY(apply(change, after));
    if (after == before) {
      return before;
    }
    TALLY_TRY(validate(after));
    after.updated_at = clock_.now();
    if (!update(session, after)) {
      return fail_stale();
    }
    ++after.version;
    TALLY_TRY(audit_.append(session,
                            {.action = "coupon.change",
                             .subject = coupon_subject(after),
                             .before = coupon_text(before),
                             .after = coupon_text(after)},
                            context));
    return after;
  });
}

base::Result<void> CouponService::remove(std::string_view partner,
                                         std::string_view code_or_id,
                                         const access::ChangeContext& context) {
  const auto removed = database_.write<bool>([&](soci::session& session) -> base::Result<bool> {
    TALLY_ASSIGN(const auto owner, lock_owner(session, partner));
    TALLY_ASSIGN(const auto coupon, get_coupon_in(session, owner, code_or_id));
    remove_coupon(session, coupon.id);
    TALLY_TRY(audit_.append(
        session,
        {.action = "coupon.delete", .subject = coupon_subject(coupon), .before = coupon_text(coupon), .after = {}},
        context));
    return true;
  });
  TALLY_TRY(removed);
  return {};
}

base::Result<std::vector<ExpiringCoupon>> CouponService::list_expiring(const ExpiryRules& rules) {
  using Expiring = std::vector<ExpiringCoupon>;
  return database_.read<Expiring>([&](soci::session& session) -> base::Result<Expiring> {
    const base::Timestamp now = clock_.now();
    const CouponFilter filter{.expires_after = now, .expires_until = now + rules.days * base::kMicrosPerDay};
    return find_expiring(load_coupons(session, filter, "", kMaxExpiring), now, rules);
  });
}

}  // namespace tallystick::partners
