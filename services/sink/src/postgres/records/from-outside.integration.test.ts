import {
  named,
  type RecordParts,
  recordEvent,
  somebody,
} from '@switchboard/domain/records/testing/record-factories';
import { createLogger } from '@switchboard/platform';
import { withTenant } from '@switchboard/postgres';
import { unmergePatients } from '@switchboard/postgres/people/merge-patients';
import type { TenantSettings } from '@switchboard/postgres/tenants';
import { enrichedEvent, receivedEvent } from '@switchboard/testkit/factories';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, inject, it } from 'vitest';
import { keepUp } from '../upkeep.ts';
import { writeEvents } from '../write-events.ts';
import { openRecordStand, type RecordStand } from './testing/record-stand.ts';

const start = Date.parse('2026-11-20T05:00:00Z');
const hour = 3_600_000;
const phone = '+919812345678';
let stand: RecordStand;
let tenant: TenantSettings;
let clock: number;

beforeAll(async () => {
  stand = await openRecordStand(inject('engines').postgresAdmin);
});
afterAll(() => stand.close());
beforeEach(async () => {
  tenant = await stand.newTenant();
  clock = start;
});
afterEach(async () => {
  expect(await stand.drift(tenant)).toEqual({});
});

/** Each later than the one before it. */
function tell(type: string, id: string, parts: RecordParts = {}) {
  clock += 60_000;
  return recordEvent(type, id, { tenant_id: tenant.tenantId, occurred_at: clock, ...parts });
}
const of = (external_id: string) => ({ patient: somebody({ external_id }) });
const sql = (text: string, ...values: unknown[]) => stand.rows(text, tenant, ...values);
const nameOf = (table: string, column: string, of: string) =>
  `(SELECT o.${of} FROM ${table} o WHERE o.tenant_id = $1 AND o.id = ${column})`;

async function unmerge(survivor: string, absorbed: string): Promise<void> {
  const rows = await sql('SELECT external_id, id FROM patients WHERE tenant_id = $1');
  const idOf = (name: string) => String(rows.find(({ external_id }) => external_id === name)?.id);
  const [user] = await sql(
    `INSERT INTO users (tenant_id, id, email, display_name, role, password_hash)
     VALUES ($1, gen_random_uuid(), gen_random_uuid() || '@a.example', 'U', 'owner', 'x') RETURNING id`,
  );
  await withTenant(stand.options.pool, tenant.tenantId, (client) =>
    unmergePatients(client, {
      tenant,
      pseudonymKey: stand.options.pseudonymKey,
      survivorId: idOf(survivor),
      absorbedId: idOf(absorbed),
      by: { userId: String(user?.id) },
      now: clock,
    }),
  );
}

const call = (at: number) =>
  writeEvents(stand.options, tenant, [
    {
      event: enrichedEvent(
        receivedEvent({
          tenant_id: tenant.tenantId,
          call: { from_number: phone, started_at: start + at * hour, status: 'completed' },
        }),
      ),
      traceparent: null,
    },
  ]);

describe('an unmerge', () => {
  it('gives back conversations that were linked by number, before the merge and after it', async () => {
    const message = (id: string, details: RecordParts['message']) =>
      tell('message.sent', id, { message: { channel: 'whatsapp', body: id, ...details } });
    const whose = () =>
      sql(
        `SELECT channel, ${nameOf('patients', 'patient_id', 'external_id')} AS patient FROM conversations WHERE tenant_id = $1 ORDER BY 1`,
      );
    const all = (patient: string) => ['sms', 'voice', 'whatsapp'].map((channel) => ({ channel, patient }));
    await stand.write(
      tenant,
      tell('patient.created', 'P-1', { patient: { full_name: 'Asha Rao' } }),
      tell('patient.created', 'P-2', { patient: { full_name: 'Asha Rao', phones: [phone] } }),
      message('M-1', { to_address: phone }),
    );
    await stand.write(tenant, tell('patient.merged', 'P-2', { patient: { merged_into: 'P-1' } }));
    await stand.write(
      tenant,
      message('M-2', { to_address: phone }),
      message('M-3', { channel: 'sms', direction: 'inbound', from_address: phone }),
    );
    await call(1);
    expect(await whose()).toEqual(all('P-1'));
    expect(await stand.drift(tenant)).toEqual({});
    await unmerge('P-1', 'P-2');
    expect(await whose()).toEqual(all('P-2'));
  });
});

