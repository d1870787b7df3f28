-- Drafts of pools: rows that people edit, with every edit kept; versions are made of them.
DROP TRIGGER pool_version_is_final;
ALTER TABLE pool_version ADD COLUMN annotator TEXT NOT NULL DEFAULT '';
ALTER TABLE pool_version ADD COLUMN note TEXT NOT NULL DEFAULT '';
-- Texts that the version before does not have, and texts of the version before that this one does not have.
ALTER TABLE pool_version ADD COLUMN added INTEGER NOT NULL DEFAULT 0 CHECK (added >= 0);
ALTER TABLE pool_version ADD COLUMN removed INTEGER NOT NULL DEFAULT 0 CHECK (removed >= 0);
UPDATE pool_version AS v SET added = text_count - shared, removed = before_count - shared FROM (
  SELECT a.id, coalesce(b.text_count, 0) AS before_count, (
    SELECT count(*) FROM pool_text x JOIN pool_text y ON y.version_id = b.id AND y.text_id = x.text_id
    WHERE x.version_id = a.id) AS shared
  FROM pool_version a LEFT JOIN pool_version b ON b.pool_id = a.pool_id AND b.number = a.number - 1) AS counted
WHERE counted.id = v.id;
ALTER TABLE pool_text ADD COLUMN source TEXT NOT NULL DEFAULT '';
-- Heads that its author had opened before writing the text: what it explains there is no independent finding.
ALTER TABLE pool_text ADD COLUMN after_heads TEXT NOT NULL DEFAULT '[]' CHECK (json_valid(after_heads));

CREATE TABLE pool_lock (
  pool_id INTEGER PRIMARY KEY REFERENCES pool (id),
  annotator TEXT NOT NULL,
  reason TEXT NOT NULL,
  made_ms INTEGER NOT NULL
) STRICT;

CREATE TABLE pool_draft (
  pool_id INTEGER PRIMARY KEY REFERENCES pool (id),
  base_version_id INTEGER NOT NULL REFERENCES pool_version (id), -- the newest one: is_changed compares with it
  is_changed INTEGER NOT NULL DEFAULT 0 CHECK (is_changed IN (0, 1))
) STRICT;

CREATE TABLE pool_draft_row (
  id INTEGER PRIMARY KEY AUTOINCREMENT, -- never used again, so that undo finds its rows
  pool_id INTEGER NOT NULL REFERENCES pool (id),
  position REAL NOT NULL,
  text TEXT NOT NULL,
  roles TEXT NOT NULL CHECK (json_valid(roles)),
  source TEXT NOT NULL,
  after_heads TEXT NOT NULL CHECK (json_valid(after_heads)),
  annotator TEXT NOT NULL,
  changed_ms INTEGER NOT NULL
) STRICT;
CREATE INDEX pool_draft_row_in_order ON pool_draft_row (pool_id, position, id);

CREATE TABLE pool_edit (
  id INTEGER PRIMARY KEY,
  pool_id INTEGER NOT NULL REFERENCES pool (id),
  annotator TEXT NOT NULL,
  kind TEXT NOT NULL CHECK (kind IN ('add', 'change', 'rewrite', 'remove', 'tag', 'reset', 'undo', 'redo')),
  summary TEXT NOT NULL,          -- for people: "add 12 texts"
  of_edit_id INTEGER REFERENCES pool_edit (id), -- the edit that was undone or redone
  before TEXT NOT NULL CHECK (json_valid(before)), -- rows as they were; empty for new ones
  after TEXT NOT NULL CHECK (json_valid(after)),   -- rows as they became; empty for removed ones
  made_ms INTEGER NOT NULL
) STRICT;
CREATE INDEX pool_edit_by_pool ON pool_edit (pool_id, id, annotator);
CREATE INDEX pool_edit_by_origin ON pool_edit (of_edit_id, id) WHERE of_edit_id IS NOT NULL;
CREATE TRIGGER pool_edit_is_final BEFORE UPDATE ON pool_edit
BEGIN SELECT RAISE(ABORT, 'an edit of a pool never changes'); END;
CREATE TRIGGER pool_edit_stays BEFORE DELETE ON pool_edit
BEGIN SELECT RAISE(ABORT, 'an edit of a pool is never deleted'); END;

-- TEXTSPAN results of drafts, and the versions made for them, until they are kept or dropped. An annotator has one a
-- pool. Proposed versions have the numbers after all others', so that dropping one leaves no gap.
CREATE TABLE proposal (
  text_span_id INTEGER PRIMARY KEY REFERENCES text_span (id) ON DELETE CASCADE,
  pool_id INTEGER NOT NULL REFERENCES pool (id),
  annotator TEXT NOT NULL CHECK (length(annotator) > 0),
  pool_version_id INTEGER NOT NULL REFERENCES pool_version (id),
  is_own_version INTEGER NOT NULL CHECK (is_own_version IN (0, 1)), -- the version goes with it when it is dropped
  UNIQUE (pool_id, annotator)
) STRICT;
CREATE INDEX proposal_by_version ON proposal (pool_version_id);

-- What keeping gives to a proposed version is all that ever changes of one.
CREATE TRIGGER pool_version_is_final BEFORE UPDATE ON pool_version
WHEN NEW.id <> OLD.id OR NEW.pool_id <> OLD.pool_id OR NEW.hash <> OLD.hash OR NEW.text_count <> OLD.text_count
  OR NEW.created_ms <> OLD.created_ms OR NEW.annotator <> OLD.annotator
  OR NOT EXISTS (SELECT 1 FROM proposal WHERE pool_version_id = OLD.id AND is_own_version = 1)
BEGIN SELECT RAISE(ABORT, 'a pool version never changes'); END;
