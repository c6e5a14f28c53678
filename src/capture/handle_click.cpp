// GET|HEAD /go/{partner}/{slug}/{event}: every row of the table in 10-capture, "Clicks".
#include <algorithm>
#include <array>

#include "base/encoding.h"
#include "capture/consent.h"
#include "capture/destination.h"
#include "capture/fallback_page.h"
#include "capture/workbench.h"
#include "journal/codec.h"

namespace tallystick::capture {
namespace {

// strict-origin-when-cross-origin: the link's query holds session and user, which the partner must not see.
constexpr std::string_view kRedirectHeaders =
    "Cache-Control: no-store, private\r\nReferrer-Policy: strict-origin-when-cross-origin\r\n"
    "X-Robots-Tag: noindex, nofollow\r\nLocation: ";
constexpr std::string_view kPageHeaders =
    "Cache-Control: no-store, private\r\nReferrer-Policy: no-referrer\r\nX-Robots-Tag: noindex, nofollow\r\n"
    "Content-Security-Policy: default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'\r\n"
    "X-Content-Type-Options: nosniff\r\n";

struct ClickRequest {
  Workbench& bench;
  const http::RequestView& request;
  RequestFacts facts;
  http::Reply reply;

  void count(ClickOutcome outcome) { bench.capture.statistics().of(outcome).add(); }

