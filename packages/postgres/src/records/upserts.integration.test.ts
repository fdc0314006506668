import { randomUUID } from 'node:crypto';
import { createTestDatabase, type TestDatabase } from '@switchboard/testkit/database';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { createPool, type Pool, withTenant } from '../pool.ts';
import type { Row } from '../rows.ts';
import { seedTwoClinics } from '../testing/two-clinics.ts';
import { upsertAppointments } from './appointments.ts';
import { upsertLocations, upsertPractitioners, upsertScheduleExceptions, upsertSchedules } from './clinic.ts';
import { upsertJourneySteps, upsertJourneys } from './journeys.ts';
import { upsertMessages } from './messages.ts';

let database: TestDatabase;
let pool: Pool;
let ours: string;

beforeAll(async () => {
  database = await createTestDatabase(inject('engines').postgresAdmin);
  ({ ours } = await seedTwoClinics(database));
  pool = createPool({ url: database.urlAs('switchboard_sink'), applicationName: 'upserts-test' });
});

afterAll(async () => {
  await pool.end();
  await database.drop();
});

const cases = [
  { table: 'locations', upsert: upsertLocations, change: { name: 'other', active: false } },
  { table: 'practitioners', upsert: upsertPractitioners, change: { specialty: 'skin' } },
  { table: 'practitioner_schedules', upsert: upsertSchedules, change: { weekday: 3 } },
  { table: 'schedule_exceptions', upsert: upsertScheduleExceptions, change: { local_date: '2026-12-24' } },
  { table: 'appointments', upsert: upsertAppointments, change: { status: 'cancelled', version: 2 } },
  { table: 'journeys', upsert: upsertJourneys, change: { status: 'paused', pauses: 1 } },
  { table: 'journey_steps', upsert: upsertJourneySteps, change: { position: 4 } },
  { table: 'conversation_messages', upsert: upsertMessages, change: { status: 'read' } },
];

async function rowsOf(table: string): Promise<Row[]> {
  const { rows } = await database.admin.query<{ row: Row }>(
    `SELECT to_jsonb(t) - '{created_at,updated_at,during}'::text[] AS row FROM ${table} t WHERE tenant_id = $1 ORDER BY id`,
    [ours],
  );
  return rows.map(({ row }) => row);
}

describe.each(cases)('rows of $table', ({ table, upsert, change }) => {
  it('are written as they are, every column, whether new or known, and twice is once', async () => {
    const [known] = await rowsOf(table);
    const changed = { ...known, ...change };
    // Away from the known one in time, and nobody's yet.
    const added = {
      ...changed,
      id: randomUUID(),
      ...(table === 'appointments' ? { practitioner_id: null } : {}),
    };
    for (let time = 0; time < 2; time += 1)
      await withTenant(pool, ours, (client) => upsert(client, [changed, added]));
    const expected = [changed, added].map((row) => JSON.parse(JSON.stringify(row)));
    expect(await rowsOf(table)).toEqual(expect.arrayContaining(expected));
    expect(await rowsOf(table)).toHaveLength(2);
  });

  it('name every column of the table that events write', async () => {
    const { rows } = await database.admin.query<{ name: string }>(
      `SELECT attname AS name FROM pg_attribute WHERE attrelid = $1::regclass AND attnum > 0 AND NOT attisdropped
         AND attname NOT IN ('created_at', 'updated_at', 'during', 'emptied_at', 'instead') ORDER BY 1`,
      [table],
    );
    let text = '';
    const listening = {
      query: (sql: string) => {
        text = sql;
        return Promise.reject(new Error('only listened to'));
      },
    };
    await expect(upsert(listening, [{}])).rejects.toThrow('only listened to');
    const named = /\(([^)]*)\) SELECT/.exec(text)?.[1]?.split(', ').sort();
    expect(named).toEqual(rows.map((row) => row.name));
  });
});
