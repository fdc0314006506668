import { randomUUID } from 'node:crypto';
import {
  named,
  type RecordParts,
  recordEvent,
  somebody,
} from '@switchboard/domain/records/testing/record-factories';
import { createTestDatabase, type TestDatabase } from '@switchboard/testkit/database';
import { startHold } from '@switchboard/testkit/start-hold';
import { afterAll, beforeAll, describe, expect, inject, it, vi } from 'vitest';
import { messageEvent } from '../messages/testing/message-events.ts';
import { createRandom, randomRecordEvents } from './testing/random-records.ts';
import { createSinkProcess } from './testing/sink-process.ts';

const engines = inject('engines');
let database: TestDatabase;
let sink: Awaited<ReturnType<typeof createSinkProcess>>;

beforeAll(async () => {
  database = await createTestDatabase(engines.postgresAdmin);
  sink = await createSinkProcess(engines, database.urlAs('switchboard_sink'));
  sink.start();
}, 60_000);

afterAll(async () => {
  await sink.close();
  await database.drop();
});

const at = Date.parse('2026-11-20T05:00:00Z');
const hour = 3_600_000;
const patience = { timeout: 90_000, interval: 200 };

async function count(sql: string, tenantId: string): Promise<number> {
  const { rows } = await database.admin.query<{ n: number }>(`SELECT count(*)::int AS n FROM ${sql}`, [
    tenantId,
  ]);
  return rows[0]?.n ?? 0;
}

/** In every field that the schema marks as phi, in a form that the field takes. */
const marker = 'zzplantedzz';
const plantedPhone = '+919812300042';
const plantedBirth = '1931-07-29';
const person = somebody({
  external_id: `P-${marker}`,
  first_name: marker,
  last_name: marker,
  full_name: marker,
  date_of_birth: plantedBirth,
  sex: marker,
  phones: [plantedPhone],
  email: `${marker}@example.com`,
  identifiers: [{ system: 'mrn', value: marker }],
  address: marker,
  deceased: false,
});

function everyType(tenant_id: string) {
  const tell = (type: string, id: string, parts: RecordParts = {}) =>
    recordEvent(type, `${id}-${marker}`, {
      tenant_id,
      occurred_at: at,
      extra: `{"/data/x":"${marker}"}`,
      ...parts,
    });
  const appointment = {
    patient: person,
    practitioner: named('D-1', 'Dr. Mehta'),
    location: named('L-1'),
    start: at + 24 * hour,
    reason: marker,
    cancel_reason: marker,
    notes: marker,
  };
  const journey = { patient: person, journey_type: 'recall', reason: marker, notes: marker };
  const step = { external_id: 'S-1', result: marker };
  return [
    ...['created', 'updated'].map((type) => tell(`patient.${type}`, 'P', { patient: person })),
    tell('patient.merged', 'Q', { patient: { ...person, merged_into: `P-${marker}` } }),
    ...['booked', 'confirmed', 'rescheduled', 'checked_in', 'completed', 'cancelled', 'no_show'].map((type) =>
      tell(`appointment.${type}`, `A-${type}`, { appointment }),
    ),
    ...['started', 'paused', 'resumed', 'completed', 'canceled'].map((type) =>
      tell(`journey.${type}`, `J-${type}`, { journey }),
    ),
    ...['step_scheduled', 'step_completed'].map((type) => tell(`journey.${type}`, 'J-started', { step })),
    tell('message.sent', 'M', {
      message: {
        patient: person,
        channel: 'sms',
        from_address: plantedPhone,
        to_address: plantedPhone,
        subject: marker,
        body: marker,
        conversation: marker,
      },
    }),
    tell('practitioner.upserted', 'D', { practitioner: { name: 'Dr. Mehta' } }),
    tell('location.upserted', 'L', { location: { name: 'Andheri' } }),
    tell('schedule.upserted', 'H', {
      schedule: {
        practitioner: named('D-1'),
        location: named('L-1'),
        rules: [{ weekday: 1, start: '09:00', end: '17:00', slot_minutes: 15, appointment_types: [] }],
      },
    }),
  ];
}

