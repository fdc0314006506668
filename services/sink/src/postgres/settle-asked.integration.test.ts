import { randomUUID } from 'node:crypto';
import { createPool, type Pool } from '@switchboard/postgres';
import { loadTenantSettings, type TenantSettings } from '@switchboard/postgres/tenants';
import { createTestDatabase, type TestDatabase } from '@switchboard/testkit/database';
import { analysis, enrichedEvent, receivedEvent } from '@switchboard/testkit/factories';
import { afterAll, beforeAll, beforeEach, describe, expect, inject, it } from 'vitest';
import { writeEvents } from './write-events.ts';

let database: TestDatabase;
let pool: Pool;
let tenant: TenantSettings;
const now = Date.parse('2026-11-30T08:00:00+05:30');
const phone = '+919812345678';
const patient = '0197a000-0000-7000-8000-000000000001';

beforeAll(async () => {
  database = await createTestDatabase(inject('engines').postgresAdmin);
  pool = createPool({ url: database.urlAs('switchboard_sink'), applicationName: 'test', prepare: true });
});
afterAll(async () => {
  await pool.end();
  await database.drop();
});
beforeEach(async () => {
  const id = await database.addTenant();
  const found = (await loadTenantSettings(pool, [id])).get(id);
  if (!found) throw new Error('the tenant is there');
  tenant = found;
  const [location, practitioner] = [randomUUID(), randomUUID()];
  await run(
    `INSERT INTO locations (tenant_id, id, name, time_zone) VALUES ($1, $2, 'Main', 'Asia/Kolkata')`,
    [location],
  );
  await run(`INSERT INTO practitioners (tenant_id, id, display_name) VALUES ($1, $2, 'Dr. Rohan Mehta')`, [
    practitioner,
  ]);
  await run(
    `INSERT INTO practitioner_schedules (tenant_id, id, practitioner_id, location_id, weekday, starts, ends)
     SELECT $1, gen_random_uuid(), $2, $3, weekday, '09:00', '17:00' FROM generate_series(1, 7) AS weekday`,
    [practitioner, location],
  );
  await run(
    `INSERT INTO patients (tenant_id, id, first_name, last_name, date_of_birth, origin) VALUES ($1, $2, 'Asha', 'Rao', '1984-03-09', 'desk')`,
    [patient],
  );
  await run(
    `INSERT INTO patient_identifiers (tenant_id, patient_id, kind, value) VALUES ($1, $2, 'phone', $3)`,
    [patient, phone],
  );
});

const run = async (sql: string, values: unknown[] = []) =>
  (await database.admin.query(sql, [tenant.tenantId, ...values])).rows;

interface Said {
  intent?: string;
  entities?: Record<string, string>;
  status?: string;
  dob?: string;
}

/** A call of the patient, in two events that both tell all, twice each. */
async function call({
  intent = 'book_appointment',
  entities = {},
  status = 'completed',
  dob,
}: Said): Promise<void> {
  const ref = `zc_${randomUUID()}`;
  const transcript = {
    language: 'en',
    engine: null,
    turns: [
      { index: 0, speaker: 'caller' as const, text: 'hello', start_ms: 0, end_ms: null, confidence: null },
    ],
  };
  const events = ['a', 'b'].map((part) => {
    const received = receivedEvent({
      tenant_id: tenant.tenantId,
      call_id: ref,
      vendor_event_id: `${ref} ${part}`,
      event_type: status === 'completed' ? 'call.completed' : 'call.started',
      transcript,
      call: { status, from_number: phone, started_at: now },
    });
    const found = Object.entries(entities).map(([name, normalised]) => ({
      name,
      value: normalised,
      normalised,
      turn: 0,
      start: 0,
      end: 5,
      confidence: 0.9,
    }));
    return enrichedEvent(received, {
      analysis: analysis({ intent, entities: found }),
      contact_name: 'Asha Rao',
      contact_date_of_birth: dob ?? null,
    });
  });
  const options = { pool, pseudonymKey: Buffer.alloc(32, 7), now: () => now };
  for (const event of [...events, ...events])
    await writeEvents(options, tenant, [{ event, traceparent: null }]);
}

