// Where the data of an INSERT begins, and what is refused before the engine sees it.
#include "engine/statement.h"

#include <gtest/gtest.h>

#include "engine/database.h"
#include "engine/sql_scanner.h"

namespace tallystick::engine {
namespace {

std::string rewritten(std::string_view sql, std::string_view compression = "") {
  const auto statement = parse_statement(sql);
  return statement && statement->is_insert_of_data ? rewrite_insert(sql, *statement, "F", compression) : "";
}

std::string data_of(std::string_view sql) {
  return std::string(sql.substr(parse_statement(sql).value().data_begin));
}

std::string refusal(std::string_view sql) {
  const auto statement = parse_statement(sql);
  return statement ? "" : statement.error().code;
}

TEST(SqlScanner, SkipsCommentsAndKeepsQuotesWhole) {
  SqlScanner scanner("a /* b */ -- c\n 'd''e\\'f' `g``h` # i\n (j)");
  EXPECT_EQ(scanner.next().text, "a");
  EXPECT_EQ(scanner.next().text, "'d''e\\'f'");
  EXPECT_EQ(scanner.next().text, "`g``h`");
  EXPECT_EQ(scanner.next().text, "(");
  EXPECT_EQ(scanner.depth(), 1);
  EXPECT_EQ(scanner.next().text, "j");
  EXPECT_TRUE(scanner.next().is_symbol(')'));
  EXPECT_EQ(scanner.depth(), 0);
  EXPECT_EQ(scanner.next().kind, TokenKind::kEnd);
}

TEST(SqlScanner, EndsAtWhatIsNeverClosed) {
  for (const char* text : {"'a", "`a", "/* a", "-- a", "'a\\"}) {
    SqlScanner scanner(text);
    for (int i = 0; i < 3 && scanner.next().kind != TokenKind::kEnd; ++i) {
    }
    EXPECT_EQ(scanner.next().kind, TokenKind::kEnd) << text;
  }
}

TEST(Statement, AnInsertReadsItsDataFromAFile) {
  EXPECT_EQ(rewritten("INSERT INTO t FORMAT Native"), "INSERT INTO t FROM INFILE 'F'  FORMAT Native");
  EXPECT_EQ(rewritten("insert into table d.`t x` (a, b) format CSV\n1,2"),
            "insert into table d.`t x` (a, b) FROM INFILE 'F'  FORMAT CSV");
  EXPECT_EQ(rewritten("INSERT INTO t (a) SETTINGS async_insert = 0, format_csv_delimiter=';' FORMAT CSV", "gzip"),
            "INSERT INTO t (a) FROM INFILE 'F' COMPRESSION 'gzip'  SETTINGS async_insert = 0, "
            "format_csv_delimiter=';' FORMAT CSV");
  EXPECT_EQ(rewritten("INSERT INTO {t:Identifier} (* EXCEPT(a)) FORMAT TSV"),
            "INSERT INTO {t:Identifier} (* EXCEPT(a)) FROM INFILE 'F'  FORMAT TSV");
  EXPECT_EQ(rewritten("INSERT INTO FUNCTION file('x', 'CSV') FORMAT TSV"),
            "INSERT INTO FUNCTION file('x', 'CSV') FROM INFILE 'F'  FORMAT TSV");
  EXPECT_EQ(rewritten("INSERT INTO t VALUES"), "INSERT INTO t FROM INFILE 'F'  FORMAT Values");
}

TEST(Statement, DataBeginsBehindTheFirstEndOfLine) {
  EXPECT_EQ(data_of("INSERT INTO t FORMAT CSV\n1,2\n"), "1,2\n");
  EXPECT_EQ(data_of("INSERT INTO t FORMAT CSV \t\r\n\n1"), "\n1") << "a second end of line is data";
  EXPECT_EQ(data_of("INSERT INTO t FORMAT CSV;"), "");
  EXPECT_EQ(data_of("INSERT INTO t FORMAT JSONEachRow {\"a\":1}"), "{\"a\":1}");
  EXPECT_EQ(data_of(std::string_view("INSERT INTO t FORMAT RowBinary\n\0;'", 34)), std::string_view("\0;'", 3));
}

TEST(Statement, WhatIsNoDataRunsAsItStands) {
  for (const char* sql : {"SELECT 1",
                          "INSERT INTO t SELECT 1 FORMAT Null",
                          "INSERT INTO t (SELECT 1)",
                          "INSERT INTO t (a) WITH 1 AS x SELECT x",
                          "INSERT INTO t VALUES (1), ('a;b')",
                          "INSERT INTO format SELECT 1",
                          "INSERT INTO t. FORMAT",
                          "INSERT INTO t.'x' FORMAT TSV",
                          "INSERT INTO (a) FORMAT TSV",
                          ""}) {
    const auto statement = parse_statement(sql);
    ASSERT_TRUE(statement) << sql;
    EXPECT_FALSE(statement->is_insert_of_data) << sql;
  }
  EXPECT_TRUE(parse_statement("INSERT INTO format FORMAT TSV")->is_insert_of_data) << "a table may be called so";
}

TEST(Statement, NamesTheFormatOfItsAnswer) {
  EXPECT_EQ(parse_statement("SELECT 1 FORMAT JSON")->format, "JSON");
  EXPECT_EQ(parse_statement("SELECT 1 FORMAT JSON SETTINGS max_threads = 1;")->format, "JSON");
  EXPECT_EQ(parse_statement("SELECT ' FORMAT CSV', (SELECT 1 FORMAT)")->format, "");
}

TEST(Statement, RefusesASecondStatementAndFilesOfTheServer) {
  EXPECT_EQ(refusal("SELECT 1; SELECT 2"), "62");
  EXPECT_EQ(refusal("SELECT 1;;-- done\n;"), "");
  EXPECT_EQ(refusal("INSERT INTO t VALUES (1); DROP TABLE t"), "62");
  EXPECT_EQ(refusal("INSERT INTO t; DROP TABLE t; SELECT 1"), "62");
  EXPECT_EQ(refusal("INSERT INTO t; INSERT INTO u FORMAT TSV\n1"), "62");
  EXPECT_EQ(refusal("INSERT INTO t FORMAT ; SELECT 1"), "62");
  EXPECT_EQ(refusal("INSERT INTO ; SELECT 1"), "62");
  EXPECT_EQ(refusal("SELECT 1 INTO OUTFILE 'x'"), "48");
  EXPECT_EQ(refusal("INSERT INTO t FROM INFILE 'x' FORMAT CSV"), "48");
}

TEST(Quoting, EscapesTheQuoteAndTheBackslash) {
  EXPECT_EQ(quote_text("a'b\\"), "'a\\'b\\\\'");
  EXPECT_EQ(quote_name("a`b"), "`a\\`b`");
}

}  // namespace
}  // namespace tallystick::engine
