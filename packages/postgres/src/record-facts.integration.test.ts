import { randomUUID } from 'node:crypto';
import { createTestDatabase, type TestDatabase } from '@switchboard/testkit/database';
import pg from 'pg';
import { afterAll, beforeAll, beforeEach, describe, expect, inject, it } from 'vitest';
import { createPool, type Pool, withTenant } from './pool.ts';
import { type FactContext, recordFacts, type Statement } from './record-facts.ts';

let database: TestDatabase;
let pool: Pool;
let tenant: string;

beforeAll(async () => {
  database = await createTestDatabase(inject('engines').postgresAdmin);
  pool = createPool({ url: database.urlAs('switchboard_sink'), applicationName: 'facts-test', max: 2 });
});

beforeEach(async () => {
  tenant = await database.addTenant();
});

afterAll(async () => {
  await pool.end();
  await database.drop();
});

interface OutboxRow {
  sign: number;
  shard: number;
  kind: string;
  event_id: string;
  traceparent: string | null;
  line: string;
}

const context = { tenantId: '', shard: 3, statementVersion: 7 };

function state(...statements: Statement[]): Promise<number> {
  return stateAs({}, ...statements);
}

function stateAs(more: Partial<FactContext>, ...statements: Statement[]): Promise<number> {
  return withTenant(pool, tenant, (client) =>
    recordFacts(client, { ...context, tenantId: tenant, ...more }, statements),
  );
}

const call = (
  entityId: string,
  statement: Statement['statement'],
  more: Partial<Statement> = {},
): Statement => ({
  kind: 'voice_call',
  entityId,
  basis: 'started',
  statement,
  eventId: randomUUID(),
  ...more,
});

async function outbox(): Promise<OutboxRow[]> {
  const { rows } = await database.admin.query<OutboxRow>(
    'SELECT sign, shard, kind, event_id, traceparent, line FROM outbox WHERE tenant_id = $1 ORDER BY id',
    [tenant],
  );
  return rows;
}

/** The signed statements without what every line has. */
async function signed(): Promise<unknown[]> {
  return (await outbox()).map(({ sign, line }) => {
    const {
      tenant_id: _,
      entity_id: __,
      basis: ___,
      sign: inLine,
      event_id: ____,
      ...columns
    } = JSON.parse(line);
    expect(inLine).toBe(sign);
    return [sign, columns];
  });
}

