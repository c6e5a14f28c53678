#include "insights/event_search.h"

#include <algorithm>
#include <array>
#include <set>
#include <tuple>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "insights/names.h"
#include "insights/sources.h"

namespace tallystick::insights {
namespace {

// Events lie in the order of their own time, and are wanted by time of receipt: the two differ by minutes, and by up to
// a day for what was replayed.
constexpr std::int64_t kMaxDelayUs = 25 * base::kMicrosPerHour;
constexpr std::string_view kNearReceipt =
    "occurred_at >= {search_from:DateTime64(6, 'UTC')} AND occurred_at < {search_to:DateTime64(6, 'UTC')}";
// A conversion may be reported long after it happened.
constexpr std::string_view kAnyTime = "1";

constexpr std::string_view kNoLink = "toUUID('00000000-0000-0000-0000-000000000000') AS link_id";
constexpr std::string_view kNoPlacement = "toUUID('00000000-0000-0000-0000-000000000000') AS placement_id";

struct Kind {
  std::string_view name;
  std::string_view table;
  std::string_view placement;
  std::string_view link;
  std::string_view own_columns;
  std::string_view near;
};

constexpr auto kKinds = std::to_array<Kind>(
    {{"impression",
      "impressions",
      "placement_id",
      kNoLink,
      "toString(state) AS state, toString(agent_class) AS agent, toString(country) AS country_code, '' AS "
      "currency_code, toInt64(0) AS commission",
      kNearReceipt},
     {"click",
      "clicks",
      "placement_id",
      "link_id",
      "'' AS state, toString(agent_class) AS agent, toString(country) AS country_code, '' AS currency_code, toInt64(0) "
      "AS commission",
      kNearReceipt},
     {"conversion",
      "conversions",
      kNoPlacement,
      kNoLink,
      "toString(status) AS state, '' AS agent, '' AS country_code, toString(currency) AS currency_code, "
      "commission_minor AS commission",
      kAnyTime}});

// The first four digits of a pseudonym, which tell two people apart on a page and nothing else.
std::string mask_of(std::string_view column) {
  return fmt::format("if({0} = 0, '', lower(left(leftPad(hex({0}), 16, '0'), 4))) AS {0}_mask", column);
}

std::string statement_for(const Kind& kind, std::string_view conditions, bool has_class) {
  return fmt::format(
      "SELECT '{}' AS kind, log_id, sequence, event_id, received_at, occurred_at, {}, {}, merchant_id, partner_id, {}, "
      "toString(consent_basis) AS basis, consent_analytics, consent_marketing, toString(verdict_class) AS class, "
      "verdict_reasons AS reasons, verdict_score AS score, rules_version AS rules, {}, {} FROM {} WHERE received_at >= "
      "{{window_from:DateTime64(6, 'UTC')}} AND received_at < {{window_to:DateTime64(6, 'UTC')}} AND (received_at, "
      "log_id, sequence) < ({{before:DateTime64(6, 'UTC')}}, {{before_log:UInt32}}, {{before_sequence:UInt64}}) AND {} "
      "AND {} AND {} ORDER BY received_at DESC, log_id DESC, sequence DESC LIMIT {{wanted:UInt64}}",
      kind.name,
      kind.placement,
      kind.link,
      kind.own_columns,
      mask_of("user"),
      mask_of("session"),
      kind.table,
      kind.near,
      conditions,
      has_class ? verdict_as_revised(kind.name, "= {class:Int8}", kind.near) : "1");
}

bool is_newer(const FoundEvent& left, const FoundEvent& right) {
  const auto key = [](const EventPosition& position) {
    return std::tie(position.received_at, position.log_id, position.sequence);
  };
  return key(right.position) < key(left.position);
}

constexpr auto kNamed = std::to_array<std::pair<std::string_view, std::string_view>>(
    {{"placements", "placement_id"}, {"merchants", "merchant_id"}, {"partners", "partner_id"}, {"links", "link_id"}});

LastRevisions index(warehouse::Rows rows) {
  LastRevisions revisions{std::move(rows), {}};
  for (std::size_t i = 0; i < revisions.rows.size(); ++i) {
    revisions.row_of.emplace(
        std::pair{revisions.rows.integer(i, "log_id"), revisions.rows.unsigned_integer(i, "revised")}, i);
  }
  return revisions;
}

}  // namespace

EventSearch::EventSearch(const Reader& reader,
                         const EventFilter& filter,
                         std::string_view conditions,
                         warehouse::Parameters parameters)
    : reader_(reader), parameters_(std::move(parameters)) {
  for (const Kind& kind : kKinds) {
    const bool may_match = kind.name != "conversion" || filter.placement.empty();
    if (may_match && (filter.kind.empty() || filter.kind == kind.name)) {
      statements_.push_back(statement_for(kind, conditions, !filter.verdict_class.empty()));
    }
  }
}

base::Result<void> EventSearch::look_in(const Range& window, std::size_t most) {
  warehouse::Parameters parameters = parameters_;
  parameters.emplace_back("window_from", warehouse::time_parameter(window.from));
  parameters.emplace_back("window_to", warehouse::time_parameter(window.to));
  parameters.emplace_back("search_from",
                          warehouse::time_parameter({std::max(std::int64_t{0}, window.from.us - kMaxDelayUs)}));
  parameters.emplace_back("search_to", warehouse::time_parameter(window.to + base::kMicrosPerHour));
  parameters.emplace_back("wanted", fmt::format("{}", most - found_.size()));
  std::vector<Reader::Pending> pending;
  pending.reserve(statements_.size());
  for (const std::string& statement : statements_) {
    pending.push_back(reader_.start(statement, parameters));
  }
  const auto first = static_cast<std::ptrdiff_t>(found_.size());
  for (Reader::Pending& answer : pending) {
    TALLY_ASSIGN(warehouse::Rows rows, answer.get());
    for (std::size_t i = 0; i < rows.size(); ++i) {
      found_.push_back({{rows.time(i, "received_at"),
                         static_cast<std::uint32_t>(rows.integer(i, "log_id")),
                         rows.unsigned_integer(i, "sequence")},
                        answers_.size(),
                        i});
    }
    answers_.push_back(std::move(rows));
  }
  std::sort(found_.begin() + first, found_.end(), is_newer);
  found_.resize(std::min(found_.size(), most));
  return {};
}

base::Result<EventContext> load_context(const Reader& reader, const EventSearch& search) {
  if (search.found().empty()) {
    return EventContext{};
  }
  std::set<std::uint64_t> sequences;
  std::map<std::string_view, std::set<std::string>> ids;
  for (const FoundEvent& event : search.found()) {
    sequences.insert(event.position.sequence);
    for (const auto& [table, column] : kNamed) {
      ids[table].emplace(search.answer_of(event).text(event.row, column));
    }
  }
  auto revisions = reader.start(
      "SELECT log_id, revised_sequence AS revised, toString(argMax(new_class, sequence)) AS class, argMax(new_reasons, "
      "sequence) AS reasons, argMax(new_score, sequence) AS score, argMax(rules_version, sequence) AS rules, "
      "toString(argMax(detector, sequence)) AS detector FROM verdict_revisions WHERE event_kind IN ('impression', "
      "'click', 'conversion') AND revised_sequence IN {sequences:Array(UInt64)} GROUP BY log_id, revised_sequence",
      {{"sequences", fmt::format("[{}]", fmt::join(sequences, ","))}});
  std::string names;
  warehouse::Parameters parameters;
  for (const auto& [table, column] : kNamed) {
    names += fmt::format("{0}SELECT toString(id) AS named, slug FROM {1} FINAL WHERE id IN {{{1}:Array(UUID)}}",
                         names.empty() ? "" : " UNION ALL ",
                         table);
    parameters.emplace_back(table, warehouse::array_parameter(std::vector(ids[table].begin(), ids[table].end())));
  }
  TALLY_ASSIGN(const warehouse::Rows rows, reader.query(names, parameters));
  EventContext context;
  for (std::size_t i = 0; i < rows.size(); ++i) {
    context.slugs.emplace(rows.text(i, "named"), rows.text(i, "slug"));
  }
  TALLY_ASSIGN(warehouse::Rows revised, revisions.get());
  context.revisions = index(std::move(revised));
  return context;
}

}  // namespace tallystick::insights
