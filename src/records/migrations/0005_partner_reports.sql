-- {{integer}} is a 64-bit integer and {{strict}} SQLite's STRICT; see migrations.h for the sections.

-- Partners that have reports. Rows name them by number: an index of a million of them stays small. `revision` counts
-- completed imports, so that an import learns that another one was faster.
-- section: sqlite
CREATE TABLE report_ledgers (
  number INTEGER NOT NULL PRIMARY KEY,
  partner_id TEXT NOT NULL UNIQUE REFERENCES partners (id),
  revision INTEGER NOT NULL
) STRICT;
-- section: postgresql
CREATE TABLE report_ledgers (
  number BIGINT NOT NULL GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  partner_id TEXT NOT NULL UNIQUE REFERENCES partners (id),
  revision BIGINT NOT NULL
);
-- section: all

-- Nothing of an import can be seen before its state is complete; nothing of it changes afterwards.
-- section: sqlite
CREATE TABLE report_imports (
  number INTEGER NOT NULL PRIMARY KEY,
-- section: postgresql
CREATE TABLE report_imports (
  number BIGINT NOT NULL GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
-- section: all
  id TEXT NOT NULL UNIQUE,
  ledger {{integer}} NOT NULL REFERENCES report_ledgers (number),
  partner_id TEXT NOT NULL,
  state TEXT NOT NULL CHECK (state IN ('waiting', 'running', 'complete', 'refused')),
  attempt {{integer}} NOT NULL,
  job_id TEXT NOT NULL,
  node TEXT NOT NULL,
  actor TEXT NOT NULL,
  file_name TEXT NOT NULL,
  file_digest TEXT NOT NULL,
  file_bytes {{integer}} NOT NULL,
  wanted_profile TEXT NOT NULL,
  profile TEXT NOT NULL,
  kind TEXT NOT NULL,
  counts TEXT NOT NULL,
  evidence TEXT NOT NULL,
  warnings TEXT NOT NULL,
  error_code TEXT NOT NULL,
  error_message TEXT NOT NULL,
  created_at {{integer}} NOT NULL,
  finished_at {{integer}} NOT NULL
) {{strict}};
CREATE INDEX report_imports_by_ledger ON report_imports (ledger, id);

-- Every version of every row. Clustered by import, which is the order in which they are written; an import of a million
-- rows adds to the end.
CREATE TABLE report_rows (
  import {{integer}} NOT NULL REFERENCES report_imports (number),
  line {{integer}} NOT NULL,
  ledger {{integer}} NOT NULL,
  key_hash {{integer}} NOT NULL,
  row_key TEXT NOT NULL,
  version {{integer}} NOT NULL,
  fingerprint {{integer}} NOT NULL,
  occurred_at {{integer}} NOT NULL,
  booked_at {{integer}} NOT NULL,
  clicked_at {{integer}} NOT NULL,
  first_seen_at {{integer}} NOT NULL,
  sub_id TEXT NOT NULL,
  order_id TEXT NOT NULL,
  transaction_id TEXT NOT NULL,
  advertiser TEXT NOT NULL,
  amount_minor {{integer}} NOT NULL,
  commission_minor {{integer}} NOT NULL,
  currency TEXT NOT NULL,
  status TEXT NOT NULL,
  network_status TEXT NOT NULL,
  is_correction {{integer}} NOT NULL,
  PRIMARY KEY (import, line)
-- section: sqlite
) STRICT, WITHOUT ROWID;
-- section: postgresql
);
-- section: all
CREATE INDEX report_rows_by_key ON report_rows (ledger, key_hash, version, import);
CREATE INDEX report_rows_by_occurrence ON report_rows (ledger, occurred_at);
CREATE INDEX report_rows_by_booking ON report_rows (ledger, booked_at);