describe('an appointment that is moved to a practitioner of another department', () => {
  const practitioner = (id: string, department: string) =>
    tell('practitioner.upserted', id, { practitioner: { name: id, department, active: true } });
  const booked = (id: string, at: number) =>
    tell('appointment.booked', id, {
      appointment: { ...of('P-1'), practitioner: named('D-1'), start: start + at * hour },
    });
  const moved = (id: string) =>
    tell('appointment.rescheduled', id, {
      appointment: { practitioner: named('D-2'), start: start + 200 * hour },
    });
  const stated = () =>
    sql(
      `SELECT basis, ${nameOf('departments', "(f.statement ->> 'department_id')::uuid", 'name')} AS department FROM fact_current f
       WHERE tenant_id = $1 AND kind = 'appointment' AND statement IS NOT NULL ORDER BY 1`,
    );

  it('counts under that one, whoever of them is told first', async () => {
    const skin = ['created', 'starts'].map((basis) => ({ basis, department: 'Skin' }));
    await stand.write(tenant, practitioner('D-1', 'Heart'), booked('A-1', 100));
    expect(await stated()).toEqual(skin.map((one) => ({ ...one, department: 'Heart' })));
    await stand.write(tenant, moved('A-1'));
    expect(await stated()).toEqual(skin.map((one) => ({ ...one, department: null })));
    await stand.write(tenant, practitioner('D-2', 'Skin'));
    expect(await stated()).toEqual(skin);
  });

  it('in one transaction with all of it, too', async () => {
    await stand.write(
      tenant,
      booked('A-1', 100),
      practitioner('D-1', 'Heart'),
      moved('A-1'),
      practitioner('D-2', 'Skin'),
    );
    expect((await stated()).map(({ department }) => department)).toEqual(['Skin', 'Skin']);
  });
});

describe('steps of a journey that nobody has told of yet', () => {
  it('count at once, and as the journey’s once it is told, in whatever order', async () => {
    const events = () => [
      tell('journey.step_scheduled', 'J-1', {
        step: { external_id: 'S-1', name: 'Test', due_at: start + 48 * hour },
      }),
      tell('journey.step_completed', 'J-1', { step: { external_id: 'S-1' } }),
      tell('journey.started', 'J-1', {
        journey: { ...of('P-1'), journey_type: 'knee', practitioner: named('D-1') },
      }),
      tell('practitioner.upserted', 'D-1', {
        practitioner: { name: 'Mehta', department: 'Heart', active: true },
      }),
    ];
    const stated = () =>
      sql(
        `SELECT kind, basis, statement ->> 'journey_type' AS type, ${nameOf('departments', "(f.statement ->> 'department_id')::uuid", 'name')} AS department,
           ${nameOf('patients', "(f.statement ->> 'patient_id')::uuid", 'external_id')} AS patient FROM fact_current f
         WHERE tenant_id = $1 AND statement IS NOT NULL AND kind LIKE 'journey%' ORDER BY 1, 2`,
      );
    const end = [
      ['journey', 'started'],
      ['journey_step', 'completed'],
      ['journey_step', 'due'],
    ].map(([kind, basis]) => ({ kind, basis, type: 'knee', department: 'Heart', patient: 'P-1' }));

    const [scheduled, completed, started, upserted] = events();
    if (!scheduled || !completed || !started || !upserted) throw new Error('all four are there');
    await stand.write(tenant, scheduled, completed);
    expect(await stated()).toMatchObject([
      { kind: 'journey_step', basis: 'completed', patient: null },
      { kind: 'journey_step', basis: 'due', patient: null },
    ]);
    expect(await stand.drift(tenant)).toEqual({});
    for (const event of [started, upserted]) await stand.write(tenant, event);
    expect(await stated()).toEqual(end);
    expect(await stand.drift(tenant)).toEqual({});

    tenant = await stand.newTenant();
    for (const event of events().reverse()) await stand.write(tenant, event);
    expect(await stated()).toEqual(end);
  });
});

describe('a patient who tries the system out', () => {
  it('has calls that state nothing, those that older rules stated, too', async () => {
    const stated = async () =>
      (
        await sql(
          `SELECT FROM fact_current WHERE tenant_id = $1 AND kind = 'voice_call' AND statement IS NOT NULL`,
        )
      ).length;
    await stand.write(
      tenant,
      tell('patient.created', 'P-1', { patient: { full_name: 'Asha Rao', phones: [phone] } }),
    );
    await call(1);
    expect(await stated()).toBe(1);
    // As before calls of these were left out: the flag stood, the call was stated, by the rules of then.
    await sql('UPDATE patients SET test_data = true WHERE tenant_id = $1');
    await sql(
      `UPDATE fact_current SET statement_version = 2, statement = statement || '{"statement_version": 2}' WHERE tenant_id = $1 AND kind = 'voice_call'`,
    );
    await keepUp(
      { ...stand.options, logger: createLogger({ service: 'test', level: 'silent' }), inboxDays: 30 },
      new AbortController().signal,
      true,
    );
    expect(await stated()).toBe(0);
    await call(2);
    expect(await stated()).toBe(0);
    await stand.restate(tenant);
  });
});

