#include "insights/events_report.h"

#include <algorithm>
#include <array>
#include <charconv>

#include <fmt/format.h>

#include "base/encoding.h"
#include "insights/names.h"
#include "insights/revenue.h"
#include "insights/sources.h"
#include "journal/event.h"
#include "warehouse/parameters.h"

namespace tallystick::insights {
namespace {

constexpr auto kKinds = std::to_array<std::string_view>({"impression", "click", "conversion"});
constexpr auto kClasses = std::to_array<std::string_view>({"valid", "suspect", "givt", "sivt"});

// Events lie in the order of their own time, and are wanted by time of receipt: the two differ by minutes, and by up to
// a day for what was replayed. The search begins with the newest minutes and widens until a page is full.
constexpr std::int64_t kFirstWindowUs = 10 * base::kMicrosPerMinute;
constexpr std::int64_t kWidening = 8;
constexpr std::int64_t kMaxDelayUs = 25 * base::kMicrosPerHour;

template <typename Number>
bool read_number(std::string_view text, Number& out) {
  const auto [end, fault] = std::from_chars(text.data(), text.data() + text.size(), out);
  return fault == std::errc() && end == text.data() + text.size();
}

std::vector<Column> event_columns() {
  return {{"received_at", "Received", ColumnKind::kTime},
          {"kind", "Kind"},
          {"event_id", "Event"},
          {"occurred_at", "Occurred", ColumnKind::kTime},
          {"placement", "Placement"},
          {"merchant", "Merchant"},
          {"partner", "Partner"},
          {"link", "Link"},
          {"state", "State"},
          {"verdict_class", "Class"},
          {"reasons", "Reasons", ColumnKind::kTexts},
          {"score", "Score", ColumnKind::kInteger},
          {"rules_version", "Rules", ColumnKind::kInteger},
          {"revised_by", "Revised by"},
          {"consent_basis", "Consent"},
          {"consent_analytics", "Analytics", ColumnKind::kBoolean},
          {"consent_marketing", "Marketing", ColumnKind::kBoolean},
          {"user", "User"},
          {"session", "Session"},
          {"agent_class", "Agent"},
          {"country", "Country"},
          {"commission", "Commission", ColumnKind::kMoney},
          {"log_id", "Log", ColumnKind::kInteger},
          {"sequence", "Sequence", ColumnKind::kInteger}};
}

// The rows of one kind: the columns that only some kinds have are given by `own_columns`.
std::string events_of(std::string_view kind,
                      std::string_view table,
                      std::string_view own_columns,
                      bool is_near_receipt,
                      std::string_view filter) {
  const std::string_view near =
      is_near_receipt ? "occurred_at >= {search_from:DateTime64(6, 'UTC')} AND occurred_at < {search_to:DateTime64(6, "
                        "'UTC')}"
                      : "1";
  return fmt::format(
      "SELECT '{0}' AS kind, e.*, if(r.revised_sequence != 0, r.last_class, e.own_class) AS class, "
      "if(r.revised_sequence != 0, r.last_reasons, e.own_reasons) AS reasons, if(r.revised_sequence != 0, "
      "r.last_score, "
      "e.own_score) AS score, if(r.revised_sequence != 0, r.last_rules, e.own_rules) AS rules, r.last_detector AS "
      "revised_by FROM (SELECT log_id, sequence, event_id, received_at, occurred_at, placement_id, merchant_id, "
      "partner_id, {1}, toString(consent_basis) AS basis, consent_analytics, consent_marketing, "
      "toString(verdict_class) AS own_class, verdict_reasons AS own_reasons, verdict_score AS own_score, rules_version "
      "AS own_rules, user, session FROM {2} WHERE received_at >= {{window_from:DateTime64(6, 'UTC')}} AND received_at "
      "< "
      "{{window_to:DateTime64(6, 'UTC')}} AND (received_at, log_id, sequence) < ({{before:DateTime64(6, 'UTC')}}, "
      "{{before_log:UInt32}}, {{before_sequence:UInt64}}) AND {3} AND {4}) AS e LEFT ANY JOIN (SELECT log_id, "
      "revised_sequence, toString(argMax(new_class, sequence)) AS last_class, argMax(new_reasons, sequence) AS "
      "last_reasons, argMax(new_score, sequence) AS last_score, argMax(rules_version, sequence) AS last_rules, "
      "toString(argMax(detector, sequence)) AS last_detector FROM verdict_revisions WHERE event_kind = '{0}' AND {3} "
      "GROUP BY log_id, revised_sequence) AS r ON e.log_id = r.log_id AND e.sequence = r.revised_sequence",
      kind,
      own_columns,
      table,
      near,
      filter);
}

std::string events_sql(const EventFilter& filter, std::string_view conditions) {
  constexpr std::string_view kNoLink = "toUUID('00000000-0000-0000-0000-000000000000') AS link_id";
  std::vector<std::string> kinds;
  if (filter.kind.empty() || filter.kind == "impression") {
    kinds.push_back(events_of("impression",
                              "impressions",
                              fmt::format("{}, toString(state) AS state, toString(agent_class) AS agent, "
                                          "toString(country) AS country_code, '' AS currency_code, toInt64(0) AS "
                                          "commission",
                                          kNoLink),
                              true,
                              conditions));
  }
  if (filter.kind.empty() || filter.kind == "click") {
    kinds.push_back(events_of("click",
                              "clicks",
                              "link_id, '' AS state, toString(agent_class) AS agent, toString(country) AS "
                              "country_code, '' AS currency_code, toInt64(0) AS commission",
                              true,
                              conditions));
  }
  if ((filter.kind.empty() || filter.kind == "conversion") && filter.placement.empty()) {
    kinds.push_back(events_of("conversion",
                              "(SELECT *, toUUID('00000000-0000-0000-0000-000000000000') AS placement_id FROM "
                              "conversions)",
                              fmt::format("{}, toString(status) AS state, '' AS agent, '' AS country_code, "
                                          "toString(currency) AS currency_code, commission_minor AS commission",
                                          kNoLink),
                              false,
                              conditions));
  }
  return fmt::format("{}", fmt::join(kinds, " UNION ALL "));
}

std::string page_sql(const EventFilter& filter, std::string_view conditions) {
  return fmt::format(
      "SELECT p.*, a.slug AS placement, b.slug AS merchant, c.slug AS partner, d.slug AS link, if(p.user = 0, '', "
      "lower(left(leftPad(hex(p.user), 16, '0'), 4))) AS user_mask, if(p.session = 0, '', "
      "lower(left(leftPad(hex(p.session), 16, '0'), 4))) AS session_mask FROM (SELECT * FROM ({}) WHERE "
      "({{class:String}} = '' OR class = {{class:String}}) ORDER BY received_at DESC, log_id DESC, sequence DESC LIMIT "
      "{{wanted:UInt64}}) AS p LEFT ANY JOIN (SELECT id, slug FROM placements FINAL) AS a ON p.placement_id = a.id "
      "LEFT "
      "ANY JOIN (SELECT id, slug FROM merchants FINAL) AS b ON p.merchant_id = b.id LEFT ANY JOIN (SELECT id, slug "
      "FROM "
      "partners FINAL) AS c ON p.partner_id = c.id LEFT ANY JOIN (SELECT id, slug FROM links FINAL) AS d ON p.link_id "
      "= "
      "d.id ORDER BY p.received_at DESC, p.log_id DESC, p.sequence DESC",
      events_sql(filter, conditions));
}

// A slug, or the id where there is no record of it any more.
Cell name_cell(const warehouse::Rows& rows, std::size_t row, std::string_view name, std::string_view id_column) {
  if (!rows.text(row, name).empty()) {
    return std::string(rows.text(row, name));
  }
  const std::string_view id = rows.text(row, id_column);
  return id == kNilId ? Cell() : Cell(std::string(id));
}

Row make_row(const warehouse::Rows& rows, std::size_t i) {
  Revenue commission;
  commission.add(rows.text(i, "currency_code"), rows.integer(i, "commission"));
  const Amounts amounts = commission.amounts();
  return {rows.time(i, "received_at"),
          std::string(rows.text(i, "kind")),
          std::string(rows.text(i, "event_id")),
          rows.time(i, "occurred_at"),
          name_cell(rows, i, "placement", "placement_id"),
          name_cell(rows, i, "merchant", "merchant_id"),
          name_cell(rows, i, "partner", "partner_id"),
          name_cell(rows, i, "link", "link_id"),
          text_or_null(rows.text(i, "state")),
          std::string(rows.text(i, "class")),
          reasons_of(static_cast<std::uint32_t>(rows.integer(i, "reasons"))),
          rows.integer(i, "score"),
          rows.integer(i, "rules"),
          text_or_null(rows.text(i, "revised_by")),
          std::string(rows.text(i, "basis")),
          rows.integer(i, "consent_analytics") != 0,
          rows.integer(i, "consent_marketing") != 0,
          text_or_null(rows.text(i, "user_mask")),
          text_or_null(rows.text(i, "session_mask")),
          text_or_null(rows.text(i, "agent")),
          text_or_null(rows.text(i, "country_code")),
          amounts.empty() ? Cell() : Cell(amounts),
          rows.integer(i, "log_id"),
          static_cast<std::int64_t>(rows.unsigned_integer(i, "sequence"))};
}

struct Conditions {
  std::string sql = "1";
  warehouse::Parameters parameters;
};

base::Result<Conditions> make_conditions(Reader& reader, const EventFilter& filter) {
  Conditions conditions;
  const auto add = [&conditions](std::string_view name, const Named& named) {
    conditions.sql += fmt::format(" AND {0}_id = {{{0}:UUID}}", name);
    conditions.parameters.emplace_back(name, named.id);
  };
  if (!filter.placement.empty()) {
    TALLY_ASSIGN(const Named placement, find_placement(reader, filter.placement));
    add("placement", placement);
  }
  if (!filter.partner.empty()) {
    TALLY_ASSIGN(const Named partner, find_partner(reader, filter.partner));
    add("partner", partner);
  }
  if (!filter.merchant.empty()) {
    TALLY_ASSIGN(const Named merchant, find_merchant(reader, filter.merchant));
    add("merchant", merchant);
  }
  conditions.parameters.emplace_back("class", filter.verdict_class);
  const EventPosition before =
      filter.before.value_or(EventPosition{reader.question().period.range.to, UINT32_MAX, UINT64_MAX});
  conditions.parameters.emplace_back("before", warehouse::time_parameter(before.received_at));
  conditions.parameters.emplace_back("before_log", fmt::format("{}", before.log_id));
  conditions.parameters.emplace_back("before_sequence", fmt::format("{}", before.sequence));
  return conditions;
}

}  // namespace

std::string format_cursor(const EventPosition& position) {
  const std::string text = fmt::format("{}.{}.{}", position.received_at.us, position.log_id, position.sequence);
  return base::to_base64url(base::as_bytes(text));
}

base::Result<EventPosition> parse_cursor(std::string_view text) {
  EventPosition position;
  if (const auto bytes = base::from_base64url(text)) {
    const std::string_view inner = base::as_text(*bytes);
    const std::size_t first = inner.find('.');
    const std::size_t second = first == std::string_view::npos ? first : inner.find('.', first + 1);
    if (second != std::string_view::npos && read_number(inner.substr(0, first), position.received_at.us) &&
        read_number(inner.substr(first + 1, second - first - 1), position.log_id) &&
        read_number(inner.substr(second + 1), position.sequence) && position.received_at.us >= 0) {
      return position;
    }
  }
  return base::fail(base::ErrorKind::kInvalid, "bad_cursor", "the cursor is not one that an answer gave");
}

base::Result<void> check(const EventFilter& filter) {
  if (!filter.kind.empty() && std::ranges::find(kKinds, filter.kind) == kKinds.end()) {
    return base::fail(base::ErrorKind::kInvalid, "bad_kind", "kind is impression, click or conversion");
  }
  if (!filter.verdict_class.empty() && std::ranges::find(kClasses, filter.verdict_class) == kClasses.end()) {
    return base::fail(base::ErrorKind::kInvalid, "bad_class", "class is valid, suspect, givt or sivt");
  }
  return {};
}

Texts reasons_of(std::uint32_t bits) {
  Texts codes;
  for (std::size_t i = 0; i < journal::kReasonCount; ++i) {
    if ((bits >> i & 1U) != 0) {
      codes.emplace_back(journal::name_of(static_cast<journal::Reason>(i)));
    }
  }
  return codes;
}

base::Result<Report> load_events_report(Reader& reader, const EventFilter& filter, base::Timestamp newest) {
  TALLY_TRY(check(filter));
  TALLY_ASSIGN(const Conditions conditions, make_conditions(reader, filter));
  Report report{"events", "Newest events", {}, {}, {}, std::nullopt, true};
  Section section{"events", "Newest events", event_columns(), {}, false};
  const auto limit = static_cast<std::size_t>(filter.limit);
  const Range& period = reader.question().period.range;
  Range window{period.to, period.to};
  if (filter.before) {
    window.to = std::min(window.to, filter.before->received_at + 1);
  }
  const std::string sql = page_sql(filter, conditions.sql);
  for (std::int64_t width_us = kFirstWindowUs; section.rows.size() <= limit && window.to > period.from;
       width_us *= kWidening) {
    window.from = std::max(period.from, std::min(window.to, std::max(newest + 1, period.from + 1)) - width_us);
    warehouse::Parameters parameters = conditions.parameters;
    parameters.emplace_back("window_from", warehouse::time_parameter(window.from));
    parameters.emplace_back("window_to", warehouse::time_parameter(window.to));
    parameters.emplace_back("search_from",
                            warehouse::time_parameter({std::max(std::int64_t{0}, window.from.us - kMaxDelayUs)}));
    parameters.emplace_back("search_to", warehouse::time_parameter(window.to + base::kMicrosPerHour));
    parameters.emplace_back("wanted", fmt::format("{}", limit + 1 - section.rows.size()));
    TALLY_ASSIGN(const warehouse::Rows rows, reader.query(sql, parameters));
    for (std::size_t i = 0; i < rows.size(); ++i) {
      if (section.rows.size() == limit) {
        report.next_cursor = "more";
        break;
      }
      section.add(make_row(rows, i));
    }
    if (report.next_cursor) {
      const Row& last = section.rows.back();
      report.next_cursor = format_cursor({std::get<base::Timestamp>(last.front()),
                                          static_cast<std::uint32_t>(std::get<std::int64_t>(last[last.size() - 2])),
                                          static_cast<std::uint64_t>(std::get<std::int64_t>(last.back()))});
      break;
    }
    window.to = window.from;
  }
  report.sections.push_back(std::move(section));
  return report;
}

}  // namespace tallystick::insights
