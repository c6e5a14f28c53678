#include <algorithm>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <rapidcheck.h>

#include "base/file.h"
#include "quality/block_list.h"
#include "quality/geo.h"
#include "quality/network_list.h"
#include "quality/pattern_set.h"
#include "tests/quality/mmdb_writer.h"
#include "tests/support/temporary_directory.h"

namespace tallystick::quality {
namespace {

using testing::HasSubstr;

base::IpAddress ip(std::string_view text) {
  return *base::parse_ip(text);
}

TEST(NetworkList, ReadsCommentsBlankLinesAndBothFamilies) {
  const auto list = NetworkList::parse(
      "# datacenters\r\n\n  203.0.113.0/25  # half\n203.0.113.128/25\n2001:db8::/32\n192.0.2.1\n", "dc.txt");
  ASSERT_TRUE(list) << list.error().message;
  EXPECT_EQ(list->network_count(), 4U);
  EXPECT_EQ(list->range_count(), 3U) << "the two halves touch";
  const std::vector<std::pair<std::string_view, bool>> cases = {{"203.0.112.255", false},
                                                                {"203.0.113.0", true},
                                                                {"203.0.113.255", true},
                                                                {"203.0.114.0", false},
                                                                {"192.0.2.0", false},
                                                                {"192.0.2.1", true},
                                                                {"192.0.2.2", false},
                                                                {"2001:db7:ffff::", false},
                                                                {"2001:db8::", true},
                                                                {"2001:db8:ffff:ffff:ffff:ffff:ffff:ffff", true},
                                                                {"2001:db9::", false},
                                                                {"::", false},
                                                                {"255.255.255.255", false}};
  for (const auto& [address, is_inside] : cases) {
    EXPECT_EQ(list->contains(ip(address)), is_inside) << address;
  }
}

TEST(NetworkList, NamesFileAndLineOfEveryError) {
  const auto list = NetworkList::parse("10.0.0.0/8\nnonsense\n\n10.0.0.1/8\n300.1.1.1\n", "dc.txt");
  ASSERT_FALSE(list);
  EXPECT_EQ(list.error().code, "bad_network_list");
  EXPECT_THAT(list.error().message, HasSubstr("dc.txt:2: "));
  EXPECT_THAT(list.error().message, HasSubstr("\ndc.txt:4: "));
  EXPECT_THAT(list.error().message, HasSubstr("\ndc.txt:5: "));
}

TEST(NetworkList, HoldsTheWholeOfAFamily) {
  const auto all4 = NetworkList::parse("0.0.0.0/0", "x");
  ASSERT_TRUE(all4);
  EXPECT_TRUE(all4->contains(ip("0.0.0.0")));
  EXPECT_TRUE(all4->contains(ip("255.255.255.255")));
  EXPECT_FALSE(all4->contains(ip("::1")));
  const auto all6 = NetworkList::parse("::/0\n2001:db8::/32", "x");
  ASSERT_TRUE(all6) << all6.error().message;
  EXPECT_TRUE(all6->contains(ip("ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff")));
  EXPECT_TRUE(all6->contains(ip("2001:db8::1")));
  EXPECT_TRUE(all6->contains(ip("198.51.100.1"))) << "IPv4 lies within";
  EXPECT_FALSE(NetworkList().contains(ip("192.0.2.1")));
}

TEST(NetworkList, AgreesWithLookingAtEveryNetwork) {
  EXPECT_TRUE(rc::check("NetworkList::contains equals any network's contains", [] {
    std::vector<base::IpNetwork> networks;
    const auto count = *rc::gen::inRange(0, 40);
    for (int i = 0; i < count; ++i) {
      base::IpNetwork network;
      const bool is_v4 = *rc::gen::arbitrary<bool>();
      if (is_v4) {
        network.address = ip("10.0.0.0");
      }
      // Few distinct bits, so that networks touch and overlap.
      network.address.bytes[13] = *rc::gen::inRange<std::uint8_t>(0, 3);
      network.address.bytes[14] = *rc::gen::inRange<std::uint8_t>(0, 3);
      network.address.bytes[15] = *rc::gen::arbitrary<std::uint8_t>();
      network.prefix_bits = *rc::gen::inRange<std::uint8_t>(100, 129);
      for (unsigned bit = network.prefix_bits; bit < 128; ++bit) {
        network.address.bytes[bit / 8] &= static_cast<std::uint8_t>(~(0x80U >> bit % 8));
      }
      networks.push_back(network);
    }
    const NetworkList list(networks);
    for (int i = 0; i < 50; ++i) {
      base::IpAddress address = *rc::gen::arbitrary<bool>() ? ip("10.0.0.0") : base::IpAddress{};
      address.bytes[13] = *rc::gen::inRange<std::uint8_t>(0, 4);
      address.bytes[14] = *rc::gen::inRange<std::uint8_t>(0, 4);
      address.bytes[15] = *rc::gen::arbitrary<std::uint8_t>();
      const bool expected =
          std::any_of(networks.begin(), networks.end(), [&](const auto& network) { return network.contains(address); });
      RC_ASSERT(list.contains(address) == expected);
    }
  }));
}

TEST(BlockList, NamesFileAndLineOfEveryError) {
  const auto list = BlockList::parse(R"(networks = ["10.0.0.0/8",
  "nonsense"]
referrers = ["ok.example", "*.", "a b", "*.*.example"]
countries = ["de"]
agent_patterns = ['(unclosed']
surprise = 1
)",
                                     "block.toml");
  ASSERT_FALSE(list);
  EXPECT_EQ(list.error().code, "bad_block_list");
  for (const std::string_view part : {"block.toml:2: 'nonsense'",
                                      "block.toml:3: '*.'",
                                      "block.toml:3: 'a b'",
                                      "block.toml:3: '*.*.example'",
                                      "block.toml:4: 'de'",
                                      "block.toml:5: pattern 1 '(unclosed'",
                                      "block.toml:6: unknown key 'surprise'"}) {
    EXPECT_THAT(list.error().message, HasSubstr(part));
  }
}

