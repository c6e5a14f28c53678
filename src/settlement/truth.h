#pragma once
// What we measured, from the warehouse: a partner's conversions with their latest status and verdict, and clicks that
// claims name. Answers are held whole, so conversions are loaded in slices (by a hash of their key: a conversion is in
// one slice whole, and slices are of one size) and ids are looked up in batches. One generation, one position: two
// loads from the same position are equal. One thread.

#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <unordered_set>
#include <vector>

#include "base/error.h"
#include "base/money.h"
#include "base/time.h"
#include "base/uuid.h"
#include "reconcile/model.h"
#include "reconcile/run_service.h"
#include "settlement/reconciliation_period.h"
#include "settlement/truth_position.h"
#include "warehouse/client.h"

namespace tallystick::settlement {

struct TruthLimits {
  std::int64_t slice_events = 200'000;  // about 60 MB of an answer
  std::size_t batch_ids = 10'000;       // of one look-up: 400 kB of SQL
  std::int64_t query_timeout_ms = 120'000;
};

struct TruthSide {
  std::vector<reconcile::Truth> truths;
  std::vector<std::string> transactions;  // of each, normalised; may be empty
  std::int64_t conversions = 0;           // the others are clicks without one
};

class TruthLoader {
 public:
  using Progress = std::function<void(std::int64_t done, std::int64_t total)>;

  // `client` must outlive it. `default_currency` is that of conversions that state none.
  TruthLoader(warehouse::Client& client,
              const TruthPosition& position,
              const base::Uuid& partner_id,
              const base::Currency& default_currency,
              const TruthLimits& limits = {});

  // Conversions that happened within `loaded`. `is_cancelled` is asked between slices: "cancelled".
  [[nodiscard]] base::Result<TruthSide> load_conversions(const Span& loaded,
                                                         const Progress& progress,
                                                         const std::function<bool()>& is_cancelled);
  // For click ids that claims name and no truth has: adds their conversions, whenever they happened, and the clicks of
  // the partner that have none. Leaves the rest out: they are none of ours.
  [[nodiscard]] base::Result<void> add_clicks(std::span<const base::Uuid> clicks,
                                              TruthSide& side,
                                              const std::function<bool()>& is_cancelled);
  // Of [period.from, period.to): gross and net.
  [[nodiscard]] base::Result<reconcile::ClickFigures> load_click_figures(const Span& period);

 private:
  [[nodiscard]] base::Result<warehouse::Rows> query(const std::string& sql,
                                                    const Span& span,
                                                    std::int64_t slices = 1,
                                                    std::int64_t slice = 0);
  using Ids = std::unordered_set<base::Uuid, base::UuidHash>;
  // But for those whose keys are known.
  void take_conversions(const warehouse::Rows& rows, const Ids& known, TruthSide& side);
  // Which of the clicks have one; a conversion of two clicks stays that of the first.
  [[nodiscard]] base::Result<Ids> add_conversions_of(std::span<const base::Uuid> clicks, Ids& known, TruthSide& side);
  // Clicks that came back in another form (`sub`) get their link and verdict.
  [[nodiscard]] base::Result<void> complete_returned_clicks(TruthSide& side);

  warehouse::Client& client_;
  const TruthPosition position_;
  const base::Uuid partner_id_;
  const base::Currency default_currency_;
  const TruthLimits limits_;
  std::vector<std::size_t> returned_;  // positions of truths whose click is read from `sub`
};

}  // namespace tallystick::settlement
