#include "quality/judge.h"

#include <algorithm>
#include <cstring>

#include <fmt/format.h>

#include "base/random.h"
#include "quality/agent_cache.h"
#include "quality/agent_class.h"
#include "quality/judge_state.h"
#include "quality/rules.h"
#include "quality/verdict.h"

namespace tallystick::quality {

namespace {

using journal::Reason;
using quality::key_of;

// A set of reasons that leaves out what is switched off.
class Reasons {
 public:
  explicit Reasons(const Limits& limits) : limits_(limits) {}
  void add(Reason reason, bool holds) {
    if (holds && limits_.is_on(reason)) {
      bits_ |= 1U << static_cast<unsigned>(reason);
    }
  }
  [[nodiscard]] std::uint32_t bits() const { return bits_; }

 private:
  const Limits& limits_;
  std::uint32_t bits_ = 0;
};

AgentProfile make_profile(const RuleSet& rules, std::string_view user_agent) {
  AgentProfile profile;
  profile.is_blocked = rules.block_list().blocks_agent(user_agent);
  profile.agent_class = classify_agent(user_agent);
  if (rules.is_own_app(user_agent)) {
    profile.agent_class = journal::AgentClass::kInApp;
    return profile;
  }
  profile.is_missing = !has_browser_form(user_agent);
  profile.is_crawler = rules.is_crawler(user_agent);
  if (profile.is_crawler) {
    profile.agent_class = journal::AgentClass::kCrawler;
  }
  return profile;
}

bool is_allowed(const std::array<char, 2>& country, std::span<const std::string> allowed) {
  const std::string_view code(country.data(), country.size());
  return allowed.empty() || country[0] == 0 || std::find(allowed.begin(), allowed.end(), code) != allowed.end();
}

Key128 key_of(const crypto::Digest& digest) {
  Key128 key;
  std::memcpy(&key.high, digest.data(), 8);
  std::memcpy(&key.low, digest.data() + 8, 8);
  return key;
}

// Keys of one thing for different purposes lie apart.
Key128 mix(Key128 key, const Key128& other) {
  return {key.high ^ other.high * 0x9E3779B97F4A7C15ULL, key.low ^ other.low * 0xD6E8FEB86659FD93ULL};
}

// IPv4 whole; of IPv6 the /64, as one line has all of it.
Key128 key_of(const base::IpAddress& address) {
  Key128 key;
  std::memcpy(&key.high, address.bytes.data(), 8);
  if (address.is_v4()) {
    std::memcpy(&key.low, address.bytes.data() + 8, 8);
  }
  return key;
}

// One rate limit, as it holds for one event.
class RateCheck {
 public:
  RateCheck(WindowCounter& counter, const Key128& subject, const RateLimit& limit, const Evidence& evidence)
      : counter_(counter),
        key_(mix(subject, {static_cast<std::uint64_t>(evidence.kind) + 1, 0})),
        window_us_(limit.window_us),
        most_(evidence.kind == EventKind::kClick ? limit.clicks : limit.impressions) {
    if (limit.is_per_partner) {
      key_ = mix(key_, key_of(evidence.partner_id));
    }
  }
  void prefetch() const {
    if (most_ > 0) {
      counter_.prefetch(key_, window_us_);
    }
  }
  [[nodiscard]] bool is_over(base::Timestamp now, bool is_counted) const {
    return most_ > 0 && counter_.count(key_, now, window_us_, is_counted) > most_;
  }

 private:
  WindowCounter& counter_;
  Key128 key_;
  std::int64_t window_us_;
  std::uint32_t most_;
};

// The counters that an event is held against. Made, and their memory asked for, before anything else is judged: the
// tables are larger than any cache, and so all of it is waited for once.
class Rates {
 public:
  Rates(JudgeState& state, const Evidence& evidence, const Limits& limits)
      : state_(state), limits_(limits), evidence_(evidence) {
    if (!evidence.ip.is_unspecified()) {
      address_.emplace(state.addresses, key_of(evidence.ip), limits.rate_ip, evidence);
      address_->prefetch();
    }
    if (evidence.session) {
      const Key128 key = key_of(*evidence.session);
      session_.emplace(state.sessions, key, limits.rate_session, evidence);
      session_->prefetch();
      if (evidence.kind == EventKind::kClick && limits.session_partner_clicks > 0 && !evidence.partner_id.is_nil()) {
        pair_ = mix(key, key_of(evidence.partner_id));
        state.session_partners.prefetch(*pair_);
      }
    }
  }

  [[nodiscard]] bool is_address_over(bool is_counted) {
    return address_ && address_->is_over(evidence_.now, is_counted);
  }
  [[nodiscard]] bool is_session_over(bool is_counted) {
    bool is_over = session_ && session_->is_over(evidence_.now, is_counted);
    if (pair_) {
      is_over |= state_.session_partners.count(*pair_, evidence_.now, limits_.session_partner_window_us, is_counted) >
                 limits_.session_partner_clicks;
    }
    return is_over;
  }

