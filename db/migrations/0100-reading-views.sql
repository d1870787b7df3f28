-- Views for people who read a workspace with other programs. They are documented in schema.md and stay as they are.
CREATE VIEW view_image AS
  SELECT s.name AS data_set, i.ordinal, i.path, i.label, i.split
  FROM image i JOIN data_set s ON s.id = i.data_set_id;

CREATE VIEW view_run AS
  SELECT r.id AS run_id, m.name AS model, m.hash AS model_hash, s.name AS data_set, s.hash AS data_set_hash,
    r.store, r.provider, r.program_version, json_extract(m.config, '$.vision.layers') AS layers,
    json_extract(m.config, '$.vision.heads') AS heads, json_extract(m.config, '$.vision.headWidth') AS head_width,
    json_extract(m.config, '$.jointWidth') AS joint_width
  FROM run r JOIN model m ON m.id = r.model_id JOIN data_set s ON s.id = r.data_set_id;

CREATE VIEW view_term_block AS
  SELECT p.run_id, p.number AS block, p.part, p.layer, b.row_count AS rows, b.ordinals,
    CASE WHEN p.part IN ('scalars', 'representation') THEN 'float32' ELSE r.store END AS dtype, p.content
  FROM block_part p JOIN run_block b ON b.run_id = p.run_id AND b.number = p.number JOIN run r ON r.id = p.run_id;

CREATE VIEW view_head_label AS
  SELECT m.name AS model, m.hash AS model_hash, e.layer, e.head, e.annotator, r.name AS role, e.confidence, e.state,
    e.note, e.made_ms
  FROM label_edit e JOIN model m ON m.id = e.model_id LEFT JOIN role r ON r.id = e.role_id
  WHERE e.id = (SELECT max(id) FROM label_edit l WHERE l.model_id = e.model_id AND l.layer = e.layer AND l.head = e.head
    AND l.annotator = e.annotator)
    -- What was taken back to nothing is no label.
    AND NOT (e.state = 'open' AND e.role_id IS NULL AND e.confidence IS NULL AND e.note = '');

CREATE VIEW view_pool_text AS
  SELECT p.name AS pool, v.number AS version, v.hash AS pool_hash, t.ordinal, x.content AS text, t.role AS roles, t.source
  FROM pool_text t JOIN pool_version v ON v.id = t.version_id JOIN pool p ON p.id = v.pool_id JOIN text x ON x.id = t.text_id
  WHERE v.id NOT IN (SELECT pool_version_id FROM proposal WHERE is_own_version = 1);

CREATE VIEW view_text_span AS
  SELECT s.id AS text_span_id, s.run_id, p.name AS pool, v.number AS pool_version, v.hash AS pool_hash, st.layer, st.head,
    st.step, x.content AS text, st.explained, st.margin
  FROM text_span s JOIN pool_version v ON v.id = s.pool_version_id JOIN pool p ON p.id = v.pool_id
    JOIN text_span_step st ON st.text_span_id = s.id JOIN text x ON x.id = st.text_id
  WHERE s.id NOT IN (SELECT text_span_id FROM proposal);
