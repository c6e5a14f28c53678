#pragma once
// Raises, lists and settles alerts. Raising what is raised already counts it instead of telling it again; what is new,
// worse, acknowledged or resolved is told on the channels that want it, through the job queue (deliveries.h), in the
// transaction of the change. Thread-safe: blocks on the database.

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "access/audit.h"
#include "alerts/delivery.h"
#include "alerts/model.h"
#include "alerts/store.h"
#include "base/error.h"
#include "base/log.h"
#include "base/random.h"
#include "base/time.h"
#include "jobs/queue.h"
#include "records/database.h"

namespace tallystick::alerts {

inline constexpr std::size_t kMaxNotesBytes = 20'000;  // of one alert, all added up

// An alert and what was told of it.
struct AlertHistory {
  Alert alert;
  std::vector<Delivery> deliveries;
};

class AlertService {
 public:
  // All must outlive it; `queue` may be null: then nobody is told.
  AlertService(records::Database& database,
               access::AuditLog& audit,
               jobs::Queue* queue,
               base::Log& log,
               const base::Clock& clock,
               base::Random& random)
      : database_(database), audit_(audit), queue_(queue), log_(log), clock_(clock), random_(random) {}

  // The alert as it stands then. A new one is logged, once.
  [[nodiscard]] base::Result<Alert> raise(const Occurrence& occurrence);
  [[nodiscard]] base::Result<std::vector<Alert>> list(const AlertFilter& filter,
                                                      std::string_view after,
                                                      std::int64_t max_alerts);
  // Error code: "alert_not_found".
  [[nodiscard]] base::Result<AlertHistory> get(const base::Uuid& id);
  // Notes are added to those there are. Error codes: "alert_not_found", "alert_resolved", "notes_too_long".
  [[nodiscard]] base::Result<Alert> acknowledge(const base::Uuid& id,
                                                std::string_view notes,
                                                const access::ChangeContext& context);
  // Resolving again only adds the notes. Error codes: "alert_not_found", "notes_too_long".
  [[nodiscard]] base::Result<Alert> resolve(const base::Uuid& id,
                                            std::string_view notes,
                                            const access::ChangeContext& context);
  // What is not resolved and has the key `name`, or one that begins with "<name>:".
  [[nodiscard]] base::Result<std::vector<Alert>> list_unresolved(std::string_view name);
  // What is not resolved, by severity.
  [[nodiscard]] base::Result<std::array<std::int64_t, kSeverityCount>> count_unresolved();

 private:
  [[nodiscard]] base::Result<Alert> raise_once(const Occurrence& occurrence, bool& is_new);
  [[nodiscard]] base::Result<Alert> settle(const base::Uuid& id,
                                           State state,
                                           std::string_view notes,
                                           const access::ChangeContext& context);
  [[nodiscard]] base::Result<void> tell(soci::session& session, const Alert& alert, Cause cause);

  records::Database& database_;
  access::AuditLog& audit_;
  jobs::Queue* queue_;
  base::Log& log_;
  const base::Clock& clock_;
  base::Random& random_;
};

}  // namespace tallystick::alerts