describe('recordFacts', () => {
  it('states a new fact at +1, with all that its row in ClickHouse needs', async () => {
    const [id, event] = [randomUUID(), randomUUID()];
    const traceparent = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01';
    expect(
      await state(call(id, { talk_ms: 42_000, intent: 'billing' }, { eventId: event, traceparent })),
    ).toBe(1);
    const [row] = await outbox();
    expect(row).toMatchObject({ sign: 1, shard: 3, kind: 'voice_call', event_id: event, traceparent });
    expect(JSON.parse(row?.line ?? '')).toEqual({
      talk_ms: 42_000,
      intent: 'billing',
      tenant_id: tenant,
      entity_id: id,
      basis: 'started',
      sign: 1,
      event_id: event,
    });
  });

  it('takes the old statement back and states the new one', async () => {
    const id = randomUUID();
    await state(call(id, { booked: 0 }));
    expect(await state(call(id, { booked: 1 }))).toBe(1);
    expect(await signed()).toEqual([
      [1, { booked: 0 }],
      [-1, { booked: 0 }],
      [1, { booked: 1 }],
    ]);
  });

  it('writes nothing when the same is said again, in whatever order of its columns', async () => {
    const id = randomUUID();
    await state(call(id, { booked: 1, cost: 2.5 }));
    expect(await state(call(id, { cost: 2.5, booked: 1 }))).toBe(0);
    expect(await outbox()).toHaveLength(1);
  });

  it('takes back what is stored, not what today would be computed', async () => {
    const id = randomUUID();
    await state(call(id, { booked: 0, rule: 'old' }));
    await database.admin.query(
      `UPDATE fact_current SET statement = '{"booked": 9, "rule": "older"}' WHERE tenant_id = $1`,
      [tenant],
    );
    await state(call(id, { booked: 1, rule: 'new' }));
    expect((await signed()).slice(1)).toEqual([
      [-1, { booked: 9, rule: 'older' }],
      [1, { booked: 1, rule: 'new' }],
    ]);
  });

  it('keeps a statement that ceased as null, and can state it anew', async () => {
    const id = randomUUID();
    expect(await state(call(id, null))).toBe(0);
    await state(call(id, { booked: 1 }));
    expect(await state(call(id, null))).toBe(1);
    expect(await state(call(id, null))).toBe(0);
    const { rows } = await database.admin.query('SELECT statement FROM fact_current WHERE tenant_id = $1', [
      tenant,
    ]);
    expect(rows).toEqual([{ statement: null }]);
    await state(call(id, { booked: 2 }));
    expect(await signed()).toEqual([
      [1, { booked: 1 }],
      [-1, { booked: 1 }],
      [1, { booked: 2 }],
    ]);
  });

  it('keeps the bases, kinds and entities apart', async () => {
    const [one, two] = [randomUUID(), randomUUID()];
    const changed = await state(
      call(one, { n: 1 }),
      call(one, { n: 2 }, { basis: 'created' }),
      call(one, { n: 3 }, { kind: 'message' }),
      call(two, { n: 4 }),
    );
    expect(changed).toBe(4);
    expect(await state(call(one, { n: 2 }, { basis: 'created' }), call(two, { n: 5 }))).toBe(1);
    expect((await signed()).slice(4)).toEqual([
      [-1, { n: 4 }],
      [1, { n: 5 }],
    ]);
  });

  it('sums to what is stated now, whatever was said before', async () => {
    const ids = Array.from({ length: 5 }, () => randomUUID());
    for (let round = 0; round < 8; round += 1) {
      await state(
        ...ids.map((id, index) =>
          call(id, (round * index) % 3 === 0 ? null : { n: (round * 7 + index) % 4 }),
        ),
      );
    }
    const { rows } = await database.admin.query(
      `SELECT (SELECT coalesce(sum(sign * (line::jsonb->>'n')::int), 0) FROM outbox WHERE tenant_id = $1) AS told,
         (SELECT sum(sign) FROM outbox WHERE tenant_id = $1) AS entities,
         (SELECT coalesce(sum((statement->>'n')::int), 0) FROM fact_current WHERE tenant_id = $1) AS stated,
         (SELECT count(statement) FROM fact_current WHERE tenant_id = $1) AS stating`,
      [tenant],
    );
    expect(rows[0]?.told).toBe(rows[0]?.stated);
    expect(rows[0]?.entities).toBe(rows[0]?.stating);
  });

  it('leaves nothing behind when the transaction fails after it', async () => {
    const failing = withTenant(pool, tenant, async (client) => {
      await recordFacts(client, { tenantId: tenant, shard: 0, statementVersion: 1 }, [
        call(randomUUID(), { n: 1 }),
      ]);
      throw new Error('no');
    });
    await expect(failing).rejects.toThrow('no');
    expect(await outbox()).toEqual([]);
  });

  it("wakes the shard's worker when something changed, and only then, and not for what is late", async () => {
    const listener = new pg.Client({ connectionString: database.adminUrl });
    await listener.connect();
    const heard: string[] = [];
    listener.on('notification', ({ payload }) => heard.push(payload ?? ''));
    await listener.query('LISTEN switchboard_outbox');
    try {
      const fact = call(randomUUID(), { n: 1 });
      expect(await stateAs({ shard: 4, isLate: true }, call(randomUUID(), { n: 1 }))).toBe(1);
      await state(fact);
      await state(fact);
      await expect.poll(() => listener.query('SELECT 1').then(() => heard)).toEqual(['3']);
    } finally {
      await listener.end();
    }
  });

  it('does nothing for no statements', async () => {
    expect(await state()).toBe(0);
  });
});
