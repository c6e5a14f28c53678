// Large inserts are exact and arrive as one block; queries run side by side within their limits.
#include <atomic>
#include <chrono>
#include <csignal>
#include <future>
#include <thread>

#include <gtest/gtest.h>

#include "tests/engine/live/engine_process.h"
#include "tests/support/temporary_directory.h"

namespace tallystick::engine {
namespace {

using std::chrono::steady_clock;

constexpr std::uint64_t kRows = 1'000'000;

class Bulk : public testing::Test {
 protected:
  support::TemporaryDirectory folder_;
  EngineProcess engine_{folder_.path(), {"--memory-bytes=2000000000", "--concurrent-queries=2", "--threads=2"}};
};

TEST_F(Bulk, AMillionRowsAreExactAndOnePart) {
  for (const std::string format : {"Native", "RowBinary"}) {
    SCOPED_TRACE(format);
    engine_.run(
        "CREATE TABLE " + format +
        " (a UInt64, b String, c UInt8 DEFAULT 7) ENGINE = MergeTree ORDER BY a SETTINGS old_parts_lifetime = 600");
    // 8 bytes of number, 192 of text and its length: 202 MB in all.
    std::string data = engine_
                           .post("SELECT number AS a, leftPad(toString(number), 192, 'x') AS b FROM numbers(1000000)",
                                 "default_format=" + format)
                           .body;
    ASSERT_GT(data.size(), 200'000'000U);
    const http::ClientResponse response =
        engine_.insert("INSERT INTO " + format + " (a, b) FORMAT " + format, std::move(data));
    ASSERT_EQ(response.status, 200) << response.body;
    EXPECT_NE(response.header("X-ClickHouse-Summary").find(R"("written_rows":"1000000")"), std::string_view::npos);
    // 0 + 1 + ... + 999,999 = 499,999,500,000
    EXPECT_EQ(
        engine_.text("SELECT count(), sum(a), sum(length(b)), sum(c), sum(toUInt64(trim(LEADING 'x' FROM b))) FROM " +
                     format),
        "1000000\t499999500000\t192000000\t7000000\t499999500000");
    EXPECT_EQ(engine_.text("SELECT groupArray((rows, level)) FROM system.parts WHERE table = '" + format + "'"),
              "[(1000000,0)]")
        << "one part that no merge made";
  }
}

TEST_F(Bulk, ManyBlocksInOneBodyBecomeOnePart) {
  engine_.run("CREATE TABLE blocks (a UInt64) ENGINE = MergeTree ORDER BY a SETTINGS old_parts_lifetime = 600");
  std::string data;
  for (int i = 0; i < 10; ++i) {
    data += engine_.post("SELECT number + " + std::to_string(i * 1000) + " AS a FROM numbers(1000) FORMAT Native").body;
  }
  ASSERT_EQ(engine_.insert("INSERT INTO blocks FORMAT Native", std::move(data)).status, 200);
  EXPECT_EQ(engine_.text("SELECT count(), sum(a) FROM blocks"), "10000\t49995000");
  EXPECT_EQ(engine_.text("SELECT groupArray((rows, level)) FROM system.parts WHERE table = 'blocks'"), "[(10000,0)]");
}

TEST(BulkWithAFullQueue, FurtherClientsAreToldToComeBack) {
  const support::TemporaryDirectory folder;
  EngineProcess engine(folder.path(), {"--concurrent-queries=2"});
  // One place for queries and 64 that wait: of 70 at least five are refused, at once.
  std::atomic<int> refused = 0;
  std::vector<std::thread> clients;
  for (int i = 0; i < 70; ++i) {
    clients.emplace_back([&] {
      http::Client client;
      const auto response = client.send({.method = http::Method::kPost,
                                         .url = "http://localhost/",
                                         .body = "SELECT sleep(3)",
                                         .total_timeout_ms = 60'000,
                                         .unix_socket = engine.socket()});
      if (response && response->status == 503) {
        EXPECT_EQ(response->header("X-ClickHouse-Exception-Code"), "202") << response->body;
        EXPECT_EQ(response->header("Retry-After"), "1");
        ++refused;
      }
    });
  }
  const auto deadline = steady_clock::now() + std::chrono::seconds(30);
  while (refused < 5 && steady_clock::now() < deadline) {
    std::this_thread::sleep_for(std::chrono::milliseconds(10));
  }
  engine.process().signal(SIGKILL);  // the others need not be waited for
  for (std::thread& client : clients) {
    client.join();
  }
  EXPECT_GE(refused, 5);
}

TEST(BulkWithLittleMemory, LargeInsertsTakeTurnsInsteadOfFailing) {
  const support::TemporaryDirectory folder;
  const EngineProcess engine(folder.path(), {"--memory-bytes=1000000000", "--concurrent-queries=4"});
  engine.run("CREATE TABLE large (a UInt64, b String) ENGINE = MergeTree ORDER BY a");
  const std::string data = engine
                               .post(
                                   "SELECT cityHash64(number) AS a, leftPad(toString(number), 192, 'x') AS b FROM "
                                   "numbers(1000000) FORMAT Native",
                                   "max_result_bytes=0")
                               .body;
  std::vector<std::future<http::ClientResponse>> inserts;
  for (int i = 0; i < 4; ++i) {
    inserts.push_back(
        std::async(std::launch::async, [&] { return engine.insert("INSERT INTO large FORMAT Native", data); }));
  }
  for (auto& insert : inserts) {
    const http::ClientResponse response = insert.get();
    EXPECT_EQ(response.status, 200) << response.body;
  }
  EXPECT_EQ(engine.text("SELECT count() FROM large"), "4000000");
}

TEST_F(Bulk, ASlowReportDoesNotHoldUpTheLoader) {
  engine_.run("CREATE TABLE busy (a UInt64) ENGINE = MergeTree ORDER BY a");
  std::vector<std::future<std::string>> reports;
  for (int i = 0; i < 3; ++i) {
    reports.push_back(std::async(std::launch::async, [this] {
      return engine_.text("SELECT count() FROM numbers(40) WHERE NOT ignore(sleepEachRow(0.05))", "max_block_size=1");
    }));
  }
  // Three reports of two seconds each stand in a row for one place: the insert has its own.
  const auto start = steady_clock::now();
  ASSERT_EQ(engine_.insert("INSERT INTO busy FORMAT TSV", "1\n").status, 200);
  EXPECT_LT(steady_clock::now() - start, std::chrono::seconds(2));
  for (auto& report : reports) {
    EXPECT_EQ(report.get(), "40");
  }
}

TEST_F(Bulk, ManyClientsGetTheirOwnAnswers) {
  std::vector<std::thread> threads;
  std::atomic<int> wrong = 0;
  for (int client = 0; client < 8; ++client) {
    threads.emplace_back([this, client, &wrong] {
      for (int i = 0; i < 25; ++i) {
        const std::string expected = std::to_string(client * 1000 + i);
        wrong += engine_.text("SELECT {n:UInt32}", "param_n=" + expected) == expected ? 0 : 1;
      }
    });
  }
  for (std::thread& thread : threads) {
    thread.join();
  }
  EXPECT_EQ(wrong, 0);
}

TEST_F(Bulk, MemoryBeyondTheBoundIsAnErrorAndTheEngineLives) {
  const std::string hungry = "SELECT length(groupArray(number)) FROM numbers(1000000000)";
  const http::ClientResponse query = engine_.post(hungry);
  EXPECT_EQ(query.header("X-ClickHouse-Exception-Code"), "241") << query.body;
  EXPECT_EQ(engine_.post(hungry, "max_memory_usage=0").header("X-ClickHouse-Exception-Code"), "241")
      << "the bound of the process holds when a query lifts its own";
  EXPECT_EQ(engine_.post("SELECT * FROM numbers(100000000)").header("X-ClickHouse-Exception-Code"), "396")
      << "results are bounded too";
  EXPECT_EQ(engine_.text("SELECT 1"), "1");
}

TEST_F(Bulk, AQueryThatNobodyWaitsForIsEnded) {
  http::Client client;
  const auto gone = client.send({.method = http::Method::kPost,
                                 .url = "http://localhost/?max_block_size=1",
                                 .body = "SELECT sleepEachRow(1) FROM numbers(250)",
                                 .total_timeout_ms = 300,
                                 .unix_socket = engine_.socket()});
  ASSERT_FALSE(gone);
  EXPECT_EQ(gone.error().code, "timeout");
  const std::string others =
      "SELECT count() FROM system.processes WHERE query LIKE '%sleepEachRow(1)%' AND query NOT LIKE "
      "'%processes%'";
  const auto deadline = steady_clock::now() + std::chrono::seconds(20);
  while (engine_.text(others) != "0" && steady_clock::now() < deadline) {
    std::this_thread::sleep_for(std::chrono::milliseconds(50));
  }
  EXPECT_EQ(engine_.text(others), "0");
}

}  // namespace
}  // namespace tallystick::engine
