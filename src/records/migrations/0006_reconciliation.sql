-- Reconciliation runs, and what people make of their discrepancies (docs/reconciliation.md, "Runs"). A run's items come
-- in portions while its state is 'writing', when nobody sees them; once it is 'complete' nothing of it changes.

-- their_clicks: -1 where their report states none.
CREATE TABLE recon_runs (
-- section: sqlite
  number INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
-- section: postgresql
  number BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
-- section: all
  id TEXT NOT NULL UNIQUE,
  kind TEXT NOT NULL,
  subject TEXT NOT NULL,
  subject_name TEXT NOT NULL,
  first_day TEXT NOT NULL,
  last_day TEXT NOT NULL,
  our_time_zone TEXT NOT NULL,
  their_time_zone TEXT NOT NULL,
  tolerance_basis_points {{integer}} NOT NULL,
  sources TEXT NOT NULL,
  actor TEXT NOT NULL,
  previous_run_id TEXT NOT NULL,
  our_clicks_gross {{integer}} NOT NULL,
  our_clicks_net {{integer}} NOT NULL,
  their_clicks {{integer}} NOT NULL,
  claims {{integer}} NOT NULL,
  truths {{integer}} NOT NULL,
  items {{integer}} NOT NULL,
  state TEXT NOT NULL CHECK (state IN ('writing', 'abandoned', 'complete')),
  started_at {{integer}} NOT NULL,
  touched_at {{integer}} NOT NULL,
  finished_at {{integer}} NOT NULL
) {{strict}};
CREATE INDEX recon_runs_by_subject ON recon_runs (subject, first_day, last_day, id);

CREATE TABLE recon_findings (
  run_number {{integer}} NOT NULL REFERENCES recon_runs (number),
  currency TEXT NOT NULL,
  our_conversions {{integer}} NOT NULL,
  their_conversions {{integer}} NOT NULL,
  our_amount {{integer}} NOT NULL,
  their_amount {{integer}} NOT NULL,
  our_commission {{integer}} NOT NULL,
  their_commission {{integer}} NOT NULL,
  matched {{integer}} NOT NULL,
  only_ours {{integer}} NOT NULL,
  only_theirs {{integer}} NOT NULL,
  amount_differences {{integer}} NOT NULL,
  status_differences {{integer}} NOT NULL,
  variance_numerator {{integer}} NOT NULL,
  variance_denominator {{integer}} NOT NULL,
  is_discrepancy {{integer}} NOT NULL,
  PRIMARY KEY (run_number, currency)
) {{strict}};

CREATE TABLE recon_causes (
  run_number {{integer}} NOT NULL REFERENCES recon_runs (number),
  currency TEXT NOT NULL,
  position {{integer}} NOT NULL,
  cause TEXT NOT NULL,
  amount {{integer}} NOT NULL,
  records {{integer}} NOT NULL,
  PRIMARY KEY (run_number, currency, position)
) {{strict}};

-- Enough of both records that an export explains itself. Of what an item has not: '' and 0. Without a foreign key, whose
-- check of each row costs PostgreSQL more than the row: the triggers below look once for each statement.
CREATE TABLE recon_items (
  run_number {{integer}} NOT NULL,
  position {{integer}} NOT NULL,
  kind TEXT NOT NULL,
  is_plain {{integer}} NOT NULL,
  currency TEXT NOT NULL,
  our_counted {{integer}} NOT NULL,
  their_counted {{integer}} NOT NULL,
  rule TEXT NOT NULL,
  confidence {{integer}} NOT NULL,
  runner_up_id TEXT NOT NULL,
  runner_up_confidence {{integer}} NOT NULL,
  cause TEXT NOT NULL,
  causes TEXT NOT NULL,
  claim_key TEXT NOT NULL,
  reference TEXT NOT NULL,
  claim_order_id TEXT NOT NULL,
  claim_status TEXT NOT NULL,
  claim_currency TEXT NOT NULL,
  claim_amount {{integer}} NOT NULL,
  claim_commission {{integer}} NOT NULL,
  claim_occurred_at {{integer}} NOT NULL,
  claim_booked_at {{integer}} NOT NULL,
  claim_first_seen_at {{integer}} NOT NULL,
  is_correction {{integer}} NOT NULL,
  truth_id TEXT NOT NULL,
  truth_kind TEXT NOT NULL,
  click_id TEXT NOT NULL,
  truth_order_id TEXT NOT NULL,
  truth_status TEXT NOT NULL,
  truth_currency TEXT NOT NULL,
  truth_amount {{integer}} NOT NULL,
  truth_commission {{integer}} NOT NULL,
  truth_occurred_at {{integer}} NOT NULL,
  is_invalid {{integer}} NOT NULL,
  PRIMARY KEY (run_number, position)
-- section: sqlite
) STRICT, WITHOUT ROWID;
-- section: postgresql
);
-- section: all
-- Most items are matched and without a difference: the others are found without reading those.
CREATE INDEX recon_items_with_difference ON recon_items (run_number, position) WHERE is_plain = 0;

