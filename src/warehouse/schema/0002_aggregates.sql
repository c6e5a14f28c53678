-- Aggregates, filled by materialized views when events are inserted. A revision arrives as -1 of the old class and +1
-- of the new one, so that counts are exact at once. Rows of one key may lie in several parts: readers sum them.
-- {{rows}} is "1" in a view; rebuild.h puts a log and its days there and runs the same SELECT again.

-- shard: cityHash64(placement_id)
CREATE TABLE IF NOT EXISTS {{create exposure_hourly}} (
  log_id UInt32,
  hour DateTime('UTC'),
  placement_id UUID,
  merchant_id UUID,
  partner_id UUID,
  verdict_class {{verdict_class}},
  impressions SimpleAggregateFunction(sum, Int64),
  measurable SimpleAggregateFunction(sum, Int64),
  viewable SimpleAggregateFunction(sum, Int64),
  rank_sum SimpleAggregateFunction(sum, Int64),
  rank_count SimpleAggregateFunction(sum, Int64)
) ENGINE = {{engine AggregatingMergeTree}}
PARTITION BY toYYYYMM(hour)
ORDER BY (hour, placement_id, merchant_id, partner_id, verdict_class, log_id) {{batch_settings}};

-- shard: cityHash64(placement_id)
CREATE TABLE IF NOT EXISTS {{create placement_hourly}} (
  log_id UInt32,
  hour DateTime('UTC'),
  placement_id UUID,
  partner_id UUID,
  verdict_class {{verdict_class}},
  impressions SimpleAggregateFunction(sum, Int64),
  measurable SimpleAggregateFunction(sum, Int64),
  viewable SimpleAggregateFunction(sum, Int64)
) ENGINE = {{engine AggregatingMergeTree}}
PARTITION BY toYYYYMM(hour)
ORDER BY (hour, placement_id, partner_id, verdict_class, log_id) {{batch_settings}};

-- Impressions that name a merchant.
-- shard: cityHash64(placement_id)
CREATE TABLE IF NOT EXISTS {{create exposure_daily}} (
  log_id UInt32,
  day Date,
  placement_id UUID,
  merchant_id UUID,
  verdict_class {{verdict_class}},
  impressions SimpleAggregateFunction(sum, Int64),
  rank_sum SimpleAggregateFunction(sum, Int64),
  rank_count SimpleAggregateFunction(sum, Int64),
  users AggregateFunction(uniqCombined64(14), UInt64)
) ENGINE = {{engine AggregatingMergeTree}}
PARTITION BY toYYYYMM(day)
ORDER BY (merchant_id, day, placement_id, verdict_class, log_id) {{batch_settings}};

-- Sessions are added up over days, which evens out what each day's sketch is off by: a quarter of the registers of users
-- will do, and merging them costs a quarter.
-- shard: cityHash64(placement_id)
CREATE TABLE IF NOT EXISTS {{create placement_daily}} (
  log_id UInt32,
  day Date,
  placement_id UUID,
  verdict_class {{verdict_class}},
  impressions SimpleAggregateFunction(sum, Int64),
  slots_max SimpleAggregateFunction(max, UInt16),
  users AggregateFunction(uniqCombined64(14), UInt64),
  sessions AggregateFunction(uniqCombined64(12), UInt64),
  session_merchants AggregateFunction(uniqCombined64(12), UInt64)
) ENGINE = {{engine AggregatingMergeTree}}
PARTITION BY toYYYYMM(day)
ORDER BY (day, placement_id, verdict_class, log_id) {{batch_settings}};

-- forwarded and failed stand under the class that the click had when it was forwarded.
-- shard: cityHash64(placement_id)
CREATE TABLE IF NOT EXISTS {{create click_hourly}} (
  log_id UInt32,
  hour DateTime('UTC'),
  partner_id UUID,
  link_id UUID,
  placement_id UUID,
  merchant_id UUID,
  verdict_class {{verdict_class}},
  clicks SimpleAggregateFunction(sum, Int64),
  forwarded SimpleAggregateFunction(sum, Int64),
  failed SimpleAggregateFunction(sum, Int64)
) ENGINE = {{engine AggregatingMergeTree}}
PARTITION BY toYYYYMM(hour)
ORDER BY (hour, partner_id, link_id, placement_id, merchant_id, verdict_class, log_id) {{batch_settings}};

CREATE MATERIALIZED VIEW IF NOT EXISTS {{view exposure_hourly_of_impressions}} TO {{stored exposure_hourly}} AS
SELECT log_id, toStartOfHour(toDateTime(occurred_at, 'UTC')) AS hour, placement_id, merchant_id, partner_id, verdict_class,
  toInt64(count()) AS impressions,
  toInt64(countIf(state >= 'measurable')) AS measurable,
  toInt64(countIf(state = 'viewable')) AS viewable,
  toInt64(sumIf(rank_position, rank_position >= 0)) AS rank_sum,
  toInt64(countIf(rank_position >= 0)) AS rank_count
FROM {{stored impressions}}
WHERE {{rows}}
GROUP BY log_id, hour, placement_id, merchant_id, partner_id, verdict_class;

CREATE MATERIALIZED VIEW IF NOT EXISTS {{view exposure_hourly_of_revisions}} TO {{stored exposure_hourly}} AS
SELECT log_id, toStartOfHour(toDateTime(occurred_at, 'UTC')) AS hour, placement_id, merchant_id, partner_id,
  change.1 AS verdict_class,
  sum(toInt64(change.2)) AS impressions,
  sumIf(toInt64(change.2), state >= 'measurable') AS measurable,
  sumIf(toInt64(change.2), state = 'viewable') AS viewable,
  sumIf(toInt64(change.2) * rank_position, rank_position >= 0) AS rank_sum,
  sumIf(toInt64(change.2), rank_position >= 0) AS rank_count
