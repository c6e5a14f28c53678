#include "quality/judge.h"

#include <string>
#include <vector>

#include <gmock/gmock.h>

#include "quality/rules.h"
#include "quality/verdict.h"
#include "tests/quality/support.h"

namespace tallystick::quality {
namespace {

using journal::Reason;
using journal::VerdictClass;

class JudgeTest : public testing::Test {
 protected:
  JudgeTest() { use(RuleSetContent{}); }

  void use(RuleSetContent content) {
    content.crawlers = small_crawlers();
    judge_.set_rules(std::make_shared<const RuleSet>(std::move(content)));
  }
  journal::Verdict judge(const Evidence& evidence) { return judge_.judge(evidence).verdict; }

  Judge judge_{1};
};

TEST_F(JudgeTest, FindsNothingWrongWithAnOrdinaryClick) {
  const auto judgement = judge_.judge(make_click(1, kStart));
  EXPECT_EQ(judgement.verdict.klass, VerdictClass::kValid);
  EXPECT_EQ(judgement.verdict.reasons, 0U);
  EXPECT_EQ(judgement.verdict.score, 0);
  EXPECT_EQ(judgement.verdict.rules_version, judge_.rules()->version());
  EXPECT_EQ(judgement.agent_class, journal::AgentClass::kDesktop);
}

TEST_F(JudgeTest, CrawlersAreGivt) {
  Evidence click = make_click(1, kStart);
  click.user_agent = "Mozilla/5.0 (compatible; TestBot/1.0; +https://bot.example)";
  const auto judgement = judge_.judge(click);
  EXPECT_EQ(judgement.verdict, with(Reason::kUaCrawler, VerdictClass::kGivt, 100));
  EXPECT_EQ(judgement.agent_class, journal::AgentClass::kCrawler);
}

TEST_F(JudgeTest, AgentsThatAreNoBrowserAreGivt) {
  for (const std::string_view agent :
       {"", "-", "null", "Mozilla/5.0", "Mozilla/5.0 ()", "Mozilla/x (y)", "MyApp/1.0 (iOS)"}) {
    Evidence click = make_click(1, kStart);
    click.user_agent = agent;
    EXPECT_EQ(judge(click), with(Reason::kUaMissing, VerdictClass::kGivt, 90)) << agent;
  }
}

TEST_F(JudgeTest, OwnAppsAreNeitherMissingNorCrawlers) {
  RuleSetContent content;
  content.app_prefixes = {"TestBotShop/"};
  use(std::move(content));
  Evidence click = make_click(1, kStart);
  click.user_agent = "TestBotShop/3.1 okhttp/4";
  const auto judgement = judge_.judge(click);
  EXPECT_EQ(judgement.verdict.reasons, 0U);
  EXPECT_EQ(judgement.agent_class, journal::AgentClass::kInApp);
}

TEST_F(JudgeTest, PrefetchIsGivtAndCountsTowardsNothing) {
  judge_.remember_impression(id_of(7), kStart - base::kMicrosPerMinute);
  for (int i = 0; i < 100; ++i) {
    Evidence ahead = make_click(100 + i, kStart);
    ahead.is_prefetch = true;
    ahead.impression_id = id_of(7);
    EXPECT_EQ(judge(ahead), with(Reason::kPrefetch, VerdictClass::kGivt, 100));
  }
  Evidence click = make_click(1, kStart);
  click.impression_id = id_of(7);
  EXPECT_EQ(judge(click).reasons, 0U);
}

TEST_F(JudgeTest, DatacenterNetworksAreGivt) {
  RuleSetContent content;
  content.datacenters = *NetworkList::parse("203.0.113.0/24", "list");
  use(std::move(content));
  const std::vector<std::pair<std::string_view, bool>> cases = {
      {"203.0.112.255", false}, {"203.0.113.0", true}, {"203.0.113.255", true}, {"203.0.114.0", false}};
  for (const auto& [address, is_hit] : cases) {
    Evidence click = make_click(1, kStart);
    click.ip = *base::parse_ip(address);
    EXPECT_EQ(judge(click).has(Reason::kDatacenterIp), is_hit) << address;
  }
}

TEST_F(JudgeTest, BlocksEveryKindOfEntry) {
  RuleSetContent content;
  content.block_list = *BlockList::parse(R"(
networks = ["198.51.100.0/24"]
referrers = ["spam.example", "*.farm.example"]
agents = ["badapp/"]
agent_patterns = ['Evil[0-9]+']
partners = ["crooks", "00000000-0000-0000-0000-0000000000bb"]
)",
                                         "block.toml");
  use(std::move(content));
  const auto is_blocked = [&](auto change) {
    Evidence click = make_click(1, kStart);
    change(click);
    return judge(click) == with(Reason::kBlocked, VerdictClass::kGivt, 100);
  };
  EXPECT_FALSE(is_blocked([](Evidence&) {}));
  EXPECT_TRUE(is_blocked([](Evidence& e) { e.ip = *base::parse_ip("198.51.100.9"); }));
  EXPECT_TRUE(is_blocked([](Evidence& e) { e.referrer_host = "Spam.Example"; }));
  EXPECT_FALSE(is_blocked([](Evidence& e) { e.referrer_host = "www.spam.example"; }));
  EXPECT_TRUE(is_blocked([](Evidence& e) { e.referrer_host = "a.b.farm.example"; }));
  EXPECT_FALSE(is_blocked([](Evidence& e) { e.referrer_host = "farm.example"; }));
  EXPECT_FALSE(is_blocked([](Evidence& e) { e.referrer_host = "notfarm.example"; }));
  EXPECT_TRUE(is_blocked([](Evidence& e) { e.user_agent = "Mozilla/5.0 (X11; Linux x86_64) BADAPP/2"; }));
  EXPECT_TRUE(is_blocked([](Evidence& e) { e.user_agent = "Mozilla/5.0 (X11; Linux x86_64) eVIL77"; }));
  EXPECT_TRUE(is_blocked([](Evidence& e) { e.partner_slug = "crooks"; }));
  EXPECT_TRUE(is_blocked([](Evidence& e) { e.partner_id = id_of(0xbb); }));
}

TEST_F(JudgeTest, SameSessionAndImpressionWithin45SecondsIsADuplicate) {
  const std::vector<std::pair<std::int64_t, bool>> cases = {{0, true}, {45'000'000, true}, {45'000'001, false}};
  std::uint64_t impression = 1000;
  for (const auto& [after_us, is_duplicate] : cases) {
    // The first click is no valid one, so that only the window is at work.
    Evidence first = make_click(impression + 1, kStart);
    first.impression_id = id_of(impression);
    first.user_agent = "";
    (void)judge(first);
    Evidence second = make_click(impression + 2, kStart + after_us);
    second.impression_id = id_of(impression);
    EXPECT_EQ(judge(second).has(Reason::kDuplicateClick), is_duplicate) << after_us;
    impression += 10;
  }
}

TEST_F(JudgeTest, OnlyTheFirstValidClickOfAnImpressionCountsEver) {
  Evidence first = make_click(1, kStart);
  first.impression_id = id_of(9);
  EXPECT_EQ(judge(first).reasons, 0U);
  Evidence later = make_click(2, kStart + 6 * base::kMicrosPerDay);
  later.impression_id = id_of(9);
  later.session = session_of(2);
  EXPECT_EQ(judge(later), with(Reason::kDuplicateClick, VerdictClass::kGivt, 100));
}

TEST_F(JudgeTest, TheSameEventAgainIsNoDuplicateAndCountsOnce) {
  Evidence click = make_click(1, kStart);
  click.impression_id = id_of(9);
  for (int i = 0; i < 50; ++i) {
    EXPECT_EQ(judge(click).reasons, 0U) << i;
  }
}

TEST_F(JudgeTest, ClicksUnder100MillisecondsAfterTheirImpressionAreTooFast) {
  const std::vector<std::pair<std::int64_t, bool>> cases = {{0, true}, {99'999, true}, {100'000, false}, {-1, false}};
  std::uint64_t id = 100;
  for (const auto& [after_us, is_too_fast] : cases) {
    judge_.remember_impression(id_of(id), kStart);
    Evidence click = make_click(id + 1, kStart + after_us);
    click.session = session_of(id);
    click.impression_id = id_of(id);
    EXPECT_EQ(judge(click).has(Reason::kTooFast), is_too_fast) << after_us;
    id += 2;
  }
}

TEST_F(JudgeTest, TheFourthClickOfASessionOnAPartnerIn30MinutesIsTooMany) {
  for (int i = 0; i < 3; ++i) {
    EXPECT_EQ(judge(make_click(10 + i, kStart + i)).reasons, 0U);
  }
  EXPECT_EQ(judge(make_click(20, kStart + 30 * base::kMicrosPerMinute - 1)),
            with(Reason::kRateSession, VerdictClass::kSivt, 80));
  Evidence other = make_click(21, kStart + 30 * base::kMicrosPerMinute - 1);
  other.partner_id = id_of(0xcc);
  EXPECT_EQ(judge(other).reasons, 0U) << "another partner";
  // At 30 minutes the first of them is outside: the second, third and fourth are inside, and this is one more.
  EXPECT_TRUE(judge(make_click(22, kStart + 30 * base::kMicrosPerMinute)).has(Reason::kRateSession));
  EXPECT_EQ(judge(make_click(23, kStart + 61 * base::kMicrosPerMinute)).reasons, 0U);
}

TEST_F(JudgeTest, RatesAreLimitedPerAddressAndSession) {
  RuleSetContent content;
  content.limits.rate_ip.clicks = 5;
  content.limits.rate_session.clicks = 7;
  content.limits.session_partner_clicks = 0;
  use(std::move(content));
  for (int i = 1; i <= 8; ++i) {
    const auto verdict = judge(make_click(i, kStart));
    EXPECT_EQ(verdict.has(Reason::kRateIp), i > 5) << i;
    EXPECT_EQ(verdict.has(Reason::kRateSession), i > 7) << i;
    EXPECT_EQ(verdict.klass, i > 5 ? VerdictClass::kSivt : VerdictClass::kValid);
  }
}

TEST_F(JudgeTest, ImpressionsAreNotJudgedByRulesForClicks) {
  for (int i = 0; i < 500; ++i) {
    Evidence impression = make_click(static_cast<std::uint64_t>(i) + 1, kStart);
    impression.kind = EventKind::kImpression;
    EXPECT_EQ(judge(impression).reasons, 0U);
  }
}

TEST_F(JudgeTest, ConversionsAreOnlyJudgedByTheBlockList) {
  RuleSetContent content;
  content.block_list = *BlockList::parse("partners = ['crooks']", "block.toml");
  content.datacenters = *NetworkList::parse("192.0.2.0/24", "list");
  use(std::move(content));
  Evidence conversion = make_click(1, kStart);
  conversion.kind = EventKind::kConversion;
  conversion.user_agent = "curl/8";
  conversion.is_prefetch = true;
  EXPECT_EQ(judge(conversion).reasons, 0U);
  conversion.partner_slug = "crooks";
  EXPECT_EQ(judge(conversion), with(Reason::kBlocked, VerdictClass::kGivt, 100));
}

TEST_F(JudgeTest, ClicksWhoseImpressionNeverCameAreOrphansOnce) {
  judge_.watch_click(id_of(1), id_of(11), 101, kStart);
  judge_.watch_click(id_of(2), id_of(12), 102, kStart + 1);
  EXPECT_FALSE(judge_.has_impression(id_of(11)));
  EXPECT_TRUE(judge_.take_orphans(kStart + base::kMicrosPerMinute - 1).empty());
  judge_.remember_impression(id_of(12), kStart + 30);
  EXPECT_TRUE(judge_.has_impression(id_of(12)));
  const auto orphans = judge_.take_orphans(kStart + 2 * base::kMicrosPerMinute);
  ASSERT_EQ(orphans.size(), 1U);
  EXPECT_EQ(orphans[0].event_id, id_of(1));
  EXPECT_EQ(orphans[0].impression_id, id_of(11));
  EXPECT_EQ(orphans[0].sequence, 101U);
  EXPECT_TRUE(judge_.take_orphans(kStart + base::kMicrosPerHour).empty());
}

TEST_F(JudgeTest, RestartRebuildsWhatClicksLeftBehind) {
  judge_.remember_impression(id_of(9), kStart);
  judge_.remember_click(id_of(1), id_of(9), session_of(1), id_of(0xaa), kStart + base::kMicrosPerSecond, true);
  Evidence again = make_click(1, kStart + 2 * base::kMicrosPerSecond);
  again.impression_id = id_of(9);
  EXPECT_EQ(judge(again).reasons, 0U) << "the same event";
  Evidence other = make_click(2, kStart + base::kMicrosPerHour);
  other.impression_id = id_of(9);
  EXPECT_TRUE(judge(other).has(Reason::kDuplicateClick));
  judge_.remember_click(id_of(3), id_of(10), session_of(3), id_of(0xaa), kStart, false);
  judge_.remember_click(id_of(4), {}, session_of(3), id_of(0xaa), kStart, true);
  judge_.remember_click(id_of(5), {}, session_of(3), id_of(0xaa), kStart, true);
  Evidence fourth = make_click(6, kStart + base::kMicrosPerMinute);
  fourth.session = session_of(3);
  EXPECT_TRUE(judge(fourth).has(Reason::kRateSession));
}

TEST_F(JudgeTest, SeveralReasonsAreAllKeptAndTheGravestClassRules) {
  RuleSetContent content;
  content.limits.rate_ip.clicks = 1;
  use(std::move(content));
  (void)judge(make_click(1, kStart));
  Evidence click = make_click(2, kStart);
  click.user_agent = "";
  const auto verdict = judge(click);
  EXPECT_TRUE(verdict.has(Reason::kUaMissing));
  EXPECT_TRUE(verdict.has(Reason::kRateIp));
  EXPECT_EQ(verdict.klass, VerdictClass::kGivt);
  // 100 -> 10 after ua_missing (90) -> 3 after rate_ip (70).
  EXPECT_EQ(verdict.score, 97);
}

TEST_F(JudgeTest, PartnersHaveLimitsOfTheirOwn) {
  RuleSetContent content;
  content.limits.session_partner_clicks = 3;
  Limits own = content.limits;
  own.session_partner_clicks = 1;
  content.by_slug.emplace("strict", own);
  own.disabled = 1U << static_cast<unsigned>(Reason::kRateSession);
  content.by_id.emplace(id_of(0xdd), own);
  use(std::move(content));
  Evidence click = make_click(1, kStart);
  click.partner_slug = "strict";
  EXPECT_EQ(judge(click).reasons, 0U);
  click.event_id = id_of(2);
  EXPECT_TRUE(judge(click).has(Reason::kRateSession));
  for (std::uint64_t i = 10; i < 20; ++i) {
    Evidence lenient = make_click(i, kStart);
    lenient.partner_id = id_of(0xdd);
    EXPECT_EQ(judge(lenient).reasons, 0U);
  }
}

TEST_F(JudgeTest, CountsWhatItJudged) {
  (void)judge(make_click(1, kStart));
  Evidence crawler = make_click(2, kStart);
  crawler.user_agent = "TestBot";
  (void)judge(crawler);
  const JudgeStats stats = judge_.stats();
  const auto clicks = static_cast<std::size_t>(EventKind::kClick);
  EXPECT_EQ(stats.classes[clicks][static_cast<std::size_t>(VerdictClass::kValid)], 1U);
  EXPECT_EQ(stats.classes[clicks][static_cast<std::size_t>(VerdictClass::kGivt)], 1U);
  EXPECT_EQ(stats.reasons[clicks][static_cast<std::size_t>(Reason::kUaCrawler)], 1U);
  EXPECT_TRUE(judge_.degradations().empty());
}

}  // namespace
}  // namespace tallystick::quality
