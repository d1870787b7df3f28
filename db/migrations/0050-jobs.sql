-- Long work, so that what a crash interrupted is known when the workspace is opened again.
CREATE TABLE job (
  id INTEGER PRIMARY KEY,
  kind TEXT NOT NULL CHECK (kind IN ('import', 'decompose', 'embed', 'text-span', 'ablate', 'export')),
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
  finished_ms INTEGER
) STRICT;
