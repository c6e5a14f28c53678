#include "quality/rules.h"

#include <filesystem>
#include <string>
#include <vector>

#include <gmock/gmock.h>

#include "base/file.h"
#include "quality/rule_watcher.h"
#include "quality/rules_loader.h"
#include "tests/quality/mmdb_writer.h"
#include "tests/quality/support.h"
#include "tests/support/temporary_directory.h"

namespace tallystick::quality {
namespace {

using journal::Reason;
using testing::HasSubstr;

class RulesTest : public testing::Test {
 protected:
  void write(const std::string& name, std::string_view text) {
    ASSERT_TRUE(base::write_file_atomically(folder_.path() / name, text));
  }
  RuleSetLoader loader() { return {small_crawlers(), folder_.path() / "quality.toml"}; }
  std::string load_error() {
    auto rules = loader().load();
    return rules ? "" : rules.error().code + "|" + rules.error().message;
  }
  static std::vector<Reason> off(const RuleSet& rules) {
    std::vector<Reason> reasons;
    for (const SwitchedOff& rule : rules.switched_off()) {
      reasons.push_back(rule.reason);
    }
    return reasons;
  }

  support::TemporaryDirectory folder_;
};

TEST_F(RulesTest, DefaultsAreTheDocumentedOnes) {
  const auto rules = RuleSetLoader(small_crawlers(), {}).load();
  ASSERT_TRUE(rules);
  const Limits& limits = (*rules)->default_limits();
  EXPECT_EQ(limits.duplicate_window_us, 45'000'000);
  EXPECT_EQ(limits.too_fast_us, 100'000);
  EXPECT_EQ(limits.session_partner_clicks, 3U);
  EXPECT_EQ(limits.session_partner_window_us, 1'800'000'000);
  EXPECT_EQ((*rules)->no_impression_grace_us(), 60'000'000);
  EXPECT_THAT(off(**rules), testing::ElementsAre(Reason::kDatacenterIp, Reason::kGeoMismatch));
}

TEST_F(RulesTest, TheExampleFileIsTheDefaultsSpelledOut) {
  auto example = base::read_file(TALLYSTICK_SOURCE_DIR "/docs/quality.example.toml", 1U << 20U);
  ASSERT_TRUE(example);
  write("quality.toml", *example);
  const auto rules = loader().load();
  ASSERT_TRUE(rules) << rules.error().message;
  const Limits& limits = (*rules)->default_limits();
  const Limits defaults;
  EXPECT_EQ(limits.duplicate_window_us, defaults.duplicate_window_us);
  EXPECT_EQ(limits.too_fast_us, defaults.too_fast_us);
  EXPECT_EQ(limits.rate_ip.window_us, defaults.rate_ip.window_us);
  EXPECT_EQ(limits.rate_ip.clicks, defaults.rate_ip.clicks);
  EXPECT_EQ(limits.rate_ip.impressions, defaults.rate_ip.impressions);
  EXPECT_EQ(limits.rate_session.window_us, defaults.rate_session.window_us);
  EXPECT_EQ(limits.rate_session.clicks, defaults.rate_session.clicks);
  EXPECT_EQ(limits.rate_session.impressions, defaults.rate_session.impressions);
  EXPECT_EQ(limits.session_partner_clicks, defaults.session_partner_clicks);
  EXPECT_EQ(limits.session_partner_window_us, defaults.session_partner_window_us);
  EXPECT_EQ(limits.disabled, defaults.disabled);
  const MemoryLimits& memory = (*rules)->memory();
  const MemoryLimits plain;
  EXPECT_EQ(memory.impressions, plain.impressions);
  EXPECT_EQ(memory.impression_us, plain.impression_us);
  EXPECT_EQ(memory.claims, plain.claims);
  EXPECT_EQ(memory.claim_us, plain.claim_us);
  EXPECT_EQ(memory.clicks, plain.clicks);
  EXPECT_EQ(memory.addresses, plain.addresses);
  EXPECT_EQ(memory.sessions, plain.sessions);
  EXPECT_EQ(memory.watched_clicks, plain.watched_clicks);
  EXPECT_EQ(memory.agents, plain.agents);
}

TEST_F(RulesTest, ReadsEveryKey) {
  write("dc1.txt", "203.0.113.0/24\n");
  write("dc2.txt", "198.51.100.0/24\n");
  write("block.toml", "countries = ['DE']\n");
  MmdbWriter geo;
  geo.add("192.0.2.0/24", "DE");
  write("geo.mmdb", geo.write());
  write("quality.toml", R"(
no_impression_grace_ms = 5000
[limits]
duplicate_window_ms = 10000
too_fast_ms = 50
disabled = ["prefetch"]
rate_ip = { window_ms = 10000, clicks = 5, impressions = 6 }
rate_session = { clicks = 7 }
session_partner = { clicks = 2, window_ms = 60000 }
[partners.acme]
too_fast_ms = 10
rate_ip = { window_ms = 1000 }
disabled = []
[partners."00000000-0000-0000-0000-0000000000dd"]
session_partner = { clicks = 9 }
[lists]
datacenter_networks = ["dc1.txt", "dc2.txt"]
block_list = ["block.toml"]
[geo]
database = "geo.mmdb"
[agents]
own_apps = ["MyShop/"]
not_crawlers = ['^Mozilla/5\.0 .* TestBot phone']
[memory]
impressions = 5000
impression_hours = 2
)");
  const auto loaded = loader().load();
  ASSERT_TRUE(loaded) << loaded.error().message;
  const RuleSet& rules = **loaded;
  EXPECT_EQ(rules.no_impression_grace_us(), 5'000'000);
  EXPECT_EQ(rules.default_limits().duplicate_window_us, 10'000'000);
  EXPECT_EQ(rules.default_limits().rate_ip.impressions, 6U);
  EXPECT_EQ(rules.default_limits().rate_session.clicks, 7U);
  EXPECT_EQ(rules.default_limits().rate_session.window_us, base::kMicrosPerMinute);
  EXPECT_THAT(off(rules), testing::ElementsAre(Reason::kPrefetch));
  const Limits& acme = rules.limits_for(id_of(1), "acme");
  EXPECT_EQ(acme.too_fast_us, 10'000);
  EXPECT_EQ(acme.duplicate_window_us, 10'000'000) << "what the partner does not say stays";
  EXPECT_TRUE(acme.rate_ip.is_per_partner);
  EXPECT_EQ(acme.rate_ip.clicks, 5U);
  EXPECT_TRUE(acme.is_on(Reason::kPrefetch));
  EXPECT_EQ(rules.limits_for(id_of(0xdd), "other").session_partner_clicks, 9U);
  EXPECT_EQ(rules.limits_for(id_of(1), "other").session_partner_clicks, 2U);
  EXPECT_TRUE(rules.datacenters().contains(*base::parse_ip("203.0.113.1")));
  EXPECT_TRUE(rules.datacenters().contains(*base::parse_ip("198.51.100.1")));
  EXPECT_TRUE(rules.block_list().blocks_country({'D', 'E'}));
  ASSERT_NE(rules.geo(), nullptr);
  EXPECT_TRUE(rules.is_own_app("MyShop/1.0"));
  EXPECT_TRUE(rules.is_crawler("TestBot"));
  EXPECT_TRUE(rules.is_crawler("Mozilla/5.0 (X) TestBot"));
  EXPECT_FALSE(rules.is_crawler("Mozilla/5.0 (X) TestBot phone"));
  EXPECT_EQ(rules.memory().impressions, 5000U);
  EXPECT_EQ(rules.memory().impression_us, 2 * base::kMicrosPerHour);
}

TEST_F(RulesTest, ErrorsNameFileAndLine) {
  const std::vector<std::pair<std::string_view, std::string_view>> cases = {
      {"surprise = 1", "bad_quality_config|quality.toml:1: unknown key 'surprise'"},
      {"\n[limits]\ntoo_fast_ms = -1", "quality.toml:3: 'limits.too_fast_ms' must be an integer from 0"},
      {"[limits]\ntoo_fast_ms = '5'", "quality.toml:2: 'limits.too_fast_ms' must be an integer"},
      {"[limits.rate_ip]\nclicks = 70000", "quality.toml:2: 'limits.rate_ip.clicks'"},
      {"[limits]\nsession_partner = { clicks = 16 }", "quality.toml:2: 'limits.session_partner.clicks'"},
      {"[limits]\ndisabled = ['nonsense']", "quality.toml:2: there is no rule 'nonsense'"},
      {"[partners.a]\nx = 1", "quality.toml:2: unknown key 'partners.a.x'"},
      {"[partners.a]\ndisabled = ['no_impression']", "quality.toml:2: 'no_impression' can only be disabled for all"},
      {"[partners]\na = 1", "quality.toml:2: 'partners.a' must be a table"},
      {"limits = 1", "quality.toml:1: 'limits' must be a table"},
      {"[lists]\ndatacenter_networks = ['absent.txt']", "quality_file_unreadable|"},
      {"[agents]\nown_apps = ['M']", "quality.toml:2: a prefix of fewer than three"},
      {"[agents]\nnot_crawlers = ['(']", "quality.toml:2: pattern 1 '('"},
      {"[memory]\nimpressions = 5", "quality.toml:2: 'memory.impressions' must be an integer from 1000"},
      {"[[", "bad_toml|quality.toml:1: "},
      {"[(x)]", "bad_toml|quality.toml:1: "},
      {"a = 1\n[[\x01]]", "bad_toml|quality.toml:2: "},
  };
  for (const auto& [text, error] : cases) {
    write("quality.toml", text);
    EXPECT_THAT(load_error(), HasSubstr(std::string(error))) << text;
  }
  write("quality.toml", "[lists]\ndatacenter_networks = ['dc.txt']\nblock_list = ['block.toml']");
  write("dc.txt", "\nnonsense\n");
  EXPECT_THAT(load_error(), HasSubstr("bad_network_list|dc.txt:2: "));
  write("dc.txt", "");
  write("block.toml", "\n\ncountries = ['x']");
  EXPECT_THAT(load_error(), HasSubstr("bad_block_list|block.toml:3: "));
}

TEST_F(RulesTest, TheVersionFollowsTheContentAlone) {
  write("quality.toml", "[lists]\ndatacenter_networks = ['dc.txt']");
  write("dc.txt", "192.0.2.0/24\n");
  const auto one = loader().load();
  const auto again = loader().load();
  write("dc.txt", "192.0.3.0/24\n");
  const auto other = loader().load();
  ASSERT_TRUE(one && again && other);
  EXPECT_EQ((*one)->version(), (*again)->version());
  EXPECT_EQ((*one)->digest(), (*again)->digest());
  EXPECT_NE((*one)->version(), (*other)->version());
  EXPECT_NE((*one)->version(), 0U);
}

TEST_F(RulesTest, AGeoDatabaseThatIsNotThereSwitchesItsRuleOffVisibly) {
  write("quality.toml", "[geo]\ndatabase = 'absent.mmdb'");
  const auto rules = loader().load();
  ASSERT_TRUE(rules) << rules.error().message;
  ASSERT_EQ((*rules)->switched_off().back().reason, Reason::kGeoMismatch);
  EXPECT_THAT((*rules)->switched_off().back().why, HasSubstr("absent.mmdb"));
  write("absent.mmdb", "broken");
  EXPECT_THAT(load_error(), HasSubstr("bad_geo_database|"));
}

TEST_F(RulesTest, CountriesAreHeldAgainstThePlacement) {
  MmdbWriter geo;
  geo.add("192.0.2.0/25", "DE");
  geo.add("198.51.100.0/24", "RU");
  write("geo.mmdb", geo.write());
  write("block.toml", "countries = ['RU']");
  write("quality.toml", "[geo]\ndatabase = 'geo.mmdb'\n[lists]\nblock_list = ['block.toml']");
  const auto rules = loader().load();
  ASSERT_TRUE(rules) << rules.error().message;
  Judge judge(1);
  judge.set_rules(*rules);
  const std::vector<std::string> german = {"AT", "DE"};
  const std::vector<std::string> french = {"FR"};
  Evidence click = make_click(1, kStart);
  const auto judged = judge.judge(click);
  EXPECT_EQ(std::string(judged.country.begin(), judged.country.end()), "DE");
  EXPECT_EQ(judged.verdict.reasons, 0U) << "any country";
  click.countries = german;
  EXPECT_EQ(judge.judge(click).verdict.reasons, 0U);
  click.countries = french;
  EXPECT_EQ(judge.judge(click).verdict, with(Reason::kGeoMismatch, journal::VerdictClass::kSuspect, 40));
  click.ip = *base::parse_ip("192.0.2.200");
  EXPECT_EQ(judge.judge(click).verdict.reasons, 0U) << "a country that is not known is no mismatch";
  click.ip = *base::parse_ip("198.51.100.1");
  click.countries = {};
  EXPECT_EQ(judge.judge(click).verdict, with(Reason::kBlocked, journal::VerdictClass::kGivt, 100));
}

TEST_F(RulesTest, ReloadsWhatChangedAndKeepsTheLastGoodRules) {
  write("quality.toml", "[lists]\ndatacenter_networks = ['dc.txt']");
  write("dc.txt", "192.0.2.0/24\n");
  base::ManualClock clock(kStart);
  Judge judge(1);
  RuleWatcher watcher(loader(), clock, [&](auto rules) { judge.set_rules(std::move(rules)); });
  ASSERT_TRUE(watcher.start());
  const std::uint32_t first = judge.rules()->version();
  EXPECT_EQ(watcher.status().rules_version, first);
  EXPECT_TRUE(judge.judge(make_click(1, kStart)).verdict.has(Reason::kDatacenterIp));

  clock.advance_us(RuleWatcher::kPollIntervalUs);
  EXPECT_FALSE(watcher.poll()) << "nothing changed";
  write("dc.txt", "203.0.113.0/24\n");
  EXPECT_FALSE(watcher.poll()) << "not a second later yet";
  clock.advance_us(RuleWatcher::kPollIntervalUs);
  EXPECT_TRUE(watcher.poll());
  EXPECT_FALSE(judge.judge(make_click(2, kStart)).verdict.has(Reason::kDatacenterIp));
  EXPECT_NE(judge.rules()->version(), first);
  EXPECT_EQ(watcher.status().reloads, 1U);

  const std::uint32_t second = judge.rules()->version();
  write("dc.txt", "nonsense\n");
  clock.advance_us(RuleWatcher::kPollIntervalUs);
  EXPECT_FALSE(watcher.poll());
  EXPECT_EQ(judge.rules()->version(), second);
  EXPECT_EQ(watcher.status().rules_version, second);
  EXPECT_EQ(watcher.status().failures, 1U);
  EXPECT_THAT(watcher.status().error, HasSubstr("dc.txt:1: "));
  clock.advance_us(RuleWatcher::kPollIntervalUs);
  EXPECT_FALSE(watcher.poll());
  EXPECT_EQ(watcher.status().failures, 1U) << "the same broken file is not read again and again";

  std::filesystem::remove(folder_.path() / "dc.txt");
  clock.advance_us(RuleWatcher::kPollIntervalUs);
  EXPECT_FALSE(watcher.poll());
  EXPECT_EQ(watcher.status().failures, 2U);
  write("dc.txt", "192.0.2.0/24\n");
  clock.advance_us(RuleWatcher::kPollIntervalUs);
  EXPECT_TRUE(watcher.poll());
  EXPECT_EQ(judge.rules()->version(), first) << "the same content, the same version";
  EXPECT_TRUE(watcher.status().error.empty());
}

TEST_F(RulesTest, AStartWithBrokenRulesIsAnError) {
  write("quality.toml", "[[");
  base::ManualClock clock(kStart);
  RuleWatcher watcher(loader(), clock, [](auto) { FAIL(); });
  EXPECT_FALSE(watcher.start());
  EXPECT_EQ(watcher.status().failures, 1U);
}

}  // namespace
}  // namespace tallystick::quality
