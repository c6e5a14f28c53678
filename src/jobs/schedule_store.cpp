#include "jobs/schedule_store.h"

namespace tallystick::jobs {
namespace {

constexpr const char* kSelectSchedules =
    "SELECT name, cron, time_zone, next_at, last_at, last_job_id FROM job_schedules WHERE (:all = 1 OR name = :name) "
    "ORDER BY name";

std::vector<ScheduleRow> select_schedules(soci::session& session, const std::string& name) {
  const std::int64_t is_any = name.empty() ? 1 : 0;
  ScheduleRow row;
  soci::statement statement = (session.prepare << kSelectSchedules,
                               soci::into(row.name),
                               soci::into(row.cron),
                               soci::into(row.time_zone),
                               soci::into(row.next_at.us),
                               soci::into(row.last_at.us),
                               soci::into(row.last_job_id),
                               soci::use(is_any, "all"),
                               soci::use(name, "name"));
  statement.execute();
  std::vector<ScheduleRow> rows;
  while (statement.fetch()) {
    rows.push_back(row);
  }
  return rows;
}

}  // namespace

std::vector<ScheduleRow> load_schedules(soci::session& session) {
  return select_schedules(session, "");
}

std::optional<ScheduleRow> find_schedule(soci::session& session, std::string_view name) {
  auto rows = select_schedules(session, std::string(name));
  return rows.empty() ? std::nullopt : std::optional(rows.front());
}

void put_schedule(soci::session& session, const ScheduleRow& row) {
  session << "INSERT INTO job_schedules (name, cron, time_zone, next_at, last_at, last_job_id) VALUES (:name, :cron, "
             ":time_zone, :next_at, 0, '') ON CONFLICT (name) DO UPDATE SET cron = excluded.cron, time_zone = "
             "excluded.time_zone, next_at = excluded.next_at WHERE job_schedules.cron <> excluded.cron OR "
             "job_schedules.time_zone <> excluded.time_zone",
      soci::use(row.name), soci::use(row.cron), soci::use(row.time_zone), soci::use(row.next_at.us);
}

bool advance_schedule(soci::session& session, std::string_view name, base::Timestamp seen, base::Timestamp next) {
  const std::string name_text(name);
  soci::statement statement =
      (session.prepare << "UPDATE job_schedules SET next_at = :next_at WHERE name = :name AND next_at = :seen",
       soci::use(next.us),
       soci::use(name_text),
       soci::use(seen.us));
  statement.execute(true);
  return statement.get_affected_rows() == 1;
}

void set_last_job(soci::session& session, std::string_view name, base::Timestamp at, std::string_view job_id) {
  const std::string name_text(name);
  const std::string id(job_id);
  session << "UPDATE job_schedules SET last_at = :last_at, last_job_id = :last_job_id WHERE name = :name",
      soci::use(at.us), soci::use(id), soci::use(name_text);
}

}  // namespace tallystick::jobs