CREATE TABLE discrepancies (
  id TEXT NOT NULL PRIMARY KEY,
  run_id TEXT NOT NULL REFERENCES recon_runs (id),
  latest_run_id TEXT NOT NULL REFERENCES recon_runs (id),
  kind TEXT NOT NULL,
  subject TEXT NOT NULL,
  subject_name TEXT NOT NULL,
  first_day TEXT NOT NULL,
  last_day TEXT NOT NULL,
  time_zone TEXT NOT NULL,
  currency TEXT NOT NULL,
  our_commission {{integer}} NOT NULL,
  their_commission {{integer}} NOT NULL,
  variance_numerator {{integer}} NOT NULL,
  variance_denominator {{integer}} NOT NULL,
  state TEXT NOT NULL CHECK (state IN ('open', 'investigating', 'resolved')),
  owner TEXT NOT NULL,
  due_date TEXT NOT NULL,
  resolution_code TEXT NOT NULL,
  resolution_text TEXT NOT NULL,
  alert_id TEXT NOT NULL,
  alert_state TEXT NOT NULL CHECK (alert_state IN ('wanted', 'raised', 'settling', 'settled')),
  created_at {{integer}} NOT NULL,
  updated_at {{integer}} NOT NULL,
  resolved_at {{integer}} NOT NULL,
  version {{integer}} NOT NULL
) {{strict}};
-- At most one of a subject, its days and a currency is not resolved.
CREATE UNIQUE INDEX discrepancies_unresolved ON discrepancies (kind, subject, first_day, last_day, currency)
  WHERE state <> 'resolved';
CREATE INDEX discrepancies_by_subject ON discrepancies (subject, first_day, last_day, currency, id);
CREATE INDEX discrepancies_by_alert ON discrepancies (alert_state, id);

CREATE TABLE discrepancy_notes (
  id TEXT NOT NULL PRIMARY KEY,
  discrepancy_id TEXT NOT NULL REFERENCES discrepancies (id),
  run_id TEXT NOT NULL,
  author TEXT NOT NULL,
  text TEXT NOT NULL,
  created_at {{integer}} NOT NULL
) {{strict}};
CREATE INDEX discrepancy_notes_by_discrepancy ON discrepancy_notes (discrepancy_id, id);
CREATE INDEX discrepancy_notes_by_run ON discrepancy_notes (run_id);

