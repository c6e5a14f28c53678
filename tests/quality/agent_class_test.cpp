#include "quality/agent_class.h"

#include <string_view>
#include <vector>

#include <gmock/gmock.h>

#include "quality/verdict.h"

namespace tallystick::quality {
namespace {

using journal::AgentClass;
using journal::Reason;
using journal::VerdictClass;

TEST(AgentClass, IsReadFromTheAgent) {
  const std::vector<std::pair<std::string_view, AgentClass>> cases = {
      {"", AgentClass::kUnknown},
      {"curl/8.5.0", AgentClass::kOther},
      {"Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 "
       "Safari/537.36",
       AgentClass::kDesktop},
      {"Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.6 "
       "Safari/605.1.15",
       AgentClass::kDesktop},
      {"Mozilla/5.0 (iPhone; CPU iPhone OS 18_6 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.6 "
       "Mobile/15E148 Safari/604.1",
       AgentClass::kMobile},
      {"Mozilla/5.0 (Linux; Android 10; K) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 Mobile "
       "Safari/537.36",
       AgentClass::kMobile},
      {"Opera/9.80 (Android; Opera Mini/76.0.2254/191.303; U; en) Presto/2.12.423 Version/12.16", AgentClass::kMobile},
      {"Mozilla/5.0 (Linux; Android 13; SM-X200) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 Safari/537.36",
       AgentClass::kTablet},
      {"Mozilla/5.0 (iPad; CPU OS 18_6 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.6 "
       "Mobile/15E148 "
       "Safari/604.1",
       AgentClass::kTablet},
      {"Mozilla/5.0 (iPhone; CPU iPhone OS 18_6 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Mobile/15E148 "
       "[FBAN/FBIOS;FBAV/537.0]",
       AgentClass::kInApp},
      {"Mozilla/5.0 (Web0S; Linux/SmartTV) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/120.0.6099.270 Safari/537.36",
       AgentClass::kOther},
  };
  for (const auto& [agent, klass] : cases) {
    EXPECT_EQ(classify_agent(agent), klass) << agent;
  }
}

TEST(AgentClass, ABrowsersFormIsProductVersionAndComment) {
  for (const std::string_view agent :
       {"Mozilla/5.0 (X)", "Opera/9.80 (J2ME)", "UCWEB/2.0 (Java; U)", "Mozilla/4.0 x (y"}) {
    EXPECT_TRUE(has_browser_form(agent)) << agent;
  }
  for (const std::string_view agent : {"",
                                       " Mozilla/5.0 (X)",
                                       "mozilla/5.0 (X)",
                                       "Mozilla/5.0",
                                       "Mozilla/ (X)",
                                       "Mozilla/v5 (X)",
                                       "Mozilla/5.0 (",
                                       "Mozilla/5.0 ()",
                                       "Mozilla/5.0(X)",
                                       "Dalvik/2.1.0 (Linux; U; Android 14)",
                                       "MyApp/1 CFNetwork/1410 Darwin/22.6.0"}) {
    EXPECT_FALSE(has_browser_form(agent)) << agent;
  }
}

TEST(Verdict, EveryReasonHasTheClassOfTheTable) {
  const std::vector<std::pair<Reason, VerdictClass>> table = {{Reason::kUaCrawler, VerdictClass::kGivt},
                                                              {Reason::kUaMissing, VerdictClass::kGivt},
                                                              {Reason::kPrefetch, VerdictClass::kGivt},
                                                              {Reason::kDatacenterIp, VerdictClass::kGivt},
                                                              {Reason::kBlocked, VerdictClass::kGivt},
                                                              {Reason::kDuplicateClick, VerdictClass::kGivt},
                                                              {Reason::kRateIp, VerdictClass::kSivt},
                                                              {Reason::kRateSession, VerdictClass::kSivt},
                                                              {Reason::kTooFast, VerdictClass::kSivt},
                                                              {Reason::kNoImpression, VerdictClass::kSuspect},
                                                              {Reason::kGeoMismatch, VerdictClass::kSuspect}};
  ASSERT_EQ(table.size(), journal::kReasonCount);
  for (const auto& [reason, klass] : table) {
    const auto verdict = make_verdict(1U << static_cast<unsigned>(reason), 5);
    EXPECT_EQ(class_of(reason), klass);
    EXPECT_EQ(verdict.klass, klass);
    EXPECT_EQ(verdict.score, weight_of(reason));
    EXPECT_TRUE(verdict.has(reason));
    EXPECT_EQ(verdict.rules_version, 5U);
  }
}

TEST(Verdict, TheGravestClassRulesAndScoresAddUpWithoutReaching100ByThemselves) {
  const auto bit = [](Reason reason) {
    return 1U << static_cast<unsigned>(reason);
  };
  const auto mild = make_verdict(bit(Reason::kNoImpression) | bit(Reason::kGeoMismatch), 1);
  EXPECT_EQ(mild.klass, VerdictClass::kSuspect);
  EXPECT_EQ(mild.score, 70);  // 100 -> 50 -> 30
  const auto mixed = make_verdict(bit(Reason::kRateIp) | bit(Reason::kTooFast) | bit(Reason::kGeoMismatch), 1);
  EXPECT_EQ(mixed.klass, VerdictClass::kSivt);
  EXPECT_EQ(mixed.score, 98);  // 100 -> 30 -> 4 -> 2
  EXPECT_EQ(make_verdict(bit(Reason::kUaMissing) | bit(Reason::kTooFast), 1).klass, VerdictClass::kGivt);
  EXPECT_EQ(make_verdict(0, 1).klass, VerdictClass::kValid);
  EXPECT_EQ(make_verdict(0xFFFF'FFFFU, 1).reasons, (1U << journal::kReasonCount) - 1)
      << "bits that mean nothing are left out";
}

TEST(Verdict, ARevisionAddsToWhatWasSaid) {
  const auto before = make_verdict(1U << static_cast<unsigned>(Reason::kTooFast), 1);
  const auto after = with_reason(before, Reason::kNoImpression, 2);
  EXPECT_TRUE(after.has(Reason::kTooFast));
  EXPECT_TRUE(after.has(Reason::kNoImpression));
  EXPECT_EQ(after.klass, VerdictClass::kSivt);
  EXPECT_EQ(after.rules_version, 2U);
}

}  // namespace
}  // namespace tallystick::quality
