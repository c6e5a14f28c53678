#pragma once
// Sends a plan's requests over one connection at its share of the rate. One thread; the counter of events is shared.

#include <atomic>
#include <cstdint>
#include <optional>
#include <string>

#include "base/random.h"
#include "base/time.h"
#include "base/uuid.h"
#include "cli/demo_tally.h"
#include "cli/demo_world.h"

namespace tallystick::cli {

struct DemoRun {
  std::string url;
  std::string key;
  double events_per_second = 0;  // of this sender
  std::int64_t start_us = 0;     // monotonic
  std::int64_t end_us = 0;
};

struct DemoSenderResult {
  DemoTally tally;
  std::optional<base::Uuid> click_id;  // of a click that was accepted, for the receipt
  std::optional<base::Error> error;    // why it gave up, if it did
};

[[nodiscard]] DemoSenderResult send_demo_traffic(const DemoRun& run,
                                                 const DemoWorld& world,
                                                 std::size_t sender,
                                                 const base::Clock& clock,
                                                 std::atomic<std::uint64_t>& events_sent);

}  // namespace tallystick::cli
