-- {{integer}} is a 64-bit integer and {{strict}} SQLite's STRICT; see migrations.h for the sections.

CREATE TABLE placements (
  id TEXT NOT NULL PRIMARY KEY,
  slug TEXT NOT NULL UNIQUE,
  name TEXT NOT NULL,
  status TEXT NOT NULL CHECK (status IN ('active', 'paused')),
  max_slots {{integer}} NOT NULL CHECK (max_slots >= 1),
  countries TEXT NOT NULL,
  vertical TEXT NOT NULL,
  requires_token {{integer}} NOT NULL,
  created_at {{integer}} NOT NULL,
  updated_at {{integer}} NOT NULL,
  version {{integer}} NOT NULL
) {{strict}};

CREATE TABLE merchants (
  id TEXT NOT NULL PRIMARY KEY,
  slug TEXT NOT NULL UNIQUE,
  name TEXT NOT NULL,
  status TEXT NOT NULL CHECK (status IN ('active', 'paused')),
  created_at {{integer}} NOT NULL,
  updated_at {{integer}} NOT NULL,
  version {{integer}} NOT NULL
) {{strict}};

CREATE TABLE exposure_units (
  id TEXT NOT NULL PRIMARY KEY,
  merchant_id TEXT NOT NULL REFERENCES merchants (id),
  name TEXT NOT NULL,
  exposure_type TEXT NOT NULL,
  created_at {{integer}} NOT NULL,
  updated_at {{integer}} NOT NULL,
  version {{integer}} NOT NULL
) {{strict}};
CREATE INDEX exposure_units_by_merchant ON exposure_units (merchant_id, id);

CREATE TABLE partners (
  id TEXT NOT NULL PRIMARY KEY,
  slug TEXT NOT NULL UNIQUE,
  name TEXT NOT NULL,
  network TEXT NOT NULL,
  status TEXT NOT NULL CHECK (status IN ('active', 'paused')),
  allowed_hosts TEXT NOT NULL,
  allows_http {{integer}} NOT NULL,
  sub_id_parameter TEXT NOT NULL,
  public_page TEXT NOT NULL,
  link_lifetime_s {{integer}} NOT NULL,
  throttle_per_second {{integer}} NOT NULL,
  currency TEXT NOT NULL,
  time_zone TEXT NOT NULL,
  tolerance_basis_points {{integer}} NOT NULL,
  postback_secret TEXT NOT NULL,
  postback_sources TEXT NOT NULL,
  allows_duplicate_postbacks {{integer}} NOT NULL,
  contacts TEXT NOT NULL,
  created_at {{integer}} NOT NULL,
  updated_at {{integer}} NOT NULL,
  version {{integer}} NOT NULL
) {{strict}};

CREATE TABLE links (
  id TEXT NOT NULL PRIMARY KEY,
  partner_id TEXT NOT NULL REFERENCES partners (id),
  slug TEXT NOT NULL,
  status TEXT NOT NULL CHECK (status IN ('active', 'paused')),
  destination TEXT NOT NULL,
  placement_id TEXT REFERENCES placements (id),
  disclosure TEXT NOT NULL,
  coupon TEXT NOT NULL,
  created_at {{integer}} NOT NULL,
  updated_at {{integer}} NOT NULL,
  version {{integer}} NOT NULL,
  UNIQUE (partner_id, slug)
) {{strict}};

-- Counted up by every change, so that a node learns cheaply that its snapshot is old.
CREATE TABLE catalog_revisions (
  catalog TEXT NOT NULL PRIMARY KEY,
  revision {{integer}} NOT NULL
) {{strict}};
INSERT INTO catalog_revisions (catalog, revision) VALUES ('partners', 0), ('exposure', 0), ('keys', 0);

CREATE TABLE api_keys (
  id TEXT NOT NULL PRIMARY KEY,
  name TEXT NOT NULL,
  digest TEXT NOT NULL UNIQUE,
  scopes TEXT NOT NULL,
  tenant TEXT NOT NULL,
  created_at {{integer}} NOT NULL,
  expires_at {{integer}} NOT NULL,
  revoked_at {{integer}} NOT NULL,
  last_used_at {{integer}} NOT NULL
) {{strict}};

