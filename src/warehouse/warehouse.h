#pragma once
// The warehouse as the rest of the program holds it: the client, which generation is read now, and how it is. Built
// without touching the network; prepare() connects and is called until it succeeds. Thread-safe.

#include <cstdint>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "base/error.h"
#include "base/time.h"
#include "warehouse/client.h"
#include "warehouse/generation.h"
#include "warehouse/layout.h"

namespace tallystick::warehouse {

struct Options {
  Endpoint endpoint;
  GenerationNames names;
};

// What the loader says of the log that it reads.
struct LoadProgress {
  std::uint32_t log_id = 0;
  std::uint64_t loaded = 0;   // records [0, loaded) are in the warehouse
  std::uint64_t durable = 0;  // records in the log
  double lag_seconds = 0;     // age of the oldest record that is not loaded
  std::string error = {};     // of the last attempt; empty: it succeeded
};

// What the warehouse holds of a log, whichever node loads it.
struct LogStatus {
  std::uint32_t log_id = 0;
  std::uint64_t loaded = 0;                   // records [0, loaded)
  std::uint64_t pass = 0;                     // attribution that readers see; 0: none yet
  std::optional<LoadProgress> progress = {};  // of the log that this process loads
};

struct Status {
  bool is_built_in = true;
  std::string endpoint;          // "built-in", or scheme, host and port
  std::string cluster;           // empty: none
  bool is_up = false;            // prepared, and the last check answered
  std::string error;             // why not
  std::uint64_t generation = 0;  // 0: not prepared yet
  std::string database;
  std::vector<LogStatus> logs;  // by log_id
};

class Warehouse {
 public:
  // `clock` must outlive it.
  Warehouse(const Options& options, const base::Clock& clock);

  // Makes the first generation when there is none, applies migrations. Cheap once it has succeeded. One thread.
  [[nodiscard]] base::Result<void> prepare();
  // Asks the server how far the logs are, for status(). Error code: "warehouse_not_ready" before prepare(). One thread.
  [[nodiscard]] base::Result<void> check();

  [[nodiscard]] Client& client() { return client_; }
  [[nodiscard]] const GenerationNames& names() const { return names_; }
  [[nodiscard]] bool is_prepared() const;

  // Of the current generation. Error code: "warehouse_not_ready" before prepare() succeeded. Keep it for one report or
  // batch, not longer: a rebuild switches it.
  [[nodiscard]] base::Result<Layout> layout() const;
  // After a rebuild: reads go to `number` from now on, which is ready.
  void switch_to(std::uint64_t number);

  void set_progress(const LoadProgress& progress);
  [[nodiscard]] Status status() const;

  // Calls under way fail; for the end of the program.
  void stop() { client_.stop(); }

 private:
  [[nodiscard]] base::Result<std::uint64_t> find_or_make_generation();
  [[nodiscard]] base::Result<void> load_logs();
  void note(const base::Result<void>& outcome);

  Client client_;
  const GenerationNames names_;
  const base::Clock& clock_;
  mutable std::mutex mutex_;
  std::uint64_t generation_ = 0;
  bool is_up_ = false;
  std::string error_ = "not connected yet";
  std::map<std::uint32_t, LogStatus> logs_;
};

}  // namespace tallystick::warehouse
