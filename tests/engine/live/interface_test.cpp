// ClickHouse's HTTP interface as the engine speaks it.
#include <filesystem>

#include <boost/json.hpp>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include "tests/engine/live/engine_process.h"
#include "tests/support/temporary_directory.h"

namespace tallystick::engine {
namespace {

class Interface : public testing::Test {
 protected:
  static void SetUpTestSuite() {
    folder_ = std::make_unique<support::TemporaryDirectory>();
    engine_ = std::make_unique<EngineProcess>(folder_->path(), std::vector<std::string>{"--max-body-bytes=4000000"});
  }
  static void TearDownTestSuite() {
    engine_.reset();
    folder_.reset();
  }

  static void expect_error(const std::string& sql, const std::string& url_query, int status, const std::string& code) {
    const http::ClientResponse response = engine_->post(sql, url_query);
    EXPECT_EQ(response.status, status) << sql << ": " << response.body;
    EXPECT_EQ(response.header("X-ClickHouse-Exception-Code"), code) << response.body;
    EXPECT_TRUE(response.body.starts_with("Code: " + code + ". DB::Exception: ")) << response.body;
  }

  static std::unique_ptr<support::TemporaryDirectory> folder_;
  static std::unique_ptr<EngineProcess> engine_;
};
std::unique_ptr<support::TemporaryDirectory> Interface::folder_;
std::unique_ptr<EngineProcess> Interface::engine_;

TEST_F(Interface, AnswersQueriesInTheDatabaseOfTheProject) {
  EXPECT_EQ(engine_->text("SELECT 40 + 2, currentDatabase(), timezone()"), "42\ttallystick\tUTC");
  EXPECT_EQ(engine_->text("SELECT currentDatabase()", "database=system"), "system");
  EXPECT_EQ(engine_->text("SELECT engine FROM system.databases WHERE name = 'tallystick'"), "Atomic");
}

TEST_F(Interface, KeepsNoStatisticsOfColumns) {
  EXPECT_EQ(engine_->text("SELECT value FROM system.merge_tree_settings WHERE name = 'auto_statistics_types'"), "");
}

TEST_F(Interface, OnlyTheOwnerReachesTheSocket) {
  struct stat status {};
  ASSERT_EQ(::stat(engine_->socket().c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 07777, 0600U);
}

TEST_F(Interface, BindsTypedParameters) {
  EXPECT_EQ(engine_->text("SELECT {n:UInt8} + 1, {s:String}, {l:Array(String)}",
                          "param_n=41&param_s=it%27s%5Ct&param_l=%5B%27a%27%2C%27b%27%5D"),
            "42\tit\\'s\\t\t['a','b']");
  expect_error("SELECT {n:UInt8}", "", 400, "456");
  expect_error("SELECT {n:UInt8}", "param_n=x", 400, "457");
}

TEST_F(Interface, FormatsByClauseParameterOrHeader) {
  EXPECT_EQ(engine_->text("SELECT 1 AS a FORMAT JSONEachRow"), R"({"a":1})");
  EXPECT_EQ(engine_->text("SELECT 'a,b'", "default_format=CSV"), R"("a,b")");
  const http::ClientResponse response = engine_->post("SELECT 1 AS a", "default_format=JSON");
  EXPECT_EQ(response.header("X-ClickHouse-Format"), "JSON");
  EXPECT_EQ(response.header("Content-Type"), "application/json; charset=UTF-8");
  EXPECT_EQ(boost::json::parse(response.body).at("data").at(0).at("a"), 1);
  EXPECT_EQ(engine_->post("SELECT toUInt32(258) FORMAT RowBinary").body, std::string("\x02\x01\0\0", 4));
}

TEST_F(Interface, SumsUpWhatAQueryDid) {
  const http::ClientResponse response =
      engine_->post("SELECT sum(number) FROM numbers(1000)", "query_id=report-7&max_threads=1");
  EXPECT_EQ(response.header("X-ClickHouse-Query-Id"), "report-7");
  const auto summary = boost::json::parse(response.header("X-ClickHouse-Summary"));
  EXPECT_EQ(summary.at("read_rows"), "1000");
  EXPECT_EQ(summary.at("result_rows"), "1");
  EXPECT_EQ(summary.at("written_rows"), "0");
}

TEST_F(Interface, SettingsHoldForOneRequest) {
  EXPECT_EQ(engine_->text("SELECT getSetting('max_block_size')", "max_block_size=7"), "7");
  EXPECT_NE(engine_->text("SELECT getSetting('max_block_size')"), "7");
  engine_->run("SET max_block_size = 9");
  EXPECT_NE(engine_->text("SELECT getSetting('max_block_size')"), "9") << "a session is one request long";
  EXPECT_EQ(engine_->text("SELECT getSetting('log_queries_cut_to_length')", "log_queries_cut_to_length=12"), "12");
}

TEST_F(Interface, ErrorsCarryClickHousesCodes) {
  expect_error("SELEC 1", "", 400, "62");
  expect_error("SELECT 1; SELECT 2", "", 400, "62");
  expect_error("SELECT * FROM missing", "", 404, "60");
  expect_error("SELECT missing(1)", "", 404, "46");
  expect_error("SELECT 1", "database=missing", 404, "81");
  expect_error("SELECT 1", "missing=1", 404, "115");
  expect_error("SELECT 1 FORMAT Missing", "", 404, "73");
  expect_error("SELECT throwIf(1)", "", 500, "395");
  expect_error("SELECT sleepEachRow(0.5) FROM numbers(60)", "max_execution_time=1&max_block_size=1", 408, "159");
}

TEST_F(Interface, GetReadsOnly) {
  http::Client client;
  http::ClientRequest request{.url = "http://localhost/?query=SELECT+1", .unix_socket = engine_->socket()};
  EXPECT_EQ(client.send(request)->body, "1\n");
  request.url = "http://localhost/?query=CREATE+TABLE+no(a+Int8)+ENGINE=Memory";
  EXPECT_EQ(client.send(request)->header("X-ClickHouse-Exception-Code"), "164");
  request.url = "http://localhost/ping";
  EXPECT_EQ(client.send(request)->body, "Ok.\n");
  request.url = "http://localhost/missing";
  EXPECT_EQ(client.send(request)->status, 404);
}

TEST_F(Interface, RefusesABodyBeyondTheLimit) {
  engine_->run("CREATE TABLE limited (s String) ENGINE = Memory");
  EXPECT_EQ(engine_->insert("INSERT INTO limited FORMAT LineAsString", std::string(4'000'000, 'x')).status, 200);
  EXPECT_EQ(engine_->insert("INSERT INTO limited FORMAT LineAsString", std::string(4'000'001, 'x')).status, 413);
  EXPECT_EQ(engine_->text("SELECT count(), sum(length(s)) FROM limited"), "1\t4000000");
}

TEST_F(Interface, InsertsFromEveryPlaceAClientMayPutTheData) {
  engine_->run("CREATE TABLE places (a UInt8, b String DEFAULT concat('d', toString(a))) ENGINE = Memory");
  EXPECT_EQ(engine_->insert("INSERT INTO places (a) FORMAT CSV", "1\n").status, 200);
  EXPECT_EQ(engine_->insert("INSERT INTO places FORMAT CSV\n2,x", "3,y\n").status, 200);
  engine_->run("INSERT INTO places FORMAT JSONEachRow\n{\"a\":4}\n{\"a\":5,\"b\":\"z\"}\n");
  engine_->run("INSERT INTO places VALUES (6, 'a;b'), (3 + 4, concat('c', 'd'));");
  EXPECT_EQ(engine_->insert("INSERT INTO places (a) VALUES", "(8), (9)").status, 200);
  engine_->run("INSERT INTO places (a) SELECT 10");
  EXPECT_EQ(engine_->insert("INSERT INTO places FORMAT Native", "").status, 200) << "nothing is nothing to insert";
  EXPECT_EQ(engine_->text("SELECT groupArray((a, b)) FROM (SELECT * FROM places ORDER BY a)"),
            "[(1,'d1'),(2,'x'),(3,'y'),(4,'d4'),(5,'z'),(6,'a;b'),(7,'cd'),(8,'d8'),(9,'d9'),(10,'d10')]");
}

TEST_F(Interface, ACorruptInsertLeavesNothing) {
  engine_->run("CREATE TABLE corrupt (a UInt64, b String) ENGINE = MergeTree ORDER BY a");
  const std::string cut("\x01\0\0\0\0\0\0\0\x01x\x02\0\0\0", 14);
  EXPECT_EQ(engine_->insert("INSERT INTO corrupt FORMAT RowBinary", cut).header("X-ClickHouse-Exception-Code"), "33");
  EXPECT_EQ(engine_->text("SELECT count() FROM corrupt"), "0");
}

TEST_F(Interface, TakesCompressedData) {
  engine_->run("CREATE TABLE packed (a UInt8) ENGINE = Memory");
  // printf '7\n8\n' | gzip -n
  const std::string gzip("\x1f\x8b\x08\0\0\0\0\0\0\x03\x33\xe7\xb2\xe0\x02\0\x37\xcf\x65\xb6\x04\0\0\0", 24);
  const http::ClientResponse response = send_query(
      engine_->socket(), "query=INSERT%20INTO%20packed%20FORMAT%20CSV", gzip, {{"Content-Encoding", "gzip"}});
  EXPECT_EQ(response.status, 200) << response.body;
  EXPECT_EQ(engine_->text("SELECT groupArray(a) FROM packed"), "[7,8]");
}

}  // namespace
}  // namespace tallystick::engine
