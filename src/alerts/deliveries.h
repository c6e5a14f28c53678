#pragma once
// From an alert that changed to channels that hear of it: announce() writes a delivery and a job per channel in the
// transaction of the change, Deliverer does such a job. At least once: a receiver knows a repetition by the delivery's
// id. A channel that fails is logged and counted and stands in the alert's deliveries; it never raises an alert, which
// would be told on the same channel. Thread-safe.

#include <array>
#include <cstdint>
#include <string>

#include <soci/soci.h>

#include "alerts/channel.h"
#include "alerts/delivery.h"
#include "alerts/notifier.h"
#include "base/error.h"
#include "base/log.h"
#include "base/metrics.h"
#include "base/random.h"
#include "base/time.h"
#include "jobs/queue.h"
#include "jobs/runner.h"
#include "records/database.h"

namespace tallystick::alerts {

// A raise goes to the channels that want the alert; what follows to those that were told of it.
[[nodiscard]] base::Result<void> announce(soci::session& session,
                                          jobs::Queue& queue,
                                          const Alert& alert,
                                          Cause cause,
                                          base::Timestamp now,
                                          base::Random& random);

enum class DeliveryResult : std::uint8_t { kSent, kDeferred, kFailed, kDropped };
inline constexpr std::size_t kDeliveryResultCount = 4;

class Deliverer {
 public:
  struct Rooms {
    records::Database& database;
    jobs::Queue& queue;
    const Notifier& notifier;
    base::Log& log;
    const base::Clock& clock;
  };
  // All must outlive it.
  explicit Deliverer(const Rooms& rooms) : rooms_(rooms) {}

  // Of jobs of kind kDeliverJob. The job fails as the attempt does, so that the queue tries again.
  [[nodiscard]] base::Result<std::string> run(jobs::JobContext& context);

  // tallystick_alert_deliveries_total. The Deliverer must outlive `metrics`.
  void add_metrics(base::Metrics& metrics) const;

 private:
  struct Attempt;
  [[nodiscard]] base::Result<Attempt> begin(const base::Uuid& id, const jobs::Job& job);
  [[nodiscard]] base::Result<Attempt> begin_in(soci::session& session, const base::Uuid& id, const jobs::Job& job);
  [[nodiscard]] base::Result<void> finish(const Attempt& attempt, const base::Result<void>& sent, bool is_last);
  void count(ChannelKind kind, DeliveryResult result);

  const Rooms rooms_;
  std::array<std::array<base::Counter, kDeliveryResultCount>, kChannelKindCount> counters_;
};

}  // namespace tallystick::alerts
