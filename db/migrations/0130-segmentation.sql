-- Ground truth masks, evaluations of segmentation methods, and what people note about masks.
CREATE TABLE ground_truth (
  data_set_id INTEGER PRIMARY KEY REFERENCES data_set (id) ON DELETE CASCADE,
  kind TEXT NOT NULL CHECK (kind IN ('png', 'coco')), -- masks in a .mat need no row
  place TEXT NOT NULL,             -- relative to the workspace's folder where it lies beside it
  hash TEXT NOT NULL CHECK (length(hash) = 64),
  mask_count INTEGER NOT NULL CHECK (mask_count > 0),
  problems TEXT NOT NULL CHECK (json_valid(problems)),
  linked_ms INTEGER NOT NULL
) STRICT;

CREATE TABLE evaluation (
  id INTEGER PRIMARY KEY,
  job_id INTEGER NOT NULL REFERENCES job (id),
  model_id INTEGER NOT NULL REFERENCES model (id),
  data_set_id INTEGER NOT NULL REFERENCES data_set (id),
  ground_truth_hash TEXT NOT NULL,
  task TEXT NOT NULL CHECK (json_valid(task)),
  filter TEXT NOT NULL CHECK (json_valid(filter)),
  settings TEXT NOT NULL CHECK (json_valid(settings)),
  provider TEXT NOT NULL,
  image_count INTEGER NOT NULL CHECK (image_count > 0), -- asked for
  program_version TEXT NOT NULL,
  created_ms INTEGER NOT NULL,
  -- over the images that were scored when it was written, which is always the case when the last one is
  scores TEXT CHECK (scores IS NULL OR json_valid(scores))
) STRICT;

-- Counts are pixels at the input resolution; a row is written once.
CREATE TABLE evaluation_image (
  evaluation_id INTEGER NOT NULL REFERENCES evaluation (id) ON DELETE CASCADE,
  ordinal INTEGER NOT NULL CHECK (ordinal >= 0),       -- of the data set
  skip_reason TEXT,                                    -- null when it was scored
  true_positives INTEGER NOT NULL DEFAULT 0,
  false_positives INTEGER NOT NULL DEFAULT 0,
  false_negatives INTEGER NOT NULL DEFAULT 0,
  true_negatives INTEGER NOT NULL DEFAULT 0,
  average_precision REAL NOT NULL DEFAULT 0,
  predicted_class TEXT,
  true_class TEXT,
  foreground_bins BLOB,            -- [101] int32: pixels of the true foreground by the number of thresholds k/100 below their value
  background_bins BLOB,
  -- a class that is neither predicted nor there has an IoU of 1
  foreground_iou REAL GENERATED ALWAYS AS (
    coalesce(1.0 * true_positives / nullif(true_positives + false_positives + false_negatives, 0), 1.0)) VIRTUAL,
  iou REAL GENERATED ALWAYS AS (
    (coalesce(1.0 * true_positives / nullif(true_positives + false_positives + false_negatives, 0), 1.0) +
     coalesce(1.0 * true_negatives / nullif(true_negatives + false_positives + false_negatives, 0), 1.0)) / 2) VIRTUAL,
  pixel_accuracy REAL GENERATED ALWAYS AS (
    1.0 * (true_positives + true_negatives) /
    nullif(true_positives + false_positives + false_negatives + true_negatives, 0)) VIRTUAL,
  class_name TEXT GENERATED ALWAYS AS (coalesce(true_class, predicted_class)) VIRTUAL,
  PRIMARY KEY (evaluation_id, ordinal)
) STRICT;
CREATE INDEX evaluation_image_by_iou ON evaluation_image (evaluation_id, iou, ordinal) WHERE skip_reason IS NULL;
CREATE INDEX evaluation_image_by_precision ON evaluation_image (evaluation_id, average_precision, ordinal)
  WHERE skip_reason IS NULL;
CREATE INDEX evaluation_image_by_accuracy ON evaluation_image (evaluation_id, pixel_accuracy, ordinal)
  WHERE skip_reason IS NULL;
CREATE INDEX evaluation_image_by_class ON evaluation_image (evaluation_id, class_name, ordinal) WHERE skip_reason IS NULL;
-- Counts what was scored and what was left out without reading rows.
CREATE INDEX evaluation_image_by_reason ON evaluation_image (evaluation_id, skip_reason, ordinal);
CREATE TRIGGER evaluation_image_is_final BEFORE UPDATE ON evaluation_image
BEGIN SELECT RAISE(ABORT, 'a score never changes'); END;

CREATE TABLE mask_note (
  id INTEGER PRIMARY KEY,
  image_id INTEGER NOT NULL REFERENCES image (id),
  annotator TEXT NOT NULL CHECK (length(annotator) > 0),
  flags TEXT NOT NULL CHECK (json_valid(flags)),
  note TEXT NOT NULL,
  made_ms INTEGER NOT NULL
) STRICT;
CREATE INDEX mask_note_by_image ON mask_note (image_id, annotator, id);
CREATE TRIGGER mask_note_is_final BEFORE UPDATE ON mask_note
BEGIN SELECT RAISE(ABORT, 'a note never changes'); END;
CREATE TRIGGER mask_note_stays BEFORE DELETE ON mask_note
BEGIN SELECT RAISE(ABORT, 'a note is never deleted'); END;
