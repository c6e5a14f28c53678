-- Conversions whose first event is among [first, end) of one log, with what is known of them: from the first event
-- itself, else from the click that it names. What later events of a conversion say moves nothing.
INSERT INTO {{table attribution_claims}} (pass, log_id, sequence, conversion_key, occurred_at, user, merchant_id,
  partner_id, placement_id)
WITH
candidates AS (
  SELECT conversion_key FROM {{table conversions}}
  WHERE log_id = {log_id:UInt32} AND sequence >= {first:UInt64} AND sequence < {end:UInt64}
),
firsts AS (
  SELECT
    conversion_key,
    minIf((sequence, received_at, occurred_at, click_id, partner_id, merchant_id, user), log_id = {log_id:UInt32}) AS own,
    minIf((received_at, log_id), log_id != {log_id:UInt32}) AS other,
    countIf(log_id != {log_id:UInt32}) AS others
  FROM {{table conversions}}
  WHERE conversion_key GLOBAL IN (candidates) AND (log_id != {log_id:UInt32} OR sequence < {end:UInt64})
    -- Settled by another log although that one's clock says otherwise: never shared out twice.
    AND conversion_key GLOBAL NOT IN (
      SELECT conversion_key FROM {{table conversion_shares}} WHERE model = 'last' AND log_id != {log_id:UInt32})
  GROUP BY conversion_key
  HAVING own.1 >= {first:UInt64} AND (others = 0 OR (own.2, {log_id:UInt32}) < other)
),
named AS (SELECT own.4 FROM firsts WHERE own.4 != {{nil}}),
named_clicks AS (
  SELECT event_id, min((log_id, sequence, user, merchant_id, partner_id, placement_id)) AS click
  FROM {{table clicks}}
  WHERE event_id GLOBAL IN (named)
  GROUP BY event_id
),
named_placements AS (
  SELECT click_event_id, max((is_settled, pass, placement_id)) AS attributed
  FROM (
    SELECT click_event_id, 1 AS is_settled, pass, placement_id FROM {{table click_attributions}}
    WHERE revision_sequence = 0 AND click_event_id GLOBAL IN (named)
    UNION ALL
    SELECT click_event_id, 0 AS is_settled, pass, placement_id FROM {{table recent_click_attributions}}
    WHERE revision_sequence = 0 AND click_event_id GLOBAL IN (named)
  )
  GROUP BY click_event_id
)
SELECT
  {pass:UInt64}, {log_id:UInt32}, firsts.own.1, firsts.conversion_key, firsts.own.3,
  if(firsts.own.7 != 0, firsts.own.7, named_clicks.click.3),
  if(firsts.own.6 != {{nil}}, firsts.own.6, named_clicks.click.4),
  if(firsts.own.5 != {{nil}}, firsts.own.5, named_clicks.click.5),
  if(named_placements.attributed.2 != 0, named_placements.attributed.3, named_clicks.click.6)
FROM firsts
GLOBAL LEFT JOIN named_clicks ON firsts.own.4 = named_clicks.event_id
GLOBAL LEFT JOIN named_placements ON firsts.own.4 = named_placements.click_event_id
