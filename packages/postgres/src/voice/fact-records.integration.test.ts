import { randomUUID } from 'node:crypto';
import { createTestDatabase, type TestDatabase } from '@switchboard/testkit/database';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { createPool, type Pool, withTenant } from '../pool.ts';
import { findNeighbours, loadFactRecords } from './fact-records.ts';

let database: TestDatabase;
let pool: Pool;
let tenantId: string;

beforeAll(async () => {
  database = await createTestDatabase(inject('engines').postgresAdmin);
  // The server's zone sets its clocks back in the night of 25 October 2026: a day of 25 hours.
  await database.admin.query(`ALTER DATABASE ${database.name} SET timezone TO 'Europe/London'`);
  pool = createPool({ url: database.urlAs('switchboard_sink'), applicationName: 'fact-records-test' });
  tenantId = await database.addTenant();
});

afterAll(async () => {
  await pool.end();
  await database.drop();
});

interface Planted {
  phone: string;
  at: number;
  direction?: string;
  status?: string | null;
  outcome?: string | null;
  intent?: string | null;
}

async function plant({ phone, at, direction = 'inbound', status = 'completed', ...rest }: Planted) {
  const id = randomUUID();
  await database.admin.query(
    `INSERT INTO voice_calls (tenant_id, id, source, external_id, direction, status, contact_phone, outcome, intent,
       caller_turns, merge_state, began_at) VALUES ($1, $2, 'zoice', $3, $4, $5, $6, $7, $8, 2, '{}', $9)`,
    [tenantId, id, id, direction, status, phone, rest.outcome ?? null, rest.intent ?? null, new Date(at)],
  );
  return id;
}

async function record(id: string) {
  const [found] = await withTenant(pool, tenantId, (client) => loadFactRecords(client, tenantId, [id]));
  if (!found) throw new Error('the call was just planted');
  return found.record;
}

const hour = 3_600_000;

describe('seven days', () => {
  it('are 168 hours, whatever the server’s clocks do in between', async () => {
    expect((await pool.query('SHOW timezone')).rows).toEqual([{ TimeZone: 'Europe/London' }]);
    const at = Date.parse('2026-10-22T10:00:00Z');
    const phone = '+919812345678';
    const intent = 'billing';
    const first = await plant({ phone, at, intent });
    const late = await plant({ phone, at: at + 168 * hour + 60_000, intent });
    expect([(await record(first)).calledAgain, (await record(late)).calledBefore]).toEqual([false, false]);
    const neighbours = (beganAt: number) =>
      withTenant(pool, tenantId, (client) =>
        findNeighbours(client, tenantId, [
          { callId: randomUUID(), phone, beganAt: new Date(beganAt), direction: 'inbound', intent },
        ]),
      );
    expect(await neighbours(at - 60_000)).toEqual([first]);
    expect(await neighbours(at - 168 * hour - 1)).toEqual([]);
    expect(await neighbours(at + 336 * hour + 120_000)).toEqual([]);
    await plant({ phone, at: at + 168 * hour, intent });
    expect((await record(first)).calledAgain).toBe(true);
  });
});

describe('a call back', () => {
  const at = Date.parse('2026-11-20T05:00:00Z');

  it.each([
    ['completed', true],
    [null, true],
    ['voicemail', false],
    ['no_answer', false],
    ['busy', false],
  ])('whose status is %s counts as one that reached the caller: %s', async (status, reached) => {
    const phone = `+9198${String(Math.floor(Math.random() * 1e8)).padStart(8, '0')}`;
    const asked = await plant({ phone, at, outcome: 'callback_requested' });
    await plant({ phone, at: at + hour, direction: 'outbound', status });
    expect((await record(asked)).calledBack).toBe(reached);
  });
});