CREATE TABLE audit_entries (
  id TEXT NOT NULL PRIMARY KEY,
  actor TEXT NOT NULL,
  action TEXT NOT NULL,
  subject TEXT NOT NULL,
  reason TEXT NOT NULL,
  before_state TEXT NOT NULL,
  after_state TEXT NOT NULL,
  request_id TEXT NOT NULL,
  digest TEXT NOT NULL,
  occurred_at {{integer}} NOT NULL
) {{strict}};
CREATE INDEX audit_entries_by_subject ON audit_entries (subject, id);
CREATE INDEX audit_entries_by_actor ON audit_entries (actor, id);

-- Digests on their way to the journal.
CREATE TABLE audit_outbox (
  id TEXT NOT NULL PRIMARY KEY,
  digest TEXT NOT NULL
) {{strict}};

CREATE TABLE idempotency_keys (
  principal TEXT NOT NULL,
  idempotency_key TEXT NOT NULL,
  fingerprint TEXT NOT NULL,
  status {{integer}} NOT NULL,
  headers TEXT NOT NULL,
  body TEXT NOT NULL,
  created_at {{integer}} NOT NULL,
  PRIMARY KEY (principal, idempotency_key)
) {{strict}};

CREATE TABLE dead_letters (
  id TEXT NOT NULL PRIMARY KEY,
  sequence {{integer}} NOT NULL UNIQUE,
  event_id TEXT NOT NULL,
  endpoint TEXT NOT NULL,
  code TEXT NOT NULL,
  detail TEXT NOT NULL,
  raw TEXT NOT NULL,
  user_hash TEXT NOT NULL,
  session_hash TEXT NOT NULL,
  state TEXT NOT NULL CHECK (state IN ('open', 'replayed', 'dismissed')),
  received_at {{integer}} NOT NULL,
  replayed_at {{integer}} NOT NULL,
  replay_result TEXT NOT NULL
) {{strict}};
CREATE INDEX dead_letters_by_state ON dead_letters (state, sequence);
CREATE INDEX dead_letters_by_user ON dead_letters (user_hash);

-- How far each follower of the journal has come, written in the transaction of what it derived.
CREATE TABLE reader_positions (
  reader TEXT NOT NULL PRIMARY KEY,
  sequence {{integer}} NOT NULL
) {{strict}};

CREATE TABLE alerts (
  id TEXT NOT NULL PRIMARY KEY,
  dedupe_key TEXT NOT NULL,
  severity TEXT NOT NULL CHECK (severity IN ('info', 'warning', 'critical')),
  subject TEXT NOT NULL,
  summary TEXT NOT NULL,
  evidence TEXT NOT NULL,
  state TEXT NOT NULL CHECK (state IN ('open', 'acknowledged', 'resolved')),
  notes TEXT NOT NULL,
  occurrences {{integer}} NOT NULL,
  first_at {{integer}} NOT NULL,
  last_at {{integer}} NOT NULL
) {{strict}};
-- At most one alert of a key is not resolved.
CREATE UNIQUE INDEX alerts_unresolved ON alerts (dedupe_key) WHERE state <> 'resolved';

-- section: sqlite
CREATE TRIGGER audit_entries_refuse_update BEFORE UPDATE ON audit_entries
BEGIN SELECT RAISE(ABORT, 'audit_entries is append-only'); END;
CREATE TRIGGER audit_entries_refuse_delete BEFORE DELETE ON audit_entries
BEGIN SELECT RAISE(ABORT, 'audit_entries is append-only'); END;

-- section: postgresql
CREATE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION '% is append-only', TG_TABLE_NAME;
END $$;
CREATE TRIGGER audit_entries_refuse_change BEFORE UPDATE OR DELETE OR TRUNCATE ON audit_entries
  FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
