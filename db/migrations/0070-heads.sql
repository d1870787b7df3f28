-- What screens ask of heads again and again: worked out once, from a complete run, and never changed.
CREATE TABLE run_head (
  run_id INTEGER NOT NULL REFERENCES run (id) ON DELETE CASCADE,
  layer INTEGER NOT NULL CHECK (layer >= 0),
  head INTEGER NOT NULL CHECK (head >= 0),
  variance REAL NOT NULL CHECK (variance >= 0), -- trace of the covariance of the head's terms over the run
  PRIMARY KEY (run_id, layer, head)
) STRICT, WITHOUT ROWID;

CREATE TABLE run_correlation (
  run_id INTEGER PRIMARY KEY REFERENCES run (id) ON DELETE CASCADE,
  image_count INTEGER NOT NULL CHECK (image_count > 0), -- spread evenly over the run
  content BLOB NOT NULL                                 -- [L H, L H] float32
) STRICT;

-- Images that score highest and lowest along the texts of a TEXTSPAN result and a head's first principal directions.
CREATE TABLE text_span_image (
  text_span_id INTEGER NOT NULL REFERENCES text_span (id) ON DELETE CASCADE,
  layer INTEGER NOT NULL CHECK (layer >= 0),
  head INTEGER NOT NULL CHECK (head >= 0),
  direction TEXT NOT NULL,        -- 'text:STEP' or 'principal:INDEX'
  highest BLOB NOT NULL,          -- [n, 2]: int32 ordinal of the data set, float32 score; highest first
  lowest BLOB NOT NULL,           -- the same, lowest first
  image_count INTEGER NOT NULL CHECK (image_count > 0),
  mean REAL NOT NULL,
  standard_deviation REAL NOT NULL CHECK (standard_deviation >= 0),
  share REAL NOT NULL CHECK (share BETWEEN 0 AND 1), -- of the head's variance, along the direction
  bin_from REAL NOT NULL,
  bin_to REAL NOT NULL,
  bins BLOB NOT NULL,             -- [bins] int32
  PRIMARY KEY (text_span_id, layer, head, direction)
) STRICT, WITHOUT ROWID;