TEST(BlockList, RefusesWrongTypes) {
  for (const std::string_view text : {"networks = 1", "agents = [1]", "partners = ['']", "countries = {}", "["}) {
    EXPECT_FALSE(BlockList::parse(text, "block.toml")) << text;
  }
}

TEST(BlockList, TakesAgentsAsTheyStandInAnyCase) {
  const auto list = BlockList::parse("agents = ['a.b(c)*', 'Häns']\n", "block.toml");
  ASSERT_TRUE(list) << list.error().message;
  EXPECT_TRUE(list->blocks_agent("x A.B(C)* y"));
  EXPECT_FALSE(list->blocks_agent("axbc"));
  EXPECT_TRUE(list->blocks_agent("HäNS"));
  EXPECT_EQ(list->entry_count(), 2U);
}

TEST(BlockList, BlocksNothingWhenEmpty) {
  const BlockList list;
  EXPECT_TRUE(list.is_empty());
  EXPECT_FALSE(list.blocks_agent(""));
  EXPECT_FALSE(list.blocks_referrer("x"));
  EXPECT_FALSE(list.blocks_country({}));
  EXPECT_FALSE(list.blocks_partner({}, ""));
  EXPECT_FALSE(list.blocks_address({}));
}

TEST(BlockList, ReadsHostsOfAnyLengthWithoutHarm) {
  const auto list = BlockList::parse("referrers = ['*.example', 'spam.test']", "block.toml");
  ASSERT_TRUE(list);
  EXPECT_FALSE(list->blocks_referrer(std::string(100'000, 'a') + ".example"));
  EXPECT_TRUE(list->blocks_referrer("spam.test.")) << "the root's dot";
  EXPECT_FALSE(list->blocks_referrer("."));
  EXPECT_TRUE(list->blocks_referrer(".example"));
}

TEST(PatternSet, FindsAllThatMatchInOrder) {
  const std::vector<Pattern> patterns = {{"b+"}, {"a"}, {"A", true}, {"x.y", false, true}, {"^a"}, {"c$"}};
  const auto set = PatternSet::make(patterns);
  ASSERT_TRUE(set) << set.error().message;
  EXPECT_THAT(set->find_all("abbc"), testing::ElementsAre(0U, 1U, 2U, 4U, 5U));
  EXPECT_THAT(set->find_all("x.y"), testing::ElementsAre(3U));
  EXPECT_THAT(set->find_all("xzy"), testing::IsEmpty());
  EXPECT_TRUE(set->matches_any("zzA"));
  EXPECT_FALSE(set->matches_any(""));
  EXPECT_FALSE(set->matches_any(std::string_view())) << "a request without the header";
}

TEST(PatternSet, RunsBackReferencesAndLookAheadsExactly) {
  const std::vector<Pattern> patterns = {{"(ab)\\1"}, {"foo(?!bar)"}, {"plain"}};
  const auto set = PatternSet::make(patterns);
  ASSERT_TRUE(set) << set.error().message;
  EXPECT_THAT(set->fallbacks(), testing::ElementsAre(0U, 1U));
  EXPECT_THAT(set->find_all("abab plain"), testing::ElementsAre(0U, 2U));
  EXPECT_THAT(set->find_all("ab foobar"), testing::IsEmpty());
  EXPECT_TRUE(set->matches_any("food"));
  EXPECT_FALSE(set->matches_any("foobar"));
}

TEST(PatternSet, LooksAtTheBeginningOfVeryLongSubjectsOnly) {
  const std::vector<Pattern> patterns = {{"needle"}};
  const auto set = PatternSet::make(patterns);
  ASSERT_TRUE(set);
  EXPECT_TRUE(set->matches_any(std::string(PatternSet::kMaxSubjectBytes - 6, ' ') + "needle"));
  EXPECT_FALSE(set->matches_any(std::string(PatternSet::kMaxSubjectBytes - 5, ' ') + "needle"));
}

TEST(PatternSet, RefusesWhatIsNoPattern) {
  for (const std::string& expression :
       {std::string(), std::string("("), std::string("a\0b", 3), std::string(2000, 'a')}) {
    const std::vector<Pattern> patterns = {{"good"}, {expression}};
    const auto set = PatternSet::make(patterns);
    ASSERT_FALSE(set);
    EXPECT_EQ(set.error().code, "bad_pattern");
    EXPECT_THAT(set.error().message, HasSubstr("pattern 2"));
  }
}

TEST(PatternSet, EscapesLiterals) {
  EXPECT_EQ(escape_pattern("a.b/ä"), "a\\x2eb\\x2fä");
}

TEST(GeoDatabase, FindsTheCountryOfAnAddress) {
  const support::TemporaryDirectory folder;
  const auto path = folder.path() / "country.mmdb";
  MmdbWriter writer;
  writer.add("203.0.113.0/24", "DE");
  writer.add("198.51.100.0/25", "FR");
  writer.add("2001:db8::/32", "SG");
  ASSERT_TRUE(base::write_file_atomically(path, writer.write()));
  const auto database = GeoDatabase::load(path.string());
  ASSERT_TRUE(database) << database.error().message;
  // Truncated after loading: the copy in memory does not notice.
  ASSERT_TRUE(base::write_file_atomically(path, ""));
  const auto country = [&](std::string_view address) {
    const auto code = (*database)->find_country(ip(address));
    return code[0] == 0 ? std::string() : std::string(code.begin(), code.end());
  };
  EXPECT_EQ(country("203.0.113.77"), "DE");
  EXPECT_EQ(country("198.51.100.127"), "FR");
  EXPECT_EQ(country("198.51.100.128"), "");
  EXPECT_EQ(country("2001:db8:1::1"), "SG");
  EXPECT_EQ(country("2001:db9::1"), "");
}

TEST(GeoDatabase, TellsAbsentFromBroken) {
  const support::TemporaryDirectory folder;
  const auto absent = GeoDatabase::load((folder.path() / "absent.mmdb").string());
  ASSERT_FALSE(absent);
  EXPECT_EQ(absent.error().code, "geo_database_unreadable");
  const auto path = folder.path() / "broken.mmdb";
  ASSERT_TRUE(base::write_file_atomically(path, "not a database"));
  const auto broken = GeoDatabase::load(path.string());
  ASSERT_FALSE(broken);
  EXPECT_EQ(broken.error().code, "bad_geo_database");
}

}  // namespace
}  // namespace tallystick::quality
