#pragma once
// The functions of libchdb that we call: their C interface, declared here because the library is opened at run
// time, so that the binary starts without it. Results are owned by the caller until destroyed.

#include <cstddef>
#include <cstdint>

namespace tallystick::engine {

struct ChdbResult;      // opaque
struct ChdbConnection;  // opaque

struct ChdbFunctions {
  // Arguments as a command line: "--setting=value". The first connection of a process opens the database, the last
  // one that is closed closes it. Null on failure.
  ChdbConnection** (*connect)(int count, char** arguments) = nullptr;
  void (*close)(ChdbConnection** connection) = nullptr;
  // One query at a time on a connection; connections run side by side.
  ChdbResult* (*query)(ChdbConnection* connection,
                       const char* sql,
                       std::size_t sql_bytes,
                       const char* format,
                       std::size_t format_bytes) = nullptr;
  ChdbResult* (*query_with_parameters)(ChdbConnection* connection,
                                       const char* sql,
                                       std::size_t sql_bytes,
                                       const char* format,
                                       std::size_t format_bytes,
                                       const char* const* names,
                                       const std::size_t* name_bytes,
                                       const char* const* values,
                                       const std::size_t* value_bytes,
                                       std::size_t count) = nullptr;
  void (*destroy)(ChdbResult* result) = nullptr;
  // Null: no error. The counters below mean something only then.
  const char* (*error)(ChdbResult* result) = nullptr;
  char* (*buffer)(ChdbResult* result) = nullptr;
  std::size_t (*length)(ChdbResult* result) = nullptr;
  double (*elapsed_seconds)(ChdbResult* result) = nullptr;
  std::uint64_t (*result_rows)(ChdbResult* result) = nullptr;
  std::uint64_t (*read_rows)(ChdbResult* result) = nullptr;
  std::uint64_t (*read_bytes)(ChdbResult* result) = nullptr;
  std::uint64_t (*written_rows)(ChdbResult* result) = nullptr;
  std::uint64_t (*written_bytes)(ChdbResult* result) = nullptr;
  // Zero before the first connection: the library leaves the process's signal handlers alone.
  void (*set_signal_handlers)(int is_enabled) = nullptr;
};

}  // namespace tallystick::engine
