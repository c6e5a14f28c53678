#include "cli/history_run.h"

#include <algorithm>

#include "cli/history_forwardings.h"
#include "cli/history_plan.h"
#include "cli/history_writer.h"

namespace tallystick::cli {
namespace {

using journal::RecordKind;

constexpr std::uint64_t kEventsPerUser = 40;
constexpr std::uint64_t kEventsBetweenProgress = 32'768;

HistoryEvent make_revision(const HistoryEvent& event, std::uint64_t sequence) {
  HistoryEvent revision = event;
  revision.kind = RecordKind::kVerdictRevision;
  revision.received_at = event.received_at + event.revision.after_us;
  revision.verdict = event.revision.verdict;
  revision.class_before = event.verdict.klass;
  revision.revised_sequence = sequence;
  revision.revised_kind = event.kind;
  return revision;
}

// What the log, the tally and the plan learn of each event, in this order.
class HistoryRun {
 public:
  HistoryRun(journal::Journal& journal,
             const HistoryWorld& world,
             const HistorySettings& settings,
             const HistoryPeople& people,
             base::Random& random)
      : settings_(settings),
        outcome_{.tally = HistoryTally(world), .first_sequence = journal.size()},
        plan_(world, settings, people),
        writer_(journal, world, settings.seed, random),
        forwardings_(writer_, outcome_.tally, settings.seed) {}

  [[nodiscard]] bool next(HistoryEvent& event) { return plan_.next(event); }

  base::Result<void> write(const HistoryEvent& event) {
    TALLY_TRY(forwardings_.write_due(event.received_at));
    const std::uint64_t sequence = writer_.next_sequence();
    TALLY_TRY(writer_.write(event));
    outcome_.tally.count(event);
    outcome_.most_waiting = std::max(outcome_.most_waiting, plan_.waiting());
    if (event.kind != RecordKind::kVerdictRevision && event.revision.after_us > 0) {
      plan_.follow_up(make_revision(event, sequence));
    }
    return event.kind == RecordKind::kClick ? forwardings_.add(event, sequence) : base::Result<void>{};
  }

  base::Result<HistoryOutcome> finish() {
    TALLY_TRY(forwardings_.write(settings_.until - 1));
    TALLY_TRY(writer_.finish());
    outcome_.visits = plan_.visits();
    outcome_.records = writer_.records();
    return outcome_;
  }

  [[nodiscard]] std::uint64_t events() const { return outcome_.tally.events(); }

 private:
  const HistorySettings& settings_;
  HistoryOutcome outcome_;
  HistoryPlan plan_;
  HistoryWriter writer_;
  HistoryForwardings forwardings_;
};

}  // namespace

std::uint64_t history_users(std::uint64_t events) {
  return std::max<std::uint64_t>(events / kEventsPerUser, 20);
}

base::Result<HistoryOutcome> write_history(journal::Journal& journal,
                                           const HistoryWorld& world,
                                           const HistorySettings& settings,
                                           const HistoryPeople& people,
                                           base::Random& random,
                                           const std::function<void(std::uint64_t)>& progress) {
  HistoryRun run(journal, world, settings, people, random);
  HistoryEvent event;
  for (std::uint64_t handled = 0; run.next(event); ++handled) {
    if (handled == 0 && !journal.find(event.event_id).empty()) {
      return base::fail(base::ErrorKind::kConflict,
                        "history_exists",
                        "The log holds this very history already: use another --seed or another period.");
    }
    TALLY_TRY(run.write(event));
    if (handled % kEventsBetweenProgress == 0) {
      progress(run.events());
    }
  }
  return run.finish();
}

}  // namespace tallystick::cli
