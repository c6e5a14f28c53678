-- How far a pass of one log may settle: records [first, settle_end), of which all were received by the horizon, at most
-- a span of time and a number of events at once. recent_end bounds what is answered anew in the same way.
WITH
events AS (
  SELECT sequence, received_at FROM {{table clicks}}
  WHERE log_id = {log_id:UInt32} AND sequence >= {first:UInt64} AND sequence < {end:UInt64}
  UNION ALL
  SELECT sequence, received_at FROM {{table conversions}}
  WHERE log_id = {log_id:UInt32} AND sequence >= {first:UInt64} AND sequence < {end:UInt64}
  UNION ALL
  SELECT sequence, received_at FROM {{table verdict_revisions}}
  WHERE log_id = {log_id:UInt32} AND sequence >= {first:UInt64} AND sequence < {end:UInt64} AND event_kind = 'click'
),
least(fromUnixTimestamp64Micro({horizon_us:Int64}, 'UTC'),
      (SELECT argMin(received_at, sequence) FROM events) + toIntervalMicrosecond({span_us:Int64})) AS latest,
ifNull((SELECT sequence FROM events ORDER BY sequence LIMIT 1 OFFSET {max_settled:UInt64}), {end:UInt64}) AS bound,
-- The first event that is too young ends the range, whatever the clock did after it.
(SELECT if(countIf(received_at > latest) > 0, minIf(sequence, received_at > latest), {end:UInt64}) FROM events) AS barrier,
least(bound, barrier) AS settle_end
SELECT
  settle_end,
  countIf(sequence < settle_end) AS settled,
  countIf(sequence >= settle_end) AS unsettled,
  toUnixTimestamp64Micro(argMinIf(received_at, sequence, sequence >= settle_end)) AS oldest_unsettled_us,
  ifNull((SELECT sequence FROM events WHERE sequence >= settle_end ORDER BY sequence LIMIT 1 OFFSET {max_recent:UInt64}),
         {end:UInt64}) AS recent_end
FROM events
