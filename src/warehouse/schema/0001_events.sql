-- Events as the journal has them, a row each; append-only. {{...}} are words of layout.h: one text, rendered for one
-- server and for a cluster. "-- shard: <expression>" says on which shard of a cluster a row lives.

-- Which generation of the warehouse this is good for (generation.h).
-- shard: 0
CREATE TABLE IF NOT EXISTS {{create generation_state}} (
  state Enum8('filling' = 1, 'ready' = 2),
  changed_at DateTime64(6, 'UTC')
) ENGINE = {{engine MergeTree}} ORDER BY changed_at {{settings}};

-- Merging costs as much as inserting, so parts wait until there are a dozen alike.
-- Within some hours a merchant's lie together: who asks of the events themselves asks mostly of one merchant. Hours rather
-- than one, so that its rows fill what is read at a time; no more, since attribution reads the newest again and again.
-- shard: cityHash64(log_id, sequence)
CREATE TABLE IF NOT EXISTS {{create impressions}} (
  log_id UInt32,
  sequence UInt64 CODEC(T64),
  event_id UUID CODEC(NONE),
  received_at DateTime64(6, 'UTC') CODEC(T64),
  occurred_at DateTime64(6, 'UTC') CODEC(T64),
  placement_id UUID,
  merchant_id UUID,
  partner_id UUID,
  exposure_unit_id UUID,
  campaign LowCardinality(String),
  article_slug LowCardinality(String),
  flag_variant LowCardinality(String),
  vertical LowCardinality(String),
  algorithm_version LowCardinality(String),
  entry_point LowCardinality(String),
  platform LowCardinality(String),
  country LowCardinality(String),
  state {{impression_state}},
  exposure_type {{exposure_type}},
  visible_ratio_permille UInt16,
  visible_ms UInt32,
  rank_position Int32 CODEC(T64),
  total_items_in_list Int32 CODEC(T64),
  is_clickable Bool,
  agent_class {{agent_class}},
  consent_analytics Bool,
  consent_marketing Bool,
  consent_basis {{consent_basis}},
  verdict_class {{verdict_class}},
  verdict_reasons UInt32,
  verdict_score UInt8,
  rules_version UInt32,
  user UInt64 CODEC(NONE) {{personal_ttl}},
  session UInt64 CODEC(NONE) {{personal_ttl}},
  slots_filled UInt16 CODEC(T64),
  INDEX sequences sequence TYPE minmax GRANULARITY 1,
  INDEX receipts received_at TYPE minmax GRANULARITY 1
) ENGINE = {{engine MergeTree}}
PARTITION BY toYYYYMM(occurred_at)
ORDER BY (toStartOfInterval(occurred_at, toIntervalHour(12)), merchant_id, placement_id, occurred_at)
{{event_ttl}} {{batch_settings}}, merge_selector_base = 8;

-- shard: cityHash64(log_id, sequence)
CREATE TABLE IF NOT EXISTS {{create clicks}} (
  log_id UInt32,
  sequence UInt64 CODEC(Delta, ZSTD(1)),
  event_id UUID CODEC(NONE),
  received_at DateTime64(6, 'UTC') CODEC(Delta, ZSTD(1)),
  occurred_at DateTime64(6, 'UTC') CODEC(T64, LZ4),
  partner_id UUID,
  link_id UUID,
  placement_id UUID,
  merchant_id UUID,
  impression_id UUID,
  campaign LowCardinality(String),
  article_slug LowCardinality(String),
  flag_variant LowCardinality(String),
  sub String,
  key_id LowCardinality(String),
  country LowCardinality(String),
  agent_class {{agent_class}},
  consent_analytics Bool,
  consent_marketing Bool,
  consent_basis {{consent_basis}},
  verdict_class {{verdict_class}},
  verdict_reasons UInt32,
  verdict_score UInt8,
  rules_version UInt32,
  user UInt64 CODEC(NONE) {{personal_ttl}},
  session UInt64 CODEC(NONE) {{personal_ttl}},
  INDEX sequences sequence TYPE minmax GRANULARITY 1,
  INDEX receipts received_at TYPE minmax GRANULARITY 1,
  INDEX event_ids event_id TYPE bloom_filter(0.01) GRANULARITY 1
) ENGINE = {{engine MergeTree}}
PARTITION BY toYYYYMM(occurred_at)
ORDER BY (toStartOfHour(occurred_at), partner_id, link_id, occurred_at)
{{event_ttl}} {{batch_settings}}, merge_selector_base = 3;

