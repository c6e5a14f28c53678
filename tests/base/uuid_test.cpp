#include "base/uuid.h"

#include <set>
#include <string>
#include <string_view>
#include <unordered_set>

#include <gtest/gtest.h>

#include "base/encoding.h"

namespace tallystick::base {
namespace {

TEST(Uuid, ReadsEitherCaseAndWritesLower) {
  const auto id = parse_uuid("0190B2A4-6f5e-7CC1-8a56-1d2f3b4c5d6e");
  ASSERT_TRUE(id);
  EXPECT_EQ(to_hex(id->bytes), "0190b2a46f5e7cc18a561d2f3b4c5d6e");
  EXPECT_EQ(format_uuid(*id), "0190b2a4-6f5e-7cc1-8a56-1d2f3b4c5d6e");
  EXPECT_TRUE(parse_uuid("00000000-0000-0000-0000-000000000000")->is_nil());
}

TEST(Uuid, RefusesEveryOtherForm) {
  for (const std::string_view text : {"",
                                      "0190b2a46f5e7cc18a561d2f3b4c5d6e",
                                      "{0190b2a4-6f5e-7cc1-8a56-1d2f3b4c5d6e}",
                                      "0190b2a4-6f5e-7cc1-8a56-1d2f3b4c5d6",
                                      "0190b2a4-6f5e-7cc1-8a56-1d2f3b4c5d6e0",
                                      "0190b2a4-6f5e-7cc1-8a561-d2f3b4c5d6e",
                                      "0190b2a4-6f5e-7cc1-8a56-1d2f3b4c5d6g",
                                      "0190b2a4-6f5e-7cc1-8a56--d2f3b4c5d6e",
                                      "0190b2a4 6f5e 7cc1 8a56 1d2f3b4c5d6e",
                                      "g190b2a4-6f5e-7cc1-8a56-1d2f3b4c5d6e"}) {
    const auto id = parse_uuid(text);
    ASSERT_FALSE(id) << text;
    EXPECT_EQ(id.error().code, "bad_uuid");
    Uuid untouched;
    untouched.bytes[3] = 9;
    const Uuid before = untouched;
    EXPECT_FALSE(parse_uuid_into(text, untouched));
    EXPECT_EQ(untouched, before);
  }
}

TEST(Uuid, VersionsFourAndSevenHaveTheirBitsOfRfc9562) {
  SeededRandom random(1);
  const Timestamp now = *parse_rfc3339("2022-02-22T19:22:22Z");  // the example in RFC 9562, appendix A.6
  std::set<std::string> seen;
  for (int i = 0; i < 1'000; ++i) {
    const std::string four = format_uuid(make_uuid_v4(random));
    EXPECT_EQ(four[14], '4');
    EXPECT_NE(std::string_view("89ab").find(four[19]), std::string_view::npos);
    const std::string seven = format_uuid(make_uuid_v7(now, random));
    EXPECT_EQ(seven.substr(0, 15), "017f22e2-79b0-7");
    EXPECT_NE(std::string_view("89ab").find(seven[19]), std::string_view::npos);
    seen.insert(four);
    seen.insert(seven);
  }
  EXPECT_EQ(seen.size(), 2'000U);
}

TEST(Uuid, VersionSevenIsOrderedByTime) {
  SeededRandom random(2);
  Uuid last;
  for (std::int64_t ms = 1'700'000'000'000; ms < 1'700'000'000'500; ++ms) {
    const Uuid id = make_uuid_v7({ms * kMicrosPerMilli}, random);
    EXPECT_LT(last, id);
    last = id;
  }
}

TEST(Uuid, HashesSpread) {
  SeededRandom random(3);
  std::unordered_set<std::size_t> buckets;
  for (int i = 0; i < 10'000; ++i) {
    buckets.insert(UuidHash{}(make_uuid_v4(random)) % 65'536);
  }
  EXPECT_GT(buckets.size(), 8'500U);  // 65536 (1 - e^(-10000/65536)) = 9278 are expected
}

// As clients choose ids that count themselves: in any two bytes, whatever the others are.
TEST(Uuid, SeededHashesOfIdsThatCountUpSpread) {
  const SeededUuidHash hash;
  SeededRandom random(4);
  for (const Uuid& base : {Uuid{}, make_uuid_v4(random)}) {
    for (std::size_t at = 0; at + 1 < base.bytes.size(); ++at) {
      std::unordered_set<std::uint64_t> low;
      std::unordered_set<std::uint64_t> high;
      for (unsigned i = 0; i < 65'536; ++i) {
        Uuid id = base;
        id.bytes[at] = static_cast<std::uint8_t>(i >> 8);
        id.bytes[at + 1] = static_cast<std::uint8_t>(i);
        low.insert(hash(id) % 65'536);
        high.insert(hash(id) >> 48);
      }
      // 65536 (1 - 1/e) = 41427 are expected
      EXPECT_GT(low.size(), 39'000U) << at;
      EXPECT_GT(high.size(), 39'000U) << at;
    }
  }
}

TEST(Uuid, SeededHashesAreOfTheirTableAndOfWhatIsBesideTheId) {
  SeededRandom random(5);
  const Uuid id = make_uuid_v4(random);
  const SeededUuidHash hash;
  EXPECT_EQ(hash(id), hash(id));
  EXPECT_NE(hash(id), SeededUuidHash()(id));
  EXPECT_NE(hash(id, 1), hash(id, 2));
}

}  // namespace
}  // namespace tallystick::base
