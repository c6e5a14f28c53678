// What a request means: query, data, parameters, settings.
#include "engine/query_request.h"

#include <array>

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include "base/file.h"
#include "engine/error_code.h"

namespace tallystick::engine {
namespace {

using testing::ElementsAre;
using testing::Pair;

http::RequestView post(std::string_view query, std::string_view body, std::span<const http::Header> headers = {}) {
  http::RequestView request;
  request.method = http::Method::kPost;
  request.query = query;
  request.body = body;
  request.headers = headers;
  return request;
}

std::string refusal(const http::RequestView& request) {
  const auto parsed = parse_query_request(request);
  return parsed ? "" : parsed.error().code;
}

TEST(QueryRequest, TakesTheQueryFromUrlAndBodyInThisOrder) {
  EXPECT_EQ(parse_query_request(post("query=SELECT+1%2B", "2"))->query.sql, "SELECT 1+\n2");
  EXPECT_EQ(parse_query_request(post("", "SELECT 1"))->query.sql, "SELECT 1");
  EXPECT_EQ(parse_query_request(post("query=SELECT%201", ""))->query.sql, "SELECT 1");
}

TEST(QueryRequest, SortsTheUrlIntoParametersAndSettings) {
  const auto parsed = parse_query_request(
      post("database=d&default_format=JSON&query_id=q-1&param_a=x%27y&max_threads=2&user=me&compress=0", "SELECT 1"));
  ASSERT_TRUE(parsed);
  EXPECT_EQ(parsed->query.database, "d");
  EXPECT_EQ(parsed->query.format, "JSON");
  EXPECT_EQ(parsed->format, "JSON");
  EXPECT_EQ(parsed->query_id, "q-1");
  EXPECT_THAT(parsed->query.parameters, ElementsAre(Pair("a", "x'y")));
  EXPECT_THAT(parsed->query.settings, ElementsAre(Pair("max_threads", "2")));
}

TEST(QueryRequest, ReadsHeadersWhereTheUrlIsSilent) {
  const std::array<http::Header, 2> headers = {{{"x-clickhouse-database", "d"}, {"X-ClickHouse-Format", "CSV"}}};
  const auto parsed = parse_query_request(post("", "SELECT 1", headers));
  ASSERT_TRUE(parsed);
  EXPECT_EQ(parsed->query.database, "d");
  EXPECT_EQ(parsed->format, "CSV");
}

TEST(QueryRequest, GetChangesNothing) {
  http::RequestView request = post("query=SELECT+1", "");
  request.method = http::Method::kGet;
  EXPECT_THAT(parse_query_request(request)->query.settings, ElementsAre(Pair("readonly", "2")));
}

TEST(QueryRequest, PutsTheDataOfAnInsertIntoAFile) {
  const std::string body("\x01\0;\n'", 5);
  const auto parsed = parse_query_request(post("query=INSERT+INTO+t+(a)+FORMAT+RowBinary", body));
  ASSERT_TRUE(parsed);
  EXPECT_TRUE(parsed->is_insert);
  EXPECT_EQ(parsed->query.sql, "INSERT INTO t (a) FROM INFILE '" + parsed->data.path() + "'  FORMAT RowBinary");
  EXPECT_EQ(base::read_file(parsed->data.path(), 100).value(), body);
  const auto split = parse_query_request(post("query=INSERT+INTO+t+FORMAT+CSV%0A1", "2\n"));
  ASSERT_TRUE(split);
  EXPECT_EQ(base::read_file(split->data.path(), 100).value(), "1\n2\n") << "one stream, as if it came in one piece";
  const auto in_body = parse_query_request(post("", "INSERT INTO t FORMAT CSV\n3\n"));
  ASSERT_TRUE(in_body);
  EXPECT_EQ(base::read_file(in_body->data.path(), 100).value(), "3\n");
}

std::string refusal_of_file(const std::string& name, std::string_view query = "query=INSERT+INTO+t+FORMAT+Native") {
  const std::array<http::Header, 1> headers = {{{"X-Tallystick-Memory-File", name}}};
  return refusal(post(query, "", headers));
}

TEST(QueryRequest, ReadsAnInsertFromTheMemoryOfWhoAsks) {
  const auto file = base::MemoryFile::make({"rows"});
  ASSERT_TRUE(file);
  const std::string name = fmt::format("{} {} {}", ::getpid(), file->fd(), file->size());
  const std::array<http::Header, 1> headers = {{{"x-tallystick-memory-file", name}}};
  const auto parsed = parse_query_request(post("query=INSERT+INTO+t+FORMAT+Native", "", headers));
  ASSERT_TRUE(parsed) << parsed.error().message;
  EXPECT_TRUE(parsed->is_insert);
  EXPECT_EQ(parsed->query.sql, "INSERT INTO t FROM INFILE '" + parsed->data.path() + "'  FORMAT Native");
  EXPECT_EQ(base::read_file(parsed->data.path(), 100).value(), "rows");
  EXPECT_EQ(refusal(post("query=INSERT+INTO+t+FORMAT+Native", "more", headers)), "48");
  EXPECT_EQ(refusal_of_file(name, "query=INSERT+INTO+t+FORMAT+CSV%0A1"), "48");
}

TEST(QueryRequest, SaysWhatIsWrongWithAMemoryFile) {
  for (const char* name : {"x",
                           "1",
                           "1 2",
                           "1 2 x",
                           "1 2 3 ",
                           "1 2 3 4",
                           "-1 2 3",
                           "0 2 3",
                           "1 -2 3",
                           "1 2 -3",
                           "1  2 3",
                           "99999999999999999999 2 3"}) {
    EXPECT_EQ(refusal_of_file(name), "36") << name;
  }
  EXPECT_EQ(refusal_of_file(fmt::format("{} 1000000 1", ::getpid())), "90001");
  EXPECT_EQ(refusal_of_file("2147483647 3 1"), "90001");
}

TEST(QueryRequest, ValuesInTheTextStaySql) {
  const auto parsed = parse_query_request(post("param_a=1", "INSERT INTO t VALUES ({a:UInt8})"));
  ASSERT_TRUE(parsed);
  EXPECT_FALSE(parsed->is_insert);
  EXPECT_EQ(parsed->query.sql, "INSERT INTO t VALUES ({a:UInt8})");
}

TEST(QueryRequest, RefusesWithClickHousesNumbers) {
  EXPECT_EQ(refusal(post("", "")), "62");
  EXPECT_EQ(refusal(post("", " ;\n")), "62");
  EXPECT_EQ(refusal(post("max%20threads=1", "SELECT 1")), "115");
  EXPECT_EQ(refusal(post("compress=1", "SELECT 1")), "48");
  EXPECT_EQ(refusal(post("session_id=a", "SELECT 1")), "48");
  EXPECT_EQ(refusal(post("query_id=a%0D%0Ab", "SELECT 1")), "36");
  EXPECT_EQ(refusal(post("", std::string(16UZ << 20, ' ') + "SELECT 1")), "62");
  const std::array<http::Header, 1> gzip = {{{"Content-Encoding", "gzip"}}};
  EXPECT_EQ(refusal(post("", "SELECT 1", gzip)), "48");
  EXPECT_EQ(refusal(post("", "INSERT INTO t FORMAT CSV\n1", gzip)), "48");
  EXPECT_EQ(refusal(post("query=INSERT+INTO+t+FORMAT+CSV", "...", gzip)), "");
  const std::array<http::Header, 1> odd = {{{"Content-Encoding", "odd"}}};
  EXPECT_EQ(refusal(post("query=INSERT+INTO+t+FORMAT+CSV", "1", odd)), "48");
}

TEST(ErrorCode, IsReadFromTheMessage) {
  EXPECT_EQ(parse_error_code("Code: 60. DB::Exception: Table x does not exist. (UNKNOWN_TABLE)"), 60);
  EXPECT_EQ(parse_error_code("something else"), 1002);
}

TEST(ErrorCode, MapsToTheStatusThatClickHouseAnswersWith) {
  EXPECT_EQ(http_status_of(62), 400);
  EXPECT_EQ(http_status_of(60), 404);
  EXPECT_EQ(http_status_of(159), 408);
  EXPECT_EQ(http_status_of(48), 501);
  EXPECT_EQ(http_status_of(241), 500);
  EXPECT_EQ(http_status_of(1002), 500);
}

}  // namespace
}  // namespace tallystick::engine
