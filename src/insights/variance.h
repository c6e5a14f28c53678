#pragma once
// By how much a partner's own report differs from ours, as the last reconciliation found it; the composition connects
// it. Implementations are thread-safe and may block.

#include <optional>
#include <string>

#include "base/error.h"
#include "base/time_zone.h"
#include "base/uuid.h"

namespace tallystick::insights {

struct PeriodVariance {
  std::string percent;  // "2.47"
  std::string reason;   // which reconciliation says so, and of which days
};

class VarianceSource {
 public:
  virtual ~VarianceSource() = default;
  // For these days, both included; nothing when none was reconciled.
  [[nodiscard]] virtual base::Result<std::optional<PeriodVariance>> find(const base::Uuid& partner_id,
                                                                         base::Date first,
                                                                         base::Date last) = 0;
};

}  // namespace tallystick::insights
