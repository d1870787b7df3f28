-- What is worked out from runs: TEXTSPAN results and studies. Each keeps the settings that made it.
CREATE TABLE text_span (
  id INTEGER PRIMARY KEY,
  run_id INTEGER NOT NULL REFERENCES run (id),
  pool_version_id INTEGER NOT NULL REFERENCES pool_version (id),
  layer_count INTEGER NOT NULL CHECK (layer_count > 0),
  text_count INTEGER NOT NULL CHECK (text_count > 0),
  rank INTEGER NOT NULL CHECK (rank > 0),
  filter TEXT NOT NULL CHECK (json_valid(filter)),
  image_count INTEGER NOT NULL CHECK (image_count > 0),
  program_version TEXT NOT NULL,
  created_ms INTEGER NOT NULL
) STRICT;

CREATE TABLE text_span_head (
  text_span_id INTEGER NOT NULL REFERENCES text_span (id) ON DELETE CASCADE,
  layer INTEGER NOT NULL CHECK (layer >= 0),
  head INTEGER NOT NULL CHECK (head >= 0),
  rank INTEGER NOT NULL CHECK (rank >= 0),
  variance REAL NOT NULL CHECK (variance >= 0),
  PRIMARY KEY (text_span_id, layer, head)
) STRICT, WITHOUT ROWID;

CREATE TABLE text_span_step (
  text_span_id INTEGER NOT NULL,
  layer INTEGER NOT NULL,
  head INTEGER NOT NULL,
  step INTEGER NOT NULL CHECK (step >= 0),
  text_id INTEGER NOT NULL REFERENCES text (id),
  explained REAL NOT NULL CHECK (explained BETWEEN 0 AND 1), -- share of the head's variance, up to and with this text
  margin REAL NOT NULL CHECK (margin BETWEEN 0 AND 1),
  PRIMARY KEY (text_span_id, layer, head, step),
  FOREIGN KEY (text_span_id, layer, head) REFERENCES text_span_head (text_span_id, layer, head) ON DELETE CASCADE
) STRICT, WITHOUT ROWID;

CREATE TABLE study (
  id INTEGER PRIMARY KEY,
  run_id INTEGER NOT NULL REFERENCES run (id),
  task TEXT NOT NULL CHECK (json_valid(task)),
  filter TEXT NOT NULL CHECK (json_valid(filter)),
  result TEXT NOT NULL CHECK (json_valid(result)),
  program_version TEXT NOT NULL,
  created_ms INTEGER NOT NULL
) STRICT;
