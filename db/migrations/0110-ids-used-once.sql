-- Proposed results and their versions are deleted when they are dropped. Studies, jobs, addresses and open screens may
-- still name them, so no other row ever gets their ids.
CREATE TABLE dropped_id (
  kind TEXT PRIMARY KEY CHECK (kind IN ('text_span', 'pool_version')),
  largest INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TRIGGER text_span_id_is_used_once AFTER DELETE ON text_span
BEGIN
  INSERT INTO dropped_id (kind, largest) VALUES ('text_span', OLD.id)
  ON CONFLICT (kind) DO UPDATE SET largest = max(largest, excluded.largest);
END;

CREATE TRIGGER pool_version_id_is_used_once AFTER DELETE ON pool_version
BEGIN
  INSERT INTO dropped_id (kind, largest) VALUES ('pool_version', OLD.id)
  ON CONFLICT (kind) DO UPDATE SET largest = max(largest, excluded.largest);
END;