FROM {{stored verdict_revisions}}
ARRAY JOIN [(old_class, -1), (new_class, 1)] AS change
WHERE {{rows}} AND event_kind = 'impression' AND old_class != new_class
GROUP BY log_id, hour, placement_id, merchant_id, partner_id, verdict_class;

-- No {{rows}}: what is inserted into exposure_hourly again comes here by itself.
CREATE MATERIALIZED VIEW IF NOT EXISTS {{view placement_hourly_of_exposure_hourly}} TO {{stored placement_hourly}} AS
SELECT log_id, hour, placement_id, partner_id, verdict_class,
  sum(impressions) AS impressions, sum(measurable) AS measurable, sum(viewable) AS viewable
FROM {{stored exposure_hourly}}
GROUP BY log_id, hour, placement_id, partner_id, verdict_class;

CREATE MATERIALIZED VIEW IF NOT EXISTS {{view exposure_daily_of_impressions}} TO {{stored exposure_daily}} AS
SELECT log_id, toDate(occurred_at, 'UTC') AS day, placement_id, merchant_id, verdict_class,
  toInt64(count()) AS impressions,
  toInt64(sumIf(rank_position, rank_position >= 0)) AS rank_sum,
  toInt64(countIf(rank_position >= 0)) AS rank_count,
  uniqCombined64StateIf(14)(user, user != 0) AS users
FROM {{stored impressions}}
WHERE {{rows}} AND merchant_id != {{nil}}
GROUP BY log_id, day, placement_id, merchant_id, verdict_class;

-- A revised impression's user stays counted under its first class: sketches take nothing back.
CREATE MATERIALIZED VIEW IF NOT EXISTS {{view exposure_daily_of_revisions}} TO {{stored exposure_daily}} AS
SELECT log_id, toDate(occurred_at, 'UTC') AS day, placement_id, merchant_id,
  change.1 AS verdict_class,
  sum(toInt64(change.2)) AS impressions,
  sumIf(toInt64(change.2) * rank_position, rank_position >= 0) AS rank_sum,
  sumIf(toInt64(change.2), rank_position >= 0) AS rank_count
FROM {{stored verdict_revisions}}
ARRAY JOIN [(old_class, -1), (new_class, 1)] AS change
WHERE {{rows}} AND event_kind = 'impression' AND old_class != new_class AND merchant_id != {{nil}}
GROUP BY log_id, day, placement_id, merchant_id, verdict_class;

CREATE MATERIALIZED VIEW IF NOT EXISTS {{view placement_daily_of_impressions}} TO {{stored placement_daily}} AS
SELECT log_id, toDate(occurred_at, 'UTC') AS day, placement_id, verdict_class,
  toInt64(count()) AS impressions,
  max(slots_filled) AS slots_max,
  uniqCombined64StateIf(14)(user, user != 0) AS users,
  uniqCombined64StateIf(12)(session, session != 0) AS sessions,
  uniqCombined64StateIf(12)(cityHash64(session, merchant_id), session != 0 AND merchant_id != {{nil}}) AS session_merchants
FROM {{stored impressions}}
WHERE {{rows}}
GROUP BY log_id, day, placement_id, verdict_class;

CREATE MATERIALIZED VIEW IF NOT EXISTS {{view placement_daily_of_revisions}} TO {{stored placement_daily}} AS
SELECT log_id, toDate(occurred_at, 'UTC') AS day, placement_id,
  change.1 AS verdict_class,
  sum(toInt64(change.2)) AS impressions
FROM {{stored verdict_revisions}}
ARRAY JOIN [(old_class, -1), (new_class, 1)] AS change
WHERE {{rows}} AND event_kind = 'impression' AND old_class != new_class
GROUP BY log_id, day, placement_id, verdict_class;

CREATE MATERIALIZED VIEW IF NOT EXISTS {{view click_hourly_of_clicks}} TO {{stored click_hourly}} AS
SELECT log_id, toStartOfHour(toDateTime(occurred_at, 'UTC')) AS hour, partner_id, link_id, placement_id, merchant_id,
  verdict_class,
  toInt64(count()) AS clicks
FROM {{stored clicks}}
WHERE {{rows}}
GROUP BY log_id, hour, partner_id, link_id, placement_id, merchant_id, verdict_class;

CREATE MATERIALIZED VIEW IF NOT EXISTS {{view click_hourly_of_revisions}} TO {{stored click_hourly}} AS
SELECT log_id, toStartOfHour(toDateTime(occurred_at, 'UTC')) AS hour, partner_id, link_id, placement_id, merchant_id,
  change.1 AS verdict_class,
  sum(toInt64(change.2)) AS clicks
FROM {{stored verdict_revisions}}
ARRAY JOIN [(old_class, -1), (new_class, 1)] AS change
WHERE {{rows}} AND event_kind = 'click' AND old_class != new_class
GROUP BY log_id, hour, partner_id, link_id, placement_id, merchant_id, verdict_class;

CREATE MATERIALIZED VIEW IF NOT EXISTS {{view click_hourly_of_forwardings}} TO {{stored click_hourly}} AS
SELECT log_id, toStartOfHour(toDateTime(occurred_at, 'UTC')) AS hour, partner_id, link_id, placement_id, merchant_id,
  verdict_class,
  toInt64(countIf(state = 'forwarded')) AS forwarded,
  toInt64(countIf(state = 'failed')) AS failed
FROM {{stored forwardings}}
WHERE {{rows}}
GROUP BY log_id, hour, partner_id, link_id, placement_id, merchant_id, verdict_class;
