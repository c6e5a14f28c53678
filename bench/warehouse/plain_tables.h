#pragma once
// The document's tables in the engine that the server itself uses, without our aggregates: events ordered by time.
// Filled from the loaded warehouse; every question goes over HTTP on the engine's socket. One thread.

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>

#include "base/error.h"
#include "http/client.h"

namespace tallystick::bench {

class PlainTables {
 public:
  // `warehouse`: the database that was loaded.
  PlainTables(std::string socket, std::string warehouse)
      : socket_(std::move(socket)), warehouse_(std::move(warehouse)) {}

  // The rows of exposure_events.
  [[nodiscard]] base::Result<std::uint64_t> fill();
  // The answer as tab separated values; it may take a minute. Error codes: "query_failed" and those of http::Client.
  [[nodiscard]] base::Result<std::string> ask(std::string_view sql);
  // The same of another database of the engine.
  [[nodiscard]] base::Result<std::string> ask_in(std::string_view database,
                                                 std::string_view sql,
                                                 int max_seconds = 290);

 private:
  std::string socket_;
  std::string warehouse_;
  http::Client client_;
};

}  // namespace tallystick::bench
