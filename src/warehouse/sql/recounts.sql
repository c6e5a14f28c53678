-- The aggregates of a log's days from the event tables: what aggregate_tally.h counts while events are loaded, for when
-- that is not to be had: after a batch that was cut off, after an erasure. {{rows}} are a log and a day; {{day_session}} and
-- {{day_session_merchant}} are one number for the two or three of them.

INSERT INTO {{table exposure_hourly}} (log_id, hour, placement_id, merchant_id, partner_id, verdict_class, impressions, measurable,
  viewable, rank_sum, rank_count)
SELECT log_id, toStartOfHour(toDateTime(occurred_at, 'UTC')) AS hour, placement_id, merchant_id, partner_id, verdict_class,
  toInt64(count()) AS impressions,
  toInt64(countIf(state >= 'measurable')) AS measurable,
  toInt64(countIf(state = 'viewable')) AS viewable,
  toInt64(sumIf(rank_position, rank_position >= 0)) AS rank_sum,
  toInt64(countIf(rank_position >= 0)) AS rank_count
FROM {{table impressions}}
WHERE {{rows}}
GROUP BY log_id, hour, placement_id, merchant_id, partner_id, verdict_class;

INSERT INTO {{table exposure_hourly}} (log_id, hour, placement_id, merchant_id, partner_id, verdict_class, impressions, measurable,
  viewable, rank_sum, rank_count)
SELECT log_id, toStartOfHour(toDateTime(occurred_at, 'UTC')) AS hour, placement_id, merchant_id, partner_id,
  change.1 AS verdict_class,
  sum(toInt64(change.2)) AS impressions,
  sumIf(toInt64(change.2), state >= 'measurable') AS measurable,
  sumIf(toInt64(change.2), state = 'viewable') AS viewable,
  sumIf(toInt64(change.2) * rank_position, rank_position >= 0) AS rank_sum,
  sumIf(toInt64(change.2), rank_position >= 0) AS rank_count
FROM {{table verdict_revisions}}
ARRAY JOIN [(old_class, -1), (new_class, 1)] AS change
WHERE {{rows}} AND event_kind = 'impression' AND old_class != new_class
GROUP BY log_id, hour, placement_id, merchant_id, partner_id, verdict_class;

INSERT INTO {{table placement_hourly}} (log_id, hour, placement_id, partner_id, verdict_class, impressions, measurable,
  viewable)
SELECT log_id, toStartOfHour(toDateTime(occurred_at, 'UTC')) AS hour, placement_id, partner_id, verdict_class,
  toInt64(count()) AS impressions,
  toInt64(countIf(state >= 'measurable')) AS measurable,
  toInt64(countIf(state = 'viewable')) AS viewable
FROM {{table impressions}}
WHERE {{rows}}
GROUP BY log_id, hour, placement_id, partner_id, verdict_class;

INSERT INTO {{table placement_hourly}} (log_id, hour, placement_id, partner_id, verdict_class, impressions, measurable,
  viewable)
SELECT log_id, toStartOfHour(toDateTime(occurred_at, 'UTC')) AS hour, placement_id, partner_id, change.1 AS verdict_class,
  sum(toInt64(change.2)) AS impressions,
  sumIf(toInt64(change.2), state >= 'measurable') AS measurable,
  sumIf(toInt64(change.2), state = 'viewable') AS viewable
FROM {{table verdict_revisions}}
ARRAY JOIN [(old_class, -1), (new_class, 1)] AS change
WHERE {{rows}} AND event_kind = 'impression' AND old_class != new_class
GROUP BY log_id, hour, placement_id, partner_id, verdict_class;

INSERT INTO {{table exposure_daily}} (log_id, day, placement_id, merchant_id, verdict_class, impressions, rank_sum,
  rank_count)
SELECT log_id, toDate(occurred_at, 'UTC') AS day, placement_id, merchant_id, verdict_class,
  toInt64(count()) AS impressions,
  toInt64(sumIf(rank_position, rank_position >= 0)) AS rank_sum,
  toInt64(countIf(rank_position >= 0)) AS rank_count
FROM {{table impressions}}
WHERE {{rows}} AND merchant_id != {{nil}}
GROUP BY log_id, day, placement_id, merchant_id, verdict_class;

INSERT INTO {{table exposure_daily}} (log_id, day, placement_id, merchant_id, verdict_class, impressions, rank_sum,
  rank_count)
