#pragma once
// ClickHouse's HTTP interface, the asking half: what a request means. Pure but for the memory file that takes an
// insert's data; the request is not needed afterwards.

#include <cstddef>
#include <string>

#include "base/error.h"
#include "engine/database.h"
#include "engine/memory_file.h"
#include "http/message.h"

namespace tallystick::engine {

struct QueryRequest {
  Query query;
  std::string query_id;    // given by the client, or empty
  std::string format;      // of the answer
  bool is_insert = false;  // of data: has its own place in the queue
  MemoryFile data;         // what an INSERT reads; empty otherwise
};

// Errors carry ClickHouse's number as their code.
[[nodiscard]] base::Result<QueryRequest> parse_query_request(const http::RequestView& request);

}  // namespace tallystick::engine
