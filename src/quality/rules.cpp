#include "quality/rules.h"

#include <algorithm>

namespace tallystick::quality {

namespace {

std::uint32_t version_of(const crypto::Digest& digest) {
  std::uint32_t version = 0;
  for (std::size_t i = 0; i < 4; ++i) {
    version = version << 8U | digest[i];
  }
  return version == 0 ? 1 : version;
}

}  // namespace

RuleSet::RuleSet(RuleSetContent content) : content_(std::move(content)), version_(version_of(content_.digest)) {
  using journal::Reason;
  const auto switch_off = [&](Reason reason, std::string why) {
    switched_off_.push_back({reason, std::move(why)});
  };
  for (std::size_t i = 0; i < journal::kReasonCount; ++i) {
    if (!content_.limits.is_on(static_cast<Reason>(i))) {
      switch_off(static_cast<Reason>(i), "disabled in the configuration");
    }
  }
  if (content_.crawlers == nullptr) {
    switch_off(Reason::kUaCrawler, "no crawler list");
  }
  if (!content_.has_datacenters) {
    switch_off(Reason::kDatacenterIp, "no list of datacenter networks is configured");
  }
  if (content_.geo == nullptr) {
    switch_off(Reason::kGeoMismatch,
               content_.geo_problem.empty() ? "no geo database is configured" : content_.geo_problem);
  }
}

const Limits& RuleSet::limits_for(const base::Uuid& partner_id, std::string_view partner_slug) const {
  if (!content_.by_id.empty()) {
    if (const auto found = content_.by_id.find(partner_id); found != content_.by_id.end()) {
      return found->second;
    }
  }
  if (!content_.by_slug.empty()) {
    if (const auto found = content_.by_slug.find(partner_slug); found != content_.by_slug.end()) {
      return found->second;
    }
  }
  return content_.limits;
}

std::vector<const Limits*> RuleSet::all_limits() const {
  std::vector<const Limits*> all = {&content_.limits};
  for (const auto& [id, limits] : content_.by_id) {
    all.push_back(&limits);
  }
  for (const auto& [slug, limits] : content_.by_slug) {
    all.push_back(&limits);
  }
  return all;
}

bool RuleSet::is_own_app(std::string_view user_agent) const {
  return std::any_of(content_.app_prefixes.begin(), content_.app_prefixes.end(), [&](const std::string& prefix) {
    return user_agent.starts_with(prefix);
  });
}

bool RuleSet::is_crawler(std::string_view user_agent) const {
  if (content_.crawlers == nullptr || !content_.crawlers->is_crawler(user_agent)) {
    return false;
  }
  return !content_.people || !content_.people->matches_any(user_agent) || content_.crawlers->is_example(user_agent);
}

std::shared_ptr<const RuleSet> make_default_rules(std::shared_ptr<const CrawlerMatcher> crawlers) {
  RuleSetContent content;
  crypto::Sha256 digest;
  digest.update("tallystick quality rules 1\n");
  if (crawlers != nullptr) {
    digest.update(crawlers->digest());
  }
  content.crawlers = std::move(crawlers);
  content.digest = digest.finish();
  return std::make_shared<const RuleSet>(std::move(content));
}

}  // namespace tallystick::quality
