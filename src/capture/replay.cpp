#include "capture/replay.h"

#include <boost/json.hpp>

#include "base/encoding.h"
#include "capture/batch_append.h"
#include "capture/conversion_parser.h"
#include "capture/dead_letter.h"
#include "capture/impression_parser.h"
#include "capture/impression_token.h"
#include "capture/postback.h"
#include "journal/codec.h"
#include "quality/rules.h"

namespace tallystick::capture {
namespace {

// A dead letter made an event again, or the fault it still has.
struct Revived {
  EventFault fault;
  journal::RecordKind kind = journal::RecordKind::kImpression;
  base::Uuid event_id;
  std::string fields;
  std::string personal;
};

base::Result<std::string> load_personal(const journal::Journal& journal, std::uint64_t sequence) {
  journal::Record record;
  const auto reader = journal.make_reader(sequence);
  TALLY_ASSIGN(const bool is_there, reader->next(record, 0));
  return is_there && record.sequence == sequence ? std::string(record.personal) : std::string();
}

// Judged from what may be kept of the request; without a user agent on file its rules cannot speak.
quality::Judgement judge_again(Capture& capture,
                               const ParsedImpression& parsed,
                               const Revived& revived,
                               base::Timestamp at) {
  quality::Judgement judgement;
  judgement.verdict.rules_version = capture.rooms().judge.rules()->version();
  const auto personal = revived.personal.empty() ? base::Result<journal::Personal>(journal::Personal{})
                                                 : journal::decode_personal(revived.personal);
  if (!personal || personal->user_agent.empty()) {
    return judgement;
  }
  quality::Evidence evidence;
  evidence.kind = quality::EventKind::kImpression;
  evidence.now = at;
  evidence.event_id = parsed.event_id;
  evidence.ip = personal->ip.value_or(base::IpAddress{});
  evidence.user_agent = personal->user_agent;
  evidence.session = personal->session;
  evidence.partner_id = parsed.event.partner_id;
  evidence.placement_id = parsed.event.placement_id;
  evidence.countries = parsed.catalog_placement->countries;
  return capture.rooms().judge.judge(evidence);
}

void revive_impression(
    Capture& capture, const Catalog& catalog, const DeadLetterRow& row, ImpressionForm form, Revived& out) {
  PaddedBody body;
  ImpressionParser parser;
  ParsedImpression parsed;
  const base::Timestamp received_at{row.received_at};
  const std::string_view text = body.copy(row.raw);
  out.fault = parser.parse(body.padded(text), form, parsed);
  if (!out.fault.is_set()) {
    out.fault = check_impression(parsed, form, catalog, received_at, StaleRule::kAccept);
  }
  if (!out.fault.is_set() && parsed.catalog_placement->requires_token &&
      !is_impression_token_good(
          parsed.token, parsed.catalog_placement->id, parsed.event_id, capture.rooms().keys, received_at)) {
    out.fault = {EventCode::kBadToken, "token"};
  }
  if (out.fault.is_set()) {
    return;
  }
  const quality::Judgement judgement = judge_again(capture, parsed, out, received_at);
  parsed.event.consent = read_dead_letter_consent(row.raw);
  parsed.event.verdict = judgement.verdict;
  parsed.event.agent_class = judgement.agent_class;
  parsed.event.country = judgement.country[0] == 0 ? std::string_view() : std::string_view(judgement.country.data(), 2);
  out.kind = journal::RecordKind::kImpression;
  out.event_id = parsed.event_id;
  journal::encode(parsed.event, out.fields);
}

std::string read_source(std::string_view raw) {
  boost::system::error_code error;
  const boost::json::value value = boost::json::parse(raw, error);
  const boost::json::object* const object = error ? nullptr : value.if_object();
  const boost::json::value* const source = object == nullptr ? nullptr : object->if_contains("source");
  return source != nullptr && source->is_string() ? std::string(source->get_string()) : std::string("api:");
}

void revive_conversion(Capture& capture, const Catalog& catalog, const DeadLetterRow& row, Revived& out) {
  PaddedBody body;
  ConversionParser parser;
  ParsedConversion parsed;
  const std::string_view text = body.copy(row.raw);
  out.fault = parser.parse(body.padded(text), parsed);
  if (!out.fault.is_set()) {
    out.fault = check_conversion(parsed, catalog, {row.received_at});
  }
  if (out.fault.is_set()) {
    return;
  }
  const std::string source = read_source(row.raw);
  parsed.event.source = source;
  parsed.event.consent = read_dead_letter_consent(row.raw);
  parsed.event.verdict.rules_version = capture.rooms().judge.rules()->version();
  out.kind = journal::RecordKind::kConversion;
  out.event_id = make_conversion_id(source, parsed.event.order_id, parsed.event.type, parsed.event.status);
  journal::encode(parsed.event, out.fields);
}

// The raw form's parameters, encoded again as a query.
std::string make_query(const boost::json::object& raw) {
  std::string query;
  const boost::json::value* const parameters = raw.if_contains("parameters");
  if (parameters == nullptr || !parameters->is_object()) {
    return query;
  }
  for (const auto& member : parameters->get_object()) {
    if (member.value().is_string()) {
      query += base::percent_encode(member.key()) + "=" +
               base::percent_encode(std::string_view(member.value().get_string())) + "&";
    }
  }
  return query;
}

void revive_postback(Capture& capture, const Catalog& catalog, const DeadLetterRow& row, Revived& out) {
  boost::system::error_code error;
  const boost::json::value raw = boost::json::parse(row.raw, error);
  const boost::json::object* const object = error ? nullptr : raw.if_object();
  const boost::json::value* const slug = object == nullptr ? nullptr : object->if_contains("partner");
  const CatalogPartner* const partner =
      slug != nullptr && slug->is_string() ? catalog.find_partner(std::string_view(slug->get_string())) : nullptr;
  if (partner == nullptr) {
    out.fault = {EventCode::kUnknownPartner, "partner"};
    return;
  }
  ParameterList parameters;
  ParsedPostback parsed;
  const std::string query = make_query(*object);
  const bool is_split = parameters.parse(query, kPostbackLimits) == ParameterFault::kNone;
  if (!is_split || parse_postback(parameters, *partner, {row.received_at}, parsed).is_set()) {
    out.fault = {EventCode::kMalformedField, "postback"};
    return;
  }
  const std::string source = "postback:" + partner->slug;
  parsed.event.source = source;
  parsed.event.verdict.rules_version = capture.rooms().judge.rules()->version();
  out.kind = journal::RecordKind::kConversion;
  out.event_id = make_postback_id(*partner, parsed);
  journal::encode(parsed.event, out.fields);
}

// The journal remembers ids for a limited time; a dead letter may be older than that.
base::Result<bool> is_recorded(const journal::Journal& journal, const Revived& revived) {
  for (const std::uint64_t sequence : journal.find(revived.event_id)) {
    journal::Record record;
    const auto reader = journal.make_reader(sequence);
    TALLY_ASSIGN(const bool is_there, reader->next(record, 0));
    if (is_there && record.sequence == sequence && record.kind == revived.kind) {
      return true;
    }
  }
  return false;
}

base::Result<bool> append_revived(Capture& capture, const Revived& revived, base::Timestamp received_at) {
  auto batch = std::make_unique<journal::Batch>();
  batch->add({.kind = revived.kind,
              .window = journal::DedupeWindow::kLong,
              .event_id = revived.event_id,
              .received_at = received_at},
             revived.fields,
             revived.personal,
             capture.rooms().random);
  TALLY_ASSIGN(const auto done, append_batch(capture.rooms().journal, std::move(batch)));
  return done->outcome(0) == journal::Outcome::kAccepted;
}

void count_item(const ReplayItem& item, ReplayReport& report) {
  if (item.result == "accepted") {
    ++report.accepted;
  } else if (item.result == "duplicate") {
    ++report.duplicate;
  } else if (item.result == "rejected") {
    ++report.rejected;
  } else {
    ++report.skipped;
  }
}

}  // namespace

base::Result<ReplayItem> Replayer::replay_one(const DeadLetterRow& row) {
  ReplayItem item{row.id, {}, {}};
  if (row.state != "open") {
    item.result = "not_open";
    return item;
  }
  const auto catalog = capture_.rooms().catalog.catalog();
  Revived revived;
  TALLY_ASSIGN(revived.personal, load_personal(capture_.rooms().journal, static_cast<std::uint64_t>(row.sequence)));
  if (row.endpoint == name_of(Endpoint::kConversion)) {
    revive_conversion(capture_, *catalog, row, revived);
  } else if (row.endpoint == name_of(Endpoint::kPostback)) {
    revive_postback(capture_, *catalog, row, revived);
  } else {
    const bool is_exposure = row.endpoint == name_of(Endpoint::kExposure);
    revive_impression(
        capture_, *catalog, row, is_exposure ? ImpressionForm::kExposure : ImpressionForm::kImpression, revived);
  }
  const base::Timestamp now = capture_.rooms().clock.now();
  if (revived.fault.is_set()) {
    item.result = "rejected";
    item.code = name_of(revived.fault.code);
  } else {
    TALLY_ASSIGN(const bool is_known, is_recorded(capture_.rooms().journal, revived));
    bool is_new = false;
    if (!is_known) {
      TALLY_ASSIGN(is_new, append_revived(capture_, revived, now));
    }
    item.result = is_new ? "accepted" : "duplicate";
  }
  const std::string state = item.result == "rejected" ? "open" : "replayed";
  const std::string result = item.code.empty() ? item.result : item.result + ":" + item.code;
  TALLY_TRY(database_.write<bool>([&](soci::session& session) -> base::Result<bool> {
    mark_dead_letter(session, row.id, state, now.us, result);
    return true;
  }));
  return item;
}

base::Result<ReplayReport> Replayer::replay_rows(const std::vector<DeadLetterRow>& rows, ReplayReport report) {
  for (const DeadLetterRow& row : rows) {
    TALLY_ASSIGN(ReplayItem item, replay_one(row));
    count_item(item, report);
    report.items.push_back(std::move(item));
  }
  return report;
}

base::Result<ReplayReport> Replayer::replay(const std::vector<std::string>& ids) {
  const std::lock_guard lock(mutex_);
  ReplayReport report;
  std::vector<DeadLetterRow> rows;
  for (const std::string& id : ids) {
    TALLY_ASSIGN(auto row, database_.read<std::optional<DeadLetterRow>>([&](soci::session& session) {
      return base::Result<std::optional<DeadLetterRow>>(find_dead_letter(session, id));
    }));
    if (row) {
      rows.push_back(*std::move(row));
    } else {
      ++report.skipped;
      report.items.push_back({id, "not_found", {}});
    }
  }
  return replay_rows(rows, std::move(report));
}

base::Result<ReplayReport> Replayer::replay(const DeadLetterFilter& filter, std::int64_t max_rows) {
  const std::lock_guard lock(mutex_);
  DeadLetterFilter open = filter;
  open.state = "open";
  TALLY_ASSIGN(auto rows, database_.read<std::vector<DeadLetterRow>>([&](soci::session& session) {
    return base::Result<std::vector<DeadLetterRow>>(list_dead_letters(session, open, {}, max_rows));
  }));
  return replay_rows(rows, {});
}

}  // namespace tallystick::capture
