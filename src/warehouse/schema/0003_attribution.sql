-- Which placement a click and a conversion's revenue belong to (docs/attribution.md). What is settled is written once;
-- the recent tables hold a whole new answer per pass. Readers take the views attributed_clicks and
-- attributed_conversions, which show one published pass: a pass is published by its position in load_positions.

-- A row per click, and two per revision of its verdict, which move it from one class to the other: readers add `clicks`.
-- placement_id nil: unattributed.
-- shard: cityHash64(log_id, click_sequence)
CREATE TABLE IF NOT EXISTS {{create click_attributions}} (
  pass UInt64 CODEC(T64),
  log_id UInt32,
  click_sequence UInt64 CODEC(Delta, ZSTD(1)),
  revision_sequence UInt64,
  click_event_id UUID CODEC(NONE),
  occurred_at DateTime64(6, 'UTC') CODEC(T64),
  partner_id UUID,
  link_id UUID,
  merchant_id UUID,
  placement_id UUID,
  impression_event_id UUID CODEC(NONE),
  verdict_class {{verdict_class}},
  clicks Int8,
  INDEX click_event_ids click_event_id TYPE bloom_filter(0.01) GRANULARITY 1
) ENGINE = {{engine MergeTree}}
PARTITION BY toYYYYMM(occurred_at)
ORDER BY (toMonday(occurred_at), merchant_id, placement_id, log_id, click_sequence)
{{event_ttl}} {{batch_settings}}, merge_selector_base = 3, index_granularity = 2048;

-- shard: cityHash64(log_id, click_sequence)
CREATE TABLE IF NOT EXISTS {{create recent_click_attributions}} (
  pass UInt64,
  log_id UInt32,
  click_sequence UInt64,
  revision_sequence UInt64,
  click_event_id UUID,
  occurred_at DateTime64(6, 'UTC'),
  partner_id UUID,
  link_id UUID,
  merchant_id UUID,
  placement_id UUID,
  impression_event_id UUID,
  verdict_class {{verdict_class}},
  clicks Int8
) ENGINE = {{engine MergeTree}}
PARTITION BY (log_id, pass)
ORDER BY (toStartOfHour(occurred_at), placement_id, merchant_id, log_id, click_sequence) {{batch_settings}}, merge_selector_base = 3;

-- The part of an amount A that falls to a row, in Int128 so that nothing overflows: intDiv(toInt128(A) * weight_after,
-- weight_total) - intDiv(toInt128(A) * weight_before, weight_total). The rows of a conversion and a model follow each
-- other from 0 to weight_total, so the parts add up to A.
-- shard: cityHash64(conversion_key)
CREATE TABLE IF NOT EXISTS {{create conversion_shares}} (
  pass UInt64 CODEC(T64),
  log_id UInt32,
  model {{attribution_model}},
  conversion_key UUID,
  occurred_at DateTime64(6, 'UTC') CODEC(T64),
  merchant_id UUID,
  partner_id UUID,
  placement_id UUID,
  weight_before UInt64,
  weight_after UInt64,
  weight_total UInt64
) ENGINE = {{engine MergeTree}}
PARTITION BY toYYYYMM(occurred_at)
ORDER BY (model, conversion_key, weight_before)
{{event_ttl}} {{batch_settings}}, merge_selector_base = 3;

-- shard: cityHash64(conversion_key)
CREATE TABLE IF NOT EXISTS {{create recent_conversion_shares}} (
  pass UInt64,
  log_id UInt32,
  model {{attribution_model}},
  conversion_key UUID,
  occurred_at DateTime64(6, 'UTC'),
  merchant_id UUID,
  partner_id UUID,
  placement_id UUID,
  weight_before UInt64,
  weight_after UInt64,
  weight_total UInt64
) ENGINE = {{engine MergeTree}}
PARTITION BY (log_id, pass)
ORDER BY (model, conversion_key, weight_before) {{batch_settings}}, merge_selector_base = 3;

-- What a pass works on: conversions with the user and merchant whose exposures count, and the placement that they fall
-- back on. Empty between passes.
-- shard: cityHash64(conversion_key)
CREATE TABLE IF NOT EXISTS {{create attribution_claims}} (
  pass UInt64,
  log_id UInt32,
  sequence UInt64,
  conversion_key UUID,
  occurred_at DateTime64(6, 'UTC'),
  user UInt64,
  merchant_id UUID,
  partner_id UUID,
  placement_id UUID
) ENGINE = {{engine MergeTree}}
PARTITION BY (log_id, pass)
ORDER BY sequence {{batch_settings}}, merge_selector_base = 3;

-- Every click once, as of each log's last published pass; one statement sees one pass.
CREATE VIEW IF NOT EXISTS {{view attributed_clicks}} AS
WITH (
  SELECT (groupArray(log_id), groupArray(pass))
  FROM (
    SELECT log_id, max(version) AS pass FROM {{table load_positions}}
    WHERE stage = 'settle' AND state = 'done' GROUP BY log_id
  )
) AS published
SELECT log_id, click_sequence, revision_sequence, click_event_id, occurred_at, partner_id, link_id, merchant_id,
  placement_id, impression_event_id, verdict_class, clicks
FROM {{table click_attributions}}
WHERE pass <= transform(log_id, published.1, published.2, toUInt64(0))
UNION ALL
SELECT log_id, click_sequence, revision_sequence, click_event_id, occurred_at, partner_id, link_id, merchant_id,
  placement_id, impression_event_id, verdict_class, clicks
FROM {{table recent_click_attributions}}
WHERE pass = transform(log_id, published.1, published.2, toUInt64(0));

-- Every conversion once under each model, in parts.
CREATE VIEW IF NOT EXISTS {{view attributed_conversions}} AS
WITH (
  SELECT (groupArray(log_id), groupArray(pass))
  FROM (
    SELECT log_id, max(version) AS pass FROM {{table load_positions}}
    WHERE stage = 'settle' AND state = 'done' GROUP BY log_id
  )
) AS published
SELECT log_id, model, conversion_key, occurred_at, merchant_id, partner_id, placement_id, weight_before, weight_after,
  weight_total
FROM {{table conversion_shares}}
WHERE pass <= transform(log_id, published.1, published.2, toUInt64(0))
UNION ALL
SELECT log_id, model, conversion_key, occurred_at, merchant_id, partner_id, placement_id, weight_before, weight_after,
  weight_total
FROM {{table recent_conversion_shares}}
WHERE pass = transform(log_id, published.1, published.2, toUInt64(0));
