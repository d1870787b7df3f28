-- The taxonomy of head roles, and what annotators say of heads. Labels are edits that never change: the newest of a
-- head and annotator counts.
CREATE TABLE role (
  id INTEGER PRIMARY KEY,
  name TEXT NOT NULL UNIQUE CHECK (length(name) > 0),
  color TEXT NOT NULL CHECK (color GLOB '#[0-9a-f][0-9a-f][0-9a-f][0-9a-f][0-9a-f][0-9a-f]'),
  letter TEXT NOT NULL CHECK (length(letter) BETWEEN 1 AND 2),
  description TEXT NOT NULL DEFAULT '',
  position INTEGER NOT NULL CHECK (position >= 0),
  is_retired INTEGER NOT NULL DEFAULT 0 CHECK (is_retired IN (0, 1))
) STRICT;

-- Hues that stay apart for colour-blind eyes (Okabe and Ito 2008; Tol 2021).
INSERT INTO role (name, color, letter, description, position) VALUES
  ('place', '#0072b2', 'P', 'where the picture was taken: rooms, landscapes, countries', 0),
  ('object', '#e69f00', 'O', 'what is in the picture', 1),
  ('color', '#d55e00', 'C', 'colours of things or of the whole picture', 2),
  ('texture', '#009e73', 'X', 'surfaces, patterns and materials', 3),
  ('shape', '#cc79a7', 'S', 'outlines and forms', 4),
  ('count', '#56b4e9', '#', 'how many things there are', 5),
  ('position', '#882255', '+', 'where in the picture things are, and how large', 6),
  ('letters', '#117733', 'L', 'letters, digits and written words', 7),
  ('people', '#999933', 'H', 'people, their bodies, clothes and doings', 8),
  ('animals', '#aa4499', 'A', 'animals and their parts', 9),
  ('light', '#b8a000', '*', 'light, weather, season and time of day', 10),
  ('abstract', '#44aa99', '?', 'moods, styles and ideas', 11);

CREATE TABLE role_edit (
  id INTEGER PRIMARY KEY,
  role_id INTEGER NOT NULL REFERENCES role (id),
  before TEXT CHECK (before IS NULL OR json_valid(before)),
  after TEXT NOT NULL CHECK (json_valid(after)),
  made_ms INTEGER NOT NULL
) STRICT;

CREATE TABLE label_edit (
  id INTEGER PRIMARY KEY,
  change_id INTEGER NOT NULL,     -- edits made by one action share it; they are undone together
  model_id INTEGER NOT NULL REFERENCES model (id),
  layer INTEGER NOT NULL CHECK (layer >= 0),
  head INTEGER NOT NULL CHECK (head >= 0),
  annotator TEXT NOT NULL CHECK (length(annotator) > 0),
  role_id INTEGER REFERENCES role (id),
  confidence INTEGER CHECK (confidence BETWEEN 1 AND 3),
  state TEXT NOT NULL CHECK (state IN ('open', 'draft', 'reviewed', 'disputed')),
  note TEXT NOT NULL DEFAULT '',
  text_span_id INTEGER REFERENCES text_span (id) ON DELETE SET NULL, -- what was on the screen
  pool TEXT CHECK (pool IS NULL OR json_valid(pool)), -- its pool: name, version, hash; stays when the result goes
  said_ms INTEGER,                -- of an import: when the annotator said so, by the pack
  kind TEXT NOT NULL CHECK (kind IN ('set', 'undo', 'redo', 'restore', 'import')),
  of_change_id INTEGER,           -- the action that was undone or redone
  of_edit_id INTEGER REFERENCES label_edit (id), -- the edit that was undone, redone or restored
  made_ms INTEGER NOT NULL
) STRICT;
CREATE INDEX label_edit_by_head ON label_edit (model_id, layer, head, annotator, id);
CREATE INDEX label_edit_by_annotator ON label_edit (model_id, annotator, change_id);

CREATE TRIGGER label_edit_is_final BEFORE UPDATE OF id, change_id, model_id, layer, head, annotator, role_id, confidence,
  state, note, pool, said_ms, kind, of_change_id, of_edit_id, made_ms ON label_edit
BEGIN SELECT RAISE(ABORT, 'an edit of a label never changes'); END;
-- A result that is dropped leaves the labels made while looking at it; no other result takes its place.
CREATE TRIGGER label_edit_keeps_its_result BEFORE UPDATE OF text_span_id ON label_edit WHEN NEW.text_span_id IS NOT NULL
BEGIN SELECT RAISE(ABORT, 'an edit of a label never changes'); END;
CREATE TRIGGER label_edit_stays BEFORE DELETE ON label_edit
BEGIN SELECT RAISE(ABORT, 'an edit of a label is never deleted'); END;
CREATE TRIGGER role_edit_is_final BEFORE UPDATE ON role_edit
BEGIN SELECT RAISE(ABORT, 'an edit of a role never changes'); END;
CREATE TRIGGER role_edit_stays BEFORE DELETE ON role_edit
BEGIN SELECT RAISE(ABORT, 'an edit of a role is never deleted'); END;
