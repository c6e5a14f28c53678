#include "http/server.h"

#include <string>
#include <thread>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/http/http_fixture.h"

namespace tallystick::http {
namespace {

using testing::HasSubstr;
using testing::Not;

TEST_F(ServerTest, AnswersAnInlineRoute) {
  start();
  RawClient client(port());
  client.send(get("/echo/a?b=c"));
  const std::string answer = client.read_answer();
  EXPECT_EQ(status_of(answer), 200);
  EXPECT_EQ(body_of(answer), "GET /echo/a?b=c  127.0.0.1 plain");
  EXPECT_EQ(header_of(answer, "X-Echo"), "1");
  EXPECT_EQ(header_of(answer, "Content-Type"), "text/plain");
  EXPECT_EQ(header_of(answer, "Connection"), "");
  EXPECT_EQ(header_of(answer, "Date").size(), std::string("Sun, 06 Nov 1994 08:49:37 GMT").size());
}

TEST_F(ServerTest, AnswersARouteOfTheWorkerPool) {
  start();
  RawClient client(port());
  client.send("POST /job/a%20b?q=1+2 HTTP/1.1\r\nHost: x\r\nX-Request-Id: abc-1\r\nContent-Length: 2\r\n\r\nhi");
  const std::string answer = client.read_answer();
  EXPECT_EQ(status_of(answer), 201);
  EXPECT_EQ(body_of(answer), "a b|1 2|hi");
  EXPECT_EQ(header_of(answer, "X-Request-Id"), "abc-1");
}

TEST_F(ServerTest, AsksTheGatekeeperAndAddsItsHeaders) {
  start();
  RawClient client(port());
  client.send(get("/private"));
  const std::string refused = client.read_answer();
  EXPECT_EQ(status_of(refused), 401);
  EXPECT_EQ(header_of(refused, "WWW-Authenticate"), "Bearer");
  EXPECT_EQ(header_of(refused, "Content-Type"), "application/problem+json");
  EXPECT_THAT(refused, HasSubstr(R"("code":"key_missing")"));
  EXPECT_EQ(header_of(refused, "X-Gate"), "partners:read") << "its headers go with a refusal";
  client.send(get("/private", "Authorization: Bearer k\r\n"));
  EXPECT_EQ(body_of(client.read_answer()), "key-1");
  client.send(get("/throw"));
  EXPECT_EQ(header_of(client.read_answer(), "X-Gate"), "public") << "and with a failure, of public routes too";
}

TEST_F(ServerTest, TurnsExceptionsIntoAProblemWithoutTheirText) {
  start();
  RawClient client(port());
  client.send(get("/throw", "X-Request-Id: r-7\r\n"));
  const std::string answer = client.read_answer();
  EXPECT_EQ(status_of(answer), 500);
  EXPECT_EQ(header_of(answer, "X-Request-Id"), "r-7");
  EXPECT_THAT(answer, Not(HasSubstr("secret")));
}

TEST_F(ServerTest, AnswersUnknownPathsAndMethodsWithProblems) {
  start();
  RawClient client(port());
  client.send(get("/nothing"));
  const std::string missing = client.read_answer();
  EXPECT_EQ(status_of(missing), 404);
  EXPECT_THAT(missing, HasSubstr(R"("instance":"/nothing")"));
  client.send("DELETE /private HTTP/1.1\r\nHost: x\r\n\r\n");
  const std::string method = client.read_answer();
  EXPECT_EQ(status_of(method), 405);
  EXPECT_EQ(header_of(method, "Allow"), "GET, HEAD, OPTIONS");
}

TEST_F(ServerTest, AnswersPreflightsOfCrossOriginRoutes) {
  start();
  RawClient client(port());
  client.send("OPTIONS /echo HTTP/1.1\r\nHost: x\r\nOrigin: https://a.example\r\n\r\n");
  const std::string open = client.read_answer();
  EXPECT_EQ(status_of(open), 204);
  EXPECT_EQ(header_of(open, "Access-Control-Allow-Origin"), "*");
  EXPECT_EQ(header_of(open, "Access-Control-Allow-Methods"), "POST, OPTIONS");
  EXPECT_EQ(header_of(open, "Content-Length"), "");
  client.send("OPTIONS /private HTTP/1.1\r\nHost: x\r\nOrigin: https://a.example\r\n\r\n");
  const std::string closed = client.read_answer();
  EXPECT_EQ(status_of(closed), 204);
  EXPECT_EQ(header_of(closed, "Access-Control-Allow-Origin"), "");
  client.send(get("/echo/x"));
  EXPECT_EQ(header_of(client.read_answer(), "Access-Control-Allow-Origin"), "*");
}

TEST_F(ServerTest, AnswersHeadWithoutABody) {
  start();
  RawClient client(port());
  client.send("HEAD /echo/a HTTP/1.1\r\nHost: x\r\n\r\nHEAD /nothing HTTP/1.1\r\nHost: x\r\n\r\n" + get("/echo/b"));
  const std::string first = client.read_answer(true);
  EXPECT_EQ(status_of(first), 200);
  EXPECT_EQ(header_of(first, "Content-Length"), std::to_string(std::string("HEAD /echo/a?  127.0.0.1 plain").size()));
  EXPECT_EQ(status_of(client.read_answer(true)), 404);
  EXPECT_EQ(body_of(client.read_answer()), "GET /echo/b?  127.0.0.1 plain");
}

TEST_F(ServerTest, AnswersPipelinedRequestsInOrder) {
  start();
  RawClient client(port());
  std::string requests;
  for (int i = 0; i < 100; ++i) {
    requests += i % 10 == 3 ? "POST /job/" + std::to_string(i) + " HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\n\r\n"
                            : get("/echo/" + std::to_string(i));
  }
  client.send(requests);
  for (int i = 0; i < 100; ++i) {
    const std::string number = std::to_string(i);
    EXPECT_EQ(body_of(client.read_answer()),
              i % 10 == 3 ? number + "||" : "GET /echo/" + number + "?  127.0.0.1 plain");
  }
}

TEST_F(ServerTest, KeepsTheOrderWhenRepliesComeInAnother) {
  start();
  RawClient client(port());
  client.send(get("/hold/0") + get("/echo/1") + get("/hold/2") + get("/echo/3"));
  ledger_.await_held(2);
  release(1);
  release(0);
  EXPECT_EQ(body_of(client.read_answer()), "held");
  EXPECT_EQ(body_of(client.read_answer()), "GET /echo/1?  127.0.0.1 plain");
  EXPECT_EQ(body_of(client.read_answer()), "held");
  EXPECT_EQ(body_of(client.read_answer()), "GET /echo/3?  127.0.0.1 plain");
}

TEST_F(ServerTest, PausesReadingAtTheLimitOfUnansweredRequests) {
  start({.max_pipelined = 4});
  RawClient client(port());
  std::string requests;
  for (int i = 0; i < 20; ++i) {
    requests += get("/hold/" + std::to_string(i));
  }
  client.send(requests);
  ledger_.await_held(4);
  on_reactor([this] { EXPECT_EQ(ledger_.held.size(), 4U); });
  for (std::size_t i = 0; i < 20; ++i) {
    ledger_.await_held(i + 1);
    release(i);
    EXPECT_EQ(body_of(client.read_answer()), "held");
  }
}

TEST_F(ServerTest, AnswersWhateverTheSplitOfTheBytes) {
  start();
  RawClient client(port());
  const std::string request =
      "POST /echo HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nab\r\n1\r\nc\r\n0\r\n\r\n";
  for (const char c : request) {
    client.send({&c, 1});
  }
  EXPECT_EQ(body_of(client.read_answer()), "POST /echo? abc 127.0.0.1 plain");
  for (std::size_t i = 1; i < request.size(); ++i) {
    client.send(std::string_view(request).substr(0, i));
    client.send(std::string_view(request).substr(i));
    ASSERT_EQ(body_of(client.read_answer()), "POST /echo? abc 127.0.0.1 plain") << i;
  }
}

TEST_F(ServerTest, RefusesMalformedRequestsAndCloses) {
  start();
  const struct {
    std::string bytes;
    int status;
  } kCases[] = {
      {"GET / HTTP/1.1\r\n\r\n", 400},
      {"POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", 400},
      {"POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nab", 400},
      {get("/" + std::string(9000, 'a')), 414},
      {get("/", "X: " + std::string(20'000, 'a') + "\r\n"), 431},
      {"POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: 4097\r\n\r\n", 413},
      {"POST /echo HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n1001\r\n", 413},
      {"POST /job/a HTTP/1.1\r\nHost: x\r\nContent-Length: 65537\r\n\r\n", 413},
      {"GET / HTTP/3.0\r\nHost: x\r\n\r\n", 505},
  };
  for (const auto& c : kCases) {
    RawClient client(port());
    client.send(get("/echo/first") + c.bytes + get("/echo/smuggled"));
    EXPECT_EQ(status_of(client.read_answer()), 200);
    const std::string rest = client.read_to_end();
    EXPECT_EQ(status_of(rest), c.status) << c.bytes.substr(0, 80);
    EXPECT_EQ(header_of(rest, "Connection"), "close");
    EXPECT_EQ(header_of(rest, "Content-Type"), "application/problem+json");
    EXPECT_THAT(rest, Not(HasSubstr("smuggled")));
  }
}

TEST_F(ServerTest, AnswersExpectContinueInOrder) {
  start();
  RawClient client(port());
  client.send("POST /echo HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\nContent-Length: 3\r\n\r\n");
  EXPECT_EQ(client.read_answer(), "HTTP/1.1 100 Continue\r\n\r\n");
  client.send("abc");
  EXPECT_EQ(body_of(client.read_answer()), "POST /echo? abc 127.0.0.1 plain");
  client.send("POST /echo HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\nContent-Length: 5000\r\n\r\n");
  EXPECT_EQ(status_of(client.read_answer()), 413);

  RawClient second(port());
  second.send(get("/hold/0") + "POST /echo HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\nContent-Length: 3\r\n\r\n");
  ledger_.await_held(1);
  release(0);
  EXPECT_EQ(body_of(second.read_answer()), "held");
  EXPECT_EQ(second.read_answer(), "HTTP/1.1 100 Continue\r\n\r\n");
}

TEST_F(ServerTest, FollowsTheKeepAliveRulesOfBothVersions) {
  start();
  RawClient old_style(port());
  old_style.send("GET /echo/a HTTP/1.0\r\n\r\n" + get("/echo/b"));
  const std::string only = old_style.read_to_end();
  EXPECT_EQ(header_of(only, "Connection"), "close");
  EXPECT_THAT(only, Not(HasSubstr("/echo/b")));

  RawClient old_kept(port());
  old_kept.send("GET /echo/a HTTP/1.0\r\nConnection: keep-alive\r\n\r\n");
  EXPECT_EQ(header_of(old_kept.read_answer(), "Connection"), "keep-alive");
  old_kept.send("GET /echo/b HTTP/1.0\r\n\r\n");
  EXPECT_THAT(old_kept.read_to_end(), HasSubstr("/echo/b"));

  RawClient closing(port());
  closing.send(get("/echo/a", "Connection: close\r\n"));
  EXPECT_EQ(header_of(closing.read_to_end(), "Connection"), "close");
}

TEST_F(ServerTest, AnswersAPeerThatStoppedSending) {
  start();
  RawClient client(port());
  client.send(get("/hold/0") + get("/echo/1"));
  client.shut_down_sending();
  ledger_.await_held(1);
  release(0);
  EXPECT_THAT(client.read_to_end(), HasSubstr("/echo/1"));
}

TEST_F(ServerTest, AnswersForARouteThatForgets) {
  start();
  RawClient client(port());
  client.send(get("/drop") + get("/echo/1"));
  EXPECT_EQ(status_of(client.read_answer()), 500);
  EXPECT_EQ(status_of(client.read_answer()), 200);
}

TEST_F(ServerTest, AnswersForAnInlineRouteThatThrows) {
  start();
  RawClient client(port());
  client.send(get("/observe/no-number") + get("/echo/1"));
  EXPECT_EQ(status_of(client.read_answer()), 500);
  EXPECT_EQ(status_of(client.read_answer()), 200);
}

TEST_F(ServerTest, BelievesForwardedAddressesOfTrustedProxiesOnly) {
  start({.trusted_proxies = {*base::parse_cidr("127.0.0.0/8")}});
  RawClient client(port());
  client.send(get("/echo/a", "X-Forwarded-For: 203.0.113.9\r\nX-Forwarded-Proto: https\r\n"));
  EXPECT_EQ(body_of(client.read_answer()), "GET /echo/a?  203.0.113.9 tls");
}

TEST_F(ServerTest, CountsWhatItDid) {
  start();
  RawClient client(port());
  client.send(get("/echo/a") + get("/nothing") + get("/drop"));
  for (int i = 0; i < 3; ++i) {
    EXPECT_NE(status_of(client.read_answer()), 0);
  }
  const ServerStatistics statistics = server_->statistics();
  EXPECT_EQ(statistics.connections_accepted, 1U);
  EXPECT_EQ(statistics.connections_open, 1U);
  EXPECT_EQ(statistics.requests, 3U);
  EXPECT_EQ(statistics.responses_by_class[2], 1U);
  EXPECT_EQ(statistics.responses_by_class[4], 1U);
  EXPECT_EQ(statistics.responses_by_class[5], 1U);
  on_reactor([this] { EXPECT_GT(ledger_.turns, 0U); });
}

TEST_F(ServerTest, SharesOnePortBetweenReactors) {
  start({.reactors = 3});
  for (int i = 0; i < 30; ++i) {
    RawClient client(port());
    client.send(get("/echo/a"));
    EXPECT_EQ(status_of(client.read_answer()), 200);
  }
  EXPECT_EQ(server_->statistics().connections_accepted, 30U);
}

TEST_F(ServerTest, SaysWhyItCannotListen) {
  start({.reactors = 2});
  ServerOptions taken;
  taken.address = "203.0.113.1";
  const auto elsewhere = Server::start(taken, router_, gate_, {});
  ASSERT_FALSE(elsewhere.has_value());
  EXPECT_EQ(elsewhere.error().code, "listen_failed");
  taken.address = "127.0.0.1";
  taken.port = port();
  for (const unsigned reactors : {1U, 3U}) {
    taken.reactors = reactors;
    EXPECT_EQ(Server::start(taken, router_, gate_, {}).error().code, "listen_failed");
  }
  taken.address = "localhost";
  EXPECT_EQ(Server::start(taken, router_, gate_, {}).error().code, "listen_failed");
}

}  // namespace
}  // namespace tallystick::http
