-- {{integer}} is a 64-bit integer and {{strict}} SQLite's STRICT; see migrations.h for the sections.

CREATE TABLE jobs (
  id TEXT NOT NULL PRIMARY KEY,
  kind TEXT NOT NULL,
  payload TEXT NOT NULL,
  subject TEXT NOT NULL,
  priority {{integer}} NOT NULL,
  run_at {{integer}} NOT NULL,
  max_attempts {{integer}} NOT NULL CHECK (max_attempts >= 1),
  dedupe_key TEXT NOT NULL,
  node TEXT NOT NULL,
  actor TEXT NOT NULL,
  state TEXT NOT NULL CHECK (state IN ('queued', 'running', 'done', 'dead', 'cancelled')),
  attempts {{integer}} NOT NULL,
  progress_done {{integer}} NOT NULL,
  progress_total {{integer}} NOT NULL,
  progress_note TEXT NOT NULL,
  result TEXT NOT NULL,
  error_code TEXT NOT NULL,
  error_message TEXT NOT NULL,
  lease_owner TEXT NOT NULL,
  lease_until {{integer}} NOT NULL,
  is_cancel_requested {{integer}} NOT NULL,
  -- Whether the death of a dead job was told.
  is_death_told {{integer}} NOT NULL,
  created_at {{integer}} NOT NULL,
  started_at {{integer}} NOT NULL,
  finished_at {{integer}} NOT NULL
) {{strict}};
CREATE INDEX jobs_queued ON jobs (priority DESC, run_at, id) WHERE state = 'queued';
CREATE INDEX jobs_running ON jobs (lease_until) WHERE state = 'running';
CREATE INDEX jobs_untold ON jobs (id) WHERE state = 'dead' AND is_death_told = 0;
CREATE INDEX jobs_finished ON jobs (finished_at) WHERE finished_at > 0;
CREATE INDEX jobs_by_state ON jobs (state, id);
CREATE INDEX jobs_by_kind ON jobs (kind, id);
CREATE INDEX jobs_by_subject ON jobs (subject, id);
-- At most one job of a key is queued or running.
CREATE UNIQUE INDEX jobs_unfinished ON jobs (dedupe_key) WHERE dedupe_key <> '' AND state IN ('queued', 'running');

-- When each schedule is due next, which is what makes one node queue its job.
CREATE TABLE job_schedules (
  name TEXT NOT NULL PRIMARY KEY,
  cron TEXT NOT NULL,
  time_zone TEXT NOT NULL,
  next_at {{integer}} NOT NULL,
  last_at {{integer}} NOT NULL,
  last_job_id TEXT NOT NULL
) {{strict}};
