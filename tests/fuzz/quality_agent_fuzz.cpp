// rooms: quality journal crypto base
// Any user agent and referrer through the judge: no crash, and the same verdict from the cache as from the patterns.
#include <cstdint>
#include <cstdlib>
#include <memory>
#include <string_view>

#include "quality/agent_class.h"
#include "quality/crawler_matcher.h"
#include "quality/judge.h"
#include "quality/rules.h"

namespace {

using tallystick::quality::BlockList;
using tallystick::quality::CrawlerMatcher;
using tallystick::quality::EventKind;
using tallystick::quality::Evidence;
using tallystick::quality::Judge;
using tallystick::quality::RuleSet;
using tallystick::quality::RuleSetContent;

std::shared_ptr<const RuleSet> make_rules() {
  RuleSetContent content;
  content.crawlers = CrawlerMatcher::make_embedded();
  content.block_list =
      *BlockList::parse("agents = ['badapp']\nreferrers = ['*.spam.example', 'spam.test']", "block.toml");
  return std::make_shared<const RuleSet>(std::move(content));
}

const std::shared_ptr<const RuleSet>& shared_rules() {
  static const std::shared_ptr<const RuleSet> rules = make_rules();
  return rules;
}

}  // namespace

// Compiling the crawler patterns takes longer than an input may.
extern "C" int LLVMFuzzerInitialize(int* /*argc*/, char*** /*argv*/) {
  (void)shared_rules();
  return 0;
}

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::shared_ptr<const RuleSet>& rules = shared_rules();
  static Judge& judge = *[] {
    static Judge instance(1);
    instance.set_rules(shared_rules());
    return &instance;
  }();
  static std::int64_t now_us = 1'763'697'600'000'000;
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  Evidence evidence;
  evidence.kind = EventKind::kImpression;
  evidence.now = {now_us++};
  evidence.user_agent = text.substr(0, size / 2);
  evidence.referrer_host = text.substr(size / 2);
  const auto first = judge.judge(evidence);
  const auto again = judge.judge(evidence);
  const bool is_same = first.verdict.reasons == again.verdict.reasons && first.verdict.score == again.verdict.score &&
                       first.agent_class == again.agent_class;
  const bool is_crawler = first.verdict.has(tallystick::journal::Reason::kUaCrawler);
  const bool is_missing = first.verdict.has(tallystick::journal::Reason::kUaMissing);
  if (!is_same || is_crawler != rules->is_crawler(evidence.user_agent) ||
      is_missing == tallystick::quality::has_browser_form(evidence.user_agent)) {
    std::abort();
  }
  return 0;
}
