#pragma once
// ClickHouse's HTTP interface, the asking half: what a request means. Pure but for the memory file that takes an
// insert's data; the request is not needed afterwards. One thing is not ClickHouse's: who runs on the same machine may
// name a memory file of its own in the header X-Tallystick-Memory-File, "<process id> <file descriptor> <bytes>", which
// an insert then reads in place of a body. Error 90001, which is none of ClickHouse's: it cannot be read, and nothing
// has happened.

#include <cstddef>
#include <string>

#include "base/error.h"
#include "base/memory_file.h"
#include "engine/database.h"
#include "http/message.h"

namespace tallystick::engine {

struct QueryRequest {
  Query query;
  std::string query_id;    // given by the client, or empty
  std::string format;      // of the answer
  bool is_insert = false;  // of data: has its own place in the queue
  base::MemoryFile data;   // what an INSERT reads; empty otherwise
};

// Errors carry ClickHouse's number as their code.
[[nodiscard]] base::Result<QueryRequest> parse_query_request(const http::RequestView& request);

}  // namespace tallystick::engine
