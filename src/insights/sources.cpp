#include "insights/sources.h"

#include <string>

#include "warehouse/aggregate_blocks.h"

// NOLINTBEGIN(bugprone-suspicious-missing-comma): statements of several lines stand among their parts
namespace tallystick::insights {
namespace {

constexpr std::string_view kNil = "toUUID('00000000-0000-0000-0000-000000000000')";

constexpr std::string_view kInHours = "hour >= {hours_from:DateTime('UTC')} AND hour < {hours_to:DateTime('UTC')}";
constexpr std::string_view kInDays = "day >= {days_from:Date} AND day < {days_to:Date}";
constexpr std::string_view kInWeeks = "week >= {weeks_from:Date} AND week < {weeks_to:Date}";
constexpr std::string_view kInDaysBesideWeeks =
    "((day >= {days_from:Date} AND day < {weeks_from:Date}) OR (day >= {weeks_to:Date} AND day < {days_to:Date}))";
constexpr std::string_view kInPeriod =
    "occurred_at >= {from:DateTime64(6, 'UTC')} AND occurred_at < {to:DateTime64(6, 'UTC')}";
constexpr std::string_view kInHourEdges =
    "((occurred_at >= {edge_1_from:DateTime64(6, 'UTC')} AND occurred_at < {edge_1_to:DateTime64(6, 'UTC')}) OR "
    "(occurred_at >= {edge_2_from:DateTime64(6, 'UTC')} AND occurred_at < {edge_2_to:DateTime64(6, 'UTC')}))";
constexpr std::string_view kInDayEdges =
    "((occurred_at >= {day_edge_1_from:DateTime64(6, 'UTC')} AND occurred_at < {day_edge_1_to:DateTime64(6, 'UTC')}) "
    "OR (occurred_at >= {day_edge_2_from:DateTime64(6, 'UTC')} AND occurred_at < {day_edge_2_to:DateTime64(6, "
    "'UTC')}))";
constexpr std::string_view kInHoursOfDayEdges =
    "((hour >= {day_edge_1_from:DateTime64(6, 'UTC')} AND hour < {day_edge_1_to:DateTime64(6, 'UTC')}) OR "
    "(hour >= {day_edge_2_from:DateTime64(6, 'UTC')} AND hour < {day_edge_2_to:DateTime64(6, 'UTC')}))";
// The offset of every zone is a multiple of a quarter of an hour.
constexpr std::string_view kQuarter = "toStartOfFifteenMinutes(occurred_at)";
// A revision takes the event from its old class and adds it to the new one.
constexpr std::string_view kChange = "ARRAY JOIN [(toInt8(old_class), -1), (toInt8(new_class), 1)] AS change";

std::string join(std::initializer_list<std::string_view> parts) {
  std::string text;
  for (const std::string_view part : parts) {
    text += part;
  }
  return text;
}

// What readers see of a log's attribution, by the positions that the report began with.
constexpr std::string_view kPass = "transform(log_id, {log_ids:Array(UInt32)}, {passes:Array(UInt64)}, toUInt64(0))";

constexpr std::string_view kExposureFigures =
    "SELECT placement_id, merchant_id, toInt8(verdict_class) AS class, impressions, rank_sum, rank_count FROM ";

std::string with_merchant(std::string_view filter) {
  return join({"merchant_id != ", kNil, " AND ", filter});
}

// Revisions of that kind that moved an event from one class to another: from `change.1`, by `change.2`.
std::string changes_of(std::string_view kind, std::string_view when, std::string_view filter) {
  return join({"FROM verdict_revisions ",
               kChange,
               " WHERE event_kind = '",
               kind,
               "' AND old_class != new_class AND ",
               when,
               " AND ",
               filter});
}

// What a source reads, one after the other. A period of whole hours and days has no edges, which is the usual one: what
// is not there is not asked for, since planning a subquery takes as long as reading an aggregate.
class Legs {
 public:
  void add(std::initializer_list<std::string_view> parts) {
    text_ += text_.empty() ? "(" : " UNION ALL ";
    text_ += join(parts);
  }
  [[nodiscard]] std::string text() const { return text_ + ")"; }

 private:
  std::string text_;
};

// Where hourly figures come from.
struct HourSources {
  HourSources(const Coverage& coverage, Grouping grouping) {
    const bool may_be_hours = grouping == Grouping::kNone || coverage.has_local_hours;
    has_hours = may_be_hours && !coverage.hours.whole.is_empty();
    has_events = !may_be_hours || coverage.hours.has_edges();
    events = may_be_hours ? kInHourEdges : kInPeriod;
  }