SELECT log_id, toDate(occurred_at, 'UTC') AS day, placement_id, merchant_id, change.1 AS verdict_class,
  sum(toInt64(change.2)) AS impressions,
  sumIf(toInt64(change.2) * rank_position, rank_position >= 0) AS rank_sum,
  sumIf(toInt64(change.2), rank_position >= 0) AS rank_count
FROM {{table verdict_revisions}}
ARRAY JOIN [(old_class, -1), (new_class, 1)] AS change
WHERE {{rows}} AND event_kind = 'impression' AND old_class != new_class AND merchant_id != {{nil}}
GROUP BY log_id, day, placement_id, merchant_id, verdict_class;

-- A revised impression's user stays counted as it came: sketches take nothing back.
INSERT INTO {{table exposure_users_daily}} (log_id, day, placement_id, merchant_id, basis, users)
SELECT log_id, toDate(occurred_at, 'UTC') AS day, placement_id, merchant_id, basis,
  uniqCombined64State(14)(user) AS users
FROM {{table impressions}}
ARRAY JOIN if(verdict_class <= 'suspect', ['net', 'gross'], ['gross']) AS basis
WHERE {{rows}} AND merchant_id != {{nil}} AND user != 0
GROUP BY log_id, day, placement_id, merchant_id, basis;

INSERT INTO {{table placement_daily}} (log_id, day, placement_id, basis, impressions, slots_max, users, sessions,
  session_merchants)
SELECT log_id, toDate(occurred_at, 'UTC') AS day, placement_id, basis,
  toInt64(count()) AS impressions,
  max(slots_filled) AS slots_max,
  uniqCombined64StateIf(14)(user, user != 0) AS users,
  uniqCombined64StateIf(13)({{day_session}}, session != 0) AS sessions,
  uniqCombined64StateIf(13)({{day_session_merchant}}, session != 0 AND merchant_id != {{nil}}) AS session_merchants
FROM {{table impressions}}
ARRAY JOIN if(verdict_class <= 'suspect', ['net', 'gross'], ['gross']) AS basis
WHERE {{rows}}
GROUP BY log_id, day, placement_id, basis;

INSERT INTO {{table placement_daily}} (log_id, day, placement_id, basis, impressions)
SELECT log_id, toDate(occurred_at, 'UTC') AS day, placement_id, 'net' AS basis,
  sum(toInt64(new_class <= 'suspect') - toInt64(old_class <= 'suspect')) AS impressions
FROM {{table verdict_revisions}}
WHERE {{rows}} AND event_kind = 'impression' AND old_class != new_class
GROUP BY log_id, day, placement_id;

INSERT INTO {{table click_hourly}} (log_id, hour, partner_id, link_id, placement_id, merchant_id, verdict_class,
  clicks)
SELECT log_id, toStartOfHour(toDateTime(occurred_at, 'UTC')) AS hour, partner_id, link_id, placement_id, merchant_id,
  verdict_class,
  toInt64(count()) AS clicks
FROM {{table clicks}}
WHERE {{rows}}
GROUP BY log_id, hour, partner_id, link_id, placement_id, merchant_id, verdict_class;

INSERT INTO {{table click_hourly}} (log_id, hour, partner_id, link_id, placement_id, merchant_id, verdict_class,
  clicks)
SELECT log_id, toStartOfHour(toDateTime(occurred_at, 'UTC')) AS hour, partner_id, link_id, placement_id, merchant_id,
  change.1 AS verdict_class,
  sum(toInt64(change.2)) AS clicks
FROM {{table verdict_revisions}}
ARRAY JOIN [(old_class, -1), (new_class, 1)] AS change
WHERE {{rows}} AND event_kind = 'click' AND old_class != new_class
GROUP BY log_id, hour, partner_id, link_id, placement_id, merchant_id, verdict_class;

INSERT INTO {{table click_hourly}} (log_id, hour, partner_id, link_id, placement_id, merchant_id, verdict_class,
  forwarded, failed)
SELECT log_id, toStartOfHour(toDateTime(occurred_at, 'UTC')) AS hour, partner_id, link_id, placement_id, merchant_id,
  verdict_class,
  toInt64(countIf(state = 'forwarded')) AS forwarded,
  toInt64(countIf(state = 'failed')) AS failed
FROM {{table forwardings}}
WHERE {{rows}}
GROUP BY log_id, hour, partner_id, link_id, placement_id, merchant_id, verdict_class;