describe('rows that were made here', () => {
  it('keep their ids once the clinic’s system names them, whatever it tells of them later', async () => {
    const ids = async () => ({
      locations: await sql('SELECT id FROM locations WHERE tenant_id = $1'),
      practitioners: await sql('SELECT id FROM practitioners WHERE tenant_id = $1'),
      patients: await sql('SELECT id FROM patients WHERE tenant_id = $1'),
    });
    await sql(
      `INSERT INTO locations (tenant_id, id, name, time_zone, external_id) VALUES ($1, gen_random_uuid(), 'Main', 'Asia/Kolkata', 'L-1')`,
    );
    await sql(
      `INSERT INTO practitioners (tenant_id, id, display_name, external_id) VALUES ($1, gen_random_uuid(), 'Dr. Mehta', 'D-1')`,
    );
    await sql(
      `INSERT INTO patients (tenant_id, id, first_name, origin, external_id) VALUES ($1, gen_random_uuid(), 'Asha', 'desk', 'P-1')`,
    );
    const before = await ids();
    await stand.write(
      tenant,
      tell('appointment.booked', 'A-1', {
        appointment: { ...of('P-1'), practitioner: named('D-1'), location: named('L-1'), start },
      }),
    );
    for (const _ of [1, 2])
      await stand.write(
        tenant,
        tell('practitioner.upserted', 'D-1', { practitioner: { name: 'Mehta-Rao', active: true } }),
        tell('location.upserted', 'L-1', { location: { name: 'New name', active: true } }),
        tell('patient.updated', 'P-1', { patient: { first_name: 'Usha' } }),
        tell('appointment.confirmed', 'A-1'),
      );
    expect(await ids()).toEqual(before);
    expect(
      await sql(
        `SELECT count(*)::int AS n FROM record_states WHERE tenant_id = $1 AND kind <> 'appointment'`,
      ),
    ).toEqual([{ n: 3 }]);
  });
});

describe('merges of one transaction', () => {
  it('are stated once with all that it changes', async () => {
    const visits = ['P-1', 'P-2', 'P-3'].map((patient, at) =>
      tell('appointment.booked', `A-${at}`, { appointment: { ...of(patient), start: start + at * hour } }),
    );
    await stand.write(tenant, ...visits);
    await sql('DELETE FROM outbox WHERE tenant_id = $1');
    await stand.write(
      tenant,
      tell('patient.merged', 'P-3', { patient: { merged_into: 'P-2' } }),
      tell('appointment.confirmed', 'A-2'),
      tell('patient.merged', 'P-2', { patient: { merged_into: 'P-1' } }),
      tell('appointment.completed', 'A-1'),
    );
    const lines = await sql(
      `SELECT line::jsonb ->> 'entity_id' AS id, line::jsonb ->> 'basis' AS basis, sign, count(*)::int AS n FROM outbox
       WHERE tenant_id = $1 GROUP BY 1, 2, 3`,
    );
    expect(lines.length).toBeGreaterThanOrEqual(8);
    expect(lines.filter(({ n }) => n !== 1)).toEqual([]);
    expect(
      await sql(
        `SELECT DISTINCT ${nameOf('patients', "(statement ->> 'patient_id')::uuid", 'external_id')} AS patient FROM fact_current
         WHERE tenant_id = $1 AND kind = 'appointment'`,
      ),
    ).toEqual([{ patient: 'P-1' }]);
  });
});

describe('messages of a release that did not note whom they name', () => {
  const message = (id: string, patient: string | null) =>
    tell('message.sent', id, {
      message: { channel: 'sms', to_address: phone, ...(patient === null ? {} : of(patient)) },
    });
  const noted = () =>
    sql(
      `SELECT m.external_id AS message, ${nameOf('patients', "(m.merge_state ->> 'patient')::uuid", 'external_id')} AS names,
         ${nameOf('patients', 'c.patient_id', 'external_id')} AS whose, jsonb_array_length(c.merge_state -> 'patients') AS patients
       FROM conversation_messages m JOIN conversations c ON c.tenant_id = $1 AND c.id = m.conversation_id
       WHERE m.tenant_id = $1 ORDER BY 1`,
    );
  const upkeep = () =>
    keepUp(
      { ...stand.options, logger: createLogger({ service: 'test', level: 'silent' }), inboxDays: 30 },
      new AbortController().signal,
      true,
    );

  it('note it after the upkeep, and their conversations follow corrections, merges and unmerges', async () => {
    await stand.write(tenant, message('M-1', 'P-1'), message('M-2', 'P-1'), message('M-3', null));
    await sql(`UPDATE conversation_messages SET merge_state = '{}' WHERE tenant_id = $1`);
    await sql(`UPDATE conversations SET merge_state = '{}' WHERE tenant_id = $1`);
    // A later message names another: without the notes the conversation would be that one's.
    await stand.write(tenant, message('M-4', 'P-2'));
    await upkeep();
    expect(await noted()).toEqual([
      { message: 'M-1', names: 'P-1', whose: null, patients: 2 },
      { message: 'M-2', names: 'P-1', whose: null, patients: 2 },
      { message: 'M-3', names: null, whose: null, patients: 2 },
      { message: 'M-4', names: 'P-2', whose: null, patients: 2 },
    ]);
    // One is corrected; the other still names the first.
    await stand.write(tenant, message('M-1', 'P-2'));
    expect((await noted())[0]).toMatchObject({ names: 'P-2', whose: null, patients: 2 });
    await stand.write(tenant, tell('patient.merged', 'P-1', { patient: { merged_into: 'P-2' } }));
    expect((await noted())[0]).toMatchObject({ whose: 'P-2' });
    await unmerge('P-2', 'P-1');
    expect((await noted())[0]).toMatchObject({ whose: null });
    const before = await noted();
    await upkeep();
    expect(await noted()).toEqual(before);
  });
});