-- The same of reports that state clicks of days.
CREATE TABLE report_clicks (
  import {{integer}} NOT NULL REFERENCES report_imports (number),
  line {{integer}} NOT NULL,
  ledger {{integer}} NOT NULL,
  key_hash {{integer}} NOT NULL,
  row_key TEXT NOT NULL,
  version {{integer}} NOT NULL,
  fingerprint {{integer}} NOT NULL,
  day_at {{integer}} NOT NULL,
  clicks {{integer}} NOT NULL,
  PRIMARY KEY (import, line)
) {{strict}};
CREATE INDEX report_clicks_by_key ON report_clicks (ledger, key_hash, version, import);
CREATE INDEX report_clicks_by_day ON report_clicks (ledger, day_at);

CREATE TABLE report_rejections (
  import {{integer}} NOT NULL REFERENCES report_imports (number),
  line {{integer}} NOT NULL,
  code TEXT NOT NULL,
  reason TEXT NOT NULL,
  excerpt TEXT NOT NULL,
  PRIMARY KEY (import, line)
) {{strict}};

-- section: sqlite
CREATE TRIGGER report_imports_refuse_update BEFORE UPDATE ON report_imports
WHEN OLD.state IN ('complete', 'refused')
BEGIN SELECT RAISE(ABORT, 'a finished import is immutable'); END;
CREATE TRIGGER report_imports_refuse_delete BEFORE DELETE ON report_imports
WHEN OLD.state IN ('complete', 'refused')
BEGIN SELECT RAISE(ABORT, 'a finished import is immutable'); END;
CREATE TRIGGER report_rows_refuse_update BEFORE UPDATE ON report_rows
BEGIN SELECT RAISE(ABORT, 'report_rows is append-only'); END;
CREATE TRIGGER report_rows_refuse_delete BEFORE DELETE ON report_rows
WHEN (SELECT state FROM report_imports WHERE number = OLD.import) = 'complete'
BEGIN SELECT RAISE(ABORT, 'a finished import is immutable'); END;
CREATE TRIGGER report_clicks_refuse_update BEFORE UPDATE ON report_clicks
BEGIN SELECT RAISE(ABORT, 'report_clicks is append-only'); END;
CREATE TRIGGER report_clicks_refuse_delete BEFORE DELETE ON report_clicks
WHEN (SELECT state FROM report_imports WHERE number = OLD.import) = 'complete'
BEGIN SELECT RAISE(ABORT, 'a finished import is immutable'); END;
CREATE TRIGGER report_rejections_refuse_update BEFORE UPDATE ON report_rejections
BEGIN SELECT RAISE(ABORT, 'report_rejections is append-only'); END;
CREATE TRIGGER report_rejections_refuse_delete BEFORE DELETE ON report_rejections
WHEN (SELECT state FROM report_imports WHERE number = OLD.import) = 'complete'
BEGIN SELECT RAISE(ABORT, 'a finished import is immutable'); END;

-- section: postgresql
CREATE FUNCTION refuse_change_of_import() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION 'a finished import is immutable';
END $$;
CREATE TRIGGER report_imports_refuse_change BEFORE UPDATE OR DELETE ON report_imports
  FOR EACH ROW WHEN (OLD.state IN ('complete', 'refused')) EXECUTE FUNCTION refuse_change_of_import();
CREATE FUNCTION refuse_delete_from_import() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF (SELECT state FROM report_imports WHERE number = OLD.import) = 'complete' THEN
    RAISE EXCEPTION 'a finished import is immutable';
  END IF;
  RETURN OLD;
END $$;
CREATE TRIGGER report_rows_refuse_update BEFORE UPDATE OR TRUNCATE ON report_rows
  FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER report_rows_refuse_delete BEFORE DELETE ON report_rows
  FOR EACH ROW EXECUTE FUNCTION refuse_delete_from_import();
CREATE TRIGGER report_clicks_refuse_update BEFORE UPDATE OR TRUNCATE ON report_clicks
  FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER report_clicks_refuse_delete BEFORE DELETE ON report_clicks
  FOR EACH ROW EXECUTE FUNCTION refuse_delete_from_import();
CREATE TRIGGER report_rejections_refuse_update BEFORE UPDATE OR TRUNCATE ON report_rejections
  FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER report_rejections_refuse_delete BEFORE DELETE ON report_rejections
  FOR EACH ROW EXECUTE FUNCTION refuse_delete_from_import();
