#include "partners/coupon_store.h"

#include <algorithm>
#include <array>
#include <iterator>
#include <stdexcept>
#include <string>

#include "records/rows.h"

namespace tallystick::partners {
namespace {

constexpr std::string_view kCouponTable = "coupons";

struct CouponRow {
  std::string id, partner_id, code, discount_kind, currency, vertical, locale;
  std::int64_t discount_value = 0, expires_at = 0, is_stackable = 0, created_at = 0, updated_at = 0, version = 0;
};

void for_each_column(CouponRow& row, const auto& visit) {
  visit("id", row.id);
  visit("partner_id", row.partner_id);
  visit("code", row.code);
  visit("discount_kind", row.discount_kind);
  visit("discount_value", row.discount_value);
  visit("currency", row.currency);
  visit("expires_at", row.expires_at);
  visit("vertical", row.vertical);
  visit("locale", row.locale);
  visit("is_stackable", row.is_stackable);
  visit("created_at", row.created_at);
  visit("updated_at", row.updated_at);
  visit("version", row.version);
}

CouponRow to_row(const Coupon& coupon) {
  CouponRow row;
  row.id = base::format_uuid(coupon.id);
  row.partner_id = base::format_uuid(coupon.partner_id);
  row.code = coupon.code;
  row.discount_kind = name_of(coupon.discount_kind);
  row.discount_value = coupon.discount_value;
  row.currency = coupon.currency.text();
  row.expires_at = coupon.expires_at.us;
  row.vertical = coupon.vertical;
  row.locale = coupon.locale;
  row.is_stackable = coupon.is_stackable ? 1 : 0;
  row.created_at = coupon.created_at.us;
  row.updated_at = coupon.updated_at.us;
  row.version = coupon.version;
  return row;
}

Coupon to_coupon(const CouponRow& row) {
  Coupon coupon;
  const auto kind = parse_discount_kind(row.discount_kind);
  const auto currency = base::parse_currency(row.currency);
  if (!kind || !currency || !base::parse_uuid_into(row.id, coupon.id) ||
      !base::parse_uuid_into(row.partner_id, coupon.partner_id)) {
    throw std::runtime_error("coupons holds a row that cannot be read");
  }
  coupon.code = row.code;
  coupon.discount_kind = *kind;
  coupon.discount_value = row.discount_value;
  coupon.currency = *currency;
  coupon.expires_at = {row.expires_at};
  coupon.vertical = row.vertical;
  coupon.locale = row.locale;
  coupon.is_stackable = row.is_stackable != 0;
  coupon.created_at = {row.created_at};
  coupon.updated_at = {row.updated_at};
  coupon.version = row.version;
  return coupon;
}

}  // namespace

std::vector<Coupon> load_coupons(soci::session& session,
                                 const CouponFilter& filter,
                                 std::string_view after,
                                 std::int64_t max_rows) {
  std::vector<records::Condition> conditions = {{"id", ">", std::string(after)}};
  if (filter.partner_id) {
    conditions.push_back({"partner_id", "=", base::format_uuid(*filter.partner_id)});
  }
  if (filter.expires_after) {
    conditions.push_back({"expires_at", ">", std::to_string(filter.expires_after->us)});
  }
  if (filter.expires_until) {
    conditions.push_back({"expires_at", "<=", std::to_string(filter.expires_until->us)});
  }
  const auto rows = records::select_rows<CouponRow>(session, kCouponTable, conditions, max_rows);
  std::vector<Coupon> coupons;
  coupons.reserve(rows.size());
  std::ranges::transform(rows, std::back_inserter(coupons), to_coupon);
  return coupons;
}

std::optional<Coupon> find_coupon(soci::session& session, const base::Uuid& partner_id, std::string_view code_or_id) {
  const auto id = base::parse_uuid(code_or_id);
  const std::array conditions = {records::Condition{"partner_id", "=", base::format_uuid(partner_id)},
                                 id ? records::Condition{"id", "=", base::format_uuid(*id)}
                                    : records::Condition{"code", "=", std::string(code_or_id)}};
  const auto rows = records::select_rows<CouponRow>(session, kCouponTable, conditions, 1);
  return rows.empty() ? std::nullopt : std::optional(to_coupon(rows.front()));
}

void insert(soci::session& session, const Coupon& coupon) {
  records::insert_row(session, kCouponTable, to_row(coupon));
}

bool update(soci::session& session, const Coupon& coupon) {
  return records::update_row(session, kCouponTable, to_row(coupon), {"partner_id", "code", "currency", "created_at"});
}

void remove_coupon(soci::session& session, const base::Uuid& id) {
  const std::string text = base::format_uuid(id);
  session << "DELETE FROM coupons WHERE id = :id", soci::use(text);
}

}  // namespace tallystick::partners
