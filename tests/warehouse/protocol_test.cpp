// What the client says over the wire, and when it asks again: a server that keeps what it is asked and answers from a
// list. What the answers mean to ClickHouse itself is tested in live/.
#include <array>
#include <deque>
#include <memory>
#include <mutex>
#include <thread>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "http/server.h"
#include "tests/support/temporary_directory.h"
#include "warehouse/client.h"

namespace tallystick::warehouse {
namespace {

using testing::EndsWith;
using testing::HasSubstr;
using testing::Not;

class OpenGate final : public http::Gatekeeper {
 public:
  http::Admission admit(const http::Request& /*request*/, std::string_view /*scope*/) override {
    return {http::Principal{}};
  }
};

http::Response refuse(int status, const std::string& number) {
  return {.status = status,
          .content_type = "text/plain",
          .body = "Code: " + number + ". DB::Exception: no",
          .headers = {{"X-ClickHouse-Exception-Code", number}}};
}

const http::Response kOne = {.status = 200, .body = R"({"meta":[{"name":"n","type":"UInt8"}],"data":[[1]],"rows":1})"};

class Protocol : public testing::Test {
 protected:
  explicit Protocol(bool is_built_in = false) {
    router_.add({.method = http::Method::kPost,
                 .pattern = "/",
                 .scope = "public",
                 .summary = "",
                 .handler = [this](const http::Request& request) {
                   const std::lock_guard lock(mutex_);
                   requests_.push_back(request);
                   if (answers_.empty()) {
                     return kOne;
                   }
                   http::Response answer = answers_.front();
                   answers_.pop_front();
                   return answer;
                 }});
    http::ServerOptions options;
    options.address = "127.0.0.1";
    options.port = 0;
    options.unix_socket = is_built_in ? socket_path() : "";
    auto started = http::Server::start(options, router_, gate_, {});
    if (!started) {
      throw std::runtime_error(started.error().message);
    }
    server_ = *std::move(started);
  }

  [[nodiscard]] std::string socket_path() const { return (folder_.path() / "socket").string(); }
  [[nodiscard]] Endpoint endpoint() const {
    Endpoint out;
    out.url = "http://127.0.0.1:" + std::to_string(server_->port()) + "/";
    out.user = "reporter";
    out.password = "s3cret";
    return out;
  }

  [[nodiscard]] static Block two_rows() {
    static constexpr std::array<BlockColumn, 1> kColumns = {{{"a", ColumnType::kUInt8}}};
    Block block(kColumns);
    block.row().uint8(1).end();
    block.row().uint8(2).end();
    return block;
  }

  support::TemporaryDirectory folder_;
  std::mutex mutex_;
  std::vector<http::Request> requests_;
  std::deque<http::Response> answers_;
  http::Router router_;
  OpenGate gate_;
  std::unique_ptr<http::Server> server_;
};

TEST_F(Protocol, TheAccountTravelsInHeadersAndValuesAsParameters) {
  Client client(endpoint());
  ASSERT_TRUE(client.query("SELECT {v:String}", {{"v", "a&b=c\td"}}));
  ASSERT_EQ(requests_.size(), 1U);
  const http::Request& request = requests_.front();
  EXPECT_EQ(request.header("X-ClickHouse-User"), "reporter");
  EXPECT_EQ(request.header("X-ClickHouse-Key"), "s3cret");
  EXPECT_EQ(request.body, "SELECT {v:String}");
  EXPECT_EQ(request.query_parameter("param_v"), "a&b=c\\td");
  EXPECT_EQ(request.query_parameter("readonly"), "2");
  EXPECT_EQ(request.query_parameter("default_format"), "JSONCompact");
  EXPECT_THAT(request.target, Not(HasSubstr("s3cret")));
}

TEST_F(Protocol, AnInsertIsOneRequestWithTheStatementInTheAddress) {
  Client client(endpoint());
  ASSERT_TRUE(client.insert("`d`.`t`", two_rows()));
  ASSERT_EQ(requests_.size(), 1U);
  EXPECT_EQ(requests_[0].query_parameter("query"), "INSERT INTO `d`.`t` (`a`) FORMAT Native");
  EXPECT_EQ(requests_[0].body,
            std::string("\x01\x02\x01"
                        "a"
                        "\x05"
                        "UInt8"
                        "\x01\x02"));
  EXPECT_EQ(requests_[0].header("Content-Encoding"), "");
}

TEST_F(Protocol, AnInsertIsCompressedWhenWanted) {
  Endpoint compressing = endpoint();
  compressing.compress = true;
  Client client(compressing);
  ASSERT_TRUE(client.insert("`d`.`t`", two_rows()));
  ASSERT_EQ(requests_.size(), 1U);
  EXPECT_EQ(requests_[0].header("Content-Encoding"), "zstd");
  EXPECT_TRUE(requests_[0].body.starts_with("\x28\xB5\x2F\xFD")) << "the magic number of RFC 8878, 3.1.1";
}

TEST_F(Protocol, InsertsGoOutSideBySideAndUnmixed) {
  Client client(endpoint());
  std::vector<std::thread> threads;
  for (std::uint8_t value = 1; value <= 4; ++value) {
    threads.emplace_back([&client, value] {
      static constexpr std::array<BlockColumn, 1> kColumns = {{{"a", ColumnType::kUInt8}}};
      Block block(kColumns);
      for (int repetition = 0; repetition < 20; ++repetition) {
        block.clear();
        block.row().uint8(value).end();
        EXPECT_TRUE(client.insert("t", block));
      }
    });
  }
  for (std::thread& thread : threads) {
    thread.join();
  }
  std::array<int, 5> seen{};
  for (const http::Request& request : requests_) {
    ++seen.at(static_cast<std::size_t>(request.body.back()));
  }
  EXPECT_EQ(seen, (std::array<int, 5>{0, 20, 20, 20, 20}));
}

class BuiltInProtocol : public Protocol {
 protected:
  BuiltInProtocol() : Protocol(true) {}