 private:
  JudgeState& state_;
  const Limits& limits_;
  const Evidence& evidence_;
  std::optional<RateCheck> address_;
  std::optional<RateCheck> session_;
  std::optional<Key128> pair_;
};

}  // namespace

Judge::Judge() : Judge(base::SystemRandom().next_u64()) {}

Judge::Judge(std::uint64_t seed) : state_(std::make_unique<JudgeState>(seed)) {
  set_rules(make_default_rules(nullptr));
}

Judge::~Judge() = default;

void Judge::set_rules(std::shared_ptr<const RuleSet> rules) {
  state_->set_rules(std::move(rules));
}

std::shared_ptr<const RuleSet> Judge::rules() const {
  return state_->active()->rules;
}

Judgement Judge::judge(const Evidence& evidence) {
  const std::shared_ptr<ActiveRules> active = state_->active();
  const RuleSet& rules = *active->rules;
  const Limits& limits = rules.limits_for(evidence.partner_id, evidence.partner_slug);
  Reasons reasons(limits);
  Judgement judgement;
  reasons.add(Reason::kBlocked,
              rules.block_list().blocks_address(evidence.ip) ||
                  rules.block_list().blocks_referrer(evidence.referrer_host) ||
                  rules.block_list().blocks_partner(evidence.partner_id, evidence.partner_slug));
  // Servers report conversions: what is known of the request says nothing about the visitor.
  if (evidence.kind != EventKind::kConversion) {
    state_->prefetch_first_time(evidence);
    Rates rates(*state_, evidence, limits);
    const AgentProfile agent = active->agents.get(
        evidence.user_agent, [&rules](std::string_view user_agent) { return make_profile(rules, user_agent); });
    judgement.agent_class = agent.agent_class;
    reasons.add(Reason::kUaCrawler, agent.is_crawler);
    reasons.add(Reason::kUaMissing, agent.is_missing);
    reasons.add(Reason::kPrefetch, evidence.is_prefetch);
    reasons.add(Reason::kDatacenterIp, rules.datacenters().contains(evidence.ip));
    if (rules.geo() != nullptr && !evidence.ip.is_unspecified()) {
      judgement.country = rules.geo()->find_country(evidence.ip);
    }
    reasons.add(Reason::kBlocked, agent.is_blocked || rules.block_list().blocks_country(judgement.country));
    reasons.add(Reason::kGeoMismatch, !is_allowed(judgement.country, evidence.countries));

    const bool is_first = state_->is_first_time(evidence);
    // What a browser fetches ahead is no act of its visitor: it counts towards no limit.
    const bool is_counted = is_first && !evidence.is_prefetch;
    reasons.add(Reason::kRateIp, rates.is_address_over(is_counted));
    reasons.add(Reason::kRateSession, rates.is_session_over(is_counted));
  }
  if (evidence.kind == EventKind::kClick && !evidence.impression_id.is_nil() && !evidence.is_prefetch) {
    const auto finding = state_->impressions.judge_click(
        {evidence.event_id, evidence.impression_id, evidence.session, evidence.now, reasons.bits() == 0}, limits);
    reasons.add(Reason::kDuplicateClick, finding.is_duplicate);
    reasons.add(Reason::kTooFast, finding.is_too_fast);
  }
  judgement.verdict = make_verdict(reasons.bits(), rules.version());
  state_->record(evidence.kind, judgement.verdict);
  return judgement;
}

void Judge::remember_impression(const base::Uuid& event_id, base::Timestamp received_at) {
  state_->impressions.see_impression(event_id, received_at);
}

void Judge::remember_click(const base::Uuid& event_id,
                           const base::Uuid& impression_id,
                           const std::optional<crypto::Digest>& session,
                           const base::Uuid& partner_id,
                           base::Timestamp received_at,
                           bool is_valid) {
  if (!state_->see_click(event_id, received_at)) {
    return;
  }
  if (session && !partner_id.is_nil()) {
    const Key128 pair = mix(key_of(*session), key_of(partner_id));
    (void)state_->session_partners.count(pair, received_at, 0, true);
  }
  if (!impression_id.is_nil()) {
    state_->impressions.remember_click({event_id, impression_id, session, received_at, is_valid}, is_valid);
  }
}

void Judge::watch_click(const base::Uuid& event_id,
                        const base::Uuid& impression_id,
                        std::uint64_t sequence,
                        base::Timestamp received_at) {
  state_->impressions.watch({event_id, impression_id, sequence, received_at});
}

bool Judge::has_impression(const base::Uuid& impression_id) const {
  return state_->impressions.has_impression(impression_id);
}

std::vector<Judge::Orphan> Judge::take_orphans(base::Timestamp now) {
  const auto active = state_->active();
  std::vector<Orphan> orphans;
  for (const auto& click : state_->impressions.take_orphans(now, active->rules->no_impression_grace_us())) {
    if (active->rules->default_limits().is_on(Reason::kNoImpression)) {
      orphans.push_back({click.event_id, click.impression_id, click.sequence});
    }
  }
  return orphans;
}

JudgeStats Judge::stats() const {
  return state_->stats();
}

std::vector<Degradation> Judge::degradations() const {
  const JudgeStats stats = state_->stats();
  std::vector<Degradation> list;
  const auto report = [&](Reason reason, std::uint64_t count, std::string_view what) {
    if (count > 0) {
      list.push_back({reason, fmt::format("{} {}; raise the limit in [memory]", count, what)});
    }
  };
  report(Reason::kNoImpression,
         stats.memory.undecided,
         "clicks were not judged: their impressions may have been pushed out of memory");
  report(Reason::kNoImpression, stats.memory.watch_overflows, "clicks could not be watched for their impression");
  report(Reason::kTooFast, stats.memory.impressions.evicted, "impressions were pushed out of memory early");
  report(Reason::kDuplicateClick, stats.memory.claims.evicted, "used impressions were pushed out of memory early");
  report(Reason::kDuplicateClick, stats.memory.recent_clicks.evicted, "recent clicks were pushed out of memory early");
  report(Reason::kRateIp, stats.addresses.evicted, "counters of addresses were pushed out of memory early");
  report(Reason::kRateSession, stats.sessions.evicted, "counters of sessions were pushed out of memory early");
  return list;
}

}  // namespace tallystick::quality
