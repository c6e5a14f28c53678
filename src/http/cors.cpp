#include "http/cors.h"

namespace tallystick::http {

std::string make_options_headers(const PathSummary& path) {
  std::string lines;
  if (!path.allow.empty()) {
    lines += "Allow: " + path.allow + "\r\n";
  }
  if (path.is_cross_origin) {
    lines += "Access-Control-Allow-Origin: *\r\nAccess-Control-Allow-Methods: " + path.allow +
             "\r\nAccess-Control-Allow-Headers: Content-Type, Idempotency-Key, X-Request-Id\r\n"
             "Access-Control-Max-Age: 86400\r\n";
  }
  return lines;
}

}  // namespace tallystick::http
