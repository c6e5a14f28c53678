#include "warehouse/answer.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <string_view>

#include <fmt/format.h>

namespace tallystick::warehouse {

namespace {

constexpr std::string_view kCodePrefix = "clickhouse_";
constexpr std::size_t kMaxMessageBytes = 1'000;

struct NumberKind {
  int number;
  base::ErrorKind kind;
  bool is_passing;
};

// src/Common/ErrorCodes.cpp of ClickHouse. What is not here is a bug of ours: kInternal.
constexpr auto kNumberKinds = std::to_array<NumberKind>({
    {60, base::ErrorKind::kUnavailable, false},   // UNKNOWN_TABLE: a rebuild has just dropped the generation
    {81, base::ErrorKind::kUnavailable, false},   // UNKNOWN_DATABASE: likewise
    {158, base::ErrorKind::kTooLarge, false},     // TOO_MANY_ROWS
    {159, base::ErrorKind::kTimeout, false},      // TIMEOUT_EXCEEDED
    {160, base::ErrorKind::kTimeout, false},      // TOO_SLOW
    {164, base::ErrorKind::kForbidden, false},    // READONLY
    {192, base::ErrorKind::kUnavailable, false},  // UNKNOWN_USER
    {193, base::ErrorKind::kUnavailable, false},  // WRONG_PASSWORD
    {194, base::ErrorKind::kUnavailable, false},  // REQUIRED_PASSWORD
    {198, base::ErrorKind::kUnavailable, true},   // DNS_ERROR
    {202, base::ErrorKind::kUnavailable, true},   // TOO_MANY_SIMULTANEOUS_QUERIES
    {209, base::ErrorKind::kUnavailable, true},   // SOCKET_TIMEOUT
    {210, base::ErrorKind::kUnavailable, true},   // NETWORK_ERROR
    {216, base::ErrorKind::kUnavailable, true},   // QUERY_WITH_SAME_ID_IS_ALREADY_RUNNING: our own first attempt
    {225, base::ErrorKind::kUnavailable, true},   // NO_ZOOKEEPER
    {241, base::ErrorKind::kUnavailable, false},  // MEMORY_LIMIT_EXCEEDED
    {242, base::ErrorKind::kUnavailable, true},   // TABLE_IS_READ_ONLY
    {243, base::ErrorKind::kUnavailable, false},  // NOT_ENOUGH_SPACE
    {252, base::ErrorKind::kUnavailable, false},  // TOO_MANY_PARTS
    {279, base::ErrorKind::kUnavailable, true},   // ALL_CONNECTION_TRIES_FAILED
    {285, base::ErrorKind::kUnavailable, false},  // TOO_FEW_LIVE_REPLICAS
    {319, base::ErrorKind::kUnavailable, false},  // UNKNOWN_STATUS_OF_INSERT
    {394, base::ErrorKind::kUnavailable, false},  // QUERY_WAS_CANCELLED
    {396, base::ErrorKind::kTooLarge, false},     // TOO_MANY_ROWS_OR_BYTES
    {497, base::ErrorKind::kUnavailable, false},  // ACCESS_DENIED: to the account that we were given
    {516, base::ErrorKind::kUnavailable, false},  // AUTHENTICATION_FAILED
    {999, base::ErrorKind::kUnavailable, true},   // KEEPER_EXCEPTION
});

const NumberKind* find_kind(int number) {
  const auto found = std::ranges::find(kNumberKinds, number, &NumberKind::number);
  return found == kNumberKinds.end() ? nullptr : &*found;
}

std::optional<int> parse_number(std::string_view text) {
  int number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  return error == std::errc{} && end != text.data() && number > 0 ? std::optional(number) : std::nullopt;
}

std::string first_line(std::string_view text) {
  text = text.substr(0, text.find('\n'));
  return std::string(text.substr(0, kMaxMessageBytes));
}

}  // namespace

std::optional<int> find_error_number(const http::ClientResponse& answer) {
  if (const auto number = parse_number(answer.header("X-ClickHouse-Exception-Code"))) {
    return number;
  }
  constexpr std::string_view kMark = "Code: ";
  const std::string_view body = answer.body;
  return body.starts_with(kMark) ? parse_number(body.substr(kMark.size())) : std::nullopt;
}

base::Error explain_answer(const http::ClientResponse& answer) {
  const auto number = find_error_number(answer);
  if (!number) {
    // Not ClickHouse's answer: a proxy's, or another service at that address.
    return {base::ErrorKind::kUnavailable,
            answer.status >= 500 ? "warehouse_unreachable" : "warehouse_bad_answer",
            fmt::format("the warehouse answered {}: {}", answer.status, first_line(answer.body))};
  }
  const NumberKind* const known = find_kind(*number);
  return {known == nullptr ? base::ErrorKind::kInternal : known->kind,
          fmt::format("{}{}", kCodePrefix, *number),
          first_line(answer.body)};
}

base::Error explain_failure(const base::Error& error) {
  if (error.code == "timeout") {
    return {base::ErrorKind::kTimeout, "warehouse_timeout", "the warehouse did not answer in time"};
  }
  if (error.code == "response_too_large") {
    return {base::ErrorKind::kTooLarge, "warehouse_answer_too_large", "the warehouse's answer is larger than allowed"};
  }
  if (error.code == "cancelled") {
    return {base::ErrorKind::kUnavailable, "warehouse_stopping", "the program is stopping"};
  }
  if (error.code == "transfer_failed") {
    return {base::ErrorKind::kUnavailable, "warehouse_connection_lost", "the warehouse broke off: " + error.message};
  }
  return {base::ErrorKind::kUnavailable, "warehouse_unreachable", "the warehouse cannot be reached: " + error.message};
}

bool is_passing(const base::Error& error) {
  const auto number = clickhouse_number(error);
  if (!number) {
    return error.code == "warehouse_unreachable" || error.code == "warehouse_connection_lost";
  }
  const NumberKind* const known = find_kind(*number);
  return known != nullptr && known->is_passing;
}

std::optional<int> clickhouse_number(const base::Error& error) {
  const std::string_view code = error.code;
  return code.starts_with(kCodePrefix) ? parse_number(code.substr(kCodePrefix.size())) : std::nullopt;
}

}  // namespace tallystick::warehouse
