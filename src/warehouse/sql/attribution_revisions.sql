-- Revisions [first, end) of one log that move a click from one class to another: a row takes it back from the old
-- class, one adds it to the new. The click was attributed before, or in this pass.
INSERT INTO {{target}} (pass, log_id, click_sequence, revision_sequence, click_event_id, occurred_at, partner_id, link_id,
  merchant_id, placement_id, impression_event_id, verdict_class, clicks)
WITH
moves AS (
  SELECT revised_sequence, sequence, old_class, new_class, occurred_at
  FROM {{table verdict_revisions}}
  WHERE log_id = {log_id:UInt32} AND sequence >= {first:UInt64} AND sequence < {end:UInt64}
    AND event_kind = 'click' AND old_class != new_class
),
attributions AS (
  SELECT * FROM {{table click_attributions}}
  WHERE log_id = {log_id:UInt32} AND revision_sequence = 0
    AND toMonday(occurred_at) GLOBAL IN (SELECT toMonday(occurred_at) FROM moves)
    AND click_sequence GLOBAL IN (SELECT revised_sequence FROM moves)
  UNION ALL
  SELECT * FROM {{table recent_click_attributions}}
  WHERE log_id = {log_id:UInt32} AND pass = {pass:UInt64} AND revision_sequence = 0
    AND click_sequence GLOBAL IN (SELECT revised_sequence FROM moves)
)
SELECT
  {pass:UInt64}, {log_id:UInt32}, click.click_sequence, move.sequence, click.click_event_id, click.occurred_at,
  click.partner_id, click.link_id, click.merchant_id, click.placement_id, click.impression_event_id,
  change.1 AS class, change.2
FROM moves AS move
GLOBAL INNER JOIN attributions AS click ON move.revised_sequence = click.click_sequence
ARRAY JOIN [(move.old_class, -1), (move.new_class, 1)] AS change