-- section: sqlite
-- INSERT OR REPLACE deletes without asking the trigger on DELETE.
CREATE TRIGGER recon_runs_refuse_replace BEFORE INSERT ON recon_runs
WHEN EXISTS (SELECT 1 FROM recon_runs WHERE id = NEW.id OR number = NEW.number)
BEGIN SELECT RAISE(ABORT, 'recon_runs is append-only'); END;
CREATE TRIGGER discrepancy_notes_refuse_replace BEFORE INSERT ON discrepancy_notes
WHEN EXISTS (SELECT 1 FROM discrepancy_notes WHERE id = NEW.id)
BEGIN SELECT RAISE(ABORT, 'discrepancy_notes is append-only'); END;
CREATE TRIGGER recon_runs_refuse_update BEFORE UPDATE ON recon_runs WHEN OLD.state = 'complete'
BEGIN SELECT RAISE(ABORT, 'recon_runs is append-only'); END;
CREATE TRIGGER recon_runs_refuse_delete BEFORE DELETE ON recon_runs WHEN OLD.state = 'complete'
BEGIN SELECT RAISE(ABORT, 'recon_runs is append-only'); END;
CREATE TRIGGER recon_findings_refuse_insert BEFORE INSERT ON recon_findings
WHEN NOT EXISTS (SELECT 1 FROM recon_runs WHERE number = NEW.run_number AND state = 'writing')
BEGIN SELECT RAISE(ABORT, 'recon_findings is append-only'); END;
CREATE TRIGGER recon_findings_refuse_update BEFORE UPDATE ON recon_findings
BEGIN SELECT RAISE(ABORT, 'recon_findings is append-only'); END;
CREATE TRIGGER recon_findings_refuse_delete BEFORE DELETE ON recon_findings
BEGIN SELECT RAISE(ABORT, 'recon_findings is append-only'); END;
CREATE TRIGGER recon_causes_refuse_insert BEFORE INSERT ON recon_causes
WHEN NOT EXISTS (SELECT 1 FROM recon_runs WHERE number = NEW.run_number AND state = 'writing')
BEGIN SELECT RAISE(ABORT, 'recon_causes is append-only'); END;
CREATE TRIGGER recon_causes_refuse_update BEFORE UPDATE ON recon_causes
BEGIN SELECT RAISE(ABORT, 'recon_causes is append-only'); END;
CREATE TRIGGER recon_causes_refuse_delete BEFORE DELETE ON recon_causes
BEGIN SELECT RAISE(ABORT, 'recon_causes is append-only'); END;
CREATE TRIGGER recon_items_refuse_insert BEFORE INSERT ON recon_items
WHEN NOT EXISTS (SELECT 1 FROM recon_runs WHERE number = NEW.run_number AND state = 'writing')
BEGIN SELECT RAISE(ABORT, 'recon_items is append-only'); END;
CREATE TRIGGER recon_items_refuse_update BEFORE UPDATE ON recon_items
BEGIN SELECT RAISE(ABORT, 'recon_items is append-only'); END;
CREATE TRIGGER recon_items_refuse_delete BEFORE DELETE ON recon_items
WHEN EXISTS (SELECT 1 FROM recon_runs WHERE number = OLD.run_number AND state = 'complete')
BEGIN SELECT RAISE(ABORT, 'recon_items is append-only'); END;
CREATE TRIGGER discrepancy_notes_refuse_update BEFORE UPDATE ON discrepancy_notes
BEGIN SELECT RAISE(ABORT, 'discrepancy_notes is append-only'); END;
CREATE TRIGGER discrepancy_notes_refuse_delete BEFORE DELETE ON discrepancy_notes
BEGIN SELECT RAISE(ABORT, 'discrepancy_notes is append-only'); END;

-- section: postgresql
CREATE FUNCTION refuse_outside_writing() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF EXISTS (SELECT 1 FROM (SELECT DISTINCT run_number FROM touched) AS mine
             LEFT JOIN recon_runs ON recon_runs.number = mine.run_number
             WHERE recon_runs.state IS DISTINCT FROM 'writing'
               AND (TG_OP = 'INSERT' OR recon_runs.state = 'complete')) THEN
    RAISE EXCEPTION '% is append-only', TG_TABLE_NAME;
  END IF;
  RETURN NULL;
END $$;
CREATE TRIGGER recon_runs_refuse_change BEFORE UPDATE OR DELETE ON recon_runs
  FOR EACH ROW WHEN (OLD.state = 'complete') EXECUTE FUNCTION refuse_change();
CREATE TRIGGER recon_runs_refuse_truncate BEFORE TRUNCATE ON recon_runs
  FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER recon_findings_refuse_insert AFTER INSERT ON recon_findings REFERENCING NEW TABLE AS touched
  FOR EACH STATEMENT EXECUTE FUNCTION refuse_outside_writing();
CREATE TRIGGER recon_findings_refuse_change BEFORE UPDATE OR DELETE OR TRUNCATE ON recon_findings
  FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER recon_causes_refuse_insert AFTER INSERT ON recon_causes REFERENCING NEW TABLE AS touched
  FOR EACH STATEMENT EXECUTE FUNCTION refuse_outside_writing();
CREATE TRIGGER recon_causes_refuse_change BEFORE UPDATE OR DELETE OR TRUNCATE ON recon_causes
  FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER recon_items_refuse_insert AFTER INSERT ON recon_items REFERENCING NEW TABLE AS touched
  FOR EACH STATEMENT EXECUTE FUNCTION refuse_outside_writing();
CREATE TRIGGER recon_items_refuse_delete AFTER DELETE ON recon_items REFERENCING OLD TABLE AS touched
  FOR EACH STATEMENT EXECUTE FUNCTION refuse_outside_writing();
CREATE TRIGGER recon_items_refuse_change BEFORE UPDATE OR TRUNCATE ON recon_items
  FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER discrepancy_notes_refuse_change BEFORE UPDATE OR DELETE OR TRUNCATE ON discrepancy_notes
  FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
