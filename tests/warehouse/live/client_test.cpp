#include <array>
#include <chrono>
#include <future>
#include <thread>

#include <gmock/gmock.h>

#include "tests/warehouse/live/live_fixture.h"

namespace tallystick::warehouse {
namespace {

using namespace std::string_literals;
using testing::ElementsAre;
using testing::HasSubstr;

class LiveClient : public Live {};

TEST_P(LiveClient, EveryTypeComesBackAsItWasSent) {
  run("CREATE DATABASE " + names_.prefix + "_9 ENGINE = Atomic");
  const std::string table = names_.prefix + "_9.types";
  run("CREATE TABLE " + table +
      " (a UInt8, b UInt16, c UInt32, d UInt64, e Int32, f Int64, g Bool, h Enum8('x' = -3, 'y' = 4), t DateTime64(6, "
      "'UTC'), i UUID, s String, l LowCardinality(String), n Array(Date)) ENGINE = MergeTree ORDER BY a");
  static constexpr std::array<BlockColumn, 13> kColumns = {{{"a", ColumnType::kUInt8},
                                                            {"b", ColumnType::kUInt16},
                                                            {"c", ColumnType::kUInt32},
                                                            {"d", ColumnType::kUInt64},
                                                            {"e", ColumnType::kInt32},
                                                            {"f", ColumnType::kInt64},
                                                            {"g", ColumnType::kBool},
                                                            {"h", ColumnType::kEnum8},
                                                            {"t", ColumnType::kDateTime64},
                                                            {"i", ColumnType::kUuid},
                                                            {"s", ColumnType::kString},
                                                            {"l", ColumnType::kLowCardinality},
                                                            {"n", ColumnType::kDateArray}}};
  const base::Uuid id = *base::parse_uuid("00112233-4455-6677-8899-aabbccddeeff");
  const base::Timestamp time = *base::parse_rfc3339("2026-11-21T04:22:01.123456Z");
  const std::string text = "\0tab\t'quote' \\ \n \xC3\xBC"s;
  Block block(kColumns);
  BlockRow first = block.row();
  first.uint8(255).uint16(65'535).uint32(4'294'967'295U).uint64(18'446'744'073'709'551'615ULL);
  first.int32(-2'147'483'648).int64(-9'223'372'036'854'775'807LL - 1).boolean(true).enumerator(-3);
  first.time(time).uuid(id).text(text).text("DE").dates(std::array<std::uint16_t, 2>{0, 20'778}).end();
  BlockRow second = block.row();
  second.uint8(0).uint16(0).uint32(0).uint64(0).int32(-1).int64(0).boolean(false).enumerator(4);
  second.time({0}).uuid({}).text("").text("").dates({}).end();
  ASSERT_TRUE(client_.insert(table, block));

  const Rows rows = select("SELECT * FROM " + table + " ORDER BY a DESC");
  ASSERT_EQ(rows.size(), 2U);
  EXPECT_EQ(rows.integer(0, "a"), 255);
  EXPECT_EQ(rows.integer(0, "b"), 65'535);
  EXPECT_EQ(rows.integer(0, "c"), 4'294'967'295);
  EXPECT_EQ(rows.unsigned_integer(0, "d"), 18'446'744'073'709'551'615ULL);
  EXPECT_EQ(rows.integer(0, "e"), -2'147'483'648);
  EXPECT_EQ(rows.integer(0, "f"), -9'223'372'036'854'775'807LL - 1);
  EXPECT_EQ(rows.integer(0, "g"), 1);
  EXPECT_EQ(rows.text(0, "h"), "x");
  EXPECT_EQ(rows.time(0, "t"), time);
  EXPECT_EQ(rows.uuid(0, "i"), id);
  EXPECT_EQ(rows.text(0, "s"), text);
  EXPECT_EQ(rows.text(0, "l"), "DE");
  EXPECT_THAT(rows.texts(0, "n"), ElementsAre("1970-01-01", "2026-11-21"));
  EXPECT_EQ(rows.text(1, "h"), "y");
  EXPECT_EQ(rows.time(1, "t").us, 0);
  EXPECT_TRUE(rows.uuid(1, "i").is_nil());
  EXPECT_TRUE(rows.texts(1, "n").empty());
}

TEST_P(LiveClient, AnInsertIsTakenAsAWholeOrNotAtAll) {
  run("CREATE DATABASE " + names_.prefix + "_9 ENGINE = Atomic");
  const std::string table = names_.prefix + "_9.e";
  run("CREATE TABLE " + table +
      " (h UUID, CONSTRAINT not_nil CHECK h != toUUID('00000000-0000-0000-0000-000000000000')) "
      "ENGINE = MergeTree ORDER BY tuple()");
  static constexpr std::array<BlockColumn, 1> kColumns = {{{"h", ColumnType::kUuid}}};
  Block block(kColumns);
  for (int i = 0; i < 1'000; ++i) {
    block.row().uuid(*base::parse_uuid("00112233-4455-6677-8899-aabbccddeeff")).end();
  }
  block.row().uuid({}).end();
  const auto done = client_.insert(table, block);
  ASSERT_FALSE(done);
  EXPECT_EQ(done.error().code, "clickhouse_469");
  EXPECT_EQ(number("SELECT count() FROM " + table), 0);
}

// More different texts than one byte numbers, then than two.
TEST_P(LiveClient, ManyDifferentTextsComeBackInTheirOrder) {
  run("CREATE DATABASE " + names_.prefix + "_9 ENGINE = Atomic");
  const std::string table = names_.prefix + "_9.texts";
  run("CREATE TABLE " + table + " (n UInt32, l LowCardinality(String)) ENGINE = MergeTree ORDER BY n");
  static constexpr std::array<BlockColumn, 2> kColumns = {
      {{"n", ColumnType::kUInt32}, {"l", ColumnType::kLowCardinality}}};
  Block block(kColumns);
  for (const std::uint32_t rows : {1'000U, 100'000U, 10U}) {
    block.clear();
    std::vector<std::uint32_t> order;
    for (std::uint32_t n = 0; n < rows; ++n) {
      block.row().uint32(n).text(std::to_string(n * 7)).end();
      order.push_back(rows - 1 - n);
    }
    block.set_order(order);
    ASSERT_TRUE(client_.insert(table, block));
  }
  EXPECT_EQ(number("SELECT count() FROM " + table), 101'010);
  EXPECT_EQ(number("SELECT countIf(l != toString(n * 7)) FROM " + table), 0);
}

TEST_P(LiveClient, ParametersAreValuesWhateverTheyHold) {
  const std::vector<std::string> list = {"it's", "a\\b", "'; DROP TABLE x; --", "\t\n"};
  for (const std::string& value : list) {
    const Rows rows = select("SELECT {v:String} AS v, length({v:String}) AS bytes", {{"v", value}});
    EXPECT_EQ(rows.text(0, "v"), value);
    EXPECT_EQ(rows.integer(0, "bytes"), static_cast<std::int64_t>(value.size()));
  }
  const Rows rows = select(
      "SELECT {list:Array(String)} AS list, {n:UInt64} AS n, {id:UUID} AS id, {t:DateTime64(6, "
      "'UTC')} AS t",
      {{"list", array_parameter(list)},
       {"n", "18446744073709551615"},
       {"id", "00112233-4455-6677-8899-aabbccddeeff"},
       {"t", time_parameter({1'000'002})}});
  EXPECT_EQ(rows.texts(0, "list"), list);
  EXPECT_EQ(rows.unsigned_integer(0, "n"), 18'446'744'073'709'551'615ULL);
  EXPECT_EQ(rows.text(0, "id"), "00112233-4455-6677-8899-aabbccddeeff");
  EXPECT_EQ(rows.time(0, "t").us, 1'000'002);
}

TEST_P(LiveClient, ErrorsCarryClickHousesNumber) {
  const auto code = [this](const std::string& sql) {
    const auto rows = client_.query(sql);
    return rows ? std::string("success") : rows.error().code;
  };
  EXPECT_EQ(code("SELEC 1"), "clickhouse_62");
  EXPECT_EQ(code("SELECT * FROM no_such_database.t"), "clickhouse_81");
  EXPECT_EQ(code("SELECT * FROM system.no_such_table"), "clickhouse_60");
  EXPECT_EQ(code("SELECT nothing"), "clickhouse_47");
  EXPECT_EQ(code("SELECT {x:UInt8}"), "clickhouse_456");
  EXPECT_EQ(code("SELECT throwIf(number = 99999) FROM numbers(100000)"), "clickhouse_395") << "late, after many rows";
}

TEST_P(LiveClient, QueriesChangeNothing) {
  const auto made = client_.query("CREATE DATABASE " + names_.prefix + "_9 ENGINE = Atomic");
  ASSERT_FALSE(made);
  EXPECT_EQ(made.error().code, "clickhouse_164");
}

TEST_P(LiveClient, SettingsAndDatabasesHoldForOneStatement) {
  run("CREATE DATABASE " + names_.prefix + "_9 ENGINE = Atomic");
  QueryOptions options;
  options.database = names_.prefix + "_9";
  options.settings = {{"max_block_size", "1234"}};
  const auto rows = client_.query("SELECT currentDatabase() AS d, getSetting('max_block_size') AS s", {}, options);
  ASSERT_TRUE(rows) << rows.error().message;
  EXPECT_EQ(rows->text(0, "d"), options.database);
  EXPECT_EQ(rows->unsigned_integer(0, "s"), 1234U);
  EXPECT_NE(number("SELECT getSetting('max_block_size')"), 1234);
}

TEST_P(LiveClient, ATimeOutIsToldAndNotTriedAgain) {
  QueryOptions options;
  options.timeout_ms = 300;
  const auto begin = std::chrono::steady_clock::now();
  const auto rows = client_.query("SELECT sleepEachRow(1) FROM numbers(3) SETTINGS max_block_size = 1", {}, options);
  ASSERT_FALSE(rows);
  EXPECT_EQ(rows.error().kind, base::ErrorKind::kTimeout);
  EXPECT_LT(std::chrono::steady_clock::now() - begin, std::chrono::seconds(3));
}

TEST_P(LiveClient, StopEndsWhatWaits) {
  auto slow = std::async(std::launch::async, [this] {
    return client_.query(
        "SELECT sleepEachRow(1) FROM numbers(60) SETTINGS max_block_size = 1, "
        "function_sleep_max_microseconds_per_block = 0");
  });
  Client watcher(endpoint());
  for (int i = 0; i < 200; ++i) {  // until it runs
    const auto seen = watcher.query(
        "SELECT count() AS n FROM system.processes WHERE query LIKE '%numbers(60)%' AND query "
        "NOT LIKE '%system.processes%'");
    if (seen && seen->integer(0, "n") > 0) {
      break;
    }
    std::this_thread::sleep_for(std::chrono::milliseconds(20));
  }
  client_.stop();
  const auto rows = slow.get();
  ASSERT_FALSE(rows);
  EXPECT_EQ(rows.error().code, "warehouse_stopping");
  EXPECT_EQ(client_.ping().error().code, "warehouse_stopping");
}

TALLY_OVER_BOTH(LiveClient);

TEST(LiveClientBuiltIn, CancelEndsARunningQueryAndKnowsNoOther) {
  Client client({.unix_socket = SharedEngine::get().socket()});
  QueryOptions options;
  options.query_id = "to-be-cancelled";
  auto slow = std::async(std::launch::async, [&] {
    return client.query(
        "SELECT sleepEachRow(1) FROM numbers(60) SETTINGS max_block_size = 1, "
        "function_sleep_max_microseconds_per_block = 0",
        {},
        options);
  });
  while (slow.wait_for(std::chrono::milliseconds(20)) == std::future_status::timeout) {
    ASSERT_TRUE(client.cancel("another"));
    ASSERT_TRUE(client.cancel("to-be-cancelled"));
  }
  const auto rows = slow.get();
  ASSERT_FALSE(rows);
  EXPECT_EQ(rows.error().code, "clickhouse_394");
}

TEST(LiveClientNobody, SaysSoWhenNobodyListens) {
  Client client({.url = "http://127.0.0.1:1"});
  EXPECT_EQ(client.ping().error().code, "warehouse_unreachable");
  EXPECT_EQ(client.query("SELECT 1").error().code, "warehouse_unreachable");
  EXPECT_EQ(client.shown_endpoint(), "http://127.0.0.1:1");
}

}  // namespace
}  // namespace tallystick::warehouse
