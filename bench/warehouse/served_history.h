#pragma once
// A history in a data directory of its own and the server on it, as anybody would run them: written by `demo
// --history`, loaded by `serve`, asked over HTTP. One thread.

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include <boost/json/value.hpp>

#include "base/error.h"
#include "bench/warehouse/questions.h"
#include "bench/warehouse/results.h"
#include "http/client.h"
#include "tests/support/server_process.h"
#include "tests/support/temporary_directory.h"

namespace tallystick::bench {

class ServedHistory {
 public:
  // Writes the history. Throws std::runtime_error with the command's output when it fails.
  ServedHistory(std::uint64_t events, int days);

  // Starts the server and waits until the warehouse holds all of the log and attribution has settled. Error codes:
  // "load_stalled", "bad_answer", those of http::Client.
  [[nodiscard]] base::Result<LoadResult> load();
  // The body of a report, which must be a success.
  [[nodiscard]] base::Result<std::string> get(const std::string& target);

  // Holds the report on placements over the whole history against the generator's own counts, class by class: how many
  // there are, or "bad_answer" naming one that differs.
  [[nodiscard]] base::Result<std::uint64_t> check_counts();

  [[nodiscard]] const boost::json::value& history() const { return history_; }
  [[nodiscard]] base::Result<Subject> find_subject(int days);
  [[nodiscard]] std::string engine_socket() const;
  [[nodiscard]] const std::string& database() const { return database_; }

 private:
  struct Progress {
    bool is_up = false;
    std::uint64_t loaded = 0;
    std::uint64_t log_size = 0;
  };
  [[nodiscard]] base::Result<Progress> ask_progress();
  [[nodiscard]] double wait_until_settled(std::uint64_t records);
  [[nodiscard]] double wait_until_merged();
  void sample_memory(LoadResult& load) const;

  support::TemporaryDirectory folder_;
  boost::json::value history_;
  std::unique_ptr<support::ServerProcess> server_;
  std::string key_;
  std::string database_;
  http::Client client_;
};

}  // namespace tallystick::bench
