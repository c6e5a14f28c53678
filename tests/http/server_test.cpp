#include "http/server.h"

#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/http/http_fixture.h"

namespace tallystick::http {
namespace {

using testing::HasSubstr;
using testing::Not;

constexpr std::string_view kHost = "Host: x\r\n";

std::string get(std::string_view target, std::string_view headers = {}) {
  return "GET " + std::string(target) + " HTTP/1.1\r\n" + std::string(kHost) + std::string(headers) + "\r\n";
}

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

}  // namespace
}  // namespace tallystick::http
