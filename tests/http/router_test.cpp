#include "http/router.h"

#include <stdexcept>
#include <string>
#include <vector>

#include <gtest/gtest.h>

namespace tallystick::http {
namespace {

Route make_route(Method method, const std::string& pattern) {
  return {.method = method, .pattern = pattern, .scope = "public", .summary = "", .inline_tag = 1};
}

class RouterTest : public testing::Test {
 protected:
  RouterTest() {
    for (const char* pattern : {"/",
                                "/healthz",
                                "/go/{partner}/{slug}/{event}",
                                "/go/{partner}/preview/{event}",
                                "/api/links",
                                "/api/links/sign",
                                "/api/links/{link}",
                                "/api/links/{id}/history",
                                "/console/{rest...}",
                                "/console/login"}) {
      router_.add(make_route(Method::kGet, pattern));
    }
    router_.add(make_route(Method::kPost, "/api/links"));
    router_.add(make_route(Method::kDelete, "/api/links/{link}"));
    router_.add(make_route(Method::kHead, "/healthz"));
  }

  // "pattern name=value ..." of what was found, "404" or "405".
  std::string find(Method method, std::string_view path) {
    router_.match(method, path, match_);
    if (match_.route == nullptr) {
      return match_.is_path_known ? "405" : "404";
    }
    std::string text = std::string(name_of(match_.route->method)) + " " + match_.route->pattern;
    for (const PathParameter& parameter : match_.parameters) {
      text += " " + std::string(parameter.name) + "=" + std::string(parameter.value);
    }
    return text;
  }

  Router router_;
  Match match_;
};

TEST_F(RouterTest, FindsTheRouteAndItsParameters) {
  const struct {
    Method method;
    const char* path;
    const char* found;
  } kCases[] = {
      {Method::kGet, "/", "GET /"},
      {Method::kGet, "/go/impact/shoes/e1", "GET /go/{partner}/{slug}/{event} partner=impact slug=shoes event=e1"},
      {Method::kGet, "/go/impact/preview/e1", "GET /go/{partner}/preview/{event} partner=impact event=e1"},
      {Method::kGet, "/go/a%2Fb/s/e", "GET /go/{partner}/{slug}/{event} partner=a%2Fb slug=s event=e"},
      {Method::kGet, "/go/impact/shoes", "404"},
      {Method::kGet, "/go/impact/shoes/e1/x", "404"},
      {Method::kGet, "/go//shoes/e1", "404"},
      {Method::kGet, "/api/links/sign", "GET /api/links/sign"},
      {Method::kGet, "/api/links/7", "GET /api/links/{link} link=7"},
      {Method::kGet, "/api/links/7/history", "GET /api/links/{id}/history id=7"},
      {Method::kGet, "/api/links/sign/history", "GET /api/links/{id}/history id=sign"},
      {Method::kDelete, "/api/links/sign", "DELETE /api/links/{link} link=sign"},
      {Method::kGet, "/api/links/", "404"},
      {Method::kGet, "/console/", "GET /console/{rest...} rest="},
      {Method::kGet, "/console/a/b.js", "GET /console/{rest...} rest=a/b.js"},
      {Method::kGet, "/console/login", "GET /console/login"},
      {Method::kGet, "/console", "404"},
      {Method::kPut, "/api/links", "405"},
      {Method::kPut, "/nothing", "404"},
      {Method::kOther, "/api/links", "405"},
      {Method::kHead, "/healthz", "HEAD /healthz"},
      {Method::kHead, "/api/links", "GET /api/links"},
      {Method::kGet, "", "404"},
      {Method::kGet, "*", "404"},
  };
  for (const auto& c : kCases) {
    EXPECT_EQ(find(c.method, c.path), c.found) << c.path;
  }
}

TEST_F(RouterTest, SummarisesTheMethodsOfAPath) {
  EXPECT_EQ(router_.summarise("/api/links").allow, "GET, HEAD, POST, OPTIONS");
  EXPECT_EQ(router_.summarise("/api/links/sign").allow, "GET, HEAD, DELETE, OPTIONS");
  EXPECT_EQ(router_.summarise("/nothing").allow, "");
  EXPECT_FALSE(router_.summarise("/api/links").is_cross_origin);
}

TEST_F(RouterTest, SaysWhetherAPathIsCrossOrigin) {
  Route route = make_route(Method::kPost, "/api/impression");
  route.is_cross_origin = true;
  router_.add(std::move(route));
  EXPECT_TRUE(router_.summarise("/api/impression").is_cross_origin);
}

TEST_F(RouterTest, RefusesBadRoutes) {
  for (const char* pattern : {"", "x", "/a{b}", "/{}", "/{a}/{a}", "/{a-b}", "/{rest...}/x", "/{...}"}) {
    EXPECT_THROW(router_.add(make_route(Method::kGet, pattern)), std::invalid_argument) << pattern;
  }
  EXPECT_THROW(router_.add(make_route(Method::kGet, "/api/links/{other}")), std::invalid_argument);
  Route no_scope = make_route(Method::kGet, "/scopeless");
  no_scope.scope.clear();
  EXPECT_THROW(router_.add(no_scope), std::invalid_argument);
  Route no_handler = make_route(Method::kGet, "/handlerless");
  no_handler.inline_tag = -1;
  EXPECT_THROW(router_.add(no_handler), std::invalid_argument);
}

}  // namespace
}  // namespace tallystick::http