const asked = { date: '2026-12-01', time: '16:00', practitioner: 'Dr. Rohan Mehta' };
const appointments = () =>
  run(
    `SELECT a.status, a.starts_at, a.patient_id, c.patient_id = a.patient_id AS same, a.moves FROM appointments a
     LEFT JOIN voice_calls c ON c.tenant_id = a.tenant_id AND c.id = a.call_id WHERE a.tenant_id = $1 ORDER BY a.starts_at`,
  );
const requests = () =>
  run('SELECT kind, reason, state FROM booking_requests WHERE tenant_id = $1 ORDER BY created_at, kind');

describe('a call in which no tool was used', () => {
  it('is booked when patient, practitioner, date and time are certain and free: once, however often its events come', async () => {
    await call({ entities: asked });
    expect(await appointments()).toEqual([
      {
        status: 'scheduled',
        starts_at: new Date('2026-12-01T10:30:00Z'),
        patient_id: patient,
        same: true,
        moves: 0,
      },
    ]);
    expect(await requests()).toEqual([]);
  });

  it.each([
    ['time_unclear', { ...asked, time: 'soon' }],
    ['practitioner_unclear', { ...asked, practitioner: 'Dr. Gupta' }],
    ['outside_hours', { ...asked, time: '22:00' }],
    ['too_late', { ...asked, date: '2026-11-29' }],
  ])('is a request for a person: %s', async (reason, entities) => {
    await call({ entities });
    expect(await appointments()).toEqual([]);
    expect(await requests()).toEqual([{ kind: 'book', reason, state: 'open' }]);
  });

  it('is a request when somebody else has the time', async () => {
    await call({ entities: asked });
    await call({ entities: asked });
    expect(await appointments()).toHaveLength(1);
    expect(await requests()).toEqual([{ kind: 'book', reason: 'slot_taken', state: 'open' }]);
  });

  const tell = (status: string, start: string) =>
    run(
      `INSERT INTO appointments (tenant_id, id, patient_id, practitioner_id, status, starts_at, ends_at, channel, source, external_id)
       SELECT $1, gen_random_uuid(), $2, id, $3, $4::timestamptz, $4::timestamptz + interval '30 minutes', 'voice', 'emr', 'A-1'
       FROM practitioners WHERE tenant_id = $1`,
      [patient, status, start],
    );

  it('is no second appointment where the clinic’s system told of it first', async () => {
    await tell('scheduled', '2026-12-01T10:30:00Z');
    await call({ entities: asked });
    expect(await appointments()).toMatchObject([{ status: 'scheduled', same: true }]);
    expect(await requests()).toEqual([]);
  });

  it('and that comes after its visit asks for nothing more, however the visit ended', async () => {
    await tell('no_show', '2026-11-29T10:30:00Z');
    await call({ entities: { ...asked, date: '2026-11-29' } });
    expect(await appointments()).toMatchObject([{ status: 'no_show', same: true }]);
    expect(await requests()).toEqual([]);
  });

  it('is booked again where the appointment of that time was cancelled', async () => {
    await tell('cancelled', '2026-12-01T10:30:00Z');
    await call({ entities: asked });
    const statuses = (await appointments()).map(({ status }) => status);
    expect(statuses.sort()).toEqual(['cancelled', 'scheduled']);
  });

  it('moves or cancels only the one appointment of who proved to be the patient', async () => {
    await call({ entities: asked });
    await call({ intent: 'cancel_appointment' });
    expect(await requests()).toEqual([{ kind: 'cancel', reason: 'patient_unclear', state: 'open' }]);
    await call({
      intent: 'reschedule_appointment',
      dob: '1984-03-09',
      entities: { date: '2026-12-02', time: '10:00' },
    });
    expect(await appointments()).toMatchObject([{ starts_at: new Date('2026-12-02T04:30:00Z'), moves: 1 }]);
    await call({ intent: 'cancel_appointment', dob: '1984-03-09' });
    expect(await appointments()).toMatchObject([{ status: 'cancelled' }]);
    expect((await requests()).map(({ state }) => state)).toEqual(['open', 'fulfilled', 'fulfilled']);
  });

  it('that goes on, or asks for nothing, leaves nothing', async () => {
    await call({ entities: asked, status: 'in_progress' });
    await call({ intent: 'ask_price', entities: asked });
    expect([await appointments(), await requests()]).toEqual([[], []]);
  });
});
