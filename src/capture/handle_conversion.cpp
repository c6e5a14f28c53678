// POST /api/conversions.
#include <algorithm>

#include "capture/dead_letter.h"
#include "capture/workbench.h"
#include "journal/codec.h"

namespace tallystick::capture {
namespace {

constexpr std::string_view kScope = "conversions:write";

// The key of "Authorization: Bearer <key>", held against the catalog; null when it is none of ours.
const CatalogKey* find_key(const Catalog& catalog, std::string_view authorization) {
  constexpr std::string_view kScheme = "bearer ";
  if (authorization.size() <= kScheme.size() ||
      !equals_ignoring_case(authorization.substr(0, kScheme.size()), kScheme)) {
    return nullptr;
  }
  authorization.remove_prefix(kScheme.size());
  authorization.remove_prefix(std::min(authorization.find_first_not_of(' '), authorization.size()));
  return catalog.find_key(crypto::sha256(authorization));
}

bool has_scope(const CatalogKey& key) {
  return std::ranges::any_of(key.scopes, [](const std::string& scope) { return scope == kScope || scope == "admin"; });
}

void record(Workbench& bench,
            const RequestFacts& facts,
            const ConsentSignals& common,
            std::string_view source,
            std::string_view text) {
  ParsedConversion parsed;
  parsed.consent = common;
  EventFault fault = bench.conversions.parse(bench.body.padded(text), parsed);
  if (!fault.is_set()) {
    fault = check_conversion(parsed, *bench.turn->catalog, facts.received_at);
  }
  journal::Conversion& event = parsed.event;
  event.consent = fault.code == EventCode::kMalformedEvent
                      ? journal::Consent{}
                      : decide_consent(parsed.consent, bench.capture.settings().consent);
  event.source = source;
  // Address and user agent are those of the caller's server: they say nothing of a person and are not kept.
  RequestIdentity identity;
  if (event.consent.has_analytics && !parsed.user_id.empty()) {
    identity.user = hash_user(*bench.pepper, parsed.user_id);
  }
  StagedEvent staged{.fault = fault};
  if (!event.order_id.empty() && !event.type.empty()) {
    staged.event_id = make_conversion_id(source, event.order_id, event.type, event.status);
  }
  if (fault.is_set()) {
    const std::string raw =
        make_dead_letter_raw(text, event.consent, source, bench.capture.settings().max_dead_letter_bytes);
    staged.position = bench.stage_dead_letter(
        Endpoint::kConversion, fault, staged.event_id, raw, facts.received_at, make_personal(identity, event.consent));
  } else {
    event.verdict = bench.judge_conversion(staged.event_id, event.partner_id, {}, facts.received_at);
    bench.fields.clear();
    journal::encode(event, bench.fields);
    staged.position = bench.stage(journal::RecordKind::kConversion,
                                  journal::DedupeWindow::kLong,
                                  staged.event_id,
                                  facts.received_at,
                                  make_personal(identity, event.consent));
  }
  bench.turn->events.push_back(staged);
}

}  // namespace

void handle_conversions(Workbench& bench, const http::RequestView& request, http::Reply reply) {
  const RequestFacts facts = read_facts(request, bench.capture.rooms().clock.now());
  if (const auto wait = bench.throttle_client(facts.ip, bench.capture.settings().requests_per_client); wait > 0) {
    bench.capture.statistics().throttled[static_cast<std::size_t>(Endpoint::kConversion)].add();
    answer_problem(reply, {base::ErrorKind::kRateLimited, "throttled", "too many requests"}, request.path, wait);
    return;
  }
  const CatalogKey* const key = find_key(*bench.turn->catalog, facts.authorization);
  if (key == nullptr) {
    answer_problem(reply, {base::ErrorKind::kUnauthenticated, "unauthenticated", "an API key is needed"}, request.path);
    return;
  }
  if (!has_scope(*key)) {
    answer_problem(reply,
                   {base::ErrorKind::kForbidden, "missing_scope", "the key needs the scope conversions:write"},
                   request.path);
    return;
  }
  const SplitFault split = split_events(bench.body.copy(request.body), kMaxConversionsPerRequest, bench.split);
  if (split != SplitFault::kNone) {
    answer_problem(reply,
                   {base::ErrorKind::kInvalid,
                    split == SplitFault::kTooMany ? "too_many_events" : "malformed_body",
                    "the body must be a conversion, or {\"events\": [...]} with 1 to 50"},
                   request.path);
    return;
  }
  ConsentSignals common;
  common.global_privacy_control = facts.global_privacy_control;
  const std::string source = "api:" + key->id;
  StagedEvents staged{.reply = std::move(reply), .endpoint = Endpoint::kConversion, .first = bench.turn->events.size()};
  for (const std::string_view event : bench.split.events) {
    record(bench, facts, common, source, event);
  }
  staged.count = bench.turn->events.size() - staged.first;
  bench.turn->requests.push_back(std::move(staged));
}

}  // namespace tallystick::capture
