#include "engine/error_code.h"

#include <algorithm>
#include <array>
#include <charconv>

namespace tallystick::engine {

namespace {

constexpr int kUnknownException = 1002;

// The request itself is at fault: cannot be parsed, wrong types, wrong syntax.
constexpr auto kBadRequest = std::to_array<int>(
    {6, 8, 15, 25, 26, 27, 36, 38, 41, 44, 53, 62, 72, 117, 167, 168, 223, 321, 376, 427, 441, 456, 457});
// It names a table, function, column, type, engine, database, setting or format that is not there.
constexpr auto kNotFound = std::to_array<int>({46, 47, 50, 56, 60, 63, 73, 78, 81, 115, 336});

template <std::size_t Size>
bool contains(const std::array<int, Size>& codes, int code) {
  return std::find(codes.begin(), codes.end(), code) != codes.end();
}

}  // namespace

int parse_error_code(std::string_view message) {
  constexpr std::string_view kStart = "Code: ";
  if (!message.starts_with(kStart)) {
    return kUnknownException;
  }
  message.remove_prefix(kStart.size());
  int code = kUnknownException;
  std::from_chars(message.data(), message.data() + message.size(), code);
  return code;
}

int http_status_of(int error_code) {
  if (contains(kBadRequest, error_code)) {
    return 400;
  }
  if (contains(kNotFound, error_code)) {
    return 404;
  }
  switch (error_code) {
    case 159:  // TIMEOUT_EXCEEDED
      return 408;
    case 48:  // NOT_IMPLEMENTED
      return 501;
    case 202:  // TOO_MANY_SIMULTANEOUS_QUERIES
    case 209:  // SOCKET_TIMEOUT
    case 439:  // CANNOT_SCHEDULE_TASK
      return 503;
    default:
      return 500;
  }
}

}  // namespace tallystick::engine
