#pragma once
// A job as a plain value: work that must happen though no request waits for it (80-platform, "Jobs"). It lives in the
// records database and is written in the transaction of what asks for it, so neither exists without the other.

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/error.h"
#include "base/time.h"
#include "base/uuid.h"

namespace tallystick::jobs {

enum class State : std::uint8_t {
  kQueued,   // waits for its time, a retry's included
  kRunning,  // a worker has leased it
  kDone,
  kDead,  // failed for good: a dead letter, until somebody retries it
  kCancelled,
};
[[nodiscard]] std::string_view name_of(State state);
// Error code: "unknown_state".
[[nodiscard]] base::Result<State> parse_state(std::string_view text);

inline constexpr int kDefaultMaxAttempts = 5;
inline constexpr std::size_t kMaxPayloadBytes = 64UZ * 1024;
inline constexpr std::size_t kMaxResultBytes = 64UZ * 1024;
inline constexpr std::size_t kMaxNoteBytes = 200;
inline constexpr std::size_t kMaxErrorBytes = 2'000;

// What is asked for.
struct Draft {
  std::string kind;             // "report.import"; a handler of this name does it
  std::string payload = "{}";   // a JSON object, without secrets and personal data
  std::string subject = {};     // "partner:<id>", for lists; may be empty
  int priority = 0;             // higher first
  base::Timestamp run_at = {};  // not before; zero: now
  int max_attempts = kDefaultMaxAttempts;
  std::string dedupe_key = {};   // at most one queued or running job of a key; empty: any number
  std::string node = {};         // only on this node, which has a file; empty: on any
  std::string actor = "system";  // who asked, as in the audit trail
};

struct Progress {
  std::int64_t done = 0;
  std::int64_t total = 0;  // 0: not known
  std::string note = {};   // one line for people

  friend bool operator==(const Progress&, const Progress&) = default;
};

struct Job {
  base::Uuid id;
  Draft draft;
  State state = State::kQueued;
  int attempts = 0;  // begun
  Progress progress;
  std::string result = {};      // JSON, once done
  std::string error_code = {};  // of the last attempt that failed
  std::string error_message = {};
  std::string lease_owner = {};
  base::Timestamp lease_until = {};
  bool is_cancel_requested = false;
  bool is_death_told = false;  // of a dead one: Runner's observer knows
  base::Timestamp created_at;
  base::Timestamp started_at;   // of the last attempt; zero: never
  base::Timestamp finished_at;  // zero: not yet
};

}  // namespace tallystick::jobs
