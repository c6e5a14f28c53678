#include "journal/frame.h"

#include <gtest/gtest.h>

#include "base/encoding.h"
#include "journal/crc32c.h"

namespace tallystick::journal {
namespace {

TEST(Crc32c, AgreesWithTheVectorsOfRfc3720) {
  std::array<std::uint8_t, 32> bytes{};
  EXPECT_EQ(crc32c(bytes), 0x8A9136AAU);
  bytes.fill(0xFF);
  EXPECT_EQ(crc32c(bytes), 0x62A8AB43U);
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    bytes[i] = static_cast<std::uint8_t>(i);
  }
  EXPECT_EQ(crc32c(bytes), 0x46DD794EU);
  EXPECT_EQ(crc32c(base::as_bytes("123456789")), 0xE3069283U);
}

TEST(Crc32c, ContinuesAndAgreesWithTheTable) {
  const std::string_view text = "a tally stick was notched and split in two";
  for (std::size_t cut = 0; cut <= text.size(); ++cut) {
    const std::uint32_t head = crc32c(base::as_bytes(text.substr(0, cut)));
    EXPECT_EQ(head, crc32c_table(base::as_bytes(text.substr(0, cut))));
    EXPECT_EQ(crc32c(base::as_bytes(text.substr(cut)), head), crc32c(base::as_bytes(text)));
  }
}

TEST(Frame, HeadersRoundTripAndRejectAnyFlippedBit) {
  const auto segment = make_segment_header({77, {1'700'000'000'000'000}});
  const auto group = make_group_header({3, 900, 80, 79});
  const auto footer = make_segment_footer({77, 90, 4096, {5}, {9}});
  EXPECT_EQ(parse_segment_header(segment)->first_sequence, 77U);
  EXPECT_EQ(parse_group_header(group)->durable_through, 79U);
  EXPECT_EQ(parse_group_header(group)->byte_length, 900U);
  EXPECT_EQ(parse_segment_footer(footer)->end_sequence, 90U);
  EXPECT_EQ(parse_segment_footer(footer)->last_received.us, 9);
  for (std::size_t bit = 0; bit < 8 * kGroupHeaderBytes; ++bit) {
    auto bad_segment = segment;
    bad_segment[bit / 8] ^= static_cast<std::uint8_t>(1U << bit % 8);
    EXPECT_FALSE(parse_segment_header(bad_segment)) << bit;
    auto bad_group = group;
    bad_group[bit / 8] ^= static_cast<std::uint8_t>(1U << bit % 8);
    EXPECT_FALSE(parse_group_header(bad_group)) << bit;
  }
}

TEST(Frame, RejectsImpossibleLengths) {
  std::array<std::uint8_t, 128> bytes{};
  EXPECT_EQ(parse_frame(Bytes(bytes).first(7)).state, FrameState::kIncomplete);
  EXPECT_EQ(parse_frame(bytes).state, FrameState::kBadEntry);  // shorter than an entry header
  bytes[0] = 60;
  bytes[2] = 16;  // a salt without a personal part
  EXPECT_EQ(parse_frame(bytes).state, FrameState::kBadEntry);
}

}  // namespace
}  // namespace tallystick::journal
