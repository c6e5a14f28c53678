-- Aggregates, filled with each batch by what the loader counted of it (aggregate_tally.h). A revision arrives as -1 of the
-- old class and +1 of the new one, so that counts are exact at once. Rows of one key may lie in several parts: readers
-- sum them. sql/recounts.sql makes the same from the event tables.

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
ORDER BY (hour, placement_id, merchant_id, partner_id, verdict_class, log_id) {{batch_settings}}, merge_selector_base = 3;

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
ORDER BY (hour, placement_id, partner_id, verdict_class, log_id) {{batch_settings}}, merge_selector_base = 3;

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
  rank_count SimpleAggregateFunction(sum, Int64)
) ENGINE = {{engine AggregatingMergeTree}}
PARTITION BY toYYYYMM(day)
ORDER BY (merchant_id, day, placement_id, verdict_class, log_id) {{batch_settings}}, merge_selector_base = 3;

-- Users and sessions are counted by basis, net (valid and suspect) and gross, as they are asked for: merging sketches of
-- classes is what reports would spend most of their time on.
-- shard: cityHash64(placement_id)
CREATE TABLE IF NOT EXISTS {{create exposure_users_daily}} (
  log_id UInt32,
  day Date,
  placement_id UUID,
  merchant_id UUID,
  basis {{basis}},
  users AggregateFunction(uniqCombined64(14), UInt64)
) ENGINE = {{engine AggregatingMergeTree}}
PARTITION BY toYYYYMM(day)
ORDER BY (basis, merchant_id, day, placement_id, log_id)
{{batch_settings}}, merge_selector_base = 3, index_granularity = 256;

-- A session counts once a day. Sessions are added up over days and weeks, which evens out what each sketch is off by:
-- half of the registers of users will do.
-- shard: cityHash64(placement_id)
CREATE TABLE IF NOT EXISTS {{create placement_daily}} (
  log_id UInt32,
  day Date,
  placement_id UUID,
  basis {{basis}},
  impressions SimpleAggregateFunction(sum, Int64),
  slots_max SimpleAggregateFunction(max, UInt16),
  users AggregateFunction(uniqCombined64(14), UInt64),
  sessions AggregateFunction(uniqCombined64(13), UInt64),
  session_merchants AggregateFunction(uniqCombined64(13), UInt64)
) ENGINE = {{engine AggregatingMergeTree}}
PARTITION BY toYYYYMM(day)
ORDER BY (basis, day, placement_id, log_id) {{batch_settings}}, merge_selector_base = 3, index_granularity = 64;

-- Merging sketches is most of what a report on placements costs, and a month has four of these and some days. `week` is
-- the Monday. Users and sessions as above: sessions of a week are those of its days together.
-- shard: cityHash64(placement_id)
CREATE TABLE IF NOT EXISTS {{create placement_weekly}} (
  log_id UInt32,
  week Date,
  placement_id UUID,
  basis {{basis}},
  slots_max SimpleAggregateFunction(max, UInt16),
  users AggregateFunction(uniqCombined64(14), UInt64),
  sessions AggregateFunction(uniqCombined64(13), UInt64),
  session_merchants AggregateFunction(uniqCombined64(13), UInt64)
) ENGINE = {{engine AggregatingMergeTree}}
PARTITION BY toYYYYMM(week)
ORDER BY (basis, week, placement_id, log_id) {{batch_settings}}, merge_selector_base = 3, index_granularity = 64;

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
ORDER BY (toMonday(hour), partner_id, merchant_id, hour, link_id, placement_id, verdict_class, log_id)
{{batch_settings}}, merge_selector_base = 3, index_granularity = 512;