  Client client_{{.unix_socket = socket_path()}};
};

TEST_F(BuiltInProtocol, AnInsertNamesTheMemoryThatHoldsIt) {
  ASSERT_TRUE(client_.insert("`d`.`t`", two_rows()));
  ASSERT_EQ(requests_.size(), 1U);
  EXPECT_EQ(requests_[0].query_parameter("query"), "INSERT INTO `d`.`t` (`a`) FORMAT Native");
  EXPECT_EQ(requests_[0].body, "");
  EXPECT_THAT(std::string(requests_[0].header("X-Tallystick-Memory-File")), EndsWith(" 12"))
      << "as many bytes as AnInsertIsOneRequestWithTheStatementInTheAddress shows";
}

TEST_F(BuiltInProtocol, AnEngineThatCannotReadOurMemoryIsSentTheBytes) {
  answers_ = {refuse(500, "90001")};
  ASSERT_TRUE(client_.insert("t", two_rows()));
  ASSERT_TRUE(client_.insert("t", two_rows()));
  ASSERT_EQ(requests_.size(), 3U);
  EXPECT_NE(requests_[0].header("X-Tallystick-Memory-File"), "");
  for (const std::size_t later : {1U, 2U}) {
    EXPECT_EQ(requests_[later].header("X-Tallystick-Memory-File"), "");
    EXPECT_EQ(requests_[later].body.size(), 12U);
  }
}

TEST_F(BuiltInProtocol, AnotherErrorIsNoReasonToSendItAgain) {
  answers_ = {refuse(500, "241")};
  EXPECT_EQ(client_.insert("t", two_rows()).error().code, "clickhouse_241");
  ASSERT_EQ(requests_.size(), 1U);
  ASSERT_TRUE(client_.insert("t", two_rows()));
  EXPECT_NE(requests_[1].header("X-Tallystick-Memory-File"), "");
}

TEST_F(Protocol, ASettingOfAStatementStandsInPlaceOfTheUsualOne) {
  Client client(endpoint());
  ASSERT_TRUE(client.execute("ALTER TABLE t UPDATE a = 0 WHERE 1"));
  ASSERT_TRUE(client.execute("ALTER TABLE t UPDATE a = 0 WHERE 1", {}, {.settings = {{"mutations_sync", "0"}}}));
  ASSERT_EQ(requests_.size(), 2U);
  EXPECT_EQ(requests_[0].query_parameter("mutations_sync"), "2");
  EXPECT_EQ(requests_[1].query_parameter("mutations_sync"), "0");
  EXPECT_THAT(requests_[1].target, Not(HasSubstr("mutations_sync=2")));
}

TEST_F(Protocol, AReadIsTriedAgainUnderTheSameQueryId) {
  answers_ = {refuse(500, "202"), refuse(500, "216")};
  Client client(endpoint());
  ASSERT_TRUE(client.query("SELECT 1"));
  ASSERT_EQ(requests_.size(), 3U);
  EXPECT_NE(requests_[0].query_parameter("query_id"), "");
  EXPECT_EQ(requests_[0].query_parameter("query_id"), requests_[1].query_parameter("query_id"));
  EXPECT_EQ(requests_[0].query_parameter("query_id"), requests_[2].query_parameter("query_id"));
}

TEST_F(Protocol, AReadIsGivenUpAfterThreeAttemptsAndAtOnceForALastingError) {
  answers_ = {refuse(500, "202"), refuse(500, "202"), refuse(500, "202"), refuse(400, "62")};
  Client client(endpoint());
  EXPECT_EQ(client.query("SELECT 1").error().code, "clickhouse_202");
  EXPECT_EQ(requests_.size(), 3U);
  EXPECT_EQ(client.query("SELEC 1").error().code, "clickhouse_62");
  EXPECT_EQ(requests_.size(), 4U);
}

TEST_F(Protocol, AChangeIsTriedAgainOnlyWhenTwiceIsAsGoodAsOnce) {
  answers_ = {refuse(500, "202"), refuse(500, "202"), refuse(500, "202")};
  Client client(endpoint());
  EXPECT_FALSE(client.execute("ALTER TABLE t DELETE WHERE 1"));
  EXPECT_EQ(requests_.size(), 1U);
  EXPECT_FALSE(client.insert("t", two_rows()));
  EXPECT_EQ(requests_.size(), 2U);
  QueryOptions options;
  options.is_repeatable = true;
  EXPECT_TRUE(client.execute("DROP TABLE IF EXISTS t", {}, options));
  EXPECT_EQ(requests_.size(), 4U);
}

TEST_F(Protocol, AClusterIsToldToWaitForItsReplicas) {
  Endpoint cluster = endpoint();
  cluster.cluster = "main";
  Client client(cluster);
  ASSERT_TRUE(client.insert("t", two_rows()));
  ASSERT_TRUE(client.cancel("q-1"));
  ASSERT_EQ(requests_.size(), 2U);
  EXPECT_EQ(requests_[0].query_parameter("insert_quorum"), "auto");
  EXPECT_EQ(requests_[0].query_parameter("distributed_foreground_insert"), "1");
  EXPECT_EQ(requests_[1].body, "KILL QUERY ON CLUSTER `main` WHERE query_id = {id:String} SYNC");
  EXPECT_EQ(requests_[1].query_parameter("param_id"), "q-1");
}

}  // namespace
}  // namespace tallystick::warehouse
