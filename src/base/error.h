#pragma once
// Expected failures as values. An Error has a kind (a closed set that maps to an HTTP status and an
// exit code), a stable code that programs test for, and a message an operator understands.
// Broken invariants and failing hardware are exceptions instead.

#include <cstdint>
#include <expected>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace tallystick::base {

enum class ErrorKind : std::uint8_t {
  kInvalid,          // 400: the input is malformed
  kUnauthenticated,  // 401
  kForbidden,        // 403
  kNotFound,         // 404
  kTimeout,          // 408
  kConflict,         // 409
  kGone,             // 410
  kTooLarge,         // 413
  kUnprocessable,    // 422: well formed, but against a rule
  kRateLimited,      // 429
  kInternal,         // 500: a bug, always
  kUnavailable,      // 503: try again later (full queue, full disk, stopping)
  kCorrupt,          // 500 and exit code 3: stored data does not verify
};

// One offending member of a request. `pointer` is a JSON pointer (RFC 6901).
struct FieldError {
  std::string pointer;
  std::string code;
  std::string detail;
};

struct Error {
  ErrorKind kind = ErrorKind::kInternal;
  std::string code;
  std::string message;
  std::vector<FieldError> fields = {};
};

template <typename T>
using Result = std::expected<T, Error>;

[[nodiscard]] inline std::unexpected<Error> fail(ErrorKind kind, std::string code, std::string message) {
  return std::unexpected<Error>(Error{kind, std::move(code), std::move(message)});
}

[[nodiscard]] int http_status(ErrorKind kind);

// Exit codes of the command line: 0 success, 1 failure, 2 wrong usage or input, 3 data does not
// verify, 4 unavailable.
[[nodiscard]] int exit_code(ErrorKind kind);

// "corrupt", "not_found", ...
[[nodiscard]] std::string_view name_of(ErrorKind kind);

}  // namespace tallystick::base

#define TALLY_CONCAT_INNER(a, b) a##b
#define TALLY_CONCAT(a, b) TALLY_CONCAT_INNER(a, b)

// Hands an error up: TALLY_TRY(do_it());
#define TALLY_TRY(expression)                                  \
  do {                                                         \
    if (auto tally_result = (expression); !tally_result) {     \
      return std::unexpected(std::move(tally_result).error()); \
    }                                                          \
  } while (false)

// Hands an error up or takes the value: TALLY_ASSIGN(const auto id, parse_uuid(text));
#define TALLY_ASSIGN(declaration, expression)                                         \
  auto TALLY_CONCAT(tally_result_, __LINE__) = (expression);                          \
  if (!TALLY_CONCAT(tally_result_, __LINE__)) {                                       \
    return std::unexpected(std::move(TALLY_CONCAT(tally_result_, __LINE__)).error()); \
  }                                                                                   \
  declaration = *std::move(TALLY_CONCAT(tally_result_, __LINE__))
