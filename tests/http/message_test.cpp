#include "http/message.h"

#include <gtest/gtest.h>

#include "base/time.h"
#include "http/date_header.h"
#include "http/dispatch.h"
#include "http/forwarded.h"

namespace tallystick::http {
namespace {

TEST(Problem, HasTheMembersOfRfc9457) {
  const base::Error error{base::ErrorKind::kUnprocessable,
                          "bad_budget",
                          "the budget is \"negative\"",
                          {{"/budget", "too_small", "at least 0"}}};
  const Response response = problem(error, "/api/campaigns");
  EXPECT_EQ(response.status, 422);
  EXPECT_EQ(response.content_type, "application/problem+json");
  EXPECT_EQ(response.body,
            R"({"type":"/problems/bad_budget","title":"Against a rule","status":422,)"
            R"("detail":"the budget is \"negative\"","instance":"/api/campaigns","code":"bad_budget",)"
            R"("errors":[{"pointer":"/budget","code":"too_small","detail":"at least 0"}]})");
}

TEST(Problem, ShowsNothingOfAnInternalError) {
  for (const auto kind : {base::ErrorKind::kInternal, base::ErrorKind::kCorrupt}) {
    EXPECT_EQ(problem_body({kind, "sql_failed", "password=secret"}, "/x"),
              R"({"type":"/problems/internal_error","title":"Internal error","status":500,"instance":"/x",)"
              R"("code":"internal_error"})");
  }
}

TEST(Problem, AsksForAuthentication) {
  const Response response = problem({base::ErrorKind::kUnauthenticated, "key_missing", "send a key"}, "/x");
  ASSERT_EQ(response.headers.size(), 1U);
  EXPECT_EQ(response.headers[0].first, "WWW-Authenticate");
}

TEST(Request, FindsHeadersAndParameters) {
  Request request;
  request.headers = {{"X-A", "1"}, {"x-a", "2"}};
  request.path_parameters = {{"partner", "impact"}};
  request.query = "a=1+2&b=%41&a=3&%63=x&bad=%zz";
  EXPECT_EQ(request.header("x-A"), "1");
  EXPECT_EQ(request.header("x-b"), "");
  EXPECT_EQ(request.path_parameter("partner"), "impact");
  EXPECT_EQ(request.path_parameter("link"), "");
  EXPECT_EQ(request.query_parameter("a"), "1 2");
  EXPECT_EQ(request.query_parameter("b"), "A");
  EXPECT_EQ(request.query_parameter("c"), "x");
  EXPECT_EQ(request.query_parameter("bad"), "%zz");
  EXPECT_EQ(request.query_parameter("none"), "");
}

TEST(Principal, AdminHasEveryScope) {
  Principal principal;
  principal.scopes = {"partners:read"};
  EXPECT_TRUE(principal.has_scope("partners:read"));
  EXPECT_FALSE(principal.has_scope("partners:write"));
  principal.scopes = {"admin"};
  EXPECT_TRUE(principal.has_scope("partners:write"));
}

TEST(HttpDate, IsFormattedAsRfc9110Shows) {
  EXPECT_EQ(format_http_date({784'111'777 * base::kMicrosPerSecond}), "Sun, 06 Nov 1994 08:49:37 GMT");
  DateHeader header;
  EXPECT_EQ(header.line_at({0}), "Date: Thu, 01 Jan 1970 00:00:00 GMT\r\n");
  EXPECT_EQ(header.line_at({999'999}), "Date: Thu, 01 Jan 1970 00:00:00 GMT\r\n");
  EXPECT_EQ(header.line_at({1'000'000}), "Date: Thu, 01 Jan 1970 00:00:01 GMT\r\n");
}

TEST(ResponseHeaders, CannotBreakTheFraming) {
  Response response;
  response.headers = {{"X-Good", "1"},
                      {"X-Bad", "1\r\nSet-Cookie: a=b"},
                      {"X Bad", "1"},
                      {"content-length", "99"},
                      {"Transfer-Encoding", "chunked"},
                      {"", "1"}};
  EXPECT_EQ(format_headers(response, "id-1"), "X-Good: 1\r\nX-Request-Id: id-1\r\n");
}

TEST(RequestId, IsTakenWhenSane) {
  base::SeededRandom random(1);
  const auto id_of = [&random](std::string_view sent) {
    const Header headers[] = {{"X-Request-Id", sent}};
    RequestView view;
    view.headers = headers;
    return make_request(view, {}, random).request_id;
  };
  EXPECT_EQ(id_of("aZ09._-"), "aZ09._-");
  EXPECT_EQ(id_of(std::string(64, 'a')), std::string(64, 'a'));
  for (const std::string& bad : {std::string(65, 'a'), std::string("a b"), std::string("a\"b"), std::string()}) {
    EXPECT_EQ(id_of(bad).size(), 32U);
    EXPECT_NE(id_of(bad), bad);
  }
}

TEST(ForwardedFor, IsBelievedFromRightToLeftThroughTrustedProxies) {
  const std::vector<base::IpNetwork> trusted = {*base::parse_cidr("10.0.0.0/8"), *base::parse_cidr("192.0.2.1")};
  const struct {
    const char* peer;
    std::vector<Header> headers;
    const char* client;
    bool is_tls;
  } kCases[] = {
      {"198.51.100.7", {{"X-Forwarded-For", "203.0.113.9"}, {"X-Forwarded-Proto", "https"}}, "198.51.100.7", false},
      {"10.0.0.1", {{"X-Forwarded-For", "203.0.113.9"}, {"x-forwarded-proto", "https"}}, "203.0.113.9", true},
      {"10.0.0.1", {{"X-Forwarded-For", "1.1.1.1, 203.0.113.9"}}, "203.0.113.9", false},
      {"10.0.0.1", {{"X-Forwarded-For", "203.0.113.9, 192.0.2.1 ,10.2.3.4"}}, "203.0.113.9", false},
      {"10.0.0.1", {{"X-Forwarded-For", "1.1.1.1"}, {"X-Forwarded-For", "203.0.113.9"}}, "203.0.113.9", false},
      {"10.0.0.1", {{"X-Forwarded-For", "203.0.113.9"}, {"X-Forwarded-For", "10.0.0.9"}}, "203.0.113.9", false},
      {"10.0.0.1", {{"X-Forwarded-For", "203.0.113.9, junk, 10.0.0.9"}}, "10.0.0.9", false},
      {"10.0.0.1", {{"X-Forwarded-For", "203.0.113.9:4711"}}, "203.0.113.9", false},
      {"10.0.0.1", {{"X-Forwarded-For", "[2001:db8::1]:4711"}}, "2001:db8::1", false},
      {"10.0.0.1", {{"X-Forwarded-For", "2001:db8::1"}}, "2001:db8::1", false},
      {"10.0.0.1", {{"X-Forwarded-For", ""}}, "10.0.0.1", false},
      {"10.0.0.1", {}, "10.0.0.1", false},
  };
  for (const auto& c : kCases) {
    const ClientOrigin origin = find_client(*base::parse_ip(c.peer), false, c.headers, trusted);
    EXPECT_EQ(base::format_ip(origin.client), c.client) << (c.headers.empty() ? "" : c.headers[0].value);
    EXPECT_EQ(origin.is_tls, c.is_tls) << c.peer;
  }
}

}  // namespace
}  // namespace tallystick::http
