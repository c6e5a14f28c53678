-- Clicks [first, end) of one log, each with the last exposure of its session and merchant within an hour before it.
INSERT INTO {{target}} (pass, log_id, click_sequence, revision_sequence, click_event_id, occurred_at, partner_id, link_id,
  merchant_id, placement_id, impression_event_id, verdict_class, clicks)
WITH
exposure.session != 0 AND exposure.occurred_at >= click.occurred_at - INTERVAL 1 HOUR AS is_exposed,
chunk AS (
  SELECT sequence, event_id, occurred_at, partner_id, link_id, merchant_id, placement_id, verdict_class, session
  FROM {{table clicks}}
  WHERE log_id = {log_id:UInt32} AND sequence >= {first:UInt64} AND sequence < {end:UInt64}
)
SELECT
  {pass:UInt64}, {log_id:UInt32}, click.sequence, 0, click.event_id, click.occurred_at, click.partner_id, click.link_id,
  click.merchant_id,
  if(is_exposed, exposure.shown.3, click.placement_id),
  if(is_exposed, exposure.shown.4, {{nil}}),
  click.verdict_class,
  1
FROM chunk AS click
-- Of several exposures at one time the one recorded last. What was reported late or played back again is no touch: whether
-- it were there in time would depend on when the pass runs.
GLOBAL LEFT ASOF JOIN (
  SELECT session, merchant_id, occurred_at, max((sequence, log_id, placement_id, event_id)) AS shown
  FROM {{table impressions}}
  PREWHERE session GLOBAL IN (SELECT session FROM chunk WHERE session != 0 AND merchant_id != {{nil}})
  WHERE occurred_at >= (SELECT min(occurred_at) FROM chunk) - INTERVAL 1 HOUR
    AND occurred_at <= (SELECT max(occurred_at) FROM chunk)
    AND (session, merchant_id, toStartOfHour(occurred_at)) GLOBAL IN (
      SELECT session, merchant_id, toStartOfHour(occurred_at - toIntervalHour(arrayJoin([0, 1])))
      FROM chunk WHERE session != 0 AND merchant_id != {{nil}})
    AND placement_id != {{nil}}
    AND received_at <= occurred_at + INTERVAL 11 MINUTE
  GROUP BY session, merchant_id, occurred_at
) AS exposure
ON click.session = exposure.session AND click.merchant_id = exposure.merchant_id
  AND click.occurred_at >= exposure.occurred_at
