#include "cli/history_plan.h"

#include <utility>

namespace tallystick::cli {

HistoryPlan::HistoryPlan(const HistoryWorld& world, const HistorySettings& settings, const HistoryPeople& people)
    : settings_(settings),
      visit_planner_(world, settings, people),
      rhythm_(settings.from, settings.until, settings.events) {}

// Every visit that begins before the first event that waits: then that event is the next one.
void HistoryPlan::begin_visits() {
  while (planned_ < settings_.events) {
    const base::Timestamp start = rhythm_.time_of(planned_);
    if (!order_.empty() && order_.top().received_at < start) {
      return;
    }
    const auto events = visit_planner_.plan(visits_++, start, settings_.events - planned_);
    planned_ += events.size();
    for (const HistoryEvent& event : events) {
      add(event);
    }
  }
}

void HistoryPlan::add(const HistoryEvent& event) {
  std::size_t place = events_.size();
  if (free_.empty()) {
    events_.push_back(event);
  } else {
    place = free_.back();
    free_.pop_back();
    events_[place] = event;
  }
  order_.push({event.received_at, added_++, place});
}

bool HistoryPlan::next(HistoryEvent& out) {
  begin_visits();
  if (order_.empty()) {
    return false;
  }
  const std::size_t place = order_.top().place;
  order_.pop();
  out = events_[place];
  free_.push_back(place);
  return true;
}

void HistoryPlan::follow_up(const HistoryEvent& event) {
  if (event.received_at < settings_.until) {
    add(event);
  }
}

}  // namespace tallystick::cli
