#include "quality/crawler_matcher.h"

#include <fstream>
#include <string>
#include <vector>

#include <boost/json.hpp>
#include <gmock/gmock.h>

#include "embedded/crawler_exceptions.h"
#include "embedded/crawler_user_agents.h"
#include "quality/agent_class.h"

namespace tallystick::quality {
namespace {

using testing::HasSubstr;

// Compiling the list takes a second: once for all tests.
const CrawlerMatcher& matcher() {
  static const auto instance = CrawlerMatcher::make_embedded();
  return *instance;
}

std::vector<std::string> load_browsers() {
  std::ifstream file(TALLYSTICK_SOURCE_DIR "/tests/quality/data/browsers.txt");
  std::vector<std::string> agents;
  for (std::string line; std::getline(file, line);) {
    if (!line.empty() && line[0] != '#') {
      agents.push_back(line);
    }
  }
  return agents;
}

TEST(CrawlerMatcher, JudgesEveryExampleOfTheListACrawler) {
  const auto list = boost::json::parse(std::string_view(embedded::crawler_user_agents())).as_array();
  std::size_t examples = 0;
  for (const auto& entry : list) {
    for (const auto& example : entry.at("instances").as_array()) {
      const std::string agent(example.as_string());
      EXPECT_TRUE(matcher().is_crawler(agent)) << entry.at("pattern").as_string() << ": " << agent;
      ++examples;
    }
  }
  EXPECT_EQ(matcher().pattern_count(), list.size());
  EXPECT_GT(examples, 2000U);
}

TEST(CrawlerMatcher, JudgesNoBrowserOfPeopleACrawler) {
  const auto agents = load_browsers();
  EXPECT_GE(agents.size(), 150U);
  for (const std::string& agent : agents) {
    EXPECT_FALSE(matcher().is_crawler(agent))
        << agent << "\n  by " << testing::PrintToString(matcher().find_patterns(agent));
    EXPECT_TRUE(has_browser_form(agent)) << agent;
  }
}

TEST(CrawlerMatcher, TakesEveryPatternOfTheListIntoHyperscan) {
  EXPECT_THAT(matcher().fallback_patterns(), testing::IsEmpty());
}

constexpr std::string_view kList = R"json([
  {"pattern": "Bot(?!tle)", "instances": ["GoodBot/1.0"]},
  {"pattern": "crawl", "instances": ["crawl-one", "Phone crawl-two"]}
])json";

TEST(CrawlerMatcher, RunsWhatHyperscanCannotTakeExactly) {
  const auto made = CrawlerMatcher::make(kList, "");
  ASSERT_TRUE(made) << made.error().message;
  EXPECT_THAT(made->fallback_patterns(), testing::ElementsAre("Bot(?!tle)"));
  EXPECT_TRUE(made->is_crawler("GoodBot/1.0"));
  EXPECT_TRUE(made->is_crawler("a crawl"));
  EXPECT_FALSE(made->is_crawler("Bottle"));
  EXPECT_FALSE(made->is_crawler(""));
}

TEST(CrawlerMatcher, RefusesPatternsThatNobodyCanTakeByName) {
  const auto made = CrawlerMatcher::make(R"([{"pattern": "good"}, {"pattern": "(?<=bad)lookbehind"}])", "");
  ASSERT_FALSE(made);
  EXPECT_EQ(made.error().code, "bad_pattern");
  EXPECT_THAT(made.error().message, HasSubstr("pattern 2 '(?<=bad)lookbehind'"));
}

TEST(CrawlerMatcher, ExcusesOnlyWhatAnExceptionNames) {
  const auto made = CrawlerMatcher::make(R"([
      {"pattern": "Bot", "instances": ["Phone Bot one"]}, {"pattern": "crawl", "instances": []}])",
                                         "[[exception]]\npattern='Bot'\nagent='^Phone '\nreason='a phone'\n");
  ASSERT_TRUE(made) << made.error().message;
  EXPECT_EQ(made->exception_count(), 1U);
  EXPECT_FALSE(made->is_crawler("Phone Bot two"));
  EXPECT_TRUE(made->is_crawler("Phone Bot one")) << "an example of the list is never excused";
  EXPECT_TRUE(made->is_crawler("Robot Bot")) << "the agent is not the exception's";
  EXPECT_TRUE(made->is_crawler("Phone Bot crawl")) << "another pattern hits too";
}

TEST(CrawlerMatcher, RefusesExceptionsForPatternsThatAreNotThere) {
  const auto made = CrawlerMatcher::make(kList, "[[exception]]\npattern='x'\nagent='y'\nreason='z'\n");
  ASSERT_FALSE(made);
  EXPECT_EQ(made.error().code, "bad_exceptions");
}

TEST(CrawlerMatcher, RefusesExceptionsWithoutReason) {
  const auto made = CrawlerMatcher::make(kList, "[[exception]]\npattern='crawl'\nagent='y'\n");
  ASSERT_FALSE(made);
  EXPECT_THAT(made.error().message, HasSubstr("crawler_exceptions.toml:1: 'exception.reason' is missing"));
}

TEST(CrawlerMatcher, RefusesListsOfAnotherShape) {
  for (const std::string_view list :
       {"", "{}", "[]", "[1]", R"([{"pattern": 1}])", R"([{"pattern": "a", "instances": [1]}])"}) {
    const auto made = CrawlerMatcher::make(list, "");
    ASSERT_FALSE(made) << list;
    EXPECT_EQ(made.error().code, "bad_crawler_list") << list;
  }
}

TEST(CrawlerMatcher, DigestFollowsListAndExceptions) {
  const auto one = CrawlerMatcher::make(kList, "");
  const auto two = CrawlerMatcher::make(kList, "# changed");
  ASSERT_TRUE(one && two);
  EXPECT_NE(one->digest(), two->digest());
}

TEST(CrawlerMatcher, TakesAnAgentThatWasNotSent) {
  EXPECT_FALSE(CrawlerMatcher::make_embedded()->is_crawler(std::string_view()));
}

}  // namespace
}  // namespace tallystick::quality
