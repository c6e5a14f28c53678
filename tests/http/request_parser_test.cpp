#include "http/request_parser.h"

#include <algorithm>
#include <string>
#include <vector>

#include <gtest/gtest.h>

namespace tallystick::http {
namespace {

constexpr std::size_t kMaxBody = 100;

// Everything that is read, one line per request; ends with the status of the refusal, if any.
std::string parse_all(std::string_view bytes, std::size_t step, const ParseLimits& limits = {}) {
  ReadBuffer buffer;
  RequestParser parser(limits);
  std::string seen;
  for (std::size_t position = 0; position < bytes.size();) {
    const std::string_view piece = bytes.substr(position, step);
    position += piece.size();
    std::copy(piece.begin(), piece.end(), buffer.prepare(piece.size()).begin());
    buffer.commit(piece.size());
    while (!buffer.empty()) {
      ParseStatus status = parser.is_head_done() ? ParseStatus::kDone : parser.parse_head(buffer);
      if (status == ParseStatus::kDone) {
        status = parser.parse_body(buffer, kMaxBody);
      }
      if (status == ParseStatus::kFailed) {
        return seen + std::to_string(parser.failure().status);
      }
      if (status == ParseStatus::kNeedMore) {
        break;
      }
      RequestView view;
      parser.fill(buffer, view);
      seen.append(name_of(view.method)).append(" ").append(view.path).append("|").append(view.query).append("|");
      for (const Header& header : view.headers) {
        seen.append(header.name).append("=").append(header.value).append(";");
      }
      seen.append("|").append(parser.body(buffer));
      seen.append(parser.head().is_keep_alive ? "\n" : " close\n");
      parser.finish(buffer);
    }
  }
  return seen;
}

void expect_parsed(std::string_view bytes, std::string_view expected) {
  for (std::size_t step = 1; step <= bytes.size(); ++step) {
    ASSERT_EQ(parse_all(bytes, step), expected) << "in pieces of " << step << ": " << bytes;
  }
}

TEST(RequestParser, ReadsRequestsHoweverTheyAreSplit) {
  expect_parsed("GET /a?b=c HTTP/1.1\r\nHost: x\r\n\r\n", "GET /a|b=c|Host=x;|\n");
  expect_parsed("\r\n\r\nGET / HTTP/1.1\r\nHost:\tx \t\r\nX-Empty:\r\n\r\n", "GET /||Host=x;X-Empty=;|\n");
  expect_parsed("\r\n\r\n\r\n\r\n\r\n\r\nGET / HTTP/1.1\r\nHost: x\r\n\r\n", "GET /||Host=x;|\n");
  expect_parsed("POST /p HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n\r\nhelloGET / HTTP/1.0\r\n\r\n",
                "POST /p||Host=x;Content-Length=5;|hello\nGET /|||"
                " close\n");
  expect_parsed("GET http://h.example/a/b?c HTTP/1.1\r\nHost: x\r\n\r\n", "GET /a/b|c|Host=x;|\n");
  expect_parsed("OPTIONS * HTTP/1.1\r\nHost: x\r\n\r\n", "OPTIONS *||Host=x;|\n");
  expect_parsed("BREW / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n",
                "other /||Host=x;Connection=close;| close\n");
  expect_parsed("GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n", "GET /||Connection=keep-alive;|\n");
}

TEST(RequestParser, DecodesChunkedBodiesInPlace) {
  const std::string head = "POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n";
  const std::string seen = "POST /||Host=x;Transfer-Encoding=chunked;|";
  expect_parsed(head + "0\r\n\r\n", seen + "\n");
  expect_parsed(head + "5\r\nhello\r\n6;a=b;c=\"d\"\r\n world\r\n0\r\nTrailer: 1\r\n\r\n", seen + "hello world\n");
  expect_parsed(head + "000A\r\n0123456789\r\n0\r\n\r\n" + "GET / HTTP/1.1\r\nHost: x\r\n\r\n",
                seen + "0123456789\nGET /||Host=x;|\n");
  expect_parsed(head + "32\r\n" + std::string(50, 'a') + "\r\n32\r\n" + std::string(50, 'b') + "\r\n0\r\n\r\n",
                seen + std::string(50, 'a') + std::string(50, 'b') + "\n");
}

TEST(RequestParser, RefusesWhatTwoParsersMightReadDifferently) {
  const std::string post = "POST / HTTP/1.1\r\nHost: x\r\n";
  const std::string chunked = post + "Transfer-Encoding: chunked\r\n\r\n";
  const struct {
    std::string bytes;
    const char* status;
  } kCases[] = {
      {post + "Content-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n", "400"},
      {post + "Transfer-Encoding: chunked\r\nContent-Length: 1\r\n\r\n", "400"},
      {post + "Content-Length: 1\r\nContent-Length: 1\r\n\r\n", "400"},
      {post + "Content-Length: 1, 1\r\n\r\n", "400"},
      {post + "Content-Length: +1\r\n\r\n", "400"},
      {post + "Content-Length: -1\r\n\r\n", "400"},
      {post + "Content-Length: 0x1\r\n\r\n", "400"},
      {post + "Content-Length: 1 1\r\n\r\n", "400"},
      {post + "Content-Length:\r\n\r\n", "400"},
      {post + "Content-Length: 99999999999999999999\r\n\r\n", "400"},
      {post + "Content-Length : 1\r\n\r\n", "400"},
      {post + "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n", "400"},
      {post + "Transfer-Encoding: gzip, chunked\r\n\r\n", "501"},
      {post + "Transfer-Encoding: identity\r\n\r\n", "501"},
      {post + "Transfer-Encoding: xchunked\r\n\r\n", "501"},
      {"POST / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n", "400"},
      {post + "X: a\r\n folded\r\n\r\n", "400"},
      {post + "X:\r\n\tfolded\r\n\r\n", "400"},
      {post + "X: a\nY: b\r\n\r\n", "400"},
      {post + "X: a\rb\r\n\r\n", "400"},
      {post + std::string("X: a\0b\r\n\r\n", 11), "400"},
      {post + "X\r\n\r\n", "400"},
      {post + ": a\r\n\r\n", "400"},
      {post + "X(: a\r\n\r\n", "400"},
      {post + "Host: y\r\n\r\n", "400"},
      {"GET / HTTP/1.1\r\n\r\n", "400"},
      {"GET / HTTP/1.1\n\n", "400"},
      {" GET / HTTP/1.1\r\nHost: x\r\n\r\n", "400"},
      {"GET  / HTTP/1.1\r\nHost: x\r\n\r\n", "400"},
      {"GET / HTTP/1.1 \r\nHost: x\r\n\r\n", "505"},
      {"GET / HTTP/2.0\r\nHost: x\r\n\r\n", "505"},
      {"GET / http/1.1\r\nHost: x\r\n\r\n", "505"},
      {"GET /\r\n\r\n", "400"},
      {"GET a HTTP/1.1\r\nHost: x\r\n\r\n", "400"},
      {"GET /a#b HTTP/1.1\r\nHost: x\r\n\r\n", "400"},
      {"GET /\xC3\xBC HTTP/1.1\r\nHost: x\r\n\r\n", "400"},
      {"GET http://h HTTP/1.1\r\nHost: x\r\n\r\n", "400"},
      {"CONNECT h:80 HTTP/1.1\r\nHost: x\r\n\r\n", "400"},
      {"GET * HTTP/1.1\r\nHost: x\r\n\r\n", "400"},
      {post + "Expect: something\r\n\r\n", "417"},
      {chunked + "\r\n", "400"},
      {chunked + "x\r\n", "400"},
      {chunked + "0x1\r\n", "400"},
      {chunked + "-1\r\n", "400"},
      {chunked + "1 x\r\n", "400"},
      {chunked + "1\na\r\n", "400"},
      {chunked + "1;a=\"\n\"\r\n", "400"},
      {chunked + "1\r\nab\r\n", "400"},
      {chunked + "1\r\na\n\n", "400"},
      {chunked + "10000000000000000\r\n", "400"},
      {chunked + "1;" + std::string(300, 'a'), "400"},
      {chunked + "65\r\n", "413"},
      {chunked + "64\r\n" + std::string(100, 'a') + "\r\n1\r\n", "413"},
      {post + "Content-Length: 101\r\n\r\n", "413"},
  };
  for (const auto& c : kCases) {
    expect_parsed(c.bytes, c.status);
  }
}

TEST(RequestParser, BoundsTheHead) {
  const ParseLimits limits{.max_header_bytes = 256, .max_target_bytes = 64, .max_headers = 4};
  const std::string ok = "GET / HTTP/1.1\r\nHost: x\r\n";
  const struct {
    std::string bytes;
    const char* status;
  } kCases[] = {
      {"GET /" + std::string(64, 'a') + " HTTP/1.1\r\nHost: x\r\n\r\n", "414"},
      {"GET /" + std::string(1000, 'a'), "414"},
      {ok + "X: " + std::string(1000, 'a'), "431"},
      {ok + "A: 1\r\nB: 1\r\nC: 1\r\nD: 1\r\n\r\n", "431"},
  };
  for (const auto& c : kCases) {
    for (const std::size_t step : {std::size_t{1}, std::size_t{7}, c.bytes.size()}) {
      EXPECT_EQ(parse_all(c.bytes, step, limits), c.status) << c.bytes;
    }
  }
  const std::string longest = "/" + std::string(63, 'a');
  for (const std::size_t step : {std::size_t{1}, std::size_t{67}, std::size_t{200}}) {
    EXPECT_EQ(parse_all("GET " + longest + " HTTP/1.1\r\nHost: x\r\n\r\n", step, limits),
              "GET " + longest + "||Host=x;|\n");
  }
  EXPECT_EQ(parse_all(ok + "A: 1\r\nB: 1\r\nC: 1\r\n\r\n", 1, limits), "GET /||Host=x;A=1;B=1;C=1;|\n");
}

TEST(RequestParser, KeepsTheBufferSmallWhileDecodingTinyChunks) {
  ReadBuffer buffer;
  RequestParser parser{ParseLimits{}};
  const auto feed = [&buffer](std::string_view bytes) {
    std::copy(bytes.begin(), bytes.end(), buffer.prepare(bytes.size()).begin());
    buffer.commit(bytes.size());
  };
  feed("POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n");
  ASSERT_EQ(parser.parse_head(buffer), ParseStatus::kDone);
  for (int i = 0; i < 10'000; ++i) {
    feed("1;extension=\"of some length\"\r\nx\r\n");
    ASSERT_EQ(parser.parse_body(buffer, 10'000), ParseStatus::kNeedMore);
  }
  EXPECT_LE(buffer.size(), 10'100U);
  feed("0\r\n\r\n");
  ASSERT_EQ(parser.parse_body(buffer, 10'000), ParseStatus::kDone);
  EXPECT_EQ(parser.body(buffer), std::string(10'000, 'x'));
}

}  // namespace
}  // namespace tallystick::http
