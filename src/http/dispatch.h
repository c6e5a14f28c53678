#pragma once
// What happens to a request that is handled on the worker pool: who is asking, the handler, and an answer
// whatever happens. Thread-safe.

#include <string>
#include <string_view>
#include <vector>

#include "base/log.h"
#include "base/random.h"
#include "http/message.h"
#include "http/router.h"

namespace tallystick::http {

// Owned copy; path parameters are percent-decoded (a malformed one stays as sent). `request_id` is taken from
// X-Request-Id when it is at most 64 of [A-Za-z0-9._-], else made.
[[nodiscard]] Request make_request(const RequestView& view,
                                   const std::vector<PathParameter>& parameters,
                                   base::Random& random);

// Asks the gatekeeper, then the handler; the gatekeeper's headers go with the answer, instead of others of
// the same name. Exceptions become a logged 500.
[[nodiscard]] Response run_handler(const Route& route, Request& request, Gatekeeper& gatekeeper, base::Log* log);

// Header lines of a response. Names and values that would break the framing are left out, as are the
// lines that the server adds itself.
[[nodiscard]] std::string format_headers(const Response& response, std::string_view request_id);

}  // namespace tallystick::http
