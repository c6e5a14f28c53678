#include "insights/events_report.h"

#include <algorithm>
#include <array>
#include <charconv>

#include <fmt/format.h>

#include "base/encoding.h"
#include "insights/event_search.h"
#include "insights/names.h"
#include "insights/revenue.h"
#include "journal/event.h"
#include "warehouse/parameters.h"

namespace tallystick::insights {
namespace {

constexpr auto kKinds = std::to_array<std::string_view>({"impression", "click", "conversion"});
constexpr auto kClasses = std::to_array<std::string_view>({"valid", "suspect", "givt", "sivt"});

// The search begins with the newest minutes and widens until a page is full.
constexpr std::int64_t kFirstWindowUs = 10 * base::kMicrosPerMinute;
constexpr std::int64_t kWidening = 8;

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

// A slug, or the id where there is no record of it any more.
Cell name_cell(std::string_view id, const Slugs& slugs) {
  const auto found = slugs.find(id);
  if (found != slugs.end()) {
    return found->second;
  }
  return id == kNilId ? Cell() : Cell(std::string(id));
}

Row make_row(const FoundEvent& event, const warehouse::Rows& rows, const EventContext& context) {
  const std::size_t i = event.row;
  const auto revision = context.revisions.row_of.find({event.position.log_id, event.position.sequence});
  const bool is_revised = revision != context.revisions.row_of.end();
  const warehouse::Rows& verdict = is_revised ? context.revisions.rows : rows;
  const std::size_t of = is_revised ? revision->second : i;
  Revenue commission;
  commission.add(rows.text(i, "currency_code"), rows.integer(i, "commission"));
  const Amounts amounts = commission.amounts();
  return {event.position.received_at,
          std::string(rows.text(i, "kind")),
          std::string(rows.text(i, "event_id")),
          rows.time(i, "occurred_at"),
          name_cell(rows.text(i, "placement_id"), context.slugs),
          name_cell(rows.text(i, "merchant_id"), context.slugs),
          name_cell(rows.text(i, "partner_id"), context.slugs),
          name_cell(rows.text(i, "link_id"), context.slugs),
          text_or_null(rows.text(i, "state")),
          std::string(verdict.text(of, "class")),
          reasons_of(static_cast<std::uint32_t>(verdict.integer(of, "reasons"))),
          verdict.integer(of, "score"),
          verdict.integer(of, "rules"),
          is_revised ? text_or_null(verdict.text(of, "detector")) : Cell(),
          std::string(rows.text(i, "basis")),
          rows.integer(i, "consent_analytics") != 0,
          rows.integer(i, "consent_marketing") != 0,
          text_or_null(rows.text(i, "user_mask")),
          text_or_null(rows.text(i, "session_mask")),
          text_or_null(rows.text(i, "agent")),
          text_or_null(rows.text(i, "country_code")),
          amounts.empty() ? Cell() : Cell(amounts),
          rows.integer(i, "log_id"),
          static_cast<std::int64_t>(event.position.sequence)};
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
  const auto number = std::ranges::find(kClasses, filter.verdict_class) - kClasses.begin();
  conditions.parameters.emplace_back("class", fmt::format("{}", number));
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
  const auto limit = static_cast<std::size_t>(filter.limit);
  const Range& period = reader.question().period.range;
  Range window{period.to, period.to};
  if (filter.before) {
    window.to = std::min(window.to, filter.before->received_at + 1);
  }
  EventSearch search(reader, filter, conditions.sql, conditions.parameters);
  for (std::int64_t width_us = kFirstWindowUs; search.found().size() <= limit && window.to > period.from;
       width_us *= kWidening) {
    window.from = std::max(period.from, std::min(window.to, std::max(newest + 1, period.from + 1)) - width_us);
    TALLY_TRY(search.look_in(window, limit + 1));
    window.to = window.from;
  }
  TALLY_ASSIGN(const EventContext context, load_context(reader, search));
  Report report{"events", "Newest events", {}, {}, {}, std::nullopt, true};
  Section section{"events", "Newest events", event_columns(), {}, false};
  for (const FoundEvent& event : search.found()) {
    if (section.rows.size() == limit) {
      report.next_cursor = format_cursor(search.found()[limit - 1].position);
      break;
    }
    section.add(make_row(event, search.answer_of(event), context));
  }
  report.sections.push_back(std::move(section));
  return report;
}

}  // namespace tallystick::insights
