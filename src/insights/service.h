#pragma once
// The reports: one function each, all over the warehouse and nothing else. Thread-safe: blocks on the warehouse, so it
// runs on workers.

#include <string>
#include <string_view>

#include "base/error.h"
#include "base/time.h"
#include "insights/events_report.h"
#include "insights/question.h"
#include "insights/rate_figures.h"
#include "insights/recent_answers.h"
#include "insights/report_json.h"
#include "insights/report_table.h"
#include "insights/variance.h"
#include "warehouse/warehouse.h"

namespace tallystick::insights {

// A report and how fresh its figures are at least.
struct Answer {
  Report report;
  Question question;
  Freshness freshness;
};

class InsightsService {
 public:
  // `warehouse` (null: there is none), `clock` and `variances` (null: none) must outlive the service. `default_zone` is
  // an IANA name.
  InsightsService(warehouse::Warehouse* warehouse,
                  const base::Clock& clock,
                  std::string default_zone,
                  VarianceSource* variances = nullptr)
      : warehouse_(warehouse),
        clock_(clock),
        default_zone_(std::move(default_zone)),
        variances_(variances),
        recent_(clock) {}

  // Error codes: those of parse_period.
  [[nodiscard]] base::Result<Period> make_period(const PeriodText& text) const;

  // Error codes of all: "warehouse_unavailable", "warehouse_off", "report_too_heavy"; and "<kind>_not_found" for what
  // is named by slug or id.
  [[nodiscard]] base::Result<Answer> placements(const Question& question);
  [[nodiscard]] base::Result<Answer> placement(const Question& question, std::string_view slug_or_id);
  [[nodiscard]] base::Result<Answer> merchant(const Question& question, std::string_view slug_or_id);
  [[nodiscard]] base::Result<Answer> partner(const Question& question, std::string_view slug_or_id);
  [[nodiscard]] base::Result<Answer> performance(const Question& question);
  [[nodiscard]] base::Result<Answer> frequency(const Question& question,
                                               const std::string& merchant,
                                               const std::string& placement);
  [[nodiscard]] base::Result<Answer> events(const Question& question, const EventFilter& filter);
  // What the rates of partners and placements are made of, net, in that range.
  [[nodiscard]] base::Result<RateReading> rate_figures(const Range& range);

 private:
  warehouse::Warehouse* warehouse_;
  const base::Clock& clock_;
  const std::string default_zone_;
  VarianceSource* variances_;
  RecentAnswers recent_;
};

}  // namespace tallystick::insights
