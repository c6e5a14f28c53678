// POST /api/monetization/impression and POST /api/exposure/batch.
#include "capture/dead_letter.h"
#include "capture/impression_token.h"
#include "capture/workbench.h"
#include "journal/codec.h"

namespace tallystick::capture {
namespace {

base::Error split_error(SplitFault fault, std::size_t max_events) {
  switch (fault) {
    case SplitFault::kTooMany:
      return {
          base::ErrorKind::kInvalid, "too_many_events", "at most " + std::to_string(max_events) + " events a request"};
    case SplitFault::kEmpty:
      return {base::ErrorKind::kInvalid, "no_events", "\"events\" is empty"};
    default:
      return {base::ErrorKind::kInvalid, "malformed_body", "the body is neither an event nor {\"events\": [...]}"};
  }
}

// The consent that stands beside "events" goes for events that state none. False when it is malformed.
bool read_common_consent(Workbench& bench, simdjson::ondemand::parser& parser, ConsentSignals& out) {
  if (bench.split.consent.empty()) {
    return true;
  }
  simdjson::ondemand::document document;
  simdjson::ondemand::value value;
  return parser.iterate(bench.body.padded(bench.split.consent)).get(document) == simdjson::SUCCESS &&
         document.get_value().get(value) == simdjson::SUCCESS && json::read_consent(value, out);
}

struct Recorder {
  Workbench& bench;
  const RequestFacts& facts;
  ImpressionForm form;
  Endpoint endpoint;
  const ConsentSignals& common;

  void record(std::string_view text) const {
    ParsedImpression parsed;
    parsed.consent = common;
    EventFault fault = bench.impressions.parse(bench.body.padded(text), form, parsed);
    if (!fault.is_set()) {
      fault = check_impression(parsed, form, *bench.turn->catalog, facts.received_at);
    }
    if (!fault.is_set() && parsed.catalog_placement->requires_token &&
        !is_impression_token_good(parsed.token,
                                  parsed.catalog_placement->id,
                                  parsed.event_id,
                                  bench.capture.rooms().keys,
                                  facts.received_at)) {
      fault = {EventCode::kBadToken, "token"};
    }
    // What could not be read whole may hold a refusal that was not seen.
    const journal::Consent consent = fault.code == EventCode::kMalformedEvent
                                         ? journal::Consent{}
                                         : decide_consent(parsed.consent, bench.capture.settings().consent);
    RequestIdentity identity{.ip = facts.ip, .user_agent = facts.user_agent};
    if (!parsed.session_id.empty()) {
      identity.session = hash_session(*bench.pepper, parsed.session_id);
    }
    if (consent.has_analytics && !parsed.user_id.empty()) {
      identity.user = hash_user(*bench.pepper, parsed.user_id);
    }
    StagedEvent staged{.event_id = parsed.event_id, .fault = fault};
    if (fault.is_set()) {
      const std::string raw = make_dead_letter_raw(text, consent, {}, bench.capture.settings().max_dead_letter_bytes);
      staged.position = bench.stage_dead_letter(
          endpoint, fault, parsed.event_id, raw, facts.received_at, make_personal(identity, consent));
    } else {
      staged.position = stage_good(parsed, consent, identity);
    }
    bench.turn->events.push_back(staged);
  }

  std::uint32_t stage_good(ParsedImpression& parsed,
                           const journal::Consent& consent,
                           const RequestIdentity& identity) const {
    journal::Impression& event = parsed.event;
    quality::Evidence evidence;
    evidence.kind = quality::EventKind::kImpression;
    evidence.now = facts.received_at;
    evidence.event_id = parsed.event_id;
    evidence.ip = facts.ip;
    evidence.user_agent = facts.user_agent;
    evidence.referrer_host = facts.referrer_host;
    evidence.session = identity.session;
    evidence.partner_id = event.partner_id;
    evidence.placement_id = event.placement_id;
    evidence.countries = parsed.catalog_placement->countries;
    const quality::Judgement judgement = bench.capture.rooms().judge.judge(evidence);
    event.consent = consent;
    event.verdict = judgement.verdict;
    event.agent_class = judgement.agent_class;
    event.country = judgement.country[0] == 0 ? std::string_view() : std::string_view(judgement.country.data(), 2);
    bench.fields.clear();
    journal::encode(event, bench.fields);
    return bench.stage(journal::RecordKind::kImpression,
                       journal::DedupeWindow::kShort,
                       parsed.event_id,
                       facts.received_at,
                       make_personal(identity, consent));
  }
};

}  // namespace

void handle_impressions(Workbench& bench, const http::RequestView& request, ImpressionForm form, http::Reply reply) {
  const bool is_exposure = form == ImpressionForm::kExposure;
  const Endpoint endpoint = is_exposure ? Endpoint::kExposure : Endpoint::kImpression;
  const std::size_t max_events = is_exposure ? kMaxExposuresPerRequest : kMaxImpressionsPerRequest;
  const RequestFacts facts = read_facts(request, bench.capture.rooms().clock.now());
  if (const auto wait = bench.throttle_client(facts.ip, bench.capture.settings().requests_per_client); wait > 0) {
    bench.capture.statistics().throttled[static_cast<std::size_t>(endpoint)].add();
    answer_problem(reply, {base::ErrorKind::kRateLimited, "throttled", "too many requests"}, request.path, wait);
    return;
  }
  const SplitFault split = split_events(bench.body.copy(request.body), max_events, bench.split);
  if (split != SplitFault::kNone) {
    answer_problem(reply, split_error(split, max_events), request.path);
    return;
  }
  ConsentSignals common;
  simdjson::ondemand::parser consent_parser;
  if (!read_common_consent(bench, consent_parser, common)) {
    answer_problem(reply, {base::ErrorKind::kInvalid, "malformed_consent", "\"consent\" is malformed"}, request.path);
    return;
  }
  common.global_privacy_control = facts.global_privacy_control;
  StagedEvents staged{.reply = std::move(reply), .endpoint = endpoint, .first = bench.turn->events.size()};
  const Recorder recorder{bench, facts, form, endpoint, common};
  for (const std::string_view event : bench.split.events) {
    recorder.record(event);
  }
  staged.count = bench.turn->events.size() - staged.first;
  bench.turn->requests.push_back(std::move(staged));
}

}  // namespace tallystick::capture
