#include "cli/demo_plan.h"

#include <algorithm>

#include <boost/json.hpp>
#include <fmt/format.h>

#include "base/encoding.h"
#include "cli/demo_agents.h"

namespace tallystick::cli {
namespace {

namespace json = boost::json;

constexpr std::size_t kBatch = 100;  // journeys prepared at a time
// Purposes 1 to 10 granted, no vendor named (IAB TCF v2).
constexpr std::string_view kTcfGiven = "CQdgxjAQdgxjAAfAHBENBkEgAP_AAAAAAAYgAAAAAAAA";
constexpr std::string_view kTcfMalformed = "CPXxRfA!";

std::string random_hex(base::Random& random, std::size_t bytes) {
  std::vector<std::uint8_t> raw(bytes);
  random.fill(raw);
  return base::to_hex(raw);
}

json::object consent_of(const DemoVisitor& visitor) {
  const bool yes = visitor.consent == DemoVisitor::Consent::kExplicitYes;
  return {{"analytics", yes}, {"marketing", yes}};
}

bool is_explicit(const DemoVisitor& visitor) {
  return visitor.consent == DemoVisitor::Consent::kExplicitYes || visitor.consent == DemoVisitor::Consent::kExplicitNo;
}

bool has_tcf(const DemoVisitor& visitor) {
  return visitor.consent == DemoVisitor::Consent::kTcfGiven || visitor.consent == DemoVisitor::Consent::kTcfMalformed;
}

std::string_view tcf_of(const DemoVisitor& visitor) {
  return visitor.consent == DemoVisitor::Consent::kTcfGiven ? kTcfGiven : kTcfMalformed;
}

}  // namespace

std::string_view name_of(DemoKind kind) {
  constexpr std::array<std::string_view, kDemoKinds> kNames = {
      "click", "impression", "exposure", "conversion", "postback"};
  return kNames[static_cast<std::size_t>(kind)];
}

DemoPlan::DemoPlan(const DemoWorld& world, base::Random& random, std::size_t sender)
    : world_(world), random_(random), sender_(sender) {}

DemoPlan::Journey DemoPlan::pick_journey() {
  struct Share {
    Journey journey;
    std::uint64_t percent;
  };
  constexpr std::array<Share, 13> kShares = {{{Journey::kReader, 47},
                                              {Journey::kHasty, 4},
                                              {Journey::kFlood, 5},
                                              {Journey::kDirectClick, 12},
                                              {Journey::kRepeatedClick, 6},
                                              {Journey::kPrefetch, 3},
                                              {Journey::kHead, 1},
                                              {Journey::kForged, 3},
                                              {Journey::kExpired, 2},
                                              {Journey::kPaused, 1},
                                              {Journey::kExposures, 5},
                                              {Journey::kImpressions, 8},
                                              {Journey::kBrokenEvents, 3}}};
  std::uint64_t point = below(100);
  for (const Share& share : kShares) {
    if (point < share.percent) {
      return share.journey;
    }
    point -= share.percent;
  }
  return Journey::kReader;
}

DemoVisitor DemoPlan::make_visitor() {
  DemoVisitor visitor;
  visitor.session = random_hex(random_, 12);
  visitor.user = random_hex(random_, 32);
  // 198.18.0.0/15 is set aside for load tests (RFC 2544): one /24 a visitor, apart for each sender.
  const std::uint64_t number = visitors_made_++ * 16 + sender_ % 16;
  visitor.address = fmt::format("198.{}.{}.{}", 18 + (number >> 8) % 2, number % 256, 1 + below(254));
  const std::uint64_t point = below(100);
  const auto group = point < 42   ? AgentGroup::kDesktop
                     : point < 76 ? AgentGroup::kMobile
                     : point < 90 ? AgentGroup::kInApp
                                  : AgentGroup::kCrawler;
  const auto agents = demo_agents(group);
  visitor.agent = point >= 98 ? std::string_view() : agents[below(agents.size())];
  constexpr std::array<DemoVisitor::Consent, 8> kConsents = {DemoVisitor::Consent::kSilent,
                                                             DemoVisitor::Consent::kSilent,
                                                             DemoVisitor::Consent::kGpc,
                                                             DemoVisitor::Consent::kTcfGiven,
                                                             DemoVisitor::Consent::kTcfGiven,
                                                             DemoVisitor::Consent::kTcfMalformed,
                                                             DemoVisitor::Consent::kExplicitYes,
                                                             DemoVisitor::Consent::kExplicitNo};
  visitor.consent = kConsents[below(kConsents.size())];
  return visitor;
}

DemoPlan::Prepared DemoPlan::prepare() {
  Prepared prepared;
  prepared.journey = pick_journey();
  prepared.visitor = make_visitor();
  if (prepared.journey == Journey::kFlood) {
    flooder_ = flooder_.value_or(prepared.visitor);
    prepared.visitor = *flooder_;
  }
  prepared.impression_id = base::make_uuid_v4(random_);
  prepared.click_id = base::make_uuid_v4(random_);
  prepared.placement_id = pick(world_.placement_ids);
  prepared.needs_link = prepared.journey != Journey::kExposures && prepared.journey != Journey::kImpressions &&
                        prepared.journey != Journey::kBrokenEvents;
  return prepared;
}

std::vector<json::object> DemoPlan::wanted_links(base::Timestamp now) {
  std::vector<json::object> requests;
  if (ready_.size() > kBatch / 4 || !waiting_.empty()) {
    return requests;
  }
  for (std::size_t i = 0; i < kBatch; ++i) {
    waiting_.push_back(prepare());
    if (waiting_.back().needs_link) {
      requests.push_back(link_request(waiting_.back(), now));
    }
  }
  return requests;
}

json::object DemoPlan::link_request(const Prepared& prepared, base::Timestamp now) {
  const DemoLink& link = prepared.journey == Journey::kPaused ? pick(world_.paused_links) : pick(world_.links);
  json::object parameters{{"placement", prepared.placement_id},
                          {"session", prepared.visitor.session},
                          {"user", prepared.visitor.user},
                          {"campaign", fmt::format("demo-{}", below(5))},
                          {"sub", fmt::format("s{}", below(100))}};
  if (prepared.journey == Journey::kReader || prepared.journey == Journey::kHasty) {
    parameters["imp"] = base::format_uuid(prepared.impression_id);
    parameters["article"] = fmt::format("article-{}", below(40));
  }
  if (has_tcf(prepared.visitor)) {
    parameters["gdpr"] = "1";
    parameters["gdpr_consent"] = tcf_of(prepared.visitor);
  } else if (is_explicit(prepared.visitor)) {
    parameters["consent"] =
        prepared.visitor.consent == DemoVisitor::Consent::kExplicitYes ? "analytics,marketing" : "none";
  }
  json::object request{{"partner", link.partner},
                       {"link", link.slug},
                       {"event_id", base::format_uuid(prepared.click_id)},
                       {"parameters", std::move(parameters)}};
  if (prepared.journey == Journey::kExpired) {
    request["expires_at"] = base::format_rfc3339({(now.us / base::kMicrosPerSecond - 3'600) * base::kMicrosPerSecond});
  }
  return request;
}

void DemoPlan::give_links(std::vector<std::string> targets) {
  std::size_t next_target = 0;
  for (Prepared& prepared : waiting_) {
    if (prepared.needs_link && next_target < targets.size()) {
      prepared.target = std::move(targets[next_target++]);
    }
    ready_.push_back(std::move(prepared));
  }
  waiting_.clear();
}

DemoAction DemoPlan::next(std::int64_t monotonic_us, base::Timestamp now) {
  if (const auto first = due_.begin(); first != due_.end() && (first->first <= monotonic_us || ready_.empty())) {
    DemoAction action = std::move(first->second);
    due_.erase(first);
    return action;
  }
  Prepared prepared = std::move(ready_.front());
  ready_.pop_front();
  return start(prepared, monotonic_us, now);
}

DemoAction DemoPlan::start(const Prepared& prepared, std::int64_t monotonic_us, base::Timestamp now) {
  const auto later = [&](std::uint64_t least_ms, std::uint64_t spread_ms) {
    return monotonic_us + static_cast<std::int64_t>(least_ms + below(spread_ms)) * base::kMicrosPerMilli;
  };
  switch (prepared.journey) {
    case Journey::kReader: {
      const std::int64_t clicked_at_us = later(300, 1'200);
      due_.emplace(clicked_at_us, click(prepared));
      if (below(100) < 12) {
        due_.emplace(clicked_at_us + 400 * base::kMicrosPerMilli,
                     below(3) == 0 ? postback(prepared) : conversion(prepared, now));
      }
      return impressions(prepared, 1, false, now);
    }
    case Journey::kHasty:  // faster than a person can click
      due_.emplace(monotonic_us, click(prepared));
      return impressions(prepared, 1, false, now);
    case Journey::kRepeatedClick: {
      DemoAction again = click(prepared);
      again.is_repeat = true;
      due_.emplace(later(200, 600), std::move(again));
      return click(prepared);
    }
    case Journey::kExposures:
      return exposures(prepared, 5 + below(20), false, now);
    case Journey::kImpressions:
      return impressions(prepared, 2 + below(6), false, now);
    case Journey::kBrokenEvents:
      return below(2) == 0 ? impressions(prepared, 4, true, now) : exposures(prepared, 6, true, now);
    case Journey::kFlood:
    case Journey::kDirectClick:
    case Journey::kPrefetch:
    case Journey::kHead:
    case Journey::kForged:
    case Journey::kExpired:
    case Journey::kPaused:
      break;
  }
  return click(prepared);
}

void DemoPlan::add_visitor_headers(const DemoVisitor& visitor, DemoAction& action) const {
  action.headers.emplace_back("X-Forwarded-For", visitor.address);
  if (!visitor.agent.empty()) {
    action.headers.emplace_back("User-Agent", visitor.agent);
  }
  if (visitor.consent == DemoVisitor::Consent::kGpc) {
    action.headers.emplace_back("Sec-GPC", "1");
  }
}

DemoAction DemoPlan::click(const Prepared& prepared) const {
  DemoAction action;
  action.kind = DemoKind::kClick;
  action.target = prepared.target;
  action.event_id = prepared.click_id;
  action.is_prefetch = prepared.journey == Journey::kPrefetch || prepared.journey == Journey::kHead;
  add_visitor_headers(prepared.visitor, action);
  if (prepared.journey == Journey::kPrefetch) {
    action.headers.emplace_back("Sec-Purpose", "prefetch;prerender");
  } else if (prepared.journey == Journey::kHead) {
    action.method = http::Method::kHead;
  } else if (prepared.journey == Journey::kForged) {
    // Another campaign than the one that was signed.
    if (const std::size_t at = action.target.find("campaign="); at != std::string::npos) {
      action.target.insert(at + 9, "x");
    }
  }
  return action;
}

DemoAction DemoPlan::impressions(const Prepared& prepared, std::size_t count, bool is_broken, base::Timestamp now) {
  json::array events;
  for (std::size_t i = 0; i < count; ++i) {
    const base::Uuid id = i == 0 ? prepared.impression_id : base::make_uuid_v4(random_);
    json::object event{{"event_id", base::format_uuid(id)},
                       {"placement_id", prepared.placement_id},
                       {"occurred_at", base::format_rfc3339(now)},
                       {"session_id", prepared.visitor.session},
                       {"user_id", prepared.visitor.user},
                       {"state", i % 3 == 2 ? "served" : "viewable"},
                       {"visible_ratio", 0.8},
                       {"visible_ms", 1'200 + below(4'000)}};
    if (is_explicit(prepared.visitor)) {
      event["consent"] = consent_of(prepared.visitor);
    } else if (has_tcf(prepared.visitor)) {
      event["consent"] = {{"gdpr", 1}, {"tcf", tcf_of(prepared.visitor)}};
    }
    if (is_broken && i == 1) {
      event["placement_id"] = "no-such-placement";
    } else if (is_broken && i == 2) {
      event["occurred_at"] = base::format_rfc3339(now - base::kMicrosPerHour);
    } else if (is_broken && i == 3) {
      event["event_id"] = "not-a-uuid";
    }
    events.push_back(std::move(event));
  }
  DemoAction action;
  action.kind = DemoKind::kImpression;
  action.method = http::Method::kPost;
  action.target = "/api/monetization/impression";
  action.body = count == 1 ? json::serialize(events[0]) : json::serialize(json::object{{"events", std::move(events)}});
  action.events = count;
  action.headers.emplace_back("Content-Type", "application/json");
  add_visitor_headers(prepared.visitor, action);
  return action;
}

DemoAction DemoPlan::exposures(const Prepared& prepared, std::size_t count, bool is_broken, base::Timestamp now) {
  json::array events;
  for (std::size_t i = 0; i < count; ++i) {
    const DemoUnit& unit = pick(world_.units);
    json::object event{{"event_id", base::format_uuid(base::make_uuid_v4(random_))},
                       {"merchant_id", unit.merchant_id},
                       {"exposure_unit_id", unit.unit_id},
                       {"exposure_type", unit.exposure_type},
                       {"placement_id", prepared.placement_id},
                       {"user_id", prepared.visitor.user},
                       {"timestamp", base::format_rfc3339(now)},
                       {"rank_position", i},
                       {"session_id", prepared.visitor.session},
                       {"is_clickable", true},
                       {"algorithm_version", "demo-1"},
                       {"total_items_in_list", count}};
    if (is_explicit(prepared.visitor)) {
      event["consent"] = consent_of(prepared.visitor);
    }
    if (is_broken && i == 1) {
      event["merchant_id"] = base::format_uuid(base::make_uuid_v4(random_));
    } else if (is_broken && i == 2) {
      event["timestamp"] = base::format_rfc3339(now - base::kMicrosPerHour);
    } else if (is_broken && i == 3) {
      event["timestamp"] = base::format_rfc3339(now + base::kMicrosPerHour);
    } else if (is_broken && i == 4) {
      event["rank_position"] = -1;
    } else if (is_broken && i == 5) {
      event["user_id"] = "somebody@example.com";
    }
    events.push_back(std::move(event));
  }
  DemoAction action;
  action.kind = DemoKind::kExposure;
  action.method = http::Method::kPost;
  action.target = "/api/exposure/batch";
  action.body = json::serialize(json::object{{"events", std::move(events)}});
  action.events = count;
  action.headers.emplace_back("Content-Type", "application/json");
  add_visitor_headers(prepared.visitor, action);
  return action;
}

DemoAction DemoPlan::conversion(const Prepared& prepared, base::Timestamp now) {
  const std::string cents = fmt::format("{}.{:02}", 10 + below(200), below(100));
  DemoAction action;
  action.kind = DemoKind::kConversion;
  action.method = http::Method::kPost;
  action.target = "/api/conversions";
  action.body = json::serialize(json::object{{"order_id", fmt::format("demo-{}", base::format_uuid(prepared.click_id))},
                                             {"click_id", base::format_uuid(prepared.click_id)},
                                             {"type", "sale"},
                                             {"amount", cents},
                                             {"commission", "1.50"},
                                             {"currency", "EUR"},
                                             {"occurred_at", base::format_rfc3339(now)}});
  action.headers.emplace_back("Content-Type", "application/json");
  action.needs_key = true;
  return action;
}

DemoAction DemoPlan::postback(const Prepared& prepared) {
  DemoAction action;
  action.kind = DemoKind::kPostback;
  action.target =
      fmt::format("/postback/{}?clickid={}&payout={}.{:02}&currency=EUR&txid=demo-{}&status=approved&et=sale",
                  prepared.target.substr(4, prepared.target.find('/', 4) - 4),
                  base::format_uuid(prepared.click_id),
                  1 + below(20),
                  below(100),
                  base::format_uuid(prepared.click_id));
  return action;
}

}  // namespace tallystick::cli
