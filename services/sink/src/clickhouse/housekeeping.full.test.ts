import { createClickHouse, factTables } from '@switchboard/clickhouse';
import { wasVerifiedSinceStart } from '@switchboard/clickhouse/blocks/since-start';
import { epochsWithTables } from '@switchboard/clickhouse/migrate/epochs';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type OwnEngines, startOwnEngines } from './testing/own-engines.ts';
import { createStand, type Stand, until } from './testing/stand.ts';
import { compareWithStatements } from './verify/compare.ts';

let own: OwnEngines;
let stand: Stand;
beforeAll(async () => {
  own = await startOwnEngines();
});
beforeEach(async () => {
  stand = await createStand(own.engines);
});
afterEach(() => stand.remove());
afterAll(() => own.stop());

async function scratchTables(): Promise<number> {
  const rows = await stand.clickhouse.query(
    `SELECT name FROM system.tables WHERE database = currentDatabase() AND startsWith(name, 'scratch_')`,
  );
  return rows.length;
}

async function epochsBeingBuilt(): Promise<number> {
  const { rows } = await stand.database.admin.query<{ n: number }>(
    `SELECT count(*)::int AS n FROM clickhouse_epochs WHERE state = 'building'`,
  );
  return rows[0]?.n ?? 0;
}

describe('a worker keeps house', () => {
  it('after a rebuild and a comparison that were killed beside it', async () => {
    stand.work({ housekeepingMs: 500 });
    await stand.state(stand.calls(100));
    await stand.settled();
    const verify = stand.spawn({ program: 'verify', fault: 'verify-copied:1:SIGSTOP' });
    await until(() => verify.steps().includes('verify-copied'));
    expect(await scratchTables()).toBe(factTables.length);
    verify.kill('SIGKILL');
    expect(await verify.ended).toBe('SIGKILL');
    await until(async () => (await scratchTables()) === 0);

    const rebuild = stand.spawn({ program: 'rebuild', fault: 'rebuild-copied:1:SIGSTOP' });
    await until(() => rebuild.steps().includes('rebuild-copied'));
    expect(await epochsBeingBuilt()).toBe(1);
    rebuild.kill('SIGKILL');
    expect(await rebuild.ended).toBe('SIGKILL');
    await until(async () => (await epochsBeingBuilt()) === 0);
    expect(await epochsWithTables(stand.clickhouse)).toEqual([1]);
    await stand.state(stand.calls(10));
    await stand.settled();
    expect((await stand.maintain(compareWithStatements)).findings).toEqual([]);
  });
});

/** Of an INSERT SELECT of many like rows, on little memory. */
const smallBlocks = {
  insert_deduplicate: 0,
  max_block_size: '20000',
  min_insert_block_size_rows: '20000',
  min_insert_block_size_bytes: '0',
} as const;

describe('a comparison that takes longer than a request of a cycle may', () => {
  it('does not keep the worker from its work', async () => {
    const worker = stand.work();
    await stand.state(stand.calls(60));
    await stand.settled();
    await worker.stop();
    // Each statement is taken back as often as it is made once more, so that nothing differs.
    await stand.clickhouse.command(
      `INSERT INTO fact_voice_call_e1 SELECT f.* REPLACE (toInt8(s) AS sign) FROM fact_voice_call_e1 AS f
       CROSS JOIN (SELECT arrayJoin([1, -1]) AS s FROM numbers(6000)) AS n`,
      {},
      smallBlocks,
    );
    await stand.clickhouse.command('TRUNCATE TABLE switchboard_since_start');
    const requestTimeoutMs = 300;
    const { url, user, password } = own.engines.clickhouse;
    const database = stand.clickhouse.database;
    const hasty = createClickHouse({ url, user, password, database, requestTimeoutMs });
    await expect(
      stand.maintain((work) => compareWithStatements({ ...work, clickhouse: hasty })),
    ).rejects.toMatchObject({ code: 'clickhouse_unavailable' });
    await hasty.close();

    let working = false;
    stand.work({ requestTimeoutMs, onWorking: (now) => (working = now) });
    await until(() => working, 60_000);
    expect(await wasVerifiedSinceStart(stand.clickhouse)).toBe(true);
    expect(await epochsWithTables(stand.clickhouse)).toEqual([1]);
  });
});
