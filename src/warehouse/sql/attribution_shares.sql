-- The claims [first, end) of a pass, each shared out over placements: a row per model and placement. The exposures are
-- never held one by one: what the models need to know of a conversion's exposures in a placement is their number, the
-- sum of their decayed weights, and which of them was first and last (attribution_weights.h says the same in C++).
INSERT INTO {{target}} (pass, log_id, model, conversion_key, occurred_at, merchant_id, partner_id, placement_id,
  weight_after, weight_before, weight_total)
WITH
intDiv(toUnixTimestamp64Micro(claim.occurred_at) - toUnixTimestamp64Micro(exposure.occurred_at), 3600000000) AS age_hours,
claims AS (
  SELECT conversion_key, occurred_at, user, merchant_id, partner_id, placement_id
  FROM {{table attribution_claims}}
  WHERE log_id = {log_id:UInt32} AND pass = {pass:UInt64} AND sequence >= {first:UInt64} AND sequence < {end:UInt64}
),
-- A row per conversion and placement, and one without touches for each conversion, with the placement of its click.
-- A touch is (occurred_at, sequence, log_id): of exposures at one time the one recorded later is the later.
paths AS (
  SELECT
    claim.conversion_key AS conversion_key,
    exposure.placement_id AS placement_id,
    any(claim.occurred_at) AS occurred_at,
    any(claim.merchant_id) AS merchant_id,
    any(claim.partner_id) AS partner_id,
    count() AS touches,
    sum(bitShiftRight({decay:Array(UInt64)}[1 + age_hours % 24], intDiv(age_hours, 24))) AS decayed,
    min((exposure.occurred_at, exposure.sequence, exposure.log_id)) AS first_touch,
    max((exposure.occurred_at, exposure.sequence, exposure.log_id)) AS last_touch
  FROM (
    SELECT user, merchant_id, placement_id, occurred_at, sequence, log_id
    FROM {{table impressions}}
    PREWHERE user GLOBAL IN (SELECT user FROM claims WHERE user != 0 AND merchant_id != {{nil}})
    WHERE occurred_at >= (SELECT min(occurred_at) FROM claims) - INTERVAL 7 DAY
      AND occurred_at <= (SELECT max(occurred_at) FROM claims)
      AND (user, merchant_id) GLOBAL IN (SELECT user, merchant_id FROM claims WHERE user != 0 AND merchant_id != {{nil}})
      AND placement_id != {{nil}}
      AND received_at <= occurred_at + INTERVAL 11 MINUTE
  ) AS exposure
  GLOBAL INNER JOIN claims AS claim ON exposure.user = claim.user AND exposure.merchant_id = claim.merchant_id
  WHERE exposure.occurred_at <= claim.occurred_at AND exposure.occurred_at >= claim.occurred_at - INTERVAL 7 DAY
  GROUP BY conversion_key, placement_id
  UNION ALL
  SELECT conversion_key, placement_id, occurred_at, merchant_id, partner_id, 0, 0, (occurred_at, 0, 0), (occurred_at, 0, 0)
  FROM claims
),
ranked AS (
  SELECT *,
    sum(touches) OVER whole AS all_touches,
    touches > 0 AND first_touch = minIf(first_touch, touches > 0) OVER whole AS is_first,
    touches > 0 AND last_touch = maxIf(last_touch, touches > 0) OVER whole AS is_last
  FROM paths
  WINDOW whole AS (PARTITION BY conversion_key)
),
weighted AS (
  SELECT *, model, weight
  FROM ranked
  ARRAY JOIN [1, 2, 3, 4, 5] AS model,
    if(all_touches = 0, [1, 1, 1, 1, 1], [
      is_last,
      is_first,
      touches,
      decayed,
      touches + if(all_touches <= 2, 0, toUInt64(2 * all_touches - 5)) * (is_first + is_last)
    ])::Array(UInt64) AS weight
  WHERE all_touches = 0 OR touches > 0
)
SELECT
  {pass:UInt64}, {log_id:UInt32}, model, conversion_key, occurred_at, merchant_id, partner_id, placement_id,
  sum(weight) OVER (PARTITION BY conversion_key, model ORDER BY first_touch ROWS UNBOUNDED PRECEDING) AS after,
  after - weight,
  sum(weight) OVER (PARTITION BY conversion_key, model)
FROM weighted
WHERE weight > 0
