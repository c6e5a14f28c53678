#include "journal/codec.h"

#include <gtest/gtest.h>
#include <rapidcheck.h>

#include "base/encoding.h"

namespace tallystick::journal {
namespace {

base::Uuid uuid(std::uint8_t fill) {
  base::Uuid id;
  id.bytes.fill(fill);
  return id;
}

TEST(Codec, ImpressionIsTheDocumentedBytes) {
  Impression event;
  event.occurred_at.us = 300;
  event.country = "DE";
  event.rank_position = 0;
  event.consent.has_analytics = true;
  std::string out;
  encode(event, out);
  // 1: varint 300; 13: "DE"; 18: varint 0, present; 22: {1: 1}. An empty verdict is absent.
  EXPECT_EQ(base::to_hex(base::as_bytes(out)),
            "08ac02"
            "6a024445"
            "900100"
            "b201020801");
}

TEST(Codec, ImpressionRoundTrips) {
  Impression event;
  event.occurred_at.us = 1'795'000'000'123'456;
  event.placement_id = uuid(1);
  event.merchant_id = uuid(2);
  event.partner_id = uuid(3);
  event.exposure_unit_id = uuid(4);
  event.campaign = "spring";
  event.article_slug = "best-shoes";
  event.flag_variant = "b";
  event.vertical = "fashion";
  event.algorithm_version = "v7";
  event.entry_point = "home";
  event.platform = "web";
  event.country = "FR";
  event.state = ImpressionState::kViewable;
  event.exposure_type = ExposureType::kPush;
  event.visible_ratio_permille = 1000;
  event.visible_ms = 4'000'000'000;
  event.rank_position = 7;
  event.total_items_in_list = 0;
  event.is_clickable = true;
  event.agent_class = AgentClass::kOther;
  event.consent = {true, true, ConsentBasis::kTcf};
  event.verdict = {VerdictClass::kSivt, 0x401, 100, 12};
  std::string out;
  encode(event, out);
  const auto back = decode_impression(out);
  ASSERT_TRUE(back);
  EXPECT_EQ(back->occurred_at, event.occurred_at);
  EXPECT_EQ(back->exposure_unit_id, uuid(4));
  EXPECT_EQ(back->platform, "web");
  EXPECT_EQ(back->visible_ms, 4'000'000'000U);
  EXPECT_EQ(back->rank_position, 7U);
  EXPECT_EQ(back->total_items_in_list, 0U);
  EXPECT_EQ(back->consent.basis, ConsentBasis::kTcf);
  EXPECT_TRUE(back->verdict.has(Reason::kGeoMismatch));
  std::string again;
  encode(*back, again);
  EXPECT_EQ(again, out);
}

TEST(Codec, ConversionKeepsNegativeAmounts) {
  EXPECT_TRUE(rc::check([](std::int64_t amount, std::int64_t commission) {
    Conversion event;
    event.amount_minor = amount;
    event.commission_minor = commission;
    std::string out;
    encode(event, out);
    const auto back = decode_conversion(out);
    RC_ASSERT(back.has_value());
    RC_ASSERT(back->amount_minor == amount);
    RC_ASSERT(back->commission_minor == commission);
  }));
}

TEST(Codec, SequencesRoundTripAsDeltas) {
  EXPECT_TRUE(rc::check([](std::set<std::uint64_t> chosen) {
    const std::vector<std::uint64_t> sequences(chosen.begin(), chosen.end());
    std::string out;
    encode(Forwarding{ForwardingState::kFailed, sequences}, out);
    std::vector<std::uint64_t> unpacked;
    const auto back = decode_forwarding(out, unpacked);
    RC_ASSERT(back.has_value());
    RC_ASSERT(unpacked == sequences);
    std::string erasure;
    encode(Erasure{ErasureCause::kRetention, sequences, 9}, erasure);
    const auto erased = decode_erasure(erasure, unpacked);
    RC_ASSERT(erased.has_value() && erased->below_sequence == 9 && unpacked == sequences);
  }));
}

TEST(Codec, PersonalKeepsBothFamiliesOfAddress) {
  for (const bool is_v4 : {true, false}) {
    Personal personal;
    personal.user.emplace().fill(7);
    personal.ip.emplace();
    personal.ip->bytes = is_v4 ? std::array<std::uint8_t, 16>{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 255, 255, 203, 0, 113, 0}
                               : std::array<std::uint8_t, 16>{0x20, 0x01, 0x0d, 0xb8, 0, 1};
    personal.user_agent = "Mozilla/5.0";
    std::string out;
    encode(personal, out);
    const auto back = decode_personal(out);
    ASSERT_TRUE(back);
    EXPECT_EQ(back->user, personal.user);
    EXPECT_EQ(back->session, std::nullopt);
    EXPECT_EQ(back->ip->bytes, personal.ip->bytes);
    EXPECT_EQ(back->user_agent, "Mozilla/5.0");
  }
}

TEST(Codec, SkipsFieldsOfALaterVersion) {
  std::string out;
  Click event;
  event.sub = "x";
  encode(event, out);
  out += std::string("\xF8\x3F\x05", 3);                               // field 1023, varint
  out += std::string("\xFA\x3F\x02zz", 5);                             // field 1023, bytes
  out += std::string("\xFD\x3F\x01\x02\x03\x04", 6);                   // field 1023, fixed32
  out += std::string("\xF9\x3F\x01\x02\x03\x04\x05\x06\x07\x08", 10);  // field 1023, fixed64
  const auto back = decode_click(out);
  ASSERT_TRUE(back);
  EXPECT_EQ(back->sub, "x");
}

// Fields are looked for in the order in which they are written; what comes otherwise is read as well.
TEST(Codec, ReadsFieldsInAnyOrderAndForm) {
  const std::string time("\x08\xac\x02", 3);        // field 1: 300
  const std::string campaign("\x32\x06spring", 8);  // field 6
  const std::string country(
      "\x6a\x02"
      "DE",
      4);                                                                // field 13
  const std::string rank("\x90\x01\x07", 3);                             // field 18: 7
  const std::string clickable("\xa0\x01\x01", 3);                        // field 20: true
  const std::string campaign_in_long("\xb2\x80\x00\x86\x00spring", 11);  // its tag and length in more bytes than needed
  const std::vector<std::string> orders = {
      time + campaign + country + rank + clickable,
      clickable + rank + country + campaign + time,
      country + time + clickable + campaign + rank,
      time + campaign_in_long + country + rank + clickable,
      time + std::string("\x32\x01x", 3) + country + rank + clickable + campaign,       // the last one counts
      std::string("\xfa\x3f\x02zz", 5) + time + campaign + country + rank + clickable,  // an unknown one first
  };
  for (const std::string& bytes : orders) {
    SCOPED_TRACE(base::to_hex(base::as_bytes(bytes)));
    const auto event = decode_impression(bytes);
    ASSERT_TRUE(event);
    EXPECT_EQ(event->occurred_at.us, 300);
    EXPECT_EQ(event->campaign, "spring");
    EXPECT_EQ(event->country, "DE");
    EXPECT_EQ(event->rank_position, 7U);
    EXPECT_TRUE(event->is_clickable);
    for (std::size_t size = 0; size < bytes.size(); ++size) {  // cut anywhere: no more than what is there is read
      (void)decode_impression(std::string(bytes, 0, size));
    }
  }
}

TEST(Codec, RejectsAZeroWhereTheEnumerationHasNone) {
  const std::string zero_kind("\x18\x00", 2);   // field 3 of a revision
  const std::string zero_first("\x08\x00", 2);  // field 1: the state of a forwarding, the cause of an erasure
  std::vector<std::uint64_t> sequences;
  EXPECT_FALSE(decode_verdict_revision(zero_kind));
  EXPECT_FALSE(decode_forwarding(zero_first, sequences));
  EXPECT_FALSE(decode_erasure(zero_first, sequences));
}

TEST(Codec, RejectsMalformedBytes) {
  const std::vector<std::string> bad = {
      std::string("\x0a", 1),              // a length is missing
      std::string("\x0a\x10zz", 4),        // shorter than its length
      std::string("\x0a\x02zz", 4),        // an id that is not 16 bytes
      std::string("\x08\x01", 2),          // an id as a number
      std::string("\x60\x07", 2),          // an agent class that does not exist
      std::string("\x00\x01", 2),          // field number zero
      std::string("\x0b", 1),              // a group
      std::string("\x72\x02\x08\x04", 4),  // a verdict class that does not exist
      std::string(11, '\x80'),             // a varint without end
  };
  for (const std::string& bytes : bad) {
    const auto result = decode_click(bytes);
    ASSERT_FALSE(result) << base::to_hex(base::as_bytes(bytes));
    EXPECT_EQ(result.error().code, "bad_record");
  }
  std::vector<std::uint64_t> sequences;
  EXPECT_FALSE(decode_forwarding(std::string("\x12\x02\x05\x00", 4), sequences));  // not ascending
}

}  // namespace
}  // namespace tallystick::journal
