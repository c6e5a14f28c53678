// A server on a unix socket: who may connect, what becomes of the file, and what a lost client looks like.
#include <atomic>
#include <chrono>
#include <fstream>
#include <thread>

#include <gtest/gtest.h>
#include <sys/stat.h>

#include "http/client.h"
#include "tests/http/http_fixture.h"
#include "tests/support/temporary_directory.h"

namespace tallystick::http {
namespace {

// Holds every reply and counts the sweeps in which its client was gone.
class HoldingService final : public ReactorService {
 public:
  explicit HoldingService(std::atomic<int>& gone) : gone_(gone) {}
  void handle(int /*tag*/,
              const RequestView& /*request*/,
              const std::vector<PathParameter>& /*parameters*/,
              Reply reply) override {
    held_.push_back(std::move(reply));
  }
  void on_turn_end() override {}
  void on_sweep() override {
    gone_ += static_cast<int>(std::erase_if(held_, [](const Reply& reply) { return reply.is_peer_gone(); }));
  }

 private:
  std::atomic<int>& gone_;
  std::vector<Reply> held_;
};

class UnixSocket : public testing::Test {
 protected:
  UnixSocket() {
    router_.add({.method = Method::kPost,
                 .pattern = "/size",
                 .scope = "public",
                 .summary = "size of the body",
                 .handler =
                     [](const Request& request) {
                       return json_response(200, std::to_string(request.body.size()) + base::format_ip(request.client));
                     },
                 .max_body_bytes = 64UZ << 20});
    router_.add({.pattern = "/hold", .scope = "public", .summary = "hold", .inline_tag = 1});
  }

  base::Result<std::unique_ptr<Server>> start(const std::string& path) {
    ServerOptions options;
    options.unix_socket = path;
    options.idle_timeout_ms = 40;  // sweeps every 10 ms
    return Server::start(
        options, router_, gate_, [this](ReactorContext&) { return std::make_unique<HoldingService>(gone_); });
  }

  ClientResponse post(std::string body) {
    Client client;
    return client.send({.method = Method::kPost, .url = "http://x/size", .body = std::move(body), .unix_socket = path_})
        .value();
  }

  support::TemporaryDirectory folder_;
  const std::string path_ = (folder_.path() / "socket").string();
  Router router_;
  OpenGate gate_;
  std::atomic<int> gone_ = 0;
};

TEST_F(UnixSocket, ServesItsOwnerAndLeavesNoFile) {
  auto server = start(path_);
  ASSERT_TRUE(server) << server.error().message;
  struct stat status {};
  ASSERT_EQ(::stat(path_.c_str(), &status), 0);
  EXPECT_TRUE(S_ISSOCK(status.st_mode));
  EXPECT_EQ(status.st_mode & 07777, 0600U);
  EXPECT_EQ(post("abc").body, "3127.0.0.1");
  (*server)->stop();
  EXPECT_FALSE(std::filesystem::exists(path_));
}

TEST_F(UnixSocket, TakesALargeBodyWhole) {
  const auto server = start(path_);
  ASSERT_TRUE(server);
  EXPECT_EQ(post(std::string(40'000'000, 'x')).body, "40000000127.0.0.1");
  EXPECT_EQ(post("").body, "0127.0.0.1");
}

TEST_F(UnixSocket, ReplacesAFileThatNobodyListensOnAndNothingElse) {
  {
    const auto first = start(path_);
    ASSERT_TRUE(first);
    const auto second = start(path_);
    ASSERT_FALSE(second) << "somebody listens there";
    EXPECT_EQ(second.error().code, "listen_failed");
    EXPECT_EQ(post("ab").body, "2127.0.0.1");
    // What a killed process leaves behind.
    std::filesystem::create_hard_link(path_, folder_.path() / "left");
  }
  std::filesystem::rename(folder_.path() / "left", path_);
  const auto third = start(path_);
  ASSERT_TRUE(third) << third.error().message;
  EXPECT_EQ(post("a").body, "1127.0.0.1");
  const std::string file = (folder_.path() / "file").string();
  std::ofstream(file) << "precious";
  EXPECT_FALSE(start(file));
  EXPECT_EQ(std::filesystem::file_size(file), 8U);
  EXPECT_FALSE(start((folder_.path() / std::string(120, 'x')).string())) << "longer than an address can be";
}

TEST_F(UnixSocket, AServiceLearnsThatItsClientIsGone) {
  const auto server = start(path_);
  ASSERT_TRUE(server);
  Client client;
  const auto lost = client.send({.url = "http://x/hold", .total_timeout_ms = 50, .unix_socket = path_});
  ASSERT_FALSE(lost);
  client = Client();  // closes the connection
  const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(20);
  while (gone_ == 0 && std::chrono::steady_clock::now() < deadline) {
    std::this_thread::sleep_for(std::chrono::milliseconds(5));
  }
  EXPECT_EQ(gone_, 1);
}

}  // namespace
}  // namespace tallystick::http