  bool has_hours = false;
  bool has_events = false;
  std::string_view events;  // which, as a condition
};

// Where figures of whole days come from: weeks, and the days before and behind them.
struct DaySources {
  explicit DaySources(const Coverage& coverage)
      : has_weeks(!coverage.weeks.whole.is_empty()),
        has_days(!coverage.days.whole.is_empty() && (!has_weeks || coverage.weeks.has_edges())),
        days(has_weeks ? kInDaysBesideWeeks : kInDays) {}

  bool has_weeks;
  bool has_days;
  std::string_view days;  // which, as a condition
};

// The last revision of each event of that kind: log_id, revised, last_class, is_revised.
std::string last_revisions(std::string_view kind, std::string_view among) {
  return join(
      {"(SELECT log_id, revised_sequence AS revised, toInt8(argMax(new_class, sequence)) AS last_class, "
       "toUInt8(1) AS is_revised FROM verdict_revisions WHERE event_kind = '",
       kind,
       "' AND ",
       among,
       " GROUP BY log_id, revised_sequence)"});
}

}  // namespace

std::string placement_hours(const Coverage& coverage, std::string_view filter, Grouping grouping) {
  const HourSources from(coverage, grouping);
  Legs legs;
  if (from.has_hours) {
    legs.add(
        {"SELECT hour AS at, placement_id, partner_id, toInt8(verdict_class) AS class, impressions, measurable, "
         "viewable FROM placement_hourly WHERE ",
         kInHours,
         " AND ",
         filter});
  }
  if (from.has_events) {
    legs.add({"SELECT ",
              kQuarter,
              " AS at, placement_id, partner_id, toInt8(verdict_class) AS class, toInt64(count()) AS impressions, "
              "toInt64(countIf(state >= 'measurable')) AS measurable, toInt64(countIf(state = 'viewable')) AS viewable "
              "FROM impressions WHERE ",
              from.events,
              " AND ",
              filter,
              " GROUP BY at, placement_id, partner_id, class"});
    legs.add({"SELECT ",
              kQuarter,
              " AS at, placement_id, partner_id, change.1 AS class, sum(toInt64(change.2)) AS impressions, "
              "sumIf(toInt64(change.2), state >= 'measurable') AS measurable, sumIf(toInt64(change.2), state = "
              "'viewable') AS viewable ",
              changes_of("impression", from.events, filter),
              " GROUP BY at, placement_id, partner_id, class"});
  }
  return legs.text();
}

std::string click_hours(const Coverage& coverage, std::string_view filter, Grouping grouping) {
  const HourSources from(coverage, grouping);
  constexpr std::string_view kIds = "partner_id, link_id, placement_id, merchant_id";
  Legs legs;
  if (from.has_hours) {
    legs.add({"SELECT hour AS at, ",
              kIds,
              ", toInt8(verdict_class) AS class, clicks, forwarded, failed FROM click_hourly WHERE ",
              kInHours,
              " AND ",
              filter});
  }
  if (from.has_events) {
    legs.add({"SELECT ",
              kQuarter,
              " AS at, ",
              kIds,
              ", toInt8(verdict_class) AS class, toInt64(count()) AS clicks, toInt64(0) AS forwarded, toInt64(0) AS "
              "failed FROM clicks WHERE ",
              from.events,
              " AND ",
              filter,
              " GROUP BY at, ",
              kIds,
              ", class"});
    legs.add({"SELECT ",
              kQuarter,
              " AS at, ",
              kIds,
              ", change.1 AS class, sum(toInt64(change.2)) AS clicks, toInt64(0) AS forwarded, toInt64(0) AS failed ",
              changes_of("click", from.events, filter),
              " GROUP BY at, ",
              kIds,
              ", class"});
    legs.add({"SELECT ",
              kQuarter,
              " AS at, ",
              kIds,
              ", toInt8(verdict_class) AS class, toInt64(0) AS clicks, toInt64(countIf(state = 'forwarded')) AS "
              "forwarded, toInt64(countIf(state = 'failed')) AS failed FROM forwardings WHERE ",
              from.events,
              " AND ",
              filter,
              " GROUP BY at, ",
              kIds,
              ", class"});
  }
  return legs.text();
}

std::string exposure_days(const Coverage& coverage, std::string_view filter) {
  const std::string named = with_merchant(filter);
  Legs legs;
  if (!coverage.days.whole.is_empty()) {
    legs.add({kExposureFigures, "exposure_daily WHERE ", kInDays, " AND ", filter});
  }
  if (coverage.days.has_edges() && !coverage.hours.has_edges()) {
    legs.add({kExposureFigures, "exposure_hourly WHERE ", kInHoursOfDayEdges, " AND ", named});
  } else if (coverage.days.has_edges()) {
    legs.add(
        {"SELECT placement_id, merchant_id, toInt8(verdict_class) AS class, toInt64(count()) AS impressions, "
         "toInt64(sumIf(rank_position, rank_position >= 0)) AS rank_sum, toInt64(countIf(rank_position >= 0)) AS "
         "rank_count FROM impressions WHERE ",
         kInDayEdges,
         " AND ",
         named,
         " GROUP BY placement_id, merchant_id, class"});
    legs.add(
        {"SELECT placement_id, merchant_id, change.1 AS class, sum(toInt64(change.2)) AS impressions, "
         "sumIf(toInt64(change.2) * rank_position, rank_position >= 0) AS rank_sum, sumIf(toInt64(change.2), "
         "rank_position >= 0) AS rank_count ",
         changes_of("impression", kInDayEdges, named),
         " GROUP BY placement_id, merchant_id, class"});
  }
  return legs.text();
}

std::string exposure_user_sketches(const Coverage& coverage, std::string_view filter) {
  Legs legs;
  if (!coverage.days.whole.is_empty()) {
    legs.add(
        {"SELECT placement_id, merchant_id, users AS sketch FROM exposure_users_daily WHERE basis = "
         "{basis:String} AND ",
         kInDays,
         " AND ",
         filter});
  }
  if (coverage.days.has_edges()) {
    legs.add({"SELECT placement_id, merchant_id, uniqCombined64State(14)(user) AS sketch FROM impressions WHERE ",
              kInDayEdges,
              " AND toInt8(verdict_class) <= {max_class:Int8} AND user != 0 AND ",
              with_merchant(filter),
              " GROUP BY placement_id, merchant_id"});
  }
  return legs.text();
}

std::string placement_user_sketches(const Coverage& coverage) {
  Legs legs;
  const DaySources from(coverage);
  if (from.has_weeks) {
    legs.add(
        {"SELECT placement_id, users AS sketch FROM placement_weekly WHERE basis = {basis:String} AND ", kInWeeks});
  }
  if (from.has_days) {
    legs.add(
        {"SELECT placement_id, users AS sketch FROM placement_daily WHERE basis = {basis:String} AND ", from.days});
  }
  if (coverage.days.has_edges()) {
    legs.add({"SELECT placement_id, uniqCombined64State(14)(user) AS sketch FROM impressions WHERE ",
              kInDayEdges,
              " AND toInt8(verdict_class) <= {max_class:Int8} AND user != 0 GROUP BY placement_id"});
  }
  return legs.text();
}

std::string placement_sessions(const Coverage& coverage) {
  Legs legs;
  const DaySources from(coverage);
  constexpr std::string_view kMerged =
      "uniqCombined64Merge(13)(sessions) AS span_sessions, uniqCombined64Merge(13)(session_merchants) AS span_shown, "
      "max(slots_max) AS span_max FROM ";
  if (from.has_weeks) {
    legs.add({"SELECT placement_id, week AS span, ",
              kMerged,
              "placement_weekly WHERE basis = {basis:String} AND ",
              kInWeeks,
              " GROUP BY placement_id, span"});
  }
  if (from.has_days) {
    legs.add({"SELECT placement_id, day AS span, ",
              kMerged,
              "placement_daily WHERE basis = {basis:String} AND ",
              from.days,
              " GROUP BY placement_id, span"});
  }
  if (coverage.days.has_edges()) {
    legs.add({"SELECT placement_id, toDate(occurred_at, 'UTC') AS span, uniqCombined64If(13)(",
              warehouse::kDaySessionSql,
              ", session != 0) AS span_sessions, uniqCombined64If(13)(",
              warehouse::kDaySessionMerchantSql,
              ", session != 0 AND merchant_id != ",
              kNil,
              ") AS span_shown, max(slots_filled) AS span_max FROM impressions WHERE ",
              kInDayEdges,
              " AND toInt8(verdict_class) <= {max_class:Int8} GROUP BY placement_id, span"});
  }
  return legs.text();
}

std::string exact_impressions(std::string_view filter) {
  return join(
      {"(SELECT e.occurred_at AS at, e.placement_id AS placement_id, e.merchant_id AS merchant_id, e.user AS "
       "user, e.session AS session, if(r.is_revised = 1, r.last_class, toInt8(e.verdict_class)) AS class FROM "
       "(SELECT log_id, sequence, occurred_at, placement_id, merchant_id, user, session, verdict_class FROM "
       "impressions WHERE ",
       kInPeriod,
       " AND ",
       filter,
       ") AS e LEFT ANY JOIN ",
       last_revisions("impression", kInPeriod),
       " AS r ON e.log_id = r.log_id AND e.sequence = r.revised)"});
}

// What the verdict at capture says, unless the event is among those of which the last revision says the opposite: those
// that were accepted once more than they were refused, or the other way round.
std::string verdict_as_revised(std::string_view kind, std::string_view accepted, std::string_view among) {
  return join(
      {"(toInt8(verdict_class) ",
       accepted,
       ") != ((log_id, sequence) IN (SELECT log_id, revised_sequence FROM verdict_revisions WHERE event_kind = '",
       kind,
       "' AND ",
       among,
       " GROUP BY log_id, revised_sequence HAVING sum(toInt8(toInt8(new_class) ",
       accepted,
       ") - toInt8(toInt8(old_class) ",
       accepted,
       ")) != 0))"});
}

std::string click_attributions(Passes passes, std::string_view filter) {
  constexpr std::string_view kColumns =
      "SELECT placement_id, merchant_id, toInt8(verdict_class) AS class, clicks FROM ";
  Legs legs;
  if (passes == Passes::kPublishedNow) {
    legs.add({kColumns, "attributed_clicks WHERE ", kInPeriod, " AND ", filter});
  } else {
    legs.add({kColumns, "click_attributions WHERE pass <= ", kPass, " AND ", kInPeriod, " AND ", filter});
    legs.add({kColumns, "recent_click_attributions WHERE pass = ", kPass, " AND ", kInPeriod, " AND ", filter});
  }
  return legs.text();
}

std::string conversions(Verdicts verdicts, std::string_view filter) {
  // Which event of a conversion is later: by time of receipt, since sequences of two logs say nothing of each other.
  // One 128-bit number, and a function per column, is several times faster than tuples.
  constexpr std::string_view kOrder =
      "bitOr(bitShiftLeft(toUInt128(toUnixTimestamp64Micro(received_at)), 64), toUInt128(sequence)) AS event_order";
  return join(
      {"(SELECT conversion_key, argMin(occurred_at, event_order) AS at, argMax(status, event_order) = 'reversed' AS "
       "is_reversed, argMax(currency, event_order) AS currency_code, if(is_reversed, 0, argMax(commission_minor, "
       "event_order)) AS revenue_minor, min(is_accepted) AS is_counted, anyIf(click_id, click_id != ",
       kNil,
       ") AS click, anyIf(partner_id, partner_id != ",
       kNil,
       ") AS partner, anyIf(merchant_id, merchant_id != ",
       kNil,
       ") AS merchant FROM (SELECT conversion_key, occurred_at, status, currency, commission_minor, click_id, "
       "partner_id, merchant_id, ",
       verdicts == Verdicts::kAsRevised ? verdict_as_revised("conversion", "<= {max_class:Int8}", "1")
                                        : "toInt8(verdict_class) <= {max_class:Int8}",
       " AS is_accepted, ",
       kOrder,
       " FROM conversions WHERE ",
       filter,
       ") GROUP BY conversion_key HAVING at >= {from:DateTime64(6, 'UTC')} AND at < {to:DateTime64(6, 'UTC')})"});
}

std::string conversion_shares(Passes passes, std::string_view filter) {
  constexpr std::string_view kColumns =
      "SELECT conversion_key, placement_id, merchant_id AS share_merchant, weight_before, weight_after, weight_total "
      "FROM ";
  constexpr std::string_view kOfModel = "model = {model:String} AND ";
  Legs legs;
  if (passes == Passes::kPublishedNow) {
    legs.add({kColumns, "attributed_conversions WHERE ", kOfModel, filter});
  } else {
    legs.add({kColumns, "conversion_shares WHERE pass <= ", kPass, " AND ", kOfModel, filter});
    legs.add({kColumns, "recent_conversion_shares WHERE pass = ", kPass, " AND ", kOfModel, filter});
  }
  return legs.text();
}

std::string part_of(std::string_view amount) {
  return join({"if(s.weight_total = 0, toInt128(",
               amount,
               "), intDiv(toInt128(",
               amount,
               ") * s.weight_after, greatest(s.weight_total, 1)) - intDiv(toInt128(",
               amount,
               ") * s.weight_before, greatest(s.weight_total, 1)))"});
}

}  // namespace tallystick::insights
// NOLINTEND(bugprone-suspicious-missing-comma)
