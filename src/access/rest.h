#pragma once
// What every administration route shares: pages of lists, entity tags, who changes something and why
// (80-platform, "API conventions"). Pure.

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include <boost/json.hpp>

#include "base/error.h"
#include "http/message.h"
#include "http/router.h"

namespace tallystick::access {

inline constexpr std::int64_t kDefaultPageItems = 100;
inline constexpr std::int64_t kMaxPageItems = 500;

// `after`: the id the page before ended with, or empty.
struct PageRequest {
  std::int64_t limit = kDefaultPageItems;
  std::string after;
};

// "?limit=" from 1 to 500 and "?cursor=" as an answer gave it. Error codes: "bad_limit", "bad_cursor".
[[nodiscard]] base::Result<PageRequest> parse_page_request(const http::Request& request);
// {"items": [...], "next_cursor": text or null}
[[nodiscard]] http::Response page_response(boost::json::array items, std::string_view next_after);

// For requests that say all in their path: no body, or {}. Error codes: "bad_json", "not_an_object",
// "validation_failed".
[[nodiscard]] base::Result<void> expect_empty_body(const http::Request& request);

// `"7"`
[[nodiscard]] std::string make_etag(std::int64_t version);
// The version in If-Match; nothing when the header is absent or "*". Error code: "bad_if_match".
[[nodiscard]] base::Result<std::optional<std::int64_t>> parse_if_match(const http::Request& request);

// One record with its entity tag; 201 with a location when `location` is not empty.
[[nodiscard]] http::Response record_response(const boost::json::object& record,
                                             std::int64_t version,
                                             std::string_view location = {});

// A problem; 412 when the request named a version that is no longer the present one.
[[nodiscard]] http::Response failure_response(const base::Error& error, const http::Request& request);

}  // namespace tallystick::access
