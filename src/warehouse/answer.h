#pragma once
// What an answer of ClickHouse's HTTP interface, or the want of one, means as an Error. Pure.

#include <optional>

#include "base/error.h"
#include "http/client.h"

namespace tallystick::warehouse {

// ClickHouse's number of an answer that is an error: from the header, else from "Code: 60." in the body.
[[nodiscard]] std::optional<int> find_error_number(const http::ClientResponse& answer);

// For an answer that is no success. The message is the first line of ClickHouse's, bounded, without its stack trace.
[[nodiscard]] base::Error explain_answer(const http::ClientResponse& answer);

// For a request without an answer: what http::Client gave.
[[nodiscard]] base::Error explain_failure(const base::Error& error);

// Whether another attempt may do better, given that the statement may run twice.
[[nodiscard]] bool is_passing(const base::Error& error);

// ClickHouse's number when the error is one of its own: "clickhouse_60" has 60.
[[nodiscard]] std::optional<int> clickhouse_number(const base::Error& error);

}  // namespace tallystick::warehouse
