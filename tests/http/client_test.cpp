#include "http/client.h"

#include <filesystem>
#include <fstream>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include <gtest/gtest.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "tests/http/http_fixture.h"

namespace tallystick::http {
namespace {

// A key and a self-signed certificate for "localhost" in a folder of their own.
class Certificate {
 public:
  Certificate() : folder_(std::filesystem::temp_directory_path() / ("tally-http-" + std::to_string(::getpid()))) {
    std::filesystem::create_directories(folder_);
    renew(1);
  }
  ~Certificate() { std::filesystem::remove_all(folder_); }
  Certificate(const Certificate&) = delete;
  Certificate& operator=(const Certificate&) = delete;

  void renew(long serial) {
    const std::unique_ptr<EVP_PKEY, decltype(&EVP_PKEY_free)> key(EVP_EC_gen("P-256"), &EVP_PKEY_free);
    const std::unique_ptr<X509, decltype(&X509_free)> certificate(X509_new(), &X509_free);
    ASN1_INTEGER_set(X509_get_serialNumber(certificate.get()), serial);
    X509_set_version(certificate.get(), X509_VERSION_3);
    X509_gmtime_adj(X509_getm_notBefore(certificate.get()), -3600);
    X509_gmtime_adj(X509_getm_notAfter(certificate.get()), 3600);
    X509_set_pubkey(certificate.get(), key.get());
    X509_NAME* name = X509_get_subject_name(certificate.get());
    X509_NAME_add_entry_by_txt(
        name, "CN", MBSTRING_ASC, reinterpret_cast<const unsigned char*>("localhost"), -1, -1, 0);
    X509_set_issuer_name(certificate.get(), name);
    X509_EXTENSION* names = X509V3_EXT_conf_nid(nullptr, nullptr, NID_subject_alt_name, "DNS:localhost,IP:127.0.0.1");
    X509_add_ext(certificate.get(), names, -1);
    X509_EXTENSION_free(names);
    X509_sign(certificate.get(), key.get(), EVP_sha256());
    const std::unique_ptr<std::FILE, decltype(&std::fclose)> chain(std::fopen(certificate_file().c_str(), "w"),
                                                                   &std::fclose);
    PEM_write_X509(chain.get(), certificate.get());
    const std::unique_ptr<std::FILE, decltype(&std::fclose)> secret(std::fopen(key_file().c_str(), "w"), &std::fclose);
    PEM_write_PrivateKey(secret.get(), key.get(), nullptr, nullptr, 0, nullptr, nullptr);
  }

  [[nodiscard]] std::string certificate_file() const { return folder_ / "chain.pem"; }
  [[nodiscard]] std::string key_file() const { return folder_ / "key.pem"; }
  [[nodiscard]] std::filesystem::path folder() const { return folder_; }

