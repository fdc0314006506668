import { type ConfigShape, databaseUrl, port, wholeNumber } from '@switchboard/platform/config';
import { clickhouseTablesShape } from '@switchboard/platform/shapes';

/** Where facts come from and go to, and as whom. */
export const storesShape = {
  ...clickhouseTablesShape,
  DATABASE_URL: databaseUrl(
    'switchboard_sink',
    'Straight to the server: session locks don’t survive a pooler.',
  ),
} satisfies ConfigShape;

/** How work on blocks is done. */
export const tuningShape = {
  CLICKHOUSE_DEDUP_WINDOW: wholeNumber(10_000, 1, 1e9).describe(
    'Inserts that ClickHouse remembers, of tables made from now on.',
  ),
  CLICKHOUSE_MAINTENANCE_SECONDS: wholeNumber(3_600, 1, 86_400).describe(
    'Longest time of one statement of a comparison or rebuild.',
  ),
} satisfies ConfigShape;

/** Settings of what works on blocks: the ClickHouse sink, verify and rebuild. */
export const blockWorkShape = { ...storesShape, ...tuningShape } satisfies ConfigShape;

/** Settings of the ClickHouse sink, beside those of every service. */
export const clickhouseSinkShape = { ...blockWorkShape, PORT: port(8103) } satisfies ConfigShape;
