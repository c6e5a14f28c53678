#include "warehouse/block.h"

#include <array>
#include <stdexcept>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "tests/warehouse/native_table.h"

namespace tallystick::warehouse {
namespace {

using namespace std::string_literals;

std::string serialised(const Block& block) {
  std::string out(block.serialised_bytes(), '\xEE');  // left from before
  block.serialise(out);
  return out;
}

// Expected bytes are worked out by hand from ClickHouse's description of the Native format.
TEST(Block, WritesNumbersLittleEndianColumnByColumn) {
  static constexpr std::array<BlockColumn, 2> kColumns = {{{"a", ColumnType::kUInt16}, {"b", ColumnType::kInt64}}};
  Block block(kColumns);
  block.row().uint16(0x0102).int64(-2).end();
  block.row().uint16(3).int64(4).end();
  EXPECT_EQ(serialised(block),
            "\x02\x02"s  // columns, rows
            "\x01"
            "a"
            "\x06"
            "UInt16"s            // name, type
            "\x02\x01\x03\x00"s  // values
            "\x01"
            "b"
            "\x05"
            "Int64"s
            "\xFE\xFF\xFF\xFF\xFF\xFF\xFF\xFF\x04\x00\x00\x00\x00\x00\x00\x00"s);
}

TEST(Block, WritesAUuidAsTwoLittleEndianHalves) {
  static constexpr std::array<BlockColumn, 1> kColumns = {{{"id", ColumnType::kUuid}}};
  Block block(kColumns);
  block.row().uuid(*base::parse_uuid("00010203-0405-0607-0809-0a0b0c0d0e0f")).end();
  EXPECT_EQ(serialised(block),
            "\x01\x01\x02"
            "id"
            "\x04"
            "UUID"
            "\x07\x06\x05\x04\x03\x02\x01\x00\x0F\x0E\x0D\x0C\x0B\x0A\x09\x08"s);
}

TEST(Block, WritesTextsWithTheirLength) {
  static constexpr std::array<BlockColumn, 1> kColumns = {{{"s", ColumnType::kString}}};
  Block block(kColumns);
  const std::string long_text(300, 'x');  // 300 = 0b10'0101100: low seven bits 0x2C with the flag, then 2
  block.row().text("").end();
  block.row().text("\xC3\xBC").end();
  block.row().text(long_text).end();
  EXPECT_EQ(serialised(block),
            "\x01\x03\x01"
            "s"
            "\x06"
            "String"
            "\x00"
            "\x02\xC3\xBC"
            "\xAC\x02"s +
                long_text);
}

TEST(Block, WritesFewDifferentTextsOnceAndTheirNumbers) {
  static constexpr std::array<BlockColumn, 1> kColumns = {{{"l", ColumnType::kLowCardinality}}};
  Block block(kColumns);
  block.row().text("DE").end();
  block.row().text("").end();
  block.row().text("DE").end();
  EXPECT_EQ(serialised(block),
            "\x01\x03\x01"
            "l"
            "\x16"
            "LowCardinality(String)"
            "\x01\x00\x00\x00\x00\x00\x00\x00"  // version: the dictionary comes with the block
            "\x00\x06\x00\x00\x00\x00\x00\x00"  // its numbers as bytes; there are keys; they replace others
            "\x02\x00\x00\x00\x00\x00\x00\x00"
            "\x02"
            "DE"
            "\x00"
            "\x03\x00\x00\x00\x00\x00\x00\x00"
            "\x00\x01\x00"s);
}

TEST(Block, NumbersOfTextsAreAsWideAsTheyMustBe) {
  static constexpr std::array<BlockColumn, 1> kColumns = {{{"l", ColumnType::kLowCardinality}}};
  for (const std::size_t texts : {255UZ, 256UZ, 257UZ, 65'536UZ, 65'537UZ}) {
    Block block(kColumns);
    for (std::size_t i = 0; i < texts; ++i) {
      block.row().text(std::to_string(i)).end();
    }
    const std::string bytes = serialised(block);
    EXPECT_EQ(static_cast<int>(bytes.substr(bytes.find(')') + 1)[8]), texts <= 256 ? 0 : texts <= 65'536 ? 1 : 2);
    const NativeTable table(block);
    EXPECT_EQ(table.at(0, "l"), "0");
    EXPECT_EQ(table.at(texts - 1, "l"), std::to_string(texts - 1));
  }
}

// Whatever takes less room in a row leaves as what takes more.
TEST(Block, ShortNumbersAndConstantsLeaveAsWhatTheyStandFor) {
  static constexpr std::array<BlockColumn, 4> kShort = {{{"c", ColumnType::kUInt32Constant},
                                                         {"i", ColumnType::kUuid16},
                                                         {"n", ColumnType::kUInt16},
                                                         {"l", ColumnType::kLowCardinality16}}};
  static constexpr std::array<BlockColumn, 4> kLong = {{{"c", ColumnType::kUInt32},
                                                        {"i", ColumnType::kUuid},
                                                        {"n", ColumnType::kUInt16},
                                                        {"l", ColumnType::kLowCardinality}}};
  Block short_block(kShort);
  Block long_block(kLong);
  for (int round = 0; round < 2; ++round) {
    short_block.clear();
    long_block.clear();
    const std::uint32_t constant = round == 0 ? 0x01020304 : 7;
    std::vector<std::uint32_t> order;
    for (std::uint16_t i = 0; i < 700; ++i) {
      base::Uuid id;
      id.bytes.fill(static_cast<std::uint8_t>(i % 5 + round));
      id.bytes[3] = static_cast<std::uint8_t>(i % 7);
      const std::string text = std::to_string(i % 300 + round);
      short_block.row().constant(constant).uuid16(id).uint16(i).text(text).end();
      long_block.row().uint32(constant).uuid(id).uint16(i).text(text).end();
      order.push_back(i * 11U % 700);
    }
    short_block.set_order(order);
    long_block.set_order(order);
    EXPECT_EQ(serialised(short_block), serialised(long_block));
    EXPECT_EQ(short_block.uuids("i").size(), 35U);
    EXPECT_EQ(short_block.values<std::uint16_t>("i")[36], 1U) << "as the row after the first, 35 rows later";
  }
  EXPECT_EQ(short_block.bytes() - 700 * 2, long_block.bytes() - 700 * 4)
      << "the size on the way, but for texts' numbers";
  EXPECT_THROW(static_cast<void>(short_block.uuids("n")), std::logic_error);
  EXPECT_THROW(static_cast<void>(short_block.uuids("x")), std::logic_error);
  EXPECT_THROW(short_block.row().constant(8), std::logic_error) << "the others have 7";
}

TEST(Block, SaysWhenThereAreTooManyDifferentValues) {
  static constexpr std::array<BlockColumn, 2> kColumns = {
      {{"i", ColumnType::kUuid16}, {"l", ColumnType::kLowCardinality16}}};
  const auto numbered = [](std::size_t number) {
    base::Uuid id;
    id.bytes[0] = static_cast<std::uint8_t>(number >> 16);
    id.bytes[1] = static_cast<std::uint8_t>(number >> 8);
    id.bytes[2] = static_cast<std::uint8_t>(number);
    return id;
  };
  Block block(kColumns);
  EXPECT_TRUE(block.has_room_for(Block::kMaxDifferent));
  for (std::size_t i = 0; i < Block::kMaxDifferent; ++i) {
    block.row().uuid16(numbered(i)).text("x").end();
  }
  EXPECT_FALSE(block.has_room_for(1));
  block.row().uuid16(numbered(5)).text("y").end();
  const NativeTable table(block);
  EXPECT_EQ(table.at(Block::kMaxDifferent - 1, "i"), base::format_uuid(numbered(Block::kMaxDifferent - 1)));
  EXPECT_EQ(table.at(Block::kMaxDifferent, "i"), base::format_uuid(numbered(5)));
  EXPECT_THROW(block.row().uuid16(numbered(Block::kMaxDifferent)), std::length_error);
  block.clear();
  for (std::size_t i = 0; i + 10 < Block::kMaxDifferent; ++i) {
    block.row().uuid16({}).text(std::to_string(i)).end();
  }
  EXPECT_TRUE(block.has_room_for(10));
  EXPECT_FALSE(block.has_room_for(11));
}

TEST(Block, WritesArraysAsOffsetsThenValues) {
  static constexpr std::array<BlockColumn, 1> kColumns = {{{"d", ColumnType::kDateArray}}};
  Block block(kColumns);
  block.row().dates(std::array<std::uint16_t, 2>{1, 0x4FB4}).end();
  block.row().dates({}).end();
  block.row().dates(std::array<std::uint16_t, 1>{7}).end();
  EXPECT_EQ(serialised(block),
            "\x01\x03\x01"
            "d"
            "\x0B"
            "Array(Date)"
            "\x02\x00\x00\x00\x00\x00\x00\x00\x02\x00\x00\x00\x00\x00\x00\x00\x03\x00\x00\x00\x00\x00\x00\x00"
            "\x01\x00\xB4\x4F\x07\x00"s);
}

TEST(Block, WritesTimesAsMicrosecondsAndEnumeratorsAsTheirNumber) {
  static constexpr std::array<BlockColumn, 3> kColumns = {
      {{"t", ColumnType::kDateTime64}, {"e", ColumnType::kEnum8}, {"f", ColumnType::kBool}}};
  Block block(kColumns);
  block.row().time({1'000'000}).enumerator(3).boolean(true).end();  // 1'000'000 = 0x0F4240
  EXPECT_EQ(serialised(block),
            "\x03\x01"
            "\x01"
            "t"
            "\x14"
            "DateTime64(6, 'UTC')"
            "\x40\x42\x0F\x00\x00\x00\x00\x00"
            "\x01"
            "e"
            "\x04"
            "Int8"
            "\x03"
            "\x01"
            "f"
            "\x04"
            "Bool"
            "\x01"s);
}

TEST(Block, RefusesAWrongTypeAndAnIncompleteRow) {
  static constexpr std::array<BlockColumn, 2> kColumns = {{{"a", ColumnType::kUInt8}, {"b", ColumnType::kUInt8}}};
  Block block(kColumns);
  BlockRow row = block.row();
  EXPECT_THROW(row.text("1"), std::logic_error);
  EXPECT_THROW(row.dates({}), std::logic_error);
  EXPECT_THROW(row.uint16(1), std::logic_error);
  row.uint8(1);
  EXPECT_THROW(row.end(), std::logic_error);
  EXPECT_THROW(static_cast<void>(serialised(block)), std::logic_error);
  EXPECT_THROW(static_cast<void>(block.row()), std::logic_error) << "the one before has not ended";
  row.uint8(2);
  EXPECT_THROW(row.uint8(3), std::logic_error);
  EXPECT_THROW(row.text("3"), std::logic_error);
  EXPECT_THROW(row.dates({}), std::logic_error);
  EXPECT_EQ(block.rows(), 0U);
  row.end();
  EXPECT_EQ(block.rows(), 1U);
  block.row().uint8(3).uint8(4).end();
  EXPECT_EQ(NativeTable(block).at(1, "b"), "4");
}

TEST(Block, RowsLeaveInTheOrderThatIsSet) {
  static constexpr std::array<BlockColumn, 8> kColumns = {{{"a", ColumnType::kUInt8},
                                                           {"b", ColumnType::kUInt16},
                                                           {"c", ColumnType::kUInt32},
                                                           {"d", ColumnType::kUInt64},
                                                           {"i", ColumnType::kUuid},
                                                           {"s", ColumnType::kString},
                                                           {"l", ColumnType::kLowCardinality},
                                                           {"n", ColumnType::kDateArray}}};
  const auto append = [](Block& block, std::uint8_t value) {
    base::Uuid id;
    id.bytes.fill(value);
    const std::vector<std::uint16_t> days(value % 3, value);
    BlockRow row = block.row();
    row.uint8(value).uint16(value).uint32(value).uint64(value).uuid(id);
    row.text(std::string(value % 4, 'x')).text(std::to_string(value % 2)).dates(days).end();
  };
  Block ordered(kColumns);
  for (const std::uint8_t value : std::array<std::uint8_t, 4>{7, 3, 9, 4}) {
    append(ordered, value);
  }
  ordered.set_order({1, 3, 0, 2});
  Block plain(kColumns);
  for (const std::uint8_t value : std::array<std::uint8_t, 4>{3, 4, 7, 9}) {
    append(plain, value);
  }
  // All but the dictionary of "l", whose texts are numbered as they came.
  const NativeTable ordered_table(ordered);
  const NativeTable plain_table(plain);
  for (std::size_t row = 0; row < 4; ++row) {
    EXPECT_EQ(ordered_table.row(row), plain_table.row(row));
  }
  ordered.set_order({0});
  EXPECT_THROW(static_cast<void>(serialised(ordered)), std::logic_error);
  ordered.clear();
  append(ordered, 5);
  EXPECT_EQ(NativeTable(ordered).at(0, "a"), "5") << "an order is of the rows that were there";
}

// More than are serialised at a time.
TEST(Block, ManyRowsLeaveInTheOrderThatIsSet) {
  static constexpr std::array<BlockColumn, 5> kColumns = {{{"a", ColumnType::kUInt8},
                                                           {"s", ColumnType::kString},
                                                           {"c", ColumnType::kInt32},
                                                           {"l", ColumnType::kLowCardinality},
                                                           {"d", ColumnType::kUInt64}}};
  constexpr std::uint32_t kRows = 1000;
  Block block(kColumns);
  std::vector<std::uint32_t> order;
  for (std::uint32_t i = 0; i < kRows; ++i) {
    const std::string text = std::to_string(i);
    block.row()
        .uint8(static_cast<std::uint8_t>(i))
        .text(text)
        .int32(-static_cast<std::int32_t>(i))
        .text(text)
        .uint64(std::uint64_t{i} << 32)
        .end();
    order.push_back(i * 7 % kRows);  // each once: 7 does not divide it
  }
  block.set_order(order);
  const NativeTable table(block);
  for (std::uint32_t i = 0; i < kRows; ++i) {
    const std::uint32_t row = order[i];
    ASSERT_EQ(table.at(i, "a"), std::to_string(row % 256));
    ASSERT_EQ(table.at(i, "s"), std::to_string(row));
    ASSERT_EQ(table.at(i, "c"), std::to_string(-static_cast<std::int32_t>(row)));
    ASSERT_EQ(table.at(i, "l"), std::to_string(row));
    ASSERT_EQ(table.at(i, "d"), std::to_string(std::uint64_t{row} << 32));
  }
}

TEST(Block, AValueOfAnEarlierRowIsReplaced) {
  static constexpr std::array<BlockColumn, 2> kColumns = {{{"a", ColumnType::kUInt8}, {"b", ColumnType::kUInt16}}};
  Block block(kColumns);
  block.row().uint8(1).uint16(2).end();
  block.row().uint8(3).uint16(4).end();
  block.replace_uint16(0, 1, 500);
  const NativeTable table(block);
  EXPECT_EQ(table.at(0, "b"), "500");
  EXPECT_EQ(table.at(1, "b"), "4");
  EXPECT_THROW(block.replace_uint16(2, 1, 0), std::logic_error);
  EXPECT_THROW(block.replace_uint16(0, 0, 0), std::logic_error);
  EXPECT_THROW(block.replace_uint16(0, 2, 0), std::out_of_range);
}

TEST(Block, IsEmptyAfterClearAndUsableAgain) {
  static constexpr std::array<BlockColumn, 2> kColumns = {{{"s", ColumnType::kString}, {"d", ColumnType::kDateArray}}};
  Block block(kColumns);
  const std::array<std::uint16_t, 1> day = {9};
  block.row().text("first").dates(day).end();
  EXPECT_EQ(block.bytes(), 6U + 2U + 8U);
  block.clear();
  EXPECT_TRUE(block.empty());
  EXPECT_EQ(block.bytes(), 0U);
  block.row().text("x").dates(day).end();
  Block fresh(kColumns);
  fresh.row().text("x").dates(day).end();
  EXPECT_EQ(serialised(block), serialised(fresh));
  EXPECT_EQ(block.column_list(), "`s`, `d`");
}

}  // namespace
}  // namespace tallystick::warehouse
