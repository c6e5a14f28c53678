#include "capture/routes.h"

namespace tallystick::capture {
namespace {

constexpr std::size_t kSmallBatchBytes = 256 * 1024;  // 50 events
constexpr std::size_t kLargeBatchBytes = 2 << 20;     // 1000 events

http::Route make_route(
    http::Method method, std::string pattern, std::string scope, std::string summary, InlineTag tag) {
  http::Route route;
  route.method = method;
  route.pattern = std::move(pattern);
  route.scope = std::move(scope);
  route.summary = std::move(summary);
  route.inline_tag = static_cast<int>(tag);
  return route;
}

}  // namespace

void add_routes(http::Router& router) {
  using http::Method;
  http::Route impression = make_route(Method::kPost,
                                      "/api/monetization/impression",
                                      "public",
                                      "Record an ad impression, or up to 50 as {\"events\": [...]}",
                                      InlineTag::kImpression);
  impression.max_body_bytes = kSmallBatchBytes;
  impression.is_cross_origin = true;
  router.add(std::move(impression));

  http::Route exposure = make_route(
      Method::kPost, "/api/exposure/batch", "public", "Record 1 to 1000 brand exposures", InlineTag::kExposure);
  exposure.max_body_bytes = kLargeBatchBytes;
  exposure.is_cross_origin = true;
  router.add(std::move(exposure));

  router.add(make_route(Method::kGet,
                        "/go/{partner}/{slug}/{event}",
                        "public",
                        "Record a click on a signed link and redirect to the partner",
                        InlineTag::kClick));

  // The worker checks the key itself, against the catalog: nothing on this path waits for a database.
  http::Route conversion = make_route(Method::kPost,
                                      "/api/conversions",
                                      "conversions:write",
                                      "Record a conversion, or up to 50 as {\"events\": [...]}",
                                      InlineTag::kConversion);
  conversion.max_body_bytes = kSmallBatchBytes;
  router.add(std::move(conversion));

  for (const Method method : {Method::kGet, Method::kPost}) {
    router.add(make_route(
        method, "/postback/{partner}", "public", "Record a postback of an affiliate network", InlineTag::kPostback));
  }
}

}  // namespace tallystick::capture
