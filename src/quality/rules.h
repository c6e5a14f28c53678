#pragma once
// A rule set: every limit and list the inline verdict reads, with a version that follows from its content.
// Immutable and thread-safe; a reload makes a new one.

#include <array>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/ip.h"
#include "base/time.h"
#include "base/uuid.h"
#include "crypto/sha256.h"
#include "journal/event.h"
#include "quality/block_list.h"
#include "quality/crawler_matcher.h"
#include "quality/geo.h"
#include "quality/network_list.h"

namespace tallystick::quality {

// How many events in a sliding window; zero: no limit.
struct RateLimit {
  std::int64_t window_us = base::kMicrosPerMinute;
  std::uint32_t clicks = 0;
  std::uint32_t impressions = 0;
  // A partner with a window of its own has counters of its own.
  bool is_per_partner = false;
};

// The numbers of the rules (docs/quality.md has each with its reason).
struct Limits {
  std::int64_t duplicate_window_us = 45 * base::kMicrosPerSecond;
  std::int64_t too_fast_us = 100 * base::kMicrosPerMilli;
  RateLimit rate_ip{base::kMicrosPerMinute, 60, 0, false};
  RateLimit rate_session{base::kMicrosPerMinute, 20, 1200, false};
  std::uint32_t session_partner_clicks = 3;
  std::int64_t session_partner_window_us = 30 * base::kMicrosPerMinute;
  std::uint32_t disabled = 0;  // bit i: Reason i is not judged

  [[nodiscard]] bool is_on(journal::Reason reason) const {
    return (disabled >> static_cast<unsigned>(reason) & 1U) == 0;
  }
};

// The most that Limits::session_partner_clicks can be: their times are kept one by one.
inline constexpr std::uint32_t kMaxSessionPartnerClicks = 15;

// How much the judge remembers, and how long. Changes take effect as entries come and go.
struct MemoryLimits {
  std::size_t impressions = 1'000'000;
  std::int64_t impression_us = 48 * base::kMicrosPerHour;
  std::size_t claims = 1'000'000;  // impressions with a valid click
  std::int64_t claim_us = 7 * base::kMicrosPerDay;
  std::size_t clicks = 500'000;  // recent clicks, for duplicates and repeats
  std::size_t addresses = 200'000;
  std::size_t sessions = 200'000;
  std::size_t watched_clicks = 200'000;
  std::size_t agents = 32'768;
};

// A rule that does not judge now, and why. For /readyz, metrics and the console.
struct SwitchedOff {
  journal::Reason reason;
  std::string why;
};

struct RuleSetContent {
  Limits limits;
  std::map<std::string, Limits, std::less<>> by_slug;  // whole limits: the defaults with the partner's changes
  std::map<base::Uuid, Limits> by_id;
  MemoryLimits memory;
  std::int64_t no_impression_grace_us = base::kMicrosPerMinute;
  std::vector<std::string> app_prefixes;  // agents of the operator's own apps
  std::optional<PatternSet> people;       // agents that the crawler list hits by mistake
  NetworkList datacenters;
  bool has_datacenters = false;
  BlockList block_list;
  std::shared_ptr<const GeoDatabase> geo;
  std::string geo_problem;  // why there is none
  std::shared_ptr<const CrawlerMatcher> crawlers;
  crypto::Digest digest{};  // over every file and number above
};

class RuleSet {
 public:
  explicit RuleSet(RuleSetContent content);

  // Stable: the first four bytes of the digest, and never zero.
  [[nodiscard]] std::uint32_t version() const { return version_; }
  [[nodiscard]] const crypto::Digest& digest() const { return content_.digest; }
  [[nodiscard]] const std::vector<SwitchedOff>& switched_off() const { return switched_off_; }

  [[nodiscard]] const Limits& limits_for(const base::Uuid& partner_id, std::string_view partner_slug) const;
  // The defaults first, then every partner's.
  [[nodiscard]] std::vector<const Limits*> all_limits() const;
  [[nodiscard]] const Limits& default_limits() const { return content_.limits; }
  [[nodiscard]] const MemoryLimits& memory() const { return content_.memory; }
  [[nodiscard]] std::int64_t no_impression_grace_us() const { return content_.no_impression_grace_us; }
  [[nodiscard]] bool is_own_app(std::string_view user_agent) const;
  // By the crawler list, less the operator's own exceptions (never for one of the list's own examples).
  [[nodiscard]] bool is_crawler(std::string_view user_agent) const;
  [[nodiscard]] const NetworkList& datacenters() const { return content_.datacenters; }
  [[nodiscard]] const BlockList& block_list() const { return content_.block_list; }
  [[nodiscard]] const GeoDatabase* geo() const { return content_.geo.get(); }

 private:
  RuleSetContent content_;
  std::uint32_t version_;
  std::vector<SwitchedOff> switched_off_;
};

// The defaults, without any list but the crawlers.
[[nodiscard]] std::shared_ptr<const RuleSet> make_default_rules(std::shared_ptr<const CrawlerMatcher> crawlers);

}  // namespace tallystick::quality
