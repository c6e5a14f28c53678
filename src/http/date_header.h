#pragma once
// The Date header line (RFC 9110 section 5.6.7), formatted at most once per second. One thread.

#include <cstdint>
#include <string>
#include <string_view>

#include "base/time.h"

namespace tallystick::http {

// "Sun, 06 Nov 1994 08:49:37 GMT"
[[nodiscard]] std::string format_http_date(base::Timestamp time);

class DateHeader {
 public:
  // "Date: Sun, 06 Nov 1994 08:49:37 GMT\r\n", valid until the next call.
  [[nodiscard]] std::string_view line_at(base::Timestamp time);

 private:
  std::int64_t second_ = -1;
  std::string line_;
};

}  // namespace tallystick::http
