#pragma once
// Replays dead letters: the raw event goes through the same parser and checks again, against the catalog of today and
// the time of its first receipt, and keeps its event id, so that nothing counts twice. Blocks; for the worker pool and
// the command line. One call at a time.

#include <cstdint>
#include <mutex>
#include <string>
#include <vector>

#include "base/error.h"
#include "capture/capture.h"
#include "capture/dead_letter_store.h"
#include "records/database.h"

namespace tallystick::capture {

inline constexpr std::int64_t kMaxReplays = 1000;

struct ReplayItem {
  std::string id;
  std::string result;  // "accepted", "duplicate", "rejected", "not_found", "not_open"
  std::string code;    // why it was rejected again
};

struct ReplayReport {
  std::int64_t accepted = 0;
  std::int64_t duplicate = 0;
  std::int64_t rejected = 0;
  std::int64_t skipped = 0;  // not found, or not open any more
  std::vector<ReplayItem> items;
};

class Replayer {
 public:
  // All outlive it.
  Replayer(Capture& capture, records::Database& database) : capture_(capture), database_(database) {}

  [[nodiscard]] base::Result<ReplayReport> replay(const std::vector<std::string>& ids);
  // Open ones that pass the filter, oldest first, at most `max_rows`.
  [[nodiscard]] base::Result<ReplayReport> replay(const DeadLetterFilter& filter, std::int64_t max_rows);

 private:
  [[nodiscard]] base::Result<ReplayReport> replay_rows(const std::vector<DeadLetterRow>& rows, ReplayReport report);
  [[nodiscard]] base::Result<ReplayItem> replay_one(const DeadLetterRow& row);

  Capture& capture_;
  records::Database& database_;
  std::mutex mutex_;
};

}  // namespace tallystick::capture
