#include "jobs/scheduler.h"

#include <algorithm>
#include <map>

#include <boost/json.hpp>
#include <fmt/format.h>

#include "jobs/schedule_store.h"

namespace tallystick::jobs {

base::Result<void> Scheduler::add(const Schedule& schedule) {
  TALLY_ASSIGN(const Cron cron, Cron::parse(schedule.cron));
  TALLY_ASSIGN(const base::TimeZone zone, base::TimeZone::find(schedule.time_zone));
  Entry entry{schedule, schedule.name, cron, zone};
  if (schedule.is_per_node) {
    entry.row_name += "@" + node_;
    entry.schedule.draft.node = node_;
  }
  if (entry.schedule.draft.dedupe_key.empty()) {
    entry.schedule.draft.dedupe_key = "schedule:" + entry.row_name;
  }
  entries_.push_back(std::move(entry));
  std::ranges::sort(entries_, {}, [](const Entry& each) { return each.row_name; });
  return {};
}

base::Result<void> Scheduler::store() {
  const base::Timestamp now = clock_.now();
  TALLY_TRY(database_.write<bool>([&](soci::session& session) -> base::Result<bool> {
    for (const Entry& entry : entries_) {
      put_schedule(session,
                   {.name = entry.row_name,
                    .cron = entry.schedule.cron,
                    .time_zone = entry.schedule.time_zone,
                    .next_at = entry.cron.next_after(now, entry.zone),
                    .last_at = {},
                    .last_job_id = {}});
    }
    return true;
  }));
  return {};
}

base::Result<int> Scheduler::queue_due() {
  using Rows = std::vector<ScheduleRow>;
  TALLY_ASSIGN(const Rows rows, database_.read<Rows>([](soci::session& session) -> base::Result<Rows> {
    return load_schedules(session);
  }));
  const base::Timestamp now = clock_.now();
  int queued = 0;
  for (const ScheduleRow& row : rows) {
    const auto entry = std::ranges::find(entries_, row.name, &Entry::row_name);
    if (entry != entries_.end() && row.next_at <= now) {
      TALLY_ASSIGN(const bool is_mine, queue_one(*entry, row.next_at));
      queued += is_mine ? 1 : 0;
    }
  }
  return queued;
}

base::Result<bool> Scheduler::queue_one(const Entry& entry, base::Timestamp seen) {
  const base::Timestamp next = entry.cron.next_after(clock_.now(), entry.zone);
  return database_.write<bool>([&](soci::session& session) -> base::Result<bool> {
    if (!advance_schedule(session, entry.row_name, seen, next)) {
      return false;
    }
    TALLY_ASSIGN(const Job job, queue_.enqueue(session, entry.schedule.draft));
    set_last_job(session, entry.row_name, seen, base::format_uuid(job.id));
    return true;
  });
}

base::Result<std::vector<ScheduleStatus>> Scheduler::list() {
  using Rows = std::vector<ScheduleRow>;
  TALLY_ASSIGN(const Rows rows, database_.read<Rows>([](soci::session& session) -> base::Result<Rows> {
    return load_schedules(session);
  }));
  std::vector<ScheduleStatus> all;
  for (const Entry& entry : entries_) {
    ScheduleStatus status{.schedule = entry.schedule,
                          .next_at = entry.cron.next_after(clock_.now(), entry.zone),
                          .last_at = {},
                          .last_job_id = {}};
    if (const auto row = std::ranges::find(rows, entry.row_name, &ScheduleRow::name); row != rows.end()) {
      status.next_at = row->next_at;
      status.last_at = row->last_at;
      status.last_job_id = row->last_job_id;
    }
    all.push_back(std::move(status));
  }
  return all;
}

base::Result<Job> Scheduler::run_now(std::string_view name, const access::ChangeContext& context) {
  const auto entry = std::ranges::find(entries_, name, [](const Entry& each) { return each.schedule.name; });
  if (entry == entries_.end()) {
    return base::fail(base::ErrorKind::kNotFound,
                      "schedule_not_found",
                      "there is no schedule of this name; GET /api/schedules lists them");
  }
  return database_.write<Job>([&](soci::session& session) -> base::Result<Job> {
    Draft draft = entry->schedule.draft;
    draft.actor = context.actor;
    TALLY_ASSIGN(Job job, queue_.enqueue(session, draft));
    const boost::json::object after = {{"job", base::format_uuid(job.id)}, {"kind", job.draft.kind}};
    TALLY_TRY(audit_.append(session,
                            {.action = "schedule.run",
                             .subject = fmt::format("schedule:{}", name),
                             .before = "",
                             .after = boost::json::serialize(after)},
                            context));
    return job;
  });
}

}  // namespace tallystick::jobs