describe('events of the clinic’s system in Kafka', () => {
  it('of every type become rows; what is wrong is set aside with its reason; nothing of a patient leaks', async () => {
    const tenantId = await database.addTenant();
    const events = everyType(tenantId);
    const wrong = (type: string, parts: RecordParts) =>
      recordEvent(type, marker, { tenant_id: tenantId, occurred_at: at, patient: person, ...parts });
    await sink.sendBytes('record.received.v1', Buffer.from(`${marker} is not Avro`));
    await sink.send('record.received.v1', [
      ...events,
      wrong('appointment.booked', { appointment: { start: at + hour, end: at, notes: marker } }),
      wrong('appointment.booked', { appointment: { start: Date.UTC(1989, 0, 1) } }),
      wrong('appointment.exploded', {}),
      wrong('patient.merged', { patient: { ...person, merged_into: marker } }),
      wrong('patient.created', { patient: { ...person, date_of_birth: marker } }),
      wrong('patient.created', { patient: { ...person, first_name: `${marker}\u0000` } }),
      wrong('patient.created', { tenant_id: randomUUID() }),
    ]);
    // The same again, and from a file.
    await sink.send('record.import.v1', [
      ...events.slice(0, 5),
      ...events.map((event) => ({ ...event, event_id: randomUUID(), source: 'import' })),
    ]);
    await vi.waitFor(async () => {
      expect(await count('inbox WHERE tenant_id = $1', tenantId)).toBe(2 * events.length);
      expect(await count(`dead_letters WHERE $1::text <> ''`, tenantId)).toBe(8);
    }, patience);

    const { rows } = await database.admin.query<{ reason: string; detail: string | null }>(
      'SELECT reason, detail FROM dead_letters ORDER BY 1, 2',
    );
    expect(rows).toEqual([
      { reason: 'ends_before_start', detail: null },
      { reason: 'implausible_time', detail: 'appointment.start' },
      { reason: 'invalid_value', detail: 'patient.date_of_birth' },
      { reason: 'not_avro', detail: 'not_avro' },
      { reason: 'refers_to_itself', detail: 'merged_into' },
      { reason: 'row_refused', detail: '22P05' },
      { reason: 'unknown_event_type', detail: null },
      { reason: 'unknown_tenant', detail: null },
    ]);
    for (const [table, expected] of [
      ['appointments', 7],
      ['journeys', 5],
      ['journey_steps', 1],
      ['conversation_messages', 1],
      ['practitioners', 2],
      ['locations', 2],
      ['practitioner_schedules', 1],
    ] as const)
      expect([table, await count(`${table} WHERE tenant_id = $1`, tenantId)]).toEqual([table, expected]);
    expect(await count(`patients WHERE tenant_id = $1 AND status = 'merged'`, tenantId)).toBe(1);

    const metrics = await (await fetch(`${sink.url}/metrics`)).text();
    expect(metrics).toContain('switchboard_sink_events_total');
    const ready = await fetch(`${sink.url}/readyz`);
    const told = await database.admin.query<{ text: string }>(
      `SELECT coalesce(string_agg(statement::text, ' '), '') || coalesce((SELECT string_agg(line, ' ') FROM outbox), '')
         || coalesce((SELECT string_agg(concat_ws(' ', reason, detail, source, topic, message_key, call_id), ' ') FROM dead_letters), '') AS text
       FROM fact_current`,
    );
    expect([ready.status, await ready.text()]).toEqual([200, expect.stringContaining('imports')]);
    for (const secret of [marker, plantedPhone, plantedPhone.slice(1), plantedBirth, '1989-01-01'])
      for (const text of [sink.printed(), metrics, told.rows[0]?.text]) expect(text).not.toContain(secret);
  }, 120_000);

  it('whose row Postgres refuses hold those behind them for less than five seconds, and so do messages', async () => {
    const tenantId = await database.addTenant();
    const patient = (first_name: string) =>
      recordEvent('patient.created', `P-${randomUUID()}`, {
        tenant_id: tenantId,
        occurred_at: at,
        patient: somebody({ external_id: randomUUID(), first_name }),
      });
    const text = (body: string) => messageEvent(tenantId, at, { message_id: `SM${randomUUID()}`, body });
    const among = <E>(make: (text: string) => E) => [
      ...Array.from({ length: 50 }, () => make('good')),
      make('\u0000'),
      ...Array.from({ length: 50 }, () => make('good')),
    ];
    const metrics = async () => (await fetch(`${sink.url}/metrics`)).text();
    for (const [index, send] of [
      () => sink.send('record.received.v1', among(patient)),
      () => sink.sendMessages(among(text)),
    ].entries()) {
      const held = await startHold(metrics);
      await send();
      await vi.waitFor(async () => {
        expect(await count('inbox WHERE tenant_id = $1', tenantId)).toBe(100 * (index + 1));
      }, patience);
      const seconds = await held();
      console.log('seconds until all 100 good ones were written:', seconds);
      expect(seconds.worked).toBeLessThan(5);
      expect(seconds.idle).toBeLessThan(5);
    }
    await vi.waitFor(async () => {
      expect(await count(`dead_letters WHERE tenant_id = $1 AND reason = 'row_refused'`, tenantId)).toBe(2);
    }, patience);
  }, 120_000);

  it('are written once each, however often the process is killed in the middle', async () => {
    const tenantId = await database.addTenant();
    const events = randomRecordEvents(tenantId, 400, at, createRandom(77));
    await sink.send('record.received.v1', events.slice(0, 300));
    await sink.send('record.import.v1', events.slice(300));
    for (const least of [1, 120, 250]) {
      await vi.waitFor(async () => {
        expect(await count('inbox WHERE tenant_id = $1', tenantId)).toBeGreaterThanOrEqual(least);
      }, patience);
      await sink.end('SIGKILL');
      sink.start();
    }
    await vi.waitFor(async () => {
      expect(await count('inbox WHERE tenant_id = $1', tenantId)).toBe(events.length);
    }, patience);
    const { rows } = await database.admin.query<{ wrong: number }>(
      `SELECT count(*)::int AS wrong FROM appointments a WHERE tenant_id = $1
         AND version <> (SELECT count(*) FROM appointment_history h WHERE h.tenant_id = $1 AND h.appointment_id = a.id)`,
      [tenantId],
    );
    expect(rows).toEqual([{ wrong: 0 }]);
    expect(await count('dead_letters WHERE tenant_id = $1', tenantId)).toBe(0);
  }, 180_000);

  it('in hand are finished when the process is asked to stop', async () => {
    const tenantId = await database.addTenant();
    await sink.send('record.received.v1', everyType(tenantId));
    await vi.waitFor(async () => {
      expect(await count('inbox WHERE tenant_id = $1', tenantId)).toBeGreaterThan(0);
    }, patience);
    expect(await sink.end('SIGTERM')).toBe(0);
  }, 120_000);
});