  void answer_page(int status, FallbackReason reason, ClickOutcome outcome, std::string_view way_on) {
    count(outcome);
    reply.send(status, kPageHeaders, "text/html; charset=utf-8", make_fallback_page(reason, way_on));
  }
  void refuse(ClickOutcome outcome, const base::Error& error, std::int64_t retry_after_us = 0) {
    count(outcome);
    answer_problem(reply, error, request.path, retry_after_us);
  }
};

std::string_view find_parameter(const std::vector<http::PathParameter>& parameters, std::string_view name) {
  const auto found = std::ranges::find(parameters, name, &http::PathParameter::name);
  return found == parameters.end() ? std::string_view() : found->value;
}

// A prefetch is journaled under an id of its own, so that the visitor's click that may follow still counts.
base::Uuid make_prefetch_id(const base::Uuid& event_id) {
  return make_derived_id("prefetch", {base::as_text(event_id.bytes)});
}

// True when the link may be followed; else it was answered.
bool is_admitted(ClickRequest& click, const CatalogPartner& partner, const CatalogLink& link) {
  Workbench& bench = click.bench;
  const LinkFault fault =
      bench.link.check(click.request.path, click.request.query, bench.capture.rooms().keys, click.facts.received_at);
  if (fault == LinkFault::kExpired) {
    click.answer_page(410, FallbackReason::kExpired, ClickOutcome::kExpired, partner.public_page);
    return false;
  }
  if (fault != LinkFault::kNone) {
    bench.report_security(SecurityEventType::kLinkSignature, name_of(fault), &partner, click.facts.received_at);
    click.refuse(ClickOutcome::kBadSignature,
                 {base::ErrorKind::kInvalid,
                  std::string(name_of(fault)),
                  "the link is not signed, or was changed after it was signed"});
    return false;
  }
  if (partner.is_paused || link.is_paused) {
    click.answer_page(403, FallbackReason::kPaused, ClickOutcome::kPaused, partner.public_page);
    return false;
  }
  const Rate rate{.per_second = partner.throttle_per_second, .burst = std::max(partner.throttle_per_second, 1U)};
  const std::int64_t wait = bench.capture.throttle().take(partner.id, rate, bench.capture.rooms().clock.monotonic_us());
  if (wait > 0) {
    click.refuse(ClickOutcome::kThrottled,
                 {base::ErrorKind::kRateLimited, "throttled", "too many clicks for this partner"},
                 wait);
    return false;
  }
  return true;
}

struct Seen {
  const CatalogPlacement* placement = nullptr;
  const CatalogMerchant* merchant = nullptr;
};

// The event as the link's parameters tell it. Names that the catalog does not know are left out: a visitor is never
// stopped for them.
journal::Click make_click(Workbench& bench, const CatalogPartner& partner, const CatalogLink& link, Seen& seen) {
  const ParameterList& parameters = bench.link.parameters();
  const Catalog& catalog = *bench.turn->catalog;
  journal::Click event;
  event.partner_id = partner.id;
  event.link_id = link.id;
  event.placement_id = link.placement_id;
  if (const std::string_view name = parameters.find("placement"); !name.empty()) {
    seen.placement = catalog.find_placement(name);
    event.placement_id = seen.placement == nullptr ? link.placement_id : seen.placement->id;
  } else if (!link.placement_id.is_nil()) {
    std::array<char, 36> text{};
    base::format_uuid_into(link.placement_id, text.data());
    seen.placement = catalog.find_placement({text.data(), text.size()});
  }
  if (const std::string_view name = parameters.find("merchant"); !name.empty()) {
    seen.merchant = catalog.find_merchant(name);
    event.merchant_id = seen.merchant == nullptr ? base::Uuid{} : seen.merchant->id;
  }
  (void)base::parse_uuid_into(parameters.find("imp"), event.impression_id);
  event.campaign = parameters.find("campaign").substr(0, 256);
  event.article_slug = parameters.find("article").substr(0, 256);
  event.flag_variant = parameters.find("variant").substr(0, 256);
  event.sub = parameters.find("sub").substr(0, 256);
  event.key_id = bench.link.key_id();
  return event;
}

journal::Consent decide_click_consent(Workbench& bench, const RequestFacts& facts) {
  const ParameterList& parameters = bench.link.parameters();
  ConsentSignals signals;
  signals.global_privacy_control = facts.global_privacy_control;
  signals.gdpr = parameters.find("gdpr");
  signals.tcf = parameters.find("gdpr_consent");
  parse_consent_words(parameters.find("consent"), signals);
  return decide_consent(signals, bench.capture.settings().consent);
}

DestinationFault append_location(Workbench& bench,
                                 const CatalogPartner& partner,
                                 const CatalogLink& link,
                                 const base::Uuid& event_id,
                                 const journal::Consent& consent) {
  const ParameterList& parameters = bench.link.parameters();
  std::array<char, 36> click_id{};
  base::format_uuid_into(event_id, click_id.data());
  DestinationValues values;
  values.click_id = {click_id.data(), click_id.size()};
  values.partner = partner.slug;
  values.placement = parameters.find("placement");
  values.campaign = parameters.find("campaign");
  // A session is not told to the partner where it may not even be stored.
  values.session = consent.has_analytics ? parameters.find("session") : std::string_view();
  values.sub = parameters.find("sub");
  values.gdpr = parameters.find("gdpr");
  values.gdpr_consent = parameters.find("gdpr_consent");
  return append_destination(partner, link.destination, values, bench.turn->text);
}

void stage_click(ClickRequest& click,
                 const CatalogPartner& partner,
                 const CatalogLink& link,
                 const base::Uuid& event_id) {
  Workbench& bench = click.bench;
  const RequestFacts& facts = click.facts;
  Turn& turn = *bench.turn;
  const journal::Consent consent = decide_click_consent(bench, facts);
  const std::size_t begin = turn.text.size();
  turn.text += kRedirectHeaders;
  if (append_location(bench, partner, link, event_id, consent) != DestinationFault::kNone) {
    turn.text.resize(begin);
    bench.report_security(SecurityEventType::kDestinationHost, link.slug, &partner, facts.received_at);
    click.answer_page(403, FallbackReason::kHostNotAllowed, ClickOutcome::kHostNotAllowed, partner.public_page);
    return;
  }
  turn.text += "\r\n";

  Seen seen;
  journal::Click event = make_click(bench, partner, link, seen);
  RequestIdentity identity{.ip = facts.ip, .user_agent = facts.user_agent};
  identity.session = hash_session(*bench.pepper, bench.link.parameters().find("session"));
  if (consent.has_analytics) {
    identity.user = hash_user(*bench.pepper, bench.link.parameters().find("user"));
  }
  quality::Evidence evidence;
  evidence.kind = quality::EventKind::kClick;
  evidence.now = facts.received_at;
  evidence.event_id = facts.is_prefetch ? make_prefetch_id(event_id) : event_id;
  evidence.ip = facts.ip;
  evidence.user_agent = facts.user_agent;
  evidence.referrer_host = facts.referrer_host;
  evidence.session = identity.session;
  evidence.partner_id = partner.id;
  evidence.partner_slug = partner.slug;
  evidence.placement_id = event.placement_id;
  evidence.impression_id = event.impression_id;
  evidence.is_prefetch = facts.is_prefetch;
  if (seen.placement != nullptr) {
    evidence.countries = seen.placement->countries;
  }
  const quality::Judgement judgement = bench.capture.rooms().judge.judge(evidence);
  event.consent = consent;
  event.verdict = judgement.verdict;
  event.agent_class = judgement.agent_class;
  event.country = judgement.country[0] == 0 ? std::string_view() : std::string_view(judgement.country.data(), 2);
  bench.fields.clear();
  journal::encode(event, bench.fields);
  StagedClick staged;
  staged.position = bench.stage(journal::RecordKind::kClick,
                                journal::DedupeWindow::kLong,
                                evidence.event_id,
                                facts.received_at,
                                make_personal(identity, consent));
  staged.reply = std::move(click.reply);
  staged.headers = begin;
  staged.headers_size = turn.text.size() - begin;
  staged.event_id = evidence.event_id;
  staged.impression_id = facts.is_prefetch ? base::Uuid{} : event.impression_id;
  staged.received_at = facts.received_at;
  staged.is_prefetch = facts.is_prefetch;
  turn.clicks.push_back(std::move(staged));
}

}  // namespace

void handle_click(Workbench& bench,
                  const http::RequestView& request,
                  const std::vector<http::PathParameter>& parameters,
                  http::Reply reply) {
  ClickRequest click{bench, request, read_facts(request, bench.capture.rooms().clock.now()), std::move(reply)};
  if (const auto wait = bench.throttle_client(click.facts.ip, bench.capture.settings().clicks_per_client); wait > 0) {
    click.refuse(ClickOutcome::kThrottled, {base::ErrorKind::kRateLimited, "throttled", "too many clicks"}, wait);
    return;
  }
  const Catalog& catalog = *bench.turn->catalog;
  const CatalogPartner* const partner = catalog.find_partner(find_parameter(parameters, "partner"));
  const CatalogLink* const link =
      partner == nullptr ? nullptr : catalog.find_link(partner->id, find_parameter(parameters, "slug"));
  if (link == nullptr) {
    click.answer_page(404,
                      FallbackReason::kUnknownLink,
                      ClickOutcome::kUnknown,
                      partner == nullptr ? std::string_view() : std::string_view(partner->public_page));
    return;
  }
  base::Uuid event_id;
  if (!base::parse_uuid_into(find_parameter(parameters, "event"), event_id) || event_id.is_nil()) {
    click.refuse(ClickOutcome::kBadRequest,
                 {base::ErrorKind::kInvalid, "bad_event_id", "the last part of the path must be a UUID"});
    return;
  }
  if (is_admitted(click, *partner, *link)) {
    stage_click(click, *partner, *link, event_id);
  }
}

}  // namespace tallystick::capture