-- A row per status event; a conversion is all rows of one conversion_key.
-- shard: cityHash64(conversion_key)
CREATE TABLE IF NOT EXISTS {{create conversions}} (
  log_id UInt32,
  sequence UInt64 CODEC(Delta, ZSTD(1)),
  event_id UUID CODEC(NONE),
  received_at DateTime64(6, 'UTC') CODEC(Delta, ZSTD(1)),
  occurred_at DateTime64(6, 'UTC') CODEC(Delta, ZSTD(1)),
  conversion_key UUID,
  click_id UUID,
  partner_id UUID,
  merchant_id UUID,
  source LowCardinality(String),
  order_id String,
  type LowCardinality(String),
  network_status LowCardinality(String),
  transaction_id String,
  currency LowCardinality(String),
  sub String,
  amount_minor Int64,
  commission_minor Int64,
  status {{conversion_status}},
  consent_analytics Bool,
  consent_marketing Bool,
  consent_basis {{consent_basis}},
  verdict_class {{verdict_class}},
  verdict_reasons UInt32,
  verdict_score UInt8,
  rules_version UInt32,
  user UInt64 CODEC(NONE) {{personal_ttl}},
  session UInt64 CODEC(NONE) {{personal_ttl}},
  INDEX sequences sequence TYPE minmax GRANULARITY 1,
  INDEX occurrences occurred_at TYPE minmax GRANULARITY 1
) ENGINE = {{engine MergeTree}}
PARTITION BY toYYYYMM(occurred_at)
ORDER BY (conversion_key, sequence)
{{event_ttl}} {{batch_settings}}, merge_selector_base = 3;

-- A verdict given anew, beside a copy of what the aggregates need of the event. occurred_at is the event's.
-- shard: cityHash64(log_id, revised_sequence)
CREATE TABLE IF NOT EXISTS {{create verdict_revisions}} (
  log_id UInt32,
  sequence UInt64 CODEC(Delta, ZSTD(1)),
  received_at DateTime64(6, 'UTC') CODEC(Delta, ZSTD(1)),
  revised_sequence UInt64,
  event_id UUID,
  event_kind {{event_kind}},
  detector LowCardinality(String),
  old_class {{verdict_class}},
  new_class {{verdict_class}},
  new_reasons UInt32,
  new_score UInt8,
  rules_version UInt32,
  occurred_at DateTime64(6, 'UTC'),
  placement_id UUID,
  merchant_id UUID,
  partner_id UUID,
  link_id UUID,
  state {{impression_state}},
  rank_position Int32
) ENGINE = {{engine MergeTree}}
PARTITION BY toYYYYMM(occurred_at)
ORDER BY (event_kind, revised_sequence, sequence)
{{event_ttl}} {{batch_settings}}, merge_selector_base = 3;

-- Whether a click's redirect reached the kernel, beside a copy of the click. occurred_at is the click's.
-- shard: cityHash64(log_id, click_sequence)
CREATE TABLE IF NOT EXISTS {{create forwardings}} (
  log_id UInt32,
  sequence UInt64 CODEC(Delta, ZSTD(1)),
  received_at DateTime64(6, 'UTC') CODEC(Delta, ZSTD(1)),
  click_sequence UInt64 CODEC(Delta, ZSTD(1)),
  state {{forwarding_state}},
  occurred_at DateTime64(6, 'UTC') CODEC(Delta, ZSTD(1)),
  partner_id UUID,
  link_id UUID,
  placement_id UUID,
  merchant_id UUID,
  verdict_class {{verdict_class}}
) ENGINE = {{engine MergeTree}}
PARTITION BY toYYYYMM(occurred_at)
ORDER BY (toStartOfHour(occurred_at), partner_id, link_id, click_sequence)
{{event_ttl}} {{batch_settings}}, merge_selector_base = 3;

-- How far each log is loaded and attributed (positions.h): the row with the greatest version counts. The last `done` stays
-- beside a later `begun`: until the next pass is done, readers take that one.
-- shard: log_id
CREATE TABLE IF NOT EXISTS {{create load_positions}} (
  log_id UInt32,
  stage Enum8('load' = 1, 'settle' = 2),
  version UInt64,
  state Enum8('begun' = 1, 'done' = 2),
  first UInt64,
  end UInt64,
  days Array(Date),
  frontier DateTime64(6, 'UTC')
) ENGINE = {{engine ReplacingMergeTree(version)}} ORDER BY (log_id, stage, state) {{settings}};
