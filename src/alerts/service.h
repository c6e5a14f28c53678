#pragma once
// Raises, lists and settles alerts. Raising what is raised already counts it instead of telling it again. Thread-safe:
// blocks on the database.

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "alerts/model.h"
#include "base/error.h"
#include "base/log.h"
#include "base/random.h"
#include "base/time.h"
#include "records/database.h"

namespace tallystick::alerts {

// Writes the change into the audit trail (I7), in the transaction of the change; the composition provides it, as the
// trail belongs to a room of the same floor.
using RecordChange = std::function<base::Result<void>(soci::session& session, const Alert& before, const Alert& after)>;

class AlertService {
 public:
  // All must outlive it.
  AlertService(records::Database& database, base::Log& log, const base::Clock& clock, base::Random& random)
      : database_(database), log_(log), clock_(clock), random_(random) {}

  // The alert as it stands then. A new one is logged, once.
  [[nodiscard]] base::Result<Alert> raise(const Occurrence& occurrence);
  [[nodiscard]] base::Result<std::vector<Alert>> list(const std::optional<State>& state,
                                                      std::string_view after,
                                                      std::int64_t max_alerts);
  // Error codes: "alert_not_found", "alert_resolved".
  [[nodiscard]] base::Result<Alert> acknowledge(const base::Uuid& id,
                                                std::string_view notes,
                                                const RecordChange& record);
  // Resolving again only adds the notes. Error code: "alert_not_found".
  [[nodiscard]] base::Result<Alert> resolve(const base::Uuid& id, std::string_view notes, const RecordChange& record);

 private:
  [[nodiscard]] base::Result<Alert> raise_once(const Occurrence& occurrence, bool& is_new);
  [[nodiscard]] base::Result<Alert> settle(const base::Uuid& id,
                                           State state,
                                           std::string_view notes,
                                           const RecordChange& record);

  records::Database& database_;
  base::Log& log_;
  const base::Clock& clock_;
  base::Random& random_;
};

}  // namespace tallystick::alerts
