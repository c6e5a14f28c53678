#include "capture/request_facts.h"

#include "capture/host.h"
#include "capture/parameters.h"

namespace tallystick::capture {
namespace {

// "prefetch", also as "prefetch;prerender" (Sec-Purpose) and "prefetch, ..." (a structured list).
bool says_prefetch(std::string_view value) {
  constexpr std::string_view kWord = "prefetch";
  constexpr std::string_view kPreview = "preview";
  return (value.size() >= kWord.size() && equals_ignoring_case(value.substr(0, kWord.size()), kWord)) ||
         equals_ignoring_case(value, kPreview);
}

}  // namespace

RequestFacts read_facts(const http::RequestView& request, base::Timestamp received_at) {
  RequestFacts facts;
  facts.received_at = received_at;
  facts.ip = request.client;
  facts.is_prefetch = request.method == http::Method::kHead;
  for (const http::Header& header : request.headers) {
    switch (header.name.size()) {
      case 5:
        facts.is_prefetch =
            facts.is_prefetch || (equals_ignoring_case(header.name, "x-moz") && says_prefetch(header.value));
        break;
      case 7:
        if (equals_ignoring_case(header.name, "sec-gpc")) {
          facts.global_privacy_control = header.value;
        } else if (equals_ignoring_case(header.name, "referer")) {
          facts.referrer_host = host_of(header.value);
        } else if (equals_ignoring_case(header.name, "purpose")) {
          facts.is_prefetch = facts.is_prefetch || says_prefetch(header.value);
        }
        break;
      case 10:
        if (equals_ignoring_case(header.name, "user-agent")) {
          facts.user_agent = header.value;
        }
        break;
      case 11:
        facts.is_prefetch =
            facts.is_prefetch || (equals_ignoring_case(header.name, "sec-purpose") && says_prefetch(header.value));
        break;
      case 13:
        if (equals_ignoring_case(header.name, "authorization")) {
          facts.authorization = header.value;
        }
        break;
      default:
        break;
    }
  }
  return facts;
}

}  // namespace tallystick::capture
