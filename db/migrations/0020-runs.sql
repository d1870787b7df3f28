-- Decompositions: blocks of images, one layer a row, so that a reader of four layers touches four layers' bytes.
CREATE TABLE run (
  id INTEGER PRIMARY KEY,
  key TEXT NOT NULL UNIQUE,
  model_id INTEGER NOT NULL REFERENCES model (id),
  data_set_id INTEGER NOT NULL REFERENCES data_set (id),
  store TEXT NOT NULL CHECK (store IN ('float16', 'float32')),
  provider TEXT NOT NULL CHECK (provider IN ('cpu', 'webgpu', 'cuda', 'dml', 'coreml')),
  class_to_class INTEGER NOT NULL CHECK (class_to_class IN (0, 1)),
  image_count INTEGER NOT NULL CHECK (image_count > 0),  -- the data set's first so many images
  block_images INTEGER NOT NULL CHECK (block_images > 0), -- images a block, the last one may have fewer
  tolerance REAL NOT NULL CHECK (tolerance > 0),
  refused_error REAL,                      -- the error for which the run was refused as not exact
  program_version TEXT NOT NULL,
  created_ms INTEGER NOT NULL
) STRICT;

CREATE TABLE run_block (
  run_id INTEGER NOT NULL REFERENCES run (id) ON DELETE CASCADE,
  number INTEGER NOT NULL CHECK (number >= 0),
  row_count INTEGER NOT NULL CHECK (row_count >= 0),
  ordinals BLOB NOT NULL,                  -- [rows] int32: the data set's ordinal of each row
  computed_error REAL NOT NULL CHECK (computed_error >= 0),
  stored_error REAL NOT NULL CHECK (stored_error >= 0),
  PRIMARY KEY (run_id, number)
) STRICT, WITHOUT ROWID;

-- part and what its content is (rows of the block first, run.store unless said otherwise):
--   attended [rows, D] of a layer; mlp [rows, d] of a layer; class [rows, d] of a layer;
--   scalars [rows, 3] float32: mu, sigma, |rep|; representation [rows, d] float32, unit length
CREATE TABLE block_part (
  id INTEGER PRIMARY KEY,
  run_id INTEGER NOT NULL,
  number INTEGER NOT NULL,
  part TEXT NOT NULL CHECK (part IN ('attended', 'mlp', 'class', 'scalars', 'representation')),
  layer INTEGER NOT NULL CHECK (layer >= 0),
  content BLOB NOT NULL,
  UNIQUE (run_id, part, layer, number),
  FOREIGN KEY (run_id, number) REFERENCES run_block (run_id, number) ON DELETE CASCADE DEFERRABLE INITIALLY DEFERRED
) STRICT;

CREATE TRIGGER block_part_is_final BEFORE UPDATE ON block_part
BEGIN SELECT RAISE(ABORT, 'a committed block never changes'); END;

CREATE TABLE run_skip (
  run_id INTEGER NOT NULL REFERENCES run (id) ON DELETE CASCADE,
  image_id INTEGER NOT NULL REFERENCES image (id),
  reason TEXT NOT NULL,
  PRIMARY KEY (run_id, image_id)
) STRICT, WITHOUT ROWID;

-- Of all committed rows of a layer, for each head in (headWidth + 3) coordinates: mean [H, q], and the sums of
-- products about the mean [H, q, q], both float64.
CREATE TABLE run_moment (
  run_id INTEGER NOT NULL REFERENCES run (id) ON DELETE CASCADE,
  layer INTEGER NOT NULL CHECK (layer >= 0),
  row_count INTEGER NOT NULL CHECK (row_count >= 0),
  mean BLOB NOT NULL,
  products BLOB NOT NULL,
  PRIMARY KEY (run_id, layer)
) STRICT;
