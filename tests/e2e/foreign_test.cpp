// Programs that share nothing with ours: a real browser follows a signed link, Go's checksum database verifies the log.
#include <fstream>
#include <thread>

#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include "tests/e2e/instance.h"

namespace tallystick::e2e {
namespace {

namespace json = boost::json;

// Answers every request with one page: the partner's shop.
class Shop {
 public:
  Shop() : listener_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    ::bind(listener_, reinterpret_cast<sockaddr*>(&address), sizeof address);
    ::listen(listener_, 16);
    socklen_t size = sizeof address;
    ::getsockname(listener_, reinterpret_cast<sockaddr*>(&address), &size);
    port_ = ntohs(address.sin_port);
    thread_ = std::thread([this] { serve(); });
  }
  ~Shop() {
    ::shutdown(listener_, SHUT_RDWR);
    thread_.join();
    ::close(listener_);
  }
  [[nodiscard]] std::uint16_t port() const { return port_; }

 private:
  void serve() {
    for (int peer = ::accept(listener_, nullptr, nullptr); peer >= 0; peer = ::accept(listener_, nullptr, nullptr)) {
      char buffer[4096];
      const ssize_t got = ::read(peer, buffer, sizeof buffer);
      const std::string page = "<html><body><p id=\"arrived\">Welcome to the shop</p></body></html>";
      const std::string answer = "HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nConnection: close\r\nContent-Length: " +
                                 std::to_string(page.size()) + "\r\n\r\n" + page;
      if (got > 0 && ::write(peer, answer.data(), answer.size()) < 0) {
        break;
      }
      ::close(peer);
    }
  }

  int listener_;
  std::uint16_t port_ = 0;
  std::thread thread_;
};

bool is_installed(const std::string& program) {
  return support::run_command({"/bin/sh", "-c", "command -v " + program + " >/dev/null"}).exit_code == 0;
}

TEST(Foreign, ARealBrowserArrivesAtTheDestination) {
  if (!is_installed("chromium")) {
    FAIL() << "chromium is not installed: run scripts/bootstrap test";
  }
  Instance instance;
  const Shop shop;
  const std::string destination = "http://shop.example.com:" + std::to_string(shop.port()) + "/welcome?tag={click_id}";
  ASSERT_EQ(
      instance
          .exchange(
              "POST",
              "/api/partners",
              instance.authorization() + "Idempotency-Key: \"a\"\r\n",
              R"({"slug":"shop","name":"Shop","currency":"EUR","allows_http":true,"allowed_hosts":["shop.example.com"]})")
          .status,
      201);
  const support::RawAnswer link =
      instance.exchange("POST",
                        "/api/partners/shop/links",
                        instance.authorization() + "Idempotency-Key: \"b\"\r\n",
                        json::serialize(json::object{{"slug", "welcome"}, {"destination", destination}}));
  ASSERT_EQ(link.status, 201) << link.body;
  const std::string signed_url(
      instance.run_json({"link", "sign", "--partner", "shop", "--link", "welcome"}).at("url").as_string());
  ASSERT_TRUE(eventually([&] {
    return instance
               .exchange("POST", "/api/links/sign", instance.authorization(), R"({"partner":"shop","link":"welcome"})")
               .status == 200;
  }));
  const support::CommandResult browser =
      support::run_command({"chromium",
                            "--headless",
                            "--no-sandbox",
                            "--disable-gpu",
                            "--disable-background-networking",
                            "--disable-component-update",
                            "--no-first-run",
                            "--disable-sync",
                            "--host-resolver-rules=MAP shop.example.com 127.0.0.1",
                            "--user-data-dir=" + (instance.folder() / "browser").string(),
                            "--dump-dom",
                            signed_url},
                           {},
                           std::chrono::seconds(120));
  EXPECT_NE(browser.output.find("Welcome to the shop"), std::string::npos) << browser.output;
  const auto clicks = instance.run_json({"journal", "stats"}).at("by_kind").at("click").to_number<std::uint64_t>();
  EXPECT_EQ(clicks, 1U);
}

TEST(Foreign, GoVerifiesCheckpointInclusionAndConsistencyOverHttp) {
  const std::string tlogcheck = std::filesystem::path(support::tallystick_binary()).parent_path() / "tlogcheck";
  if (!std::filesystem::exists(tlogcheck)) {
    FAIL() << "the foreign verifier is not built: run scripts/bootstrap test";
  }
  Instance instance;
  ASSERT_EQ(instance.run({"demo", "--seconds", "2", "--rate", "300"}).exit_code, 0);
  const support::RawAnswer first = instance.exchange("GET", "/log/checkpoint");
  std::ofstream(instance.folder() / "first") << first.body;
  ASSERT_EQ(instance.run({"demo", "--seconds", "2", "--rate", "300"}).exit_code, 0);
  std::string key = instance.exchange("GET", "/log/verifier-key").body;
  key.pop_back();
  const support::CommandResult checked = support::run_command({tlogcheck,
                                                               "-url",
                                                               instance.url() + "/log",
                                                               "-vkey",
                                                               key,
                                                               "-index",
                                                               "100",
                                                               "-from-checkpoint",
                                                               (instance.folder() / "first").string()});
  EXPECT_EQ(checked.exit_code, 0) << checked.output;
}

}  // namespace
}  // namespace tallystick::e2e
