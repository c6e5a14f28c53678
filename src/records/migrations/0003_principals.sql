-- {{integer}} is a 64-bit integer and {{strict}} SQLite's STRICT; see migrations.h for the sections.

-- People and programs. A tenant's has the name of the tenant, staff have none.
CREATE TABLE principals (
  id TEXT NOT NULL PRIMARY KEY,
  name TEXT NOT NULL,
  kind TEXT NOT NULL CHECK (kind IN ('person', 'program')),
  role TEXT NOT NULL CHECK (role IN ('admin', 'finance', 'partnerships', 'analyst', 'support', 'seller', 'merchant',
    'affiliate', 'client')),
  tenant TEXT NOT NULL,
  status TEXT NOT NULL CHECK (status IN ('active', 'disabled')),
  created_at {{integer}} NOT NULL,
  updated_at {{integer}} NOT NULL,
  version {{integer}} NOT NULL,
  CHECK ((tenant = '') = (role IN ('admin', 'finance', 'partnerships', 'analyst', 'support')))
) {{strict}};

-- Null: a key of its own, as all were before there were principals.
ALTER TABLE api_keys ADD COLUMN principal_id TEXT REFERENCES principals (id);
CREATE INDEX api_keys_by_principal ON api_keys (principal_id);

-- section: sqlite
-- INSERT OR REPLACE deletes without asking the trigger on DELETE.
CREATE TRIGGER audit_entries_refuse_replace BEFORE INSERT ON audit_entries
WHEN EXISTS (SELECT 1 FROM audit_entries WHERE id = NEW.id)
BEGIN SELECT RAISE(ABORT, 'audit_entries is append-only'); END;