 private:
  std::filesystem::path folder_;
};

class ClientTest : public ServerTest {
 protected:
  [[nodiscard]] std::string url(const std::string& path, const std::string& scheme = "http") const {
    return scheme + "://127.0.0.1:" + std::to_string(port()) + path;
  }
  Client client_;
};

TEST_F(ClientTest, MakesRoundTripsOnOneConnection) {
  start();
  for (int i = 0; i < 5; ++i) {
    const auto got = client_.send({.url = url("/echo/a?b=c")});
    ASSERT_TRUE(got.has_value()) << got.error().message;
    EXPECT_EQ(got->status, 200);
    EXPECT_EQ(got->body, "GET /echo/a?b=c  127.0.0.1 plain");
    EXPECT_EQ(got->header("x-echo"), "1");
  }
  const auto posted = client_.send({.method = Method::kPost,
                                    .url = url("/job/x"),
                                    .headers = {{"X-Request-Id", "q1"}, {"X-Empty", ""}},
                                    .body = std::string(5000, 'b')});
  ASSERT_TRUE(posted.has_value());
  EXPECT_EQ(posted->status, 201);
  EXPECT_EQ(posted->body, "x||" + std::string(5000, 'b'));
  EXPECT_EQ(posted->header("X-Request-Id"), "q1");
  const auto head = client_.send({.method = Method::kHead, .url = url("/echo/a")});
  ASSERT_TRUE(head.has_value());
  EXPECT_EQ(head->body, "");
  EXPECT_EQ(server_->statistics().connections_accepted, 1U);
}

TEST_F(ClientTest, DoesNotFollowRedirectsByItself) {
  router_.add(
      {.method = Method::kGet, .pattern = "/moved", .scope = "public", .summary = "", .handler = [](const Request&) {
         return Response{.status = 302, .content_type = "", .body = "", .headers = {{"Location", "/echo/there"}}};
       }});
  start();
  const auto stayed = client_.send({.url = url("/moved")});
  ASSERT_TRUE(stayed.has_value());
  EXPECT_EQ(stayed->status, 302);
  EXPECT_EQ(stayed->header("Location"), "/echo/there");
  const auto followed = client_.send({.url = url("/moved"), .max_redirects = 1});
  ASSERT_TRUE(followed.has_value());
  EXPECT_EQ(followed->status, 200);
}

TEST_F(ClientTest, NamesItsFailures) {
  start({.drain_timeout_ms = 50});
  EXPECT_EQ(client_.send({.url = url("/hold/0"), .total_timeout_ms = 50}).error().code, "timeout");
  EXPECT_EQ(client_.send({.url = url("/large"), .max_response_bytes = 1000}).error().code, "response_too_large");
  EXPECT_EQ(client_.send({.url = "file:///etc/passwd"}).error().code, "bad_request");
  EXPECT_EQ(client_.send({.url = url("/echo/a"), .headers = {{"X", "a\r\nY: b"}}}).error().code, "bad_request");
  EXPECT_EQ(client_.send({.url = url("/echo/a", "https")}).error().code, "tls_failed");
  const std::string gone = url("/echo/a");
  stop();
  EXPECT_EQ(client_.send({.url = gone}).error().code, "connect_failed");
}

TEST_F(ClientTest, CanBeMadeByManyThreadsAtOnce) {
  start();
  std::vector<std::thread> threads;
  for (int i = 0; i < 4; ++i) {
    threads.emplace_back([this] {
      Client own;
      EXPECT_EQ(own.send({.url = url("/echo/a")}).value().status, 200);
    });
  }
  for (std::thread& thread : threads) {
    thread.join();
  }
}

TEST_F(ClientTest, SpeaksTlsAndVerifies) {
  const Certificate certificate;
  start({.tls = {.certificate_file = certificate.certificate_file(), .key_file = certificate.key_file()}});
  EXPECT_EQ(client_.send({.url = url("/echo/a", "https")}).error().code, "tls_failed");
  for (int i = 0; i < 3; ++i) {
    const auto got = client_.send({.url = url("/echo/a", "https"), .ca_file = certificate.certificate_file()});
    ASSERT_TRUE(got.has_value()) << got.error().message;
    EXPECT_EQ(got->body, "GET /echo/a?  127.0.0.1 tls");
  }
  const auto large = client_.send({.url = url("/large", "https"), .ca_file = certificate.certificate_file()});
  ASSERT_TRUE(large.has_value());
  EXPECT_EQ(large->body.size(), 4U << 20U);
  const auto closing = client_.send({.url = url("/echo/a", "https"),
                                     .headers = {{"Connection", "close"}},
                                     .ca_file = certificate.certificate_file()});
  ASSERT_TRUE(closing.has_value());
  const auto after = client_.send({.url = url("/echo/a", "https"), .ca_file = certificate.certificate_file()});
  EXPECT_TRUE(after.has_value());
}

TEST_F(ClientTest, SeesARenewedCertificate) {
  Certificate certificate;
  start({.tls = {.certificate_file = certificate.certificate_file(), .key_file = certificate.key_file()}});
  certificate.renew(2);
  const ClientRequest request{.url = url("/echo/a", "https"), .ca_file = certificate.certificate_file()};
  EXPECT_EQ(Client().send(request).error().code, "tls_failed");
  ASSERT_TRUE(server_->reload_certificate().has_value());
  on_reactor([] {});
  EXPECT_EQ(Client().send(request).value().status, 200);
  std::ofstream(certificate.key_file()) << "no key";
  EXPECT_EQ(server_->reload_certificate().error().code, "tls_setup_failed");
  EXPECT_EQ(Client().send(request).value().status, 200);
}

TEST_F(ClientTest, RefusesPlainTextOnATlsPort) {
  const Certificate certificate;
  start({.tls = {.certificate_file = certificate.certificate_file(), .key_file = certificate.key_file()}});
  RawClient raw(port());
  raw.send("GET /echo/a HTTP/1.1\r\nHost: x\r\n\r\n");
  EXPECT_EQ(raw.read_to_end().find("echo"), std::string::npos);
}

TEST(ServerTls, SaysWhenTheCertificateCannotBeRead) {
  const Router router;
  OpenGate gate;
  ServerOptions options;
  options.address = "127.0.0.1";
  options.port = 0;
  options.tls = {.certificate_file = "/nonexistent.pem", .key_file = "/nonexistent.pem"};
  EXPECT_EQ(Server::start(options, router, gate, {}).error().code, "tls_setup_failed");
}

TEST(Client, SpeaksOverAUnixSocket) {
  const Certificate folder;
  const std::string path = folder.folder() / "socket";
  const int listener = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  path.copy(address.sun_path, sizeof address.sun_path - 1);
  ASSERT_EQ(::bind(listener, reinterpret_cast<const sockaddr*>(&address), sizeof address), 0);
  ASSERT_EQ(::listen(listener, 1), 0);
  std::string seen(4096, '\0');
  std::thread server([&] {
    const int peer = ::accept(listener, nullptr, nullptr);
    seen.resize(static_cast<std::size_t>(std::max<::ssize_t>(::recv(peer, seen.data(), seen.size(), 0), 0)));
    const std::string answer = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";
    EXPECT_EQ(::send(peer, answer.data(), answer.size(), MSG_NOSIGNAL), static_cast<::ssize_t>(answer.size()));
    ::close(peer);
  });
  const auto got = Client().send({.url = "http://localhost/query?a=b", .unix_socket = path});
  server.join();
  ::close(listener);
  ASSERT_TRUE(got.has_value()) << got.error().message;
  EXPECT_EQ(got->body, "ok");
  EXPECT_EQ(seen.substr(0, 24), "GET /query?a=b HTTP/1.1\r");
}

}  // namespace
}  // namespace tallystick::http
