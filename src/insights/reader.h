#pragma once
// One question put to the warehouse: keeps to one generation for all queries of a report, gives each
// query the same parameters (period, basis, zone, model), and turns the warehouse's failures into answers that say
// what to do. One report, one thread.

#include <cstdint>
#include <future>
#include <memory>
#include <string>
#include <string_view>

#include "base/error.h"
#include "insights/period.h"
#include "insights/question.h"
#include "insights/recent_answers.h"
#include "insights/report_json.h"
#include "insights/sources.h"
#include "warehouse/client.h"
#include "warehouse/rows.h"
#include "warehouse/warehouse.h"

namespace tallystick::insights {

class Reader {
 public:
  // `warehouse` (null: there is none) and `recent` must outlive the reader. Error codes: "warehouse_unavailable",
  // "warehouse_off".
  [[nodiscard]] static base::Result<Reader> open(warehouse::Warehouse* warehouse,
                                                 RecentAnswers& recent,
                                                 const Question& question);

  // Every SQL text may use:
  //   {from} {to} {edge_1_from} ... {day_edge_2_to}: DateTime64(6, 'UTC'); {hours_from} {hours_to}: DateTime('UTC');
  //   {log_ids}: Array(UInt32), {passes}: Array(UInt64), of each log the pass of attribution that is published;
  //   {days_from} {days_to} {weeks_from} {weeks_to}: Date; {zone}: String; {max_class}: Int8; {model}: String
  // and what `more` adds. Error codes: "warehouse_unavailable", "report_too_heavy".
  // A report has several statements at a time, so each has a part of the engine's threads only.
  [[nodiscard]] base::Result<warehouse::Rows> query(std::string_view sql,
                                                    const warehouse::Parameters& more = {}) const {
    return ask(sql, more, options_);
  }
  // The same for a statement beside which there is no other, and that reads much.
  [[nodiscard]] base::Result<warehouse::Rows> query_alone(std::string_view sql,
                                                          const warehouse::Parameters& more = {}) const;
  // The same, of what does not change from one second to the next: an answer that was there a moment ago will do
  // (recent_answers.h). One without rows is asked for again. Other reports get it too: `sql` may use `more` alone.
  using SharedRows = RecentAnswers::SharedRows;
  [[nodiscard]] base::Result<SharedRows> query_recent(const std::string& sql,
                                                      const warehouse::Parameters& more = {}) const;
  // query() on a thread of its own: statements that do not wait for each other's answers run side by side. The reader
  // must outlive the answer; an answer that nobody takes is waited for.
  using Pending = std::future<base::Result<warehouse::Rows>>;
  [[nodiscard]] Pending start(std::string sql, warehouse::Parameters more = {}) const;

  // Of attribution, which the statements of this report may read.
  [[nodiscard]] Passes passes() const { return question_.is_exact ? Passes::kPublishedNow : Passes::kOfReport; }
  // Of conversions, as of two seconds ago at most.
  [[nodiscard]] Verdicts conversion_verdicts() const { return conversion_verdicts_; }
  [[nodiscard]] const Question& question() const { return question_; }
  [[nodiscard]] const Coverage& coverage() const { return coverage_; }
  // As of when the reader was opened: what is loaded meanwhile makes the report newer than it says, never older.
  [[nodiscard]] Freshness freshness() const;

 private:
  [[nodiscard]] base::Result<warehouse::Rows> ask(std::string_view sql,
                                                  const warehouse::Parameters& more,
                                                  const warehouse::QueryOptions& options) const;

  [[nodiscard]] base::Result<void> load_positions();

  Reader(warehouse::Warehouse& warehouse, RecentAnswers& recent, Question question, warehouse::QueryOptions options);

  warehouse::Warehouse& warehouse_;
  RecentAnswers& recent_;
  Question question_;
  warehouse::QueryOptions options_;
  Coverage coverage_;
  warehouse::Parameters parameters_;
  SharedRows positions_;
  Verdicts conversion_verdicts_ = Verdicts::kAsRevised;
};

}  // namespace tallystick::insights
