-- Checkpoints, data sets and their images. Weights and images stay where they are: a row has path, size and time.
CREATE TABLE model (
  id INTEGER PRIMARY KEY,
  hash TEXT NOT NULL UNIQUE CHECK (length(hash) = 64),
  name TEXT NOT NULL UNIQUE CHECK (length(name) > 0),
  folder TEXT NOT NULL,                    -- relative to the workspace's folder where it lies beside it
  config TEXT NOT NULL CHECK (json_valid(config)),
  weights_bytes INTEGER NOT NULL CHECK (weights_bytes >= 0),
  added_ms INTEGER NOT NULL
) STRICT;

CREATE TABLE data_set (
  id INTEGER PRIMARY KEY,
  name TEXT NOT NULL UNIQUE CHECK (length(name) > 0),
  kind TEXT NOT NULL CHECK (kind IN ('folder', 'csv', 'waterbirds', 'mat')),
  root TEXT NOT NULL,
  hash TEXT NOT NULL CHECK (length(hash) = 64),
  image_count INTEGER NOT NULL CHECK (image_count > 0),
  added_ms INTEGER NOT NULL
) STRICT;

CREATE TABLE data_set_column (
  data_set_id INTEGER NOT NULL REFERENCES data_set (id) ON DELETE CASCADE,
  ordinal INTEGER NOT NULL CHECK (ordinal >= 0),
  name TEXT NOT NULL,
  PRIMARY KEY (data_set_id, ordinal)
) STRICT, WITHOUT ROWID;

CREATE TABLE data_set_problem (
  data_set_id INTEGER NOT NULL REFERENCES data_set (id) ON DELETE CASCADE,
  ordinal INTEGER NOT NULL CHECK (ordinal >= 0),
  place TEXT NOT NULL,
  reason TEXT NOT NULL,
  PRIMARY KEY (data_set_id, ordinal)
) STRICT, WITHOUT ROWID;

CREATE TABLE image (
  id INTEGER PRIMARY KEY,
  data_set_id INTEGER NOT NULL REFERENCES data_set (id) ON DELETE CASCADE,
  ordinal INTEGER NOT NULL CHECK (ordinal >= 0),
  path TEXT NOT NULL CHECK (length(path) > 0), -- relative to the data set's root, with '/'
  label TEXT,
  split TEXT,
  size_bytes INTEGER NOT NULL CHECK (size_bytes >= 0),
  modified_ms REAL NOT NULL,
  UNIQUE (data_set_id, ordinal),
  UNIQUE (data_set_id, path)
) STRICT;
CREATE INDEX image_by_label ON image (data_set_id, label, ordinal);
CREATE INDEX image_by_split ON image (data_set_id, split, ordinal);

CREATE TABLE image_attribute (
  image_id INTEGER NOT NULL REFERENCES image (id) ON DELETE CASCADE,
  column_ordinal INTEGER NOT NULL CHECK (column_ordinal >= 0),
  content TEXT NOT NULL,
  PRIMARY KEY (image_id, column_ordinal)
) STRICT, WITHOUT ROWID;

CREATE TABLE thumbnail (
  image_id INTEGER PRIMARY KEY REFERENCES image (id) ON DELETE CASCADE,
  webp BLOB NOT NULL
) STRICT;
