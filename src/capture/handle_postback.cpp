// GET|POST /postback/{partner}: answers in plain text, as networks expect; never a redirect.
#include <algorithm>

#include "capture/dead_letter.h"
#include "capture/postback.h"
#include "capture/workbench.h"
#include "journal/codec.h"

namespace tallystick::capture {
namespace {

constexpr std::string_view kHeaders = "Cache-Control: no-store\r\n";
constexpr std::string_view kPostbackType = "text/plain; charset=utf-8";

bool is_source_allowed(const CatalogPartner& partner, const base::IpAddress& source) {
  return partner.postback_sources.empty() ||
         std::ranges::any_of(partner.postback_sources,
                             [&](const base::IpNetwork& network) { return network.contains(source); });
}

// Query and form body together; a name in both is refused as one that occurs twice.
ParameterFault read_parameters(Workbench& bench, const http::RequestView& request) {
  if (request.method != http::Method::kPost || request.body.empty()) {
    return bench.parameters.parse(request.query, kPostbackLimits);
  }
  std::string joined(request.query);
  joined += '&';
  joined += request.body.substr(0, request.body.find_last_not_of("\r\n") + 1);
  return bench.parameters.parse(joined, kPostbackLimits);
}

EventCode code_of(std::string_view name) {
  for (std::size_t i = 1; i < kEventCodeCount; ++i) {
    if (name_of(static_cast<EventCode>(i)) == name) {
      return static_cast<EventCode>(i);
    }
  }
  return EventCode::kMalformedField;
}

void stage_good(
    Workbench& bench, const CatalogPartner& partner, ParsedPostback& parsed, base::Timestamp now, http::Reply reply) {
  const base::Uuid event_id = partner.allows_duplicate_postbacks ? base::make_uuid_v7(now, bench.capture.rooms().random)
                                                                 : make_postback_id(partner, parsed);
  const std::string source = "postback:" + partner.slug;
  parsed.event.source = source;
  parsed.event.verdict = bench.judge_conversion(event_id, partner.id, partner.slug, now);
  bench.fields.clear();
  journal::encode(parsed.event, bench.fields);
  const std::uint32_t position =
      bench.stage(journal::RecordKind::kConversion, journal::DedupeWindow::kLong, event_id, now, {});
  bench.turn->postbacks.push_back({.reply = std::move(reply), .position = position, .status = 200, .text = "OK"});
}

// What the network sent is kept as a dead letter; the answer waits for it.
void stage_refused(Workbench& bench,
                   const CatalogPartner& partner,
                   const PostbackFault& fault,
                   base::Timestamp now,
                   http::Reply reply) {
  const std::string raw =
      make_dead_letter_raw(bench.parameters, partner.slug, bench.capture.settings().max_dead_letter_bytes);
  const std::uint32_t position =
      bench.stage_dead_letter(Endpoint::kPostback, {code_of(fault.code), "postback"}, {}, raw, now, {});
  bench.turn->postbacks.push_back({.reply = std::move(reply), .position = position, .status = 400, .text = fault.text});
}

}  // namespace

void handle_postback(Workbench& bench, const http::RequestView& request, std::string_view slug, http::Reply reply) {
  const RequestFacts facts = read_facts(request, bench.capture.rooms().clock.now());
  if (const auto wait = bench.throttle_client(facts.ip, bench.capture.settings().requests_per_client); wait > 0) {
    bench.capture.statistics().throttled[static_cast<std::size_t>(Endpoint::kPostback)].add();
    const std::int64_t seconds = (wait + base::kMicrosPerSecond - 1) / base::kMicrosPerSecond;
    reply.send(429, "Retry-After: " + std::to_string(seconds) + "\r\n", kPostbackType, "too many requests");
    return;
  }
  const CatalogPartner* const partner = bench.turn->catalog->find_partner(slug);
  if (partner == nullptr) {
    reply.send(404, kHeaders, kPostbackType, "unknown partner");
    return;
  }
  if (!is_source_allowed(*partner, facts.ip)) {
    bench.report_security(SecurityEventType::kPostbackSource, "source not allowed", partner, facts.received_at);
    reply.send(403, kHeaders, kPostbackType, "this source is not on the partner's list");
    return;
  }
  if (const ParameterFault fault = read_parameters(bench, request); fault != ParameterFault::kNone) {
    reply.send(400, kHeaders, kPostbackType, name_of(fault));
    return;
  }
  if (!partner->postback_secret.empty() &&
      !is_postback_signed(request.path, bench.parameters, partner->postback_secret)) {
    bench.report_security(SecurityEventType::kPostbackSignature, "bad signature", partner, facts.received_at);
    reply.send(401, kHeaders, kPostbackType, "the signature is missing or wrong");
    return;
  }
  ParsedPostback parsed;
  const PostbackFault fault = parse_postback(bench.parameters, *partner, facts.received_at, parsed);
  if (fault.is_set()) {
    stage_refused(bench, *partner, fault, facts.received_at, std::move(reply));
  } else {
    parsed.event.consent = {.basis = journal::ConsentBasis::kDefault};
    stage_good(bench, *partner, parsed, facts.received_at, std::move(reply));
  }
}

}  // namespace tallystick::capture
