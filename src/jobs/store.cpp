#include "jobs/store.h"

#include <algorithm>
#include <array>
#include <iterator>
#include <stdexcept>
#include <utility>

#include <fmt/format.h>

#include "records/rows.h"

namespace tallystick::jobs {
namespace {

constexpr std::string_view kTable = "jobs";

struct JobRow {
  std::string id, kind, payload, subject, dedupe_key, node, actor, state, progress_note, result, error_code,
      error_message, lease_owner;
  std::int64_t priority = 0, run_at = 0, max_attempts = 0, attempts = 0, progress_done = 0, progress_total = 0,
               lease_until = 0, is_cancel_requested = 0, is_death_told = 0, created_at = 0, started_at = 0,
               finished_at = 0;
};

void for_each_column(JobRow& row, const auto& visit) {
  visit("id", row.id);
  visit("kind", row.kind);
  visit("payload", row.payload);
  visit("subject", row.subject);
  visit("priority", row.priority);
  visit("run_at", row.run_at);
  visit("max_attempts", row.max_attempts);
  visit("dedupe_key", row.dedupe_key);
  visit("node", row.node);
  visit("actor", row.actor);
  visit("state", row.state);
  visit("attempts", row.attempts);
  visit("progress_done", row.progress_done);
  visit("progress_total", row.progress_total);
  visit("progress_note", row.progress_note);
  visit("result", row.result);
  visit("error_code", row.error_code);
  visit("error_message", row.error_message);
  visit("lease_owner", row.lease_owner);
  visit("lease_until", row.lease_until);
  visit("is_cancel_requested", row.is_cancel_requested);
  visit("is_death_told", row.is_death_told);
  visit("created_at", row.created_at);
  visit("started_at", row.started_at);
  visit("finished_at", row.finished_at);
}

JobRow to_row(const Job& job) {
  JobRow row;
  row.id = base::format_uuid(job.id);
  row.kind = job.draft.kind;
  row.payload = job.draft.payload;
  row.subject = job.draft.subject;
  row.priority = job.draft.priority;
  row.run_at = job.draft.run_at.us;
  row.max_attempts = job.draft.max_attempts;
  row.dedupe_key = job.draft.dedupe_key;
  row.node = job.draft.node;
  row.actor = job.draft.actor;
  row.state = name_of(job.state);
  row.attempts = job.attempts;
  row.progress_done = job.progress.done;
  row.progress_total = job.progress.total;
  row.progress_note = job.progress.note;
  row.result = job.result;
  row.error_code = job.error_code;
  row.error_message = job.error_message;
  row.lease_owner = job.lease_owner;
  row.lease_until = job.lease_until.us;
  row.is_cancel_requested = job.is_cancel_requested ? 1 : 0;
  row.is_death_told = job.is_death_told ? 1 : 0;
  row.created_at = job.created_at.us;
  row.started_at = job.started_at.us;
  row.finished_at = job.finished_at.us;
  return row;
}

Job from_row(const JobRow& row) {
  Job job;
  const auto state = parse_state(row.state);
  if (!base::parse_uuid_into(row.id, job.id) || !state) {
    throw std::runtime_error("jobs holds a row that cannot be read");
  }
  job.draft = {.kind = row.kind,
               .payload = row.payload,
               .subject = row.subject,
               .priority = static_cast<int>(row.priority),
               .run_at = {row.run_at},
               .max_attempts = static_cast<int>(row.max_attempts),
               .dedupe_key = row.dedupe_key,
               .node = row.node,
               .actor = row.actor};
  job.state = *state;
  job.attempts = static_cast<int>(row.attempts);
  job.progress = {row.progress_done, row.progress_total, row.progress_note};
  job.result = row.result;
  job.error_code = row.error_code;
  job.error_message = row.error_message;
  job.lease_owner = row.lease_owner;
  job.lease_until = {row.lease_until};
  job.is_cancel_requested = row.is_cancel_requested != 0;
  job.is_death_told = row.is_death_told != 0;
  job.created_at = {row.created_at};
  job.started_at = {row.started_at};
  job.finished_at = {row.finished_at};
  return job;
}

std::vector<Job> select(soci::session& session,
                        const std::vector<records::Condition>& conditions,
                        std::int64_t max_jobs,
                        records::RowOrder order = records::RowOrder::kOldestFirst) {
  const auto rows = records::select_rows<JobRow>(session, kTable, conditions, max_jobs, order);
  std::vector<Job> jobs;
  jobs.reserve(rows.size());
  std::ranges::transform(rows, std::back_inserter(jobs), from_row);
  return jobs;
}

std::optional<Job> first_of(std::vector<Job> jobs) {
  return jobs.empty() ? std::nullopt : std::optional(std::move(jobs.front()));
}

// SQLite has one writer at a time, which is as good.
std::string_view lock_clause(soci::session& session) {
  return session.get_backend_name() == "postgresql" ? " FOR UPDATE SKIP LOCKED" : "";
}

// The jobs that the claimant can run now; `bind_due` binds what it names.
std::string due_clause(const Claimant& claimant) {
  std::string kinds;
  for (std::size_t i = 0; i < claimant.kinds.size(); ++i) {
    kinds += fmt::format("{}:kind{}", i == 0 ? "" : ", ", i);
  }
  return fmt::format("state = 'queued' AND run_at <= :now AND (node = '' OR node = :node) AND kind IN ({})", kinds);
}

void bind_due(soci::statement& statement, const Claimant& claimant, const base::Timestamp& now) {
  statement.exchange(soci::use(now.us, "now"));
  statement.exchange(soci::use(claimant.node, "node"));
  for (std::size_t i = 0; i < claimant.kinds.size(); ++i) {
    statement.exchange(soci::use(claimant.kinds[i], fmt::format("kind{}", i)));
  }
}

std::optional<std::string> find_due_id(soci::session& session,
                                       const Claimant& claimant,
                                       base::Timestamp now,
                                       std::string_view lock) {
  if (claimant.kinds.empty()) {
    return std::nullopt;
  }
  std::string id;
  soci::statement statement(session);
  statement.exchange(soci::into(id));
  bind_due(statement, claimant, now);
  statement.alloc();
  statement.prepare(fmt::format(
      "SELECT id FROM jobs WHERE {} ORDER BY priority DESC, run_at, id LIMIT 1{}", due_clause(claimant), lock));
  statement.define_and_bind();
  return statement.execute(true) ? std::optional(id) : std::nullopt;
}

}  // namespace

bool insert_if_wanted(soci::session& session, const Job& job) {
  return records::insert_row_if_absent(session, kTable, to_row(job));
}

void update(soci::session& session, const Job& job) {
  const JobRow row = to_row(job);
  session << "UPDATE jobs SET run_at = :run_at, state = :state, attempts = :attempts, progress_done = :progress_done, "
             "progress_total = :progress_total, progress_note = :progress_note, result = :result, error_code = "
             ":error_code, error_message = :error_message, lease_owner = :lease_owner, lease_until = :lease_until, "
             "is_cancel_requested = :is_cancel_requested, is_death_told = :is_death_told, started_at = :started_at, "
             "finished_at = :finished_at WHERE id = :id",
      soci::use(row.run_at), soci::use(row.state), soci::use(row.attempts), soci::use(row.progress_done),
      soci::use(row.progress_total), soci::use(row.progress_note), soci::use(row.result), soci::use(row.error_code),
      soci::use(row.error_message), soci::use(row.lease_owner), soci::use(row.lease_until),
      soci::use(row.is_cancel_requested), soci::use(row.is_death_told), soci::use(row.started_at),
      soci::use(row.finished_at), soci::use(row.id);
}

std::optional<Job> find_job(soci::session& session, const base::Uuid& id) {
  return first_of(select(session, {{"id", "=", base::format_uuid(id)}}, 1));
}

std::optional<Job> lock_job(soci::session& session, const base::Uuid& id) {
  const std::string text = base::format_uuid(id);
  // An update that changes nothing locks the row on PostgreSQL; SQLite has one writer anyway and no SELECT FOR UPDATE.
  session << "UPDATE jobs SET attempts = attempts WHERE id = :id", soci::use(text);
  return find_job(session, id);
}

std::optional<Job> find_unfinished(soci::session& session, std::string_view dedupe_key) {
  std::string id;
  const std::string key(dedupe_key);
  session << "SELECT id FROM jobs WHERE dedupe_key = :dedupe_key AND dedupe_key <> '' AND state IN ('queued', "
             "'running')",
      soci::use(key), soci::into(id);
  return session.got_data() ? first_of(select(session, {{"id", "=", id}}, 1)) : std::nullopt;
}

std::vector<Job> load_jobs(soci::session& session,
                           const JobFilter& filter,
                           std::string_view before,
                           std::int64_t max_jobs) {
  std::vector<records::Condition> conditions;
  if (!before.empty()) {
    conditions.push_back({"id", "<", std::string(before)});
  }
  if (filter.state) {
    conditions.push_back({"state", "=", std::string(name_of(*filter.state))});
  }
  if (!filter.kind.empty()) {
    conditions.push_back({"kind", "=", filter.kind});
  }
  if (!filter.subject.empty()) {
    conditions.push_back({"subject", "=", filter.subject});
  }
  return select(session, conditions, max_jobs, records::RowOrder::kNewestFirst);
}

std::optional<Job> lock_due_job(soci::session& session, const Claimant& claimant, base::Timestamp now) {
  const auto id = find_due_id(session, claimant, now, lock_clause(session));
  return id ? first_of(select(session, {{"id", "=", *id}}, 1)) : std::nullopt;
}

bool has_due_job(soci::session& session, const Claimant& claimant, base::Timestamp now) {
  return find_due_id(session, claimant, now, "").has_value();
}

bool has_ended_lease(soci::session& session, base::Timestamp now) {
  std::string id;
  session << "SELECT id FROM jobs WHERE state = 'running' AND lease_until < :now LIMIT 1", soci::use(now.us),
      soci::into(id);
  return session.got_data();
}

std::vector<Job> lock_abandoned_jobs(soci::session& session,
                                     base::Timestamp now,
                                     std::string_view abandoned_by,
                                     std::string_view but_not_by,
                                     std::int64_t max_jobs) {
  const std::string owner(abandoned_by);
  const std::string self(but_not_by);
  const auto owner_length = static_cast<std::int64_t>(owner.size());
  const auto self_length = static_cast<std::int64_t>(self.size());
  std::string id;
  soci::statement statement =
      (session.prepare << "SELECT id FROM jobs WHERE state = 'running' AND (lease_until < :now OR (:owner1 <> '' AND "
                          "substr(lease_owner, 1, :owner_length) = :owner2 AND substr(lease_owner, 1, :self_length) <> "
                          ":self)) ORDER BY id LIMIT :max_jobs"
                       << lock_clause(session),
       soci::into(id),
       soci::use(now.us, "now"),
       soci::use(owner, "owner1"),
       soci::use(owner_length, "owner_length"),
       soci::use(owner, "owner2"),
       soci::use(self_length, "self_length"),
       soci::use(self, "self"),
       soci::use(max_jobs, "max_jobs"));
  statement.execute();
  std::vector<std::string> ids;
  while (statement.fetch()) {
    ids.push_back(id);
  }
  std::vector<Job> jobs;
  for (const std::string& found : ids) {
    if (auto job = first_of(select(session, {{"id", "=", found}}, 1))) {
      jobs.push_back(*std::move(job));
    }
  }
  return jobs;
}

bool extend_lease(soci::session& session,
                  const base::Uuid& id,
                  std::string_view owner,
                  base::Timestamp until,
                  const Progress& progress) {
  const std::string text = base::format_uuid(id);
  const std::string owner_text(owner);
  soci::statement statement =
      (session.prepare << "UPDATE jobs SET lease_until = :until, progress_done = :done, progress_total = :total, "
                          "progress_note = :note WHERE id = :id AND state = 'running' AND lease_owner = :owner",
       soci::use(until.us),
       soci::use(progress.done),
       soci::use(progress.total),
       soci::use(progress.note),
       soci::use(text),
       soci::use(owner_text));
  statement.execute(true);
  return statement.get_affected_rows() == 1;
}

std::optional<bool> find_cancel_request(soci::session& session, const base::Uuid& id, std::string_view owner) {
  const std::string text = base::format_uuid(id);
  const std::string owner_text(owner);
  std::int64_t is_requested = 0;
  session << "SELECT is_cancel_requested FROM jobs WHERE id = :id AND state = 'running' AND lease_owner = :owner",
      soci::use(text), soci::use(owner_text), soci::into(is_requested);
  return session.got_data() ? std::optional(is_requested != 0) : std::nullopt;
}

std::vector<Job> load_untold_deaths(soci::session& session, std::int64_t max_jobs) {
  std::string id;
  soci::statement statement =
      (session.prepare << "SELECT id FROM jobs WHERE state = 'dead' AND is_death_told = 0 ORDER BY id LIMIT :max_jobs",
       soci::into(id),
       soci::use(max_jobs));
  statement.execute();
  std::vector<std::string> ids;
  while (statement.fetch()) {
    ids.push_back(id);
  }
  std::vector<Job> jobs;
  for (const std::string& found : ids) {
    if (auto job = first_of(select(session, {{"id", "=", found}}, 1))) {
      jobs.push_back(*std::move(job));
    }
  }
  return jobs;
}

void set_death_told(soci::session& session, const base::Uuid& id) {
  const std::string text = base::format_uuid(id);
  session << "UPDATE jobs SET is_death_told = 1 WHERE id = :id", soci::use(text);
}

QueueStatistics count_jobs(soci::session& session, base::Timestamp now) {
  QueueStatistics counts;
  std::string state;
  std::int64_t count = 0;
  soci::statement statement = (session.prepare << "SELECT state, COUNT(*) FROM jobs WHERE state IN ('queued', "
                                                  "'running', 'dead') GROUP BY state",
                               soci::into(state),
                               soci::into(count));
  statement.execute();
  while (statement.fetch()) {
    (state == "queued" ? counts.queued : state == "running" ? counts.running : counts.dead) = count;
  }
  session << "SELECT COALESCE(MIN(run_at), 0) FROM jobs WHERE state = 'queued' AND run_at <= :now", soci::use(now.us),
      soci::into(counts.oldest_due_at.us);
  return counts;
}

std::int64_t remove_finished(soci::session& session, base::Timestamp before, std::int64_t max_jobs) {
  soci::statement statement =
      (session.prepare << "DELETE FROM jobs WHERE id IN (SELECT id FROM jobs WHERE finished_at > 0 AND finished_at < "
                          ":before ORDER BY finished_at LIMIT :max_jobs)",
       soci::use(before.us),
       soci::use(max_jobs));
  statement.execute(true);
  return statement.get_affected_rows();
}

}  // namespace tallystick::jobs
