#include "tabular/row_reader.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

namespace tallystick::tabular {
namespace {

using testing::ElementsAre;
using Cells = std::vector<std::string>;

struct ReadRow {
  std::int64_t line;
  Cells cells;
  RowEnd end;
};

std::vector<ReadRow> read_all(std::string_view bytes, char delimiter = ',', const Limits& limits = {}) {
  MemorySource source(bytes);
  const auto encoding = detect_encoding(source);
  EXPECT_TRUE(encoding);
  TextStream text(source, *encoding);
  RowReader reader(text, delimiter, limits);
  std::vector<ReadRow> rows;
  Row row;
  while (*reader.next(row)) {
    rows.push_back({row.line, {row.cells.begin(), row.cells.end()}, row.end});
  }
  return rows;
}

TEST(Rows, AnyLineEndAndBlankLinesKeepTheLineNumbers) {
  for (const std::string end : {"\n", "\r\n", "\r"}) {
    const auto rows = read_all("a,b" + end + end + "1, 2 " + end + "\"x" + end + "y\",3" + end + "4,5" + end);
    ASSERT_EQ(rows.size(), 4U);
    EXPECT_EQ(rows[0].line, 1);
    EXPECT_EQ(rows[1].line, 3);
    EXPECT_THAT(rows[1].cells, ElementsAre("1", "2"));
    EXPECT_EQ(rows[2].line, 4);
    EXPECT_THAT(rows[2].cells, ElementsAre("x" + end + "y", "3"));
    EXPECT_EQ(rows[3].line, 6);
    EXPECT_EQ(rows[3].end, RowEnd::kLineEnd);
  }
}

TEST(Rows, EveryDelimiterReadsAndTabsAreNoBlanks) {
  EXPECT_THAT(read_all("a;b;;d\n", ';')[0].cells, ElementsAre("a", "b", "", "d"));
  EXPECT_THAT(read_all("a\tb\t\td\n", '\t')[0].cells, ElementsAre("a", "b", "", "d"));
  EXPECT_THAT(read_all("a|\"b|c\"|d\n", '|')[0].cells, ElementsAre("a", "b|c", "d"));
}

TEST(Rows, QuotesInsideCellsAreTaken) {
  EXPECT_THAT(read_all("\"a\"\"b\",c\"d,\"5\" wide\"\n")[0].cells, ElementsAre("a\"b", "c\"d", "5\" wide"));
}

TEST(Rows, HowTheFileEndsIsTold) {
  EXPECT_EQ(read_all("a,b").back().end, RowEnd::kEndOfFile);
  EXPECT_EQ(read_all("a,b\n").back().end, RowEnd::kLineEnd);
  EXPECT_EQ(read_all("a,\"b\nc").back().end, RowEnd::kOpenQuote);
  EXPECT_TRUE(read_all("").empty());
  EXPECT_TRUE(read_all("\n\r\n").empty());
}

TEST(Rows, ARowThatIsTooLongIsAnErrorWithItsLine) {
  const std::string bytes = "a,b\n1,\"" + std::string(5'000, 'x') + "\"\n";
  MemorySource source(bytes);
  TextStream text(source, {});
  RowReader reader(text, ',', {.max_row_bytes = 1'000});
  Row row;
  ASSERT_TRUE(*reader.next(row));
  const auto failed = reader.next(row);
  ASSERT_FALSE(failed);
  EXPECT_EQ(failed.error().code, "line_too_long");
  EXPECT_THAT(failed.error().message, testing::HasSubstr("line 2"));
}

// 200 MB without a line end, and none of it in memory.
class EndlessLine final : public ByteSource {
 public:
  base::Result<std::size_t> read(std::span<char> out) override {
    const std::size_t bytes = std::min(out.size(), left_);
    std::fill_n(out.begin(), bytes, 'x');
    left_ -= bytes;
    taken_ += bytes;
    return bytes;
  }
  base::Result<void> rewind() override { return {}; }
  [[nodiscard]] std::size_t taken() const { return taken_; }

 private:
  std::size_t left_ = 200UZ * 1'000 * 1'000;
  std::size_t taken_ = 0;
};

TEST(Rows, ALineOf200MegabytesIsGivenUpEarly) {
  EndlessLine source;
  TextStream text(source, {});
  RowReader reader(text, ',');
  Row row;
  EXPECT_EQ(reader.next(row).error().code, "line_too_long");
  EXPECT_LT(source.taken(), 2UZ * 1024 * 1024);
}

TEST(Rows, CellsAndTheirNumberAreBounded) {
  MemorySource source("1,22222,3,4\n");
  TextStream text(source, {});
  RowReader reader(text, ',', {.max_cell_bytes = 3, .max_cells = 3});
  Row row;
  ASSERT_TRUE(*reader.next(row));
  EXPECT_EQ(row.cells.size(), 3U);
  EXPECT_EQ(row.cells[1], "222");
  EXPECT_EQ(row.fault, RowFault::kTooManyCells);
}

TEST(Encodings, AreFoundByTheirBytes) {
  const auto find = [](std::string_view bytes) {
    MemorySource source(bytes);
    return *detect_encoding(source);
  };
  using namespace std::string_view_literals;
  EXPECT_EQ(find("a,b\n").encoding, Encoding::kUtf8);
  EXPECT_TRUE(find("\xEF\xBB\xBF"
                   "a,b\n")
                  .has_mark);
  EXPECT_EQ(find("\xFF\xFE"
                 "a\0,\0"sv)
                .encoding,
            Encoding::kUtf16Le);
  EXPECT_EQ(find("\xFE\xFF\0a\0,"sv).encoding, Encoding::kUtf16Be);
  EXPECT_EQ(find("a\0,\0b\0\n\0"sv).encoding, Encoding::kUtf16Le);
  EXPECT_EQ(find("\0a\0,\0b\0\n"sv).encoding, Encoding::kUtf16Be);
  const auto western = find("a,b\nc,M\xFCller\n");
  EXPECT_EQ(western.encoding, Encoding::kWindows1252);
  EXPECT_EQ(western.odd_line, 2);
  EXPECT_EQ(find("a plain line that is long,1\nand another one of them,2\nM\xFCller,3\n").odd_line, 3);
  MemorySource workbook("PK\x03\x04 rest");
  EXPECT_EQ(detect_encoding(workbook).error().code, "not_text");
  MemorySource binary("abc\0def"sv);
  EXPECT_EQ(detect_encoding(binary).error().code, "not_text");
}

TEST(Encodings, AllReadTheSame) {
  using namespace std::string_view_literals;
  const Cells wanted = {"M\xC3\xBCller", "\xE2\x82\xAC"};
  EXPECT_EQ(read_all("M\xC3\xBCller,\xE2\x82\xAC\n")[0].cells, wanted);
  EXPECT_EQ(read_all("\xEF\xBB\xBFM\xC3\xBCller,\xE2\x82\xAC\n")[0].cells, wanted);
  EXPECT_EQ(read_all("M\xFCller,\x80\n")[0].cells, wanted);
  EXPECT_EQ(read_all("\xFF\xFEM\0\xFC\0l\0l\0e\0r\0,\0\xAC\x20\n\0"sv)[0].cells, wanted);
  EXPECT_EQ(read_all("\xFE\xFF\0M\0\xFC\0l\0l\0e\0r\0,\x20\xAC\0\n"sv)[0].cells, wanted);
}

TEST(Delimiters, TheOneThatMakesATableComesFirst) {
  EXPECT_EQ(rank_delimiters("a;b;c\n1,5;2;3\n")[0], ';');
  EXPECT_EQ(rank_delimiters("a\tb\n1,5\t2\n")[0], '\t');
  EXPECT_EQ(rank_delimiters("a|b|c\n1|2|3\n")[0], '|');
  EXPECT_EQ(rank_delimiters("Report; of 2026\na,b,c,d\n1,2,3,4\n")[0], ',');
}

std::string quoted(const std::string& cell) {
  std::string out = "\"";
  for (const char c : cell) {
    out += c == '"' ? "\"\"" : std::string(1, c);
  }
  return out + "\"";
}

RC_GTEST_PROP(RowProperties, WhatIsWrittenQuotedIsReadBack, ()) {
  const auto cell = rc::gen::container<std::string>(rc::gen::element('a', 'b', ' ', '"', ',', ';', '\n', '\r', '0'));
  const auto width = *rc::gen::inRange<std::size_t>(1, 6);
  const auto rows = *rc::gen::container<std::vector<Cells>>(rc::gen::container<Cells>(width, cell)).as("rows");
  const std::string end = *rc::gen::element<std::string>("\n", "\r\n");
  std::string bytes;
  for (const Cells& row : rows) {
    for (std::size_t i = 0; i < row.size(); ++i) {
      bytes += (i == 0 ? "" : ",") + quoted(row[i]);
    }
    bytes += end;
  }
  const auto read = read_all(bytes);
  RC_ASSERT(read.size() == rows.size());
  for (std::size_t i = 0; i < rows.size(); ++i) {
    RC_ASSERT(read[i].cells == rows[i]);
  }
}

}  // namespace
}  // namespace tallystick::tabular
