#include "settlement/truth_sql.h"

#include <initializer_list>
#include <string_view>

// NOLINTBEGIN(bugprone-suspicious-missing-comma): statements of several lines stand among their parts
namespace tallystick::settlement {
namespace {

constexpr std::string_view kNil = "toUUID('00000000-0000-0000-0000-000000000000')";
// A conversion without a partner of its own has its click's.
constexpr std::string_view kMayBePartners =
    "partner_id IN ({partner:UUID}, toUUID('00000000-0000-0000-0000-000000000000'))";
constexpr std::string_view kKnown =
    "sequence < transform(log_id, {logs:Array(UInt32)}, {ends:Array(UInt64)}, toUInt64(0))";
constexpr std::string_view kInPeriod =
    "occurred_at >= {from:DateTime64(6, 'UTC')} AND occurred_at < {to:DateTime64(6, 'UTC')}";
constexpr std::string_view kInSlice = "cityHash64(conversion_key) % {slices:UInt32} = {slice:UInt32}";

std::string join(std::initializer_list<std::string_view> parts) {
  std::string text;
  for (const std::string_view part : parts) {
    text += part;
  }
  return text;
}

std::string list(std::span<const base::Uuid> ids) {
  std::string text = "(";
  text.reserve(ids.size() * 40);
  for (const base::Uuid& id : ids) {
    text += text.size() > 1 ? ",'" : "'";
    text += base::format_uuid(id);
    text += '\'';
  }
  return text + ")";
}

// The last revision of each event of that kind: log_id, revised, last_class, is_revised.
std::string last_revisions(std::string_view kind, std::string_view filter) {
  return join(
      {"(SELECT log_id, revised_sequence AS revised, toInt8(argMax(new_class, sequence)) AS last_class, "
       "toUInt8(1) AS is_revised FROM verdict_revisions WHERE event_kind = '",
       kind,
       "' AND ",
       kMayBePartners,
       " AND ",
       filter,
       kKnown,
       " GROUP BY log_id, revised_sequence)"});
}

// `ids`: a list or a subquery of event ids, in parentheses.
std::string clicks_by_id(std::string_view ids) {
  return join(
      {"(SELECT e.event_id AS event_id, e.occurred_at AS occurred_at, e.link_id AS link_id, if(r.is_revised = "
       "1, r.last_class, e.own_class) AS class FROM (SELECT log_id, sequence, event_id, occurred_at, link_id, "
       "toInt8(verdict_class) AS own_class FROM clicks WHERE partner_id = {partner:UUID} AND event_id IN ",
       ids,
       " AND ",
       kKnown,
       ") AS e LEFT ANY JOIN ",
       last_revisions("click", join({"event_id IN ", ids, " AND "})),
       " AS r ON e.log_id = r.log_id AND e.sequence = r.revised)"});
}

// `events`: which rows of conversions are looked at, all of a conversion or none.
std::string conversions(std::string_view events, std::string_view having) {
  // Which event of a conversion is later: by time of receipt, since sequences of two logs say nothing of each other.
  constexpr std::string_view kOrder =
      "bitOr(bitShiftLeft(toUInt128(toUnixTimestamp64Micro(received_at)), 64), toUInt128(sequence)) AS event_order";
  const std::string grouped = join(
      {"(SELECT conversion_key, argMin(occurred_at, event_order) AS at, toInt8(argMax(status, event_order)) AS "
       "last_status, argMax(currency, event_order) AS currency_code, argMax(amount_minor, event_order) AS last_amount, "
       "argMax(commission_minor, event_order) AS last_commission, max(event_class) AS class, anyIf(click_id, click_id "
       "!= ",
       kNil,
       ") AS click, anyIf(partner_id, partner_id != ",
       kNil,
       ") AS partner, anyIf(order_id, order_id != '') AS order_name, anyIf(transaction_id, transaction_id != '') AS "
       "transaction_name, anyIf(sub, sub != '') AS sub_name FROM (SELECT e.*, if(r.is_revised = 1, r.last_class, "
       "e.own_class) AS event_class FROM (SELECT log_id, sequence, conversion_key, occurred_at, status, currency, "
       "amount_minor, commission_minor, click_id, partner_id, order_id, transaction_id, sub, toInt8(verdict_class) AS "
       "own_class, ",
       kOrder,
       " FROM conversions WHERE ",
       events,
       ") AS e LEFT ANY JOIN ",
       last_revisions("conversion", ""),
       " AS r ON e.log_id = r.log_id AND e.sequence = r.revised) GROUP BY conversion_key",
       having,
       ")"});
  const std::string clicks = join({"(SELECT click_id FROM conversions WHERE ", events, ")"});
  return join(
      {"SELECT c.conversion_key AS conversion_key, c.at AS at, c.last_status AS status, c.currency_code AS "
       "currency_code, c.last_amount AS amount_minor, c.last_commission AS commission_minor, c.click AS "
       "click_id, c.order_name AS order_name, c.transaction_name AS transaction_name, c.sub_name AS sub_name, "
       "c.class AS class, k.class AS click_class, k.link_id AS link_id FROM ",
       grouped,
       " AS c LEFT ANY JOIN ",
       clicks_by_id(clicks),
       " AS k ON c.click = k.event_id WHERE c.partner = {partner:UUID} OR k.event_id != ",
       kNil});
}

}  // namespace

std::string count_conversions_sql() {
  return join({"SELECT toInt64(count()) AS events FROM conversions WHERE ",
               kMayBePartners,
               " AND ",
               kInPeriod,
               " AND ",
               kKnown});
}

std::string conversions_of_period_sql() {
  // The rows of one conversion lie at any time: first which conversions, then all of their rows.
  const std::string events = join({kMayBePartners,
                                   " AND ",
                                   kInSlice,
                                   " AND ",
                                   kKnown,
                                   " AND conversion_key IN (SELECT conversion_key FROM conversions WHERE ",
                                   kMayBePartners,
                                   " AND ",
                                   kInSlice,
                                   " AND ",
                                   kInPeriod,
                                   " AND ",
                                   kKnown,
                                   ")"});
  return conversions(events, " HAVING at >= {from:DateTime64(6, 'UTC')} AND at < {to:DateTime64(6, 'UTC')}");
}

std::string conversions_of_clicks_sql(std::span<const base::Uuid> clicks) {
  const std::string events = join({kMayBePartners,
                                   " AND ",
                                   kKnown,
                                   " AND conversion_key IN (SELECT conversion_key FROM conversions WHERE ",
                                   kMayBePartners,
                                   " AND click_id IN ",
                                   list(clicks),
                                   " AND ",
                                   kKnown,
                                   ")"});
  return conversions(events, "");
}

std::string converted_clicks_sql(std::span<const base::Uuid> clicks) {
  return join({"SELECT DISTINCT click_id FROM conversions WHERE ",
               kMayBePartners,
               " AND click_id IN ",
               list(clicks),
               " AND ",
               kKnown});
}

std::string clicks_sql(std::span<const base::Uuid> clicks) {
  return join({"SELECT event_id, occurred_at, link_id, class FROM ", clicks_by_id(list(clicks))});
}

std::string click_figures_sql() {
  // A revision takes a click from its old class and adds it to the new one.
  return join(
      {"SELECT sum(clicks) AS gross, sum(good) AS net FROM (SELECT toInt64(count()) AS clicks, "
       "toInt64(countIf(toInt8(verdict_class) < 2)) AS good FROM clicks WHERE partner_id = {partner:UUID} AND ",
       kInPeriod,
       " AND ",
       kKnown,
       " UNION ALL SELECT toInt64(0) AS clicks, sum(toInt64(toInt8(new_class) < 2) - toInt64(toInt8(old_class) "
       "< 2)) AS good FROM verdict_revisions WHERE event_kind = 'click' AND partner_id = {partner:UUID} AND ",
       kInPeriod,
       " AND ",
       kKnown,
       ")"});
}

}  // namespace tallystick::settlement
// NOLINTEND(bugprone-suspicious-missing-comma)
