-- {{integer}} is a 64-bit integer and {{strict}} SQLite's STRICT; see migrations.h for the sections.

-- Where alerts are told. `url` and `secret` are credentials: no answer, log or audit entry shows them.
CREATE TABLE alert_channels (
  id TEXT NOT NULL PRIMARY KEY,
  name TEXT NOT NULL UNIQUE,
  kind TEXT NOT NULL CHECK (kind IN ('slack', 'pagerduty', 'webhook', 'email')),
  is_enabled {{integer}} NOT NULL,
  url TEXT NOT NULL,
  recipients TEXT NOT NULL,
  secret TEXT NOT NULL,
  min_severity TEXT NOT NULL CHECK (min_severity IN ('info', 'warning', 'critical')),
  subjects TEXT NOT NULL,
  quiet_hours TEXT NOT NULL,
  created_at {{integer}} NOT NULL,
  updated_at {{integer}} NOT NULL,
  version {{integer}} NOT NULL
) {{strict}};

-- What was told of an alert on a channel, and how it went. The channel may be gone: its name stays. `number` counts
-- the deliveries of one alert on one channel.
CREATE TABLE alert_deliveries (
  id TEXT NOT NULL PRIMARY KEY,
  alert_id TEXT NOT NULL REFERENCES alerts (id),
  channel_id TEXT NOT NULL,
  channel_name TEXT NOT NULL,
  channel_kind TEXT NOT NULL,
  number {{integer}} NOT NULL,
  cause TEXT NOT NULL CHECK (cause IN ('raised', 'escalated', 'acknowledged', 'resolved')),
  state TEXT NOT NULL CHECK (state IN ('queued', 'sending', 'sent', 'failed', 'dropped')),
  attempts {{integer}} NOT NULL,
  reason TEXT NOT NULL,
  detail TEXT NOT NULL,
  due_at {{integer}} NOT NULL,
  created_at {{integer}} NOT NULL,
  finished_at {{integer}} NOT NULL,
  UNIQUE (alert_id, channel_id, number)
) {{strict}};

CREATE INDEX alerts_by_state ON alerts (state, id);
