-- Jobs of two more kinds. SQLite cannot change a CHECK, so the table is made anew; nothing else refers to it yet.
CREATE TABLE job_new (
  id INTEGER PRIMARY KEY,
  kind TEXT NOT NULL CHECK (kind IN ('import', 'decompose', 'embed', 'text-span', 'ablate', 'export', 'segment', 'audit')),
  title TEXT NOT NULL,
  state TEXT NOT NULL CHECK (state IN ('queued', 'running', 'done', 'failed', 'cancelled', 'interrupted')),
  unit TEXT NOT NULL,
  done INTEGER NOT NULL DEFAULT 0,
  total INTEGER,
  skipped INTEGER NOT NULL DEFAULT 0,
  remarks TEXT NOT NULL DEFAULT '[]' CHECK (json_valid(remarks)),
  error_code TEXT,
  error_message TEXT,
  result_id INTEGER,
  created_ms INTEGER NOT NULL,
  started_ms INTEGER,
  finished_ms INTEGER,
  call TEXT,
  input TEXT CHECK (input IS NULL OR json_valid(input)),
  resumed_by INTEGER REFERENCES job_new (id)
) STRICT;
INSERT INTO job_new (id, kind, title, state, unit, done, total, skipped, remarks, error_code, error_message, result_id,
  created_ms, started_ms, finished_ms, call, input, resumed_by)
  SELECT id, kind, title, state, unit, done, total, skipped, remarks, error_code, error_message, result_id, created_ms,
    started_ms, finished_ms, call, input, resumed_by FROM job;
DROP TABLE job;
ALTER TABLE job_new RENAME TO job;
