-- Which placement a click and a conversion's revenue belong to. What is settled is written once; the recent tables
-- hold a whole new answer per pass, and readers take the pass that attribution_passes publishes.

-- shard: cityHash64(log_id, click_sequence)
CREATE TABLE IF NOT EXISTS {{create click_attributions}} (
  pass UInt64,
  log_id UInt32,
  click_sequence UInt64,
  click_event_id UUID,
  occurred_at DateTime64(6, 'UTC'),
  partner_id UUID,
  link_id UUID,
  merchant_id UUID,
  placement_id UUID,
  impression_event_id UUID,
  verdict_class {{verdict_class}},
  INDEX click_event_ids click_event_id TYPE bloom_filter(0.01) GRANULARITY 1
) ENGINE = {{engine MergeTree}}
PARTITION BY toYYYYMM(occurred_at)
ORDER BY (toStartOfHour(occurred_at), placement_id, merchant_id, log_id, click_sequence)
{{event_ttl}} {{settings}};

-- shard: cityHash64(log_id, click_sequence)
CREATE TABLE IF NOT EXISTS {{create recent_click_attributions}} (
  pass UInt64,
  log_id UInt32,
  click_sequence UInt64,
  click_event_id UUID,
  occurred_at DateTime64(6, 'UTC'),
  partner_id UUID,
  link_id UUID,
  merchant_id UUID,
  placement_id UUID,
  impression_event_id UUID,
  verdict_class {{verdict_class}}
) ENGINE = {{engine MergeTree}}
PARTITION BY pass
ORDER BY (toStartOfHour(occurred_at), placement_id, merchant_id, log_id, click_sequence) {{settings}};

-- The part of an amount A that falls to a row: intDiv(A * weight_after, weight_total) - intDiv(A * weight_before,
-- weight_total). The rows of a conversion and a model follow each other from 0 to weight_total, so the parts add up to A.
-- shard: cityHash64(conversion_key)
CREATE TABLE IF NOT EXISTS {{create conversion_shares}} (
  pass UInt64,
  model {{attribution_model}},
  conversion_key UUID,
  occurred_at DateTime64(6, 'UTC'),
  merchant_id UUID,
  partner_id UUID,
  placement_id UUID,
  weight_before UInt32,
  weight_after UInt32,
  weight_total UInt32
) ENGINE = {{engine MergeTree}}
PARTITION BY toYYYYMM(occurred_at)
ORDER BY (model, conversion_key, weight_before)
{{event_ttl}} {{settings}};

-- shard: cityHash64(conversion_key)
CREATE TABLE IF NOT EXISTS {{create recent_conversion_shares}} (
  pass UInt64,
  model {{attribution_model}},
  conversion_key UUID,
  occurred_at DateTime64(6, 'UTC'),
  merchant_id UUID,
  partner_id UUID,
  placement_id UUID,
  weight_before UInt32,
  weight_after UInt32,
  weight_total UInt32
) ENGINE = {{engine MergeTree}}
PARTITION BY pass
ORDER BY (model, conversion_key, weight_before) {{settings}};

-- Passes that were completed; the greatest is the one to read.
-- shard: 0
CREATE TABLE IF NOT EXISTS {{create attribution_passes}} (
  pass UInt64,
  published_at DateTime64(6, 'UTC')
) ENGINE = {{engine ReplacingMergeTree(pass)}} ORDER BY tuple() {{settings}};
