-- What the ids in events mean. A whole set is written when the catalog has changed; read with FINAL.

-- shard: cityHash64(id)
CREATE TABLE IF NOT EXISTS {{create placements}} (
  id UUID,
  slug String,
  name String,
  status LowCardinality(String),
  max_slots UInt32,
  vertical LowCardinality(String),
  version UInt64
) ENGINE = {{engine ReplacingMergeTree(version)}} ORDER BY id {{settings}};

-- shard: cityHash64(id)
CREATE TABLE IF NOT EXISTS {{create merchants}} (
  id UUID,
  slug String,
  name String,
  status LowCardinality(String),
  version UInt64
) ENGINE = {{engine ReplacingMergeTree(version)}} ORDER BY id {{settings}};

-- shard: cityHash64(id)
CREATE TABLE IF NOT EXISTS {{create partners}} (
  id UUID,
  slug String,
  name String,
  status LowCardinality(String),
  network LowCardinality(String),
  currency LowCardinality(String),
  time_zone LowCardinality(String),
  version UInt64
) ENGINE = {{engine ReplacingMergeTree(version)}} ORDER BY id {{settings}};

-- shard: cityHash64(id)
CREATE TABLE IF NOT EXISTS {{create links}} (
  id UUID,
  partner_id UUID,
  slug String,
  status LowCardinality(String),
  placement_id UUID,
  version UInt64
) ENGINE = {{engine ReplacingMergeTree(version)}} ORDER BY id {{settings}};
