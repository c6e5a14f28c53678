#pragma once
// A whole history, event after event in the order of receipt: visits begin as the rhythm of the day has it, and what
// follows from them days later waits in a queue. Invariant: exactly settings.events events beside the follow-ups. The
// memory grows with what is under way at one time, not with the history. One thread.

#include <cstdint>
#include <queue>
#include <vector>

#include "cli/history_model.h"
#include "cli/history_people.h"
#include "cli/history_rhythm.h"
#include "cli/history_visit.h"

namespace tallystick::cli {

class HistoryPlan {
 public:
  // `world`, `settings` and `people` outlive it.
  HistoryPlan(const HistoryWorld& world, const HistorySettings& settings, const HistoryPeople& people);

  // The next event; false at the end.
  [[nodiscard]] bool next(HistoryEvent& out);
  // Something that follows from an event that was handed out, and is received later than it; forgotten when that is
  // beyond the end of the history.
  void follow_up(const HistoryEvent& event);

  [[nodiscard]] std::uint64_t visits() const { return visits_; }
  [[nodiscard]] std::size_t waiting() const { return order_.size(); }

 private:
  struct Due {
    base::Timestamp received_at;
    std::uint64_t number = 0;  // of equal times the earlier one first
    std::size_t place = 0;     // in events_
    friend bool operator<(const Due& a, const Due& b) {
      return a.received_at != b.received_at ? a.received_at > b.received_at : a.number > b.number;
    }
  };
  void begin_visits();
  void add(const HistoryEvent& event);

  const HistorySettings& settings_;
  HistoryVisitPlanner visit_planner_;
  HistoryRhythm rhythm_;
  std::priority_queue<Due> order_;
  std::vector<HistoryEvent> events_;
  std::vector<std::size_t> free_;
  std::uint64_t planned_ = 0;
  std::uint64_t visits_ = 0;
  std::uint64_t added_ = 0;
};

}  // namespace tallystick::cli
