-- Texts and pools. A text stands once, whatever pools it is in; a version of a pool never changes.
CREATE TABLE text (
  id INTEGER PRIMARY KEY,
  content TEXT NOT NULL UNIQUE CHECK (length(content) > 0)
) STRICT;

CREATE TABLE pool (
  id INTEGER PRIMARY KEY,
  name TEXT NOT NULL UNIQUE CHECK (length(name) > 0)
) STRICT;

CREATE TABLE pool_version (
  id INTEGER PRIMARY KEY,
  pool_id INTEGER NOT NULL REFERENCES pool (id),
  number INTEGER NOT NULL CHECK (number >= 1),
  hash TEXT NOT NULL CHECK (length(hash) = 64),
  text_count INTEGER NOT NULL CHECK (text_count > 0),
  created_ms INTEGER NOT NULL,
  UNIQUE (pool_id, number)
) STRICT;

CREATE TABLE pool_text (
  version_id INTEGER NOT NULL REFERENCES pool_version (id),
  ordinal INTEGER NOT NULL CHECK (ordinal >= 0),
  text_id INTEGER NOT NULL REFERENCES text (id),
  role TEXT,
  line INTEGER NOT NULL CHECK (line >= 1), -- of the file that it was read from, or its place
  PRIMARY KEY (version_id, ordinal),
  UNIQUE (version_id, text_id)
) STRICT, WITHOUT ROWID;

CREATE TRIGGER pool_version_is_final BEFORE UPDATE ON pool_version
BEGIN SELECT RAISE(ABORT, 'a pool version never changes'); END;
CREATE TRIGGER pool_text_is_final BEFORE UPDATE ON pool_text
BEGIN SELECT RAISE(ABORT, 'a pool version never changes'); END;

-- Unit embeddings, [d] float32, by model and text: editing a pool embeds only new texts.
CREATE TABLE text_embedding (
  model_id INTEGER NOT NULL REFERENCES model (id) ON DELETE CASCADE,
  text_id INTEGER NOT NULL REFERENCES text (id),
  embedding BLOB NOT NULL,
  cut_tokens INTEGER NOT NULL CHECK (cut_tokens >= 0), -- tokens beyond the context length that were left out
  PRIMARY KEY (model_id, text_id)
) STRICT;
