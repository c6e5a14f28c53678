#pragma once
// What every capture endpoint needs to know of a request, read in one pass over its headers. Views of the request.

#include <string_view>

#include "base/ip.h"
#include "base/time.h"
#include "http/message.h"

namespace tallystick::capture {

struct RequestFacts {
  base::Timestamp received_at;
  base::IpAddress ip;
  std::string_view user_agent;
  std::string_view referrer_host;
  std::string_view global_privacy_control;
  std::string_view authorization;
  bool is_prefetch = false;  // HEAD, or announced by a header
};

[[nodiscard]] RequestFacts read_facts(const http::RequestView& request, base::Timestamp received_at);

}  // namespace tallystick::capture
