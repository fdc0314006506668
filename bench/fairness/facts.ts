import type { ClickHouse } from '@switchboard/clickhouse';

/** Rows of the table that analysts go through, as of a few large clinics in years. */
const FACTS = 4_000_000;
const CLINICS = 40;
const DAYS = 730;

/** A fact table with its daily sums, shaped as those of calls, and filled. */
export async function makeFacts(clickhouse: ClickHouse): Promise<void> {
  const window = 'SETTINGS non_replicated_deduplication_window = 1000';
  await clickhouse.command(
    `CREATE TABLE fact (clinic UInt16, day Date, entity UInt64, number String, outcome LowCardinality(String), sign Int8, seconds Int64)
     ENGINE = MergeTree PARTITION BY toYear(day) ORDER BY (clinic, day, entity) ${window}`,
  );
  await clickhouse.command(
    `CREATE TABLE daily (clinic UInt16, day Date, outcome LowCardinality(String), calls SimpleAggregateFunction(sum, Int64), seconds SimpleAggregateFunction(sum, Int64))
     ENGINE = AggregatingMergeTree ORDER BY (clinic, day, outcome) ${window}`,
  );
  await clickhouse.command(
    `CREATE MATERIALIZED VIEW to_daily TO daily AS
     SELECT clinic, day, outcome, sum(sign) AS calls, sum(sign * seconds) AS seconds FROM fact GROUP BY clinic, day, outcome`,
  );
  await clickhouse.command(
    `INSERT INTO fact SELECT number % ${CLINICS}, toDate('2025-01-01') + intDiv(number, ${CLINICS}) % ${DAYS}, number,
       hex(sipHash128(number % 400000)), ['booked', 'cancelled', 'asked', 'lost'][1 + cityHash64(number) % 4], 1, number % 600
     FROM numbers(${FACTS})`,
    undefined,
    { max_insert_threads: '1' },
  );
  await clickhouse.command('OPTIMIZE TABLE daily FINAL');
}

/** What the API asks for: a clinic's sums of ninety days. */
export async function readSums(clickhouse: ClickHouse, index: number): Promise<void> {
  await clickhouse.query(
    `SELECT day, outcome, sum(calls) AS calls, sum(seconds) AS seconds FROM daily
     WHERE clinic = {clinic:UInt16} AND day >= toDate('2026-06-01') AND day < toDate('2026-09-01')
     GROUP BY day, outcome ORDER BY day, outcome`,
    { clinic: index % CLINICS },
  );
}

/** What the block worker writes: one block under its token, into the facts and their sums. */
export async function insertBlock(clickhouse: ClickHouse, number: number, body: string): Promise<void> {
  await clickhouse.insertBytes('INSERT INTO fact FORMAT JSONEachRow', body, {
    async_insert: 0,
    insert_deduplicate: 1,
    deduplicate_blocks_in_dependent_materialized_views: 1,
    insert_deduplication_token: `bench-${number}`,
    wait_end_of_query: 1,
    max_insert_threads: '1',
  });
}

/** JSON lines of a block. */
export function blockOf(number: number, rows: number): string {
  const row = (index: number) => ({
    clinic: number % CLINICS,
    day: `2026-08-${String(1 + (number % 28)).padStart(2, '0')}`,
    entity: 1_000_000_000 + number * rows + index,
    number: `${number}-${index}`,
    outcome: 'booked',
    sign: 1,
    seconds: index,
  });
  return Array.from({ length: rows }, (_, index) => JSON.stringify(row(index))).join('\n');
}

/** What analysts run: distinct counts, a sort, a join, hashes; each goes through all facts and takes seconds. */
export const HEAVY_QUERIES: readonly string[] = [
  'SELECT day, uniqExact(number), quantilesExact(0.5, 0.9)(seconds) FROM fact GROUP BY day',
  'SELECT number, count() AS n, groupUniqArray(outcome) FROM fact GROUP BY number ORDER BY n DESC, number LIMIT 100',
  'SELECT clinic, sum(seconds) OVER (PARTITION BY clinic ORDER BY entity) AS s FROM fact ORDER BY s DESC LIMIT 10',
  'SELECT count() FROM fact AS a JOIN (SELECT number, max(seconds) AS most FROM fact GROUP BY number) AS b USING (number) WHERE a.seconds = b.most',
  'SELECT sum(sipHash64(number, toString(seconds))) FROM fact',
];
