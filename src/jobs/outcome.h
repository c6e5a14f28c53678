#pragma once
// What becomes of a job when an attempt ends: done, tried again later, dead, cancelled, or put back as if it had not
// begun. Pure.

#include <cstdint>
#include <string>

#include "base/error.h"
#include "base/time.h"
#include "jobs/model.h"

namespace tallystick::jobs {

inline constexpr std::int64_t kFirstRetryUs = 10 * base::kMicrosPerSecond;
inline constexpr std::int64_t kLongestRetryUs = base::kMicrosPerHour;

// Before the attempt after the `attempts`th: ten seconds, doubled each time, an hour at most; of that a random part
// between half and all, so that what failed together does not come again together.
[[nodiscard]] std::int64_t retry_delay_us(int attempts, std::uint64_t random);

// Trying again cannot help: what the job asks for is wrong.
[[nodiscard]] bool is_final(base::ErrorKind kind);

// `result`: a JSON object, or why the attempt failed. `was_stopped`: the handler saw that the server stops, and gave
// up.
[[nodiscard]] Job end_attempt(
    Job job, const base::Result<std::string>& result, bool was_stopped, base::Timestamp now, std::uint64_t random);

// The worker died, or lost the database for longer than its lease: at once again, unless this was the last attempt.
[[nodiscard]] Job end_lost_attempt(Job job, base::Timestamp now);

}  // namespace tallystick::jobs
