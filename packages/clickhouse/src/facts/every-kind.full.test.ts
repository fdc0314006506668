import { stateVoiceCall } from '@switchboard/domain/facts/voice-call';
import { randomCalls } from '@switchboard/testkit/random-calls';
import { randomStatements } from '@switchboard/testkit/random-statements';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { checkBlock, highestBlock } from '../blocks/check-block.ts';
import { rollupDifferenceSql } from '../blocks/difference.ts';
import { type BlockInserter, type BlockPayload, createBlockInserter } from '../blocks/insert-block.ts';
import { type ClickHouse, createClickHouse } from '../client.ts';
import { migrateClickHouse } from '../migrate/migrate.ts';
import { rollupsOf } from './fact-table.ts';
import { factTables } from './index.ts';

const tenant = '01890000-0000-7000-8000-0000000000aa';
const { url, user, password } = inject('engines').clickhouse;
const database = `every_kind_${process.pid}`;
const span = { count: 150, seed: 5, from: Date.UTC(2026, 9, 1), to: Date.UTC(2026, 9, 12) };
const zone = 'Asia/Kolkata';
const stated = [
  ...randomCalls(span).map((call) => ({
    kind: 'voice_call',
    entityId: call.id,
    basis: 'started',
    statement: stateVoiceCall(call, zone),
  })),
  ...randomStatements(span, zone),
].filter(({ statement }) => statement !== null);
const kinds = factTables.map(({ kind }) => kind);

let clickhouse: ClickHouse;
let inserter: BlockInserter;
let epoch = 0;
beforeAll(async () => {
  epoch = await migrateClickHouse({ url, user, password, database });
  clickhouse = createClickHouse({ url, user, password, database });
  inserter = await createBlockInserter(clickhouse);
});
afterAll(async () => {
  await clickhouse.command('DROP DATABASE {database:Identifier}', { database });
  await clickhouse.close();
});

/** The payloads of a block that states everything, or takes it all back. */
function payloads(block: number, sign: 1 | -1): BlockPayload[] {
  return kinds.map((kind) => {
    const lines = stated
      .filter((one) => one.kind === kind)
      .map(({ entityId, basis, statement }) =>
        JSON.stringify({
          block,
          tenant_id: tenant,
          event_id: entityId,
          entity_id: entityId,
          basis,
          sign,
          ...statement,
        }),
      );
    return { kind, rows: lines.length, payload: lines.join('\n') };
  });
}

async function insert(number: number, block: readonly BlockPayload[]) {
  for (const payload of block) await inserter.insert(epoch, { shard: 0, number }, payload);
}

const numberOf = async (sql: string) => Number((await clickhouse.query<{ n: string }>(sql))[0]?.n);
const first = payloads(1, 1);

/** Keys whose sums differ from the facts, over all kinds and both sums. */
async function differing(): Promise<number> {
  const all = factTables.flatMap((fact) =>
    rollupsOf(fact).map((rollup) => rollupDifferenceSql(fact, rollup, epoch, '1')),
  );
  const counts = await Promise.all(all.map((sql) => numberOf(`SELECT count() AS n FROM (${sql})`)));
  return counts.reduce((sum, count) => sum + count, 0);
}

describe('a block of every kind', () => {
  it('counts once, however often it is inserted (ClickHouse #76110)', async () => {
    for (let times = 0; times < 3; times++) await insert(1, first);
    for (const fact of factTables) {
      const rows = first.find(({ kind }) => kind === fact.kind)?.rows;
      expect(rows).toBeGreaterThan(100);
      expect([fact.kind, await numberOf(`SELECT sum(sign) AS n FROM ${fact.name}`)]).toEqual([
        fact.kind,
        rows,
      ]);
      for (const { span: of } of rollupsOf(fact))
        expect([
          fact.kind,
          of,
          await numberOf(`SELECT sum(${fact.count}) AS n FROM ${fact.rollup}_${of}`),
        ]).toEqual([fact.kind, of, rows]);
    }
    expect(await differing()).toBe(0);
    expect(await highestBlock(clickhouse, epoch, kinds)).toBe(1);
  });

  it('is found whole, and whatever is wrong with it is named by its table', async () => {
    const block = { number: 1, tenants: [tenant], payloads: first };
    expect(await checkBlock(clickhouse, epoch, block)).toEqual([]);
    for (const fact of factTables) {
      const table = `${fact.rollup}_hourly_e${epoch}`;
      await clickhouse.command(
        `INSERT INTO ${table} SELECT * FROM ${table} LIMIT 1`,
        {},
        { async_insert: 0 },
      );
      expect(await checkBlock(clickhouse, epoch, block)).toEqual([{ table, expected: 0, found: 1 }]);
      await clickhouse.command(`TRUNCATE TABLE ${table}`);
      await clickhouse.command(
        `INSERT INTO ${table} ${await viewSql(`mv_${table}`)}`,
        {},
        { async_insert: 0, insert_deduplicate: 0 },
      );
    }
    const [payload] = first;
    if (!payload) throw new Error('a block has payloads');
    const more = { ...block, payloads: [{ ...payload, rows: payload.rows + 1 }] };
    expect(await checkBlock(clickhouse, epoch, more)).toMatchObject([{ found: payload.rows }]);
  });

  it('shows messages and conversations under one name, each measure told by what it counts', async () => {
    const of = (kind: string, basis: string, column?: string) =>
      stated
        .filter((one) => one.kind === kind && one.basis === basis)
        .reduce((sum, { statement }) => sum + (column ? Number(statement?.[column as never]) : 1), 0);
    const sums = `sum(messages) AS messages, sum(conversations) AS conversations, sum(conversation_messages) AS within,
      sum(message_sentiment_known) AS tones, sum(conversation_sentiment_known) AS moods, uniqExact(kind) AS kinds`;
    for (const view of ['analytics_communication_daily', 'analytics_communication_hourly']) {
      const [row] = await clickhouse.query(
        `SELECT ${sums} FROM ${view} WHERE tenant_id = {tenant:UUID} AND basis IN ('sent', 'created')`,
        { tenant },
        { output_format_json_quote_64bit_integers: 0 },
      );
      expect(row).toEqual({
        messages: of('message', 'sent'),
        conversations: of('conversation', 'created'),
        within: of('conversation', 'created', 'messages'),
        tones: of('message', 'sent', 'sentiment_known'),
        moods: of('conversation', 'created', 'sentiment_known'),
        kinds: 2,
      });
    }
  });

  it('that is taken back leaves no group in any view', async () => {
    await insert(2, payloads(2, -1));
    expect(await differing()).toBe(0);
    const views = await clickhouse.query<{ name: string }>(
      `SELECT name FROM system.tables WHERE database = currentDatabase() AND match(name, '^analytics_.*ly$')`,
    );
    expect(views).toHaveLength(14);
    for (const { name } of views) {
      expect([name, await numberOf(`SELECT count() AS n FROM ${name}`)]).toEqual([name, 0]);
    }
  });
});

/** What a materialized view selects. */
async function viewSql(name: string): Promise<string> {
  const [row] = await clickhouse.query<{ sql: string }>(
    'SELECT as_select AS sql FROM system.tables WHERE database = currentDatabase() AND name = {name:String}',
    { name },
  );
  return row?.sql ?? '';
}
