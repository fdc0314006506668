-- The tables of one kind of fact in one epoch. Inserts name them with the epoch, so that a writer that slept through
-- a rebuild hits a table that is gone, never a newer one.

-- Deduplication: plain MergeTree ignores the insert's token unless non_replicated_deduplication_window is set, on the
-- source and on every view's target. Yearly partitions: an insert over more than 100 partitions fails for ever, and
-- the window counts an entry per partition. The index on block finds one block's rows for the check after an unclear
-- answer.
CREATE TABLE IF NOT EXISTS {{fact}}_e{{epoch}}
(
    {{fact_columns}},
    INDEX by_block block TYPE minmax GRANULARITY 1
)
ENGINE = {{replicated}}MergeTree
PARTITION BY toYear(local_date)
ORDER BY (tenant_id, basis, local_date, entity_id)
SETTINGS {{deduplication}};

-- Sums by day. index_granularity = 256: a tenant's month is a few hundred rows, so the default granule of 8,192 would
-- read everybody's.
CREATE TABLE IF NOT EXISTS {{rollup}}_daily_e{{epoch}}
(
    {{daily_columns}}
)
ENGINE = {{replicated}}AggregatingMergeTree
PARTITION BY toYear(local_date)
ORDER BY ({{daily_key}})
SETTINGS {{deduplication}}, index_granularity = 256;

-- Sums by local hour, keyed by the instant it began: a day of 25 hours has 25.
CREATE TABLE IF NOT EXISTS {{rollup}}_hourly_e{{epoch}}
(
    {{hourly_columns}}
)
ENGINE = {{replicated}}AggregatingMergeTree
PARTITION BY toYear(local_date)
ORDER BY ({{hourly_key}})
SETTINGS {{deduplication}}, index_granularity = 256;

-- TO an explicit table: the table that a view makes for itself has no deduplication window, and a repeated insert
-- would count again in it.
CREATE MATERIALIZED VIEW IF NOT EXISTS mv_{{rollup}}_daily_e{{epoch}} TO {{rollup}}_daily_e{{epoch}} AS
SELECT
    {{daily_key}},
    {{signed_sums}}
FROM {{fact}}_e{{epoch}}
GROUP BY {{daily_key}};

CREATE MATERIALIZED VIEW IF NOT EXISTS mv_{{rollup}}_hourly_e{{epoch}} TO {{rollup}}_hourly_e{{epoch}} AS
SELECT
    {{hourly_key}},
    {{signed_sums}}
FROM {{fact}}_e{{epoch}}
GROUP BY {{hourly_key}};
