import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { createPool, lockTenant, withTenant } from '../pool.ts';
import { stateTouched } from './state-touched.ts';
import { type ClinicStand, createClinicStand, standKey } from './testing/clinic-stand.ts';

let stand: ClinicStand;

beforeAll(async () => {
  stand = await createClinicStand(inject('engines').postgresAdmin);
});

afterAll(() => stand.close());

describe('an appointment', () => {
  it('that is moved to another day and practitioner, then cancelled, takes the old day down and the new one up', async () => {
    const [patient, first, second, id] = [randomUUID(), randomUUID(), randomUUID(), randomUUID()];
    const row = {
      id,
      patient_id: patient,
      practitioner_id: first,
      starts_at: '2026-11-20T05:00:00Z',
      ends_at: '2026-11-20T05:20:00Z',
      booked_at: '2026-11-18T05:00:00Z',
    };
    const clinic = { patients: [{ id: patient }], practitioners: [{ id: first }, { id: second }] };
    expect(await stand.write({ ...clinic, appointments: [row] }, { appointments: [id] })).toBe(2);
    expect(await stand.stated('appointment', id)).toMatchObject({
      starts: { local_date: '2026-11-20', practitioner_id: first, new_patient: 1, first_event: 1 },
      created: { local_date: '2026-11-18' },
    });
    const moved = {
      ...row,
      practitioner_id: second,
      starts_at: '2026-11-23T05:00:00Z',
      ends_at: '2026-11-23T05:20:00Z',
      moves: 1,
    };
    await stand.write({ appointments: [moved] }, { appointments: [id] });
    const cancelled = {
      ...moved,
      status: 'cancelled',
      cancelled_at: '2026-11-22T20:00:00Z',
      cancelled_by: 'patient',
    };
    expect(await stand.write({ appointments: [cancelled] }, { appointments: [id] })).toBe(3);
    expect(await stand.stated('appointment', id)).toMatchObject({
      starts: { local_date: '2026-11-23', practitioner_id: second, status: 'cancelled', late_cancelled: 1 },
      created: { local_date: '2026-11-18', moves: 1 },
      cancelled: { local_date: '2026-11-23' },
    });
    expect(await stand.imbalance()).toEqual([]);
    expect(await stand.recount()).toEqual({});
    expect(await stand.write({ appointments: [cancelled] }, { appointments: [id] })).toBe(0);
  });

  it('that is corrected to an earlier day reaches that day, and turns who was first', async () => {
    const [patient, first, second] = [randomUUID(), randomUUID(), randomUUID()];
    const visit = (id: string, booked_at: string) => ({
      id,
      patient_id: patient,
      starts_at: '2026-11-20T05:00:00Z',
      ends_at: '2026-11-20T05:20:00Z',
      booked_at,
    });
    await stand.write(
      {
        patients: [{ id: patient }],
        appointments: [visit(first, '2026-11-10T05:00:00Z'), visit(second, '2026-11-12T05:00:00Z')],
      },
      { appointments: [first, second] },
    );
    const corrected = visit(second, '2026-11-01T05:00:00Z');
    expect(await stand.write({ appointments: [corrected] }, { appointments: [second] })).toBe(4);
    expect(await stand.stated('appointment', second)).toMatchObject({
      created: { local_date: '2026-11-01', new_patient: 1, first_event: 1 },
    });
    expect(await stand.stated('appointment', first)).toMatchObject({
      created: { local_date: '2026-11-10', new_patient: 0, first_event: 0 },
    });
    expect(await stand.imbalance()).toEqual([]);
  });

  it('takes the slot that another set free, until it moves away', async () => {
    const [practitioner, freed, taker] = [randomUUID(), randomUUID(), randomUUID()];
    const slot = {
      practitioner_id: practitioner,
      starts_at: '2026-11-20T05:00:00Z',
      ends_at: '2026-11-20T05:20:00Z',
    };
    const cancelled = {
      ...slot,
      id: freed,
      status: 'cancelled',
      booked_at: '2026-11-18T05:00:00Z',
      cancelled_at: '2026-11-19T20:00:00Z',
      fee_minor: 500,
      fee_currency: 'INR',
    };
    const taking = { ...slot, id: taker, booked_at: '2026-11-19T22:00:00Z' };
    await stand.write(
      { practitioners: [{ id: practitioner }], appointments: [cancelled] },
      { appointments: [freed] },
    );
    expect(await stand.stated('appointment', freed)).toMatchObject({
      cancelled: { slot_refilled: 0, lost_fee_micro: 500_000_000 },
    });
    await stand.write({ appointments: [taking] }, { appointments: [taker] });
    expect(await stand.stated('appointment', freed)).toMatchObject({
      cancelled: { slot_refilled: 1, lost_fee_micro: 0 },
    });
    const away = { ...taking, starts_at: '2026-11-20T05:20:00Z', ends_at: '2026-11-20T05:40:00Z', moves: 1 };
    await stand.write({ appointments: [away] }, { appointments: [taker] });
    expect(await stand.stated('appointment', freed)).toMatchObject({
      cancelled: { slot_refilled: 0, lost_fee_micro: 500_000_000 },
    });
    expect(await stand.recount()).toEqual({});
  });

  it('that is known by its journey alone states nothing, and one that is gone nothing any more', async () => {
    const [known, gone] = [randomUUID(), randomUUID()];
    const times = {
      starts_at: '2026-11-20T05:00:00Z',
      ends_at: '2026-11-20T05:20:00Z',
      booked_at: '2026-11-19T05:00:00Z',
    };
    const rows = [
      { ...times, id: known, placeholder: true },
      { ...times, id: gone },
    ];
    expect(await stand.write({ appointments: rows }, { appointments: [known, gone] })).toBe(2);
    await stand.database.admin.query('DELETE FROM appointments WHERE id = $1', [gone]);
    expect(await stand.write({}, { appointments: [known, gone] })).toBe(2);
    expect(await stand.stated('appointment', gone)).toEqual({});
    expect(await stand.imbalance()).toEqual([]);
  });
});

describe('what comes after', () => {
  it('turns what is said of the patient’s lost and kept visits, and of the next booking', async () => {
    const [patient, lost, kept, next, talk] = [
      randomUUID(),
      randomUUID(),
      randomUUID(),
      randomUUID(),
      randomUUID(),
    ];
    const visit = (id: string, booked_at: string, day: string, parts: object = {}) => ({
      id,
      patient_id: patient,
      booked_at,
      starts_at: `${day}T05:00:00Z`,
      ends_at: `${day}T05:20:00Z`,
      ...parts,
    });
    const cancelled = { status: 'cancelled', cancelled_at: '2026-10-20T05:00:00Z' };
    await stand.write(
      {
        patients: [{ id: patient }],
        appointments: [
          visit(lost, '2026-10-01T05:00:00Z', '2026-10-21', cancelled),
          visit(kept, '2026-10-02T05:00:00Z', '2026-10-05', { status: 'completed' }),
        ],
      },
      { appointments: [lost, kept] },
    );
    const again = visit(next, '2026-11-10T05:00:00Z', '2026-11-12', { status: 'completed' });
    await stand.write({ appointments: [again] }, { appointments: [next] });
    expect(await stand.stated('appointment', lost)).toMatchObject({ starts: { rebooked_30d: 1 } });
    expect(await stand.stated('appointment', kept)).toMatchObject({ starts: { returned_90d: 1 } });
    await stand.write(
      { conversations: [{ id: talk, patient_id: patient, created_at: '2026-11-09T05:00:00Z' }] },
      { conversations: [talk] },
    );
    expect(await stand.stated('appointment', next)).toMatchObject({ starts: { contacts_before: 1 } });
    await stand.write({ appointments: [{ ...again, entered_in_error: true }] }, { appointments: [next] });
    expect(await stand.stated('appointment', lost)).toMatchObject({ starts: { rebooked_30d: 0 } });
    expect(await stand.stated('appointment', kept)).toMatchObject({ starts: { returned_90d: 0 } });
    expect(await stand.recount()).toEqual({});
  });
});

describe('a merge of two patients', () => {
  it('states the absorbed one’s records anew, and taken back gives every statement back', async () => {
    const [survivor, absorbed] = [randomUUID(), randomUUID()];
    const [visit, later, talk, message, call, journey, step] = Array.from({ length: 7 }, () => randomUUID());
    const ids = { visit, later, talk, message, call, journey, step };
    const records = (patient_id: string) => ({
      appointments: [
        {
          id: ids.later ?? '',
          patient_id,
          starts_at: '2026-11-25T05:00:00Z',
          ends_at: '2026-11-25T05:20:00Z',
          booked_at: '2026-11-21T05:00:00Z',
        },
      ],
      conversations: [{ id: ids.talk ?? '', patient_id, contact_phone: '+919812345678' }],
      conversation_messages: [
        {
          id: ids.message ?? '',
          conversation_id: ids.talk,
          direction: 'inbound',
          sender_kind: 'patient',
          sent_at: '2026-11-20T07:00:00Z',
          external_id: ids.message,
        },
      ],
      journeys: [{ id: ids.journey ?? '', patient_id, started_at: '2026-11-20T05:00:00Z' }],
      journey_steps: [{ id: ids.step ?? '', journey_id: ids.journey, due_at: '2026-11-27T05:00:00Z' }],
      voice_calls: [
        { id: ids.call ?? '', patient_id, external_id: ids.call, began_at: '2026-11-20T06:00:00Z' },
      ],
    });
    const everything = async () => {
      const { rows } = await stand.database.admin.query(
        `SELECT kind, basis, entity_id, statement FROM fact_current WHERE entity_id = ANY ($1) AND statement IS NOT NULL ORDER BY 1, 2, 3`,
        [Object.values(ids)],
      );
      return rows;
    };
    await stand.write(
      {
        patients: [{ id: survivor }, { id: absorbed }],
        ...records(absorbed),
        appointments: [
          ...records(absorbed).appointments,
          {
            id: ids.visit ?? '',
            patient_id: survivor,
            starts_at: '2026-11-20T05:00:00Z',
            ends_at: '2026-11-20T05:20:00Z',
            booked_at: '2026-11-18T05:00:00Z',
          },
        ],
      },
      {
        appointments: [ids.visit ?? '', ids.later ?? ''],
        messages: [ids.message ?? ''],
        journeys: [ids.journey ?? ''],
        calls: [ids.call ?? ''],
      },
    );
    const before = await everything();
    expect(before.map(({ kind }) => kind)).toEqual([
      ...Array(4).fill('appointment'),
      'conversation',
      'journey',
      'journey_step',
      'message',
      'voice_call',
    ]);
    expect(await stand.stated('appointment', ids.later ?? '')).toMatchObject({ starts: { new_patient: 1 } });
    expect(await stand.stated('conversation', ids.talk ?? '')).toMatchObject({
      created: { first_contact: 1, first_event: 1 },
    });

    await stand.write(records(survivor), { patients: [survivor, absorbed] });
    const merged = await everything();
    expect(new Set(merged.map(({ statement }) => statement.patient_id))).toEqual(new Set([survivor]));
    expect(await stand.stated('appointment', ids.later ?? '')).toMatchObject({
      starts: { new_patient: 0, contacts_before: 1 },
    });
    expect(await stand.stated('conversation', ids.talk ?? '')).toMatchObject({
      created: { first_contact: 1, first_event: 0 },
    });
    expect(await stand.recount()).toEqual({});

    await stand.write(records(absorbed), { patients: [survivor, absorbed] });
    expect(await everything()).toEqual(before);
    expect(await stand.imbalance()).toEqual([]);
  });
});

describe('a patient who was made to try the system out', () => {
  it('counts nowhere, and again when that was a mistake', async () => {
    const [patient, talk, visit] = [randomUUID(), randomUUID(), randomUUID()];
    const rows = {
      conversations: [{ id: talk, patient_id: patient }],
      appointments: [
        {
          id: visit,
          patient_id: patient,
          starts_at: '2026-11-20T05:00:00Z',
          ends_at: '2026-11-20T05:20:00Z',
        },
      ],
    };
    await stand.write(
      { patients: [{ id: patient }], ...rows },
      { conversations: [talk], appointments: [visit] },
    );
    const before = [await stand.stated('conversation', talk), await stand.stated('appointment', visit)];
    await stand.write({ patients: [{ id: patient, test_data: true }] }, { patients: [patient] });
    expect([await stand.stated('conversation', talk), await stand.stated('appointment', visit)]).toEqual([
      {},
      {},
    ]);
    await stand.write({ patients: [{ id: patient, test_data: false }] }, { patients: [patient] });
    expect([await stand.stated('conversation', talk), await stand.stated('appointment', visit)]).toEqual(
      before,
    );
  });
});

describe('whoever books over the API', () => {
  it('states by the same function, with its own rights', async () => {
    const [patient, visit, talk, message, call, journey] = Array.from({ length: 6 }, () => randomUUID());
    const ids = { patient, visit, talk, message, call, journey };
    const began_at = '2026-11-20T06:00:00Z';
    await stand.write(
      {
        patients: [{ id: ids.patient }],
        appointments: [
          {
            id: ids.visit,
            patient_id: patient,
            starts_at: began_at,
            ends_at: '2026-11-20T06:20:00Z',
            moves: 1,
          },
        ],
        conversations: [{ id: ids.talk, patient_id: patient }],
        conversation_messages: [
          {
            id: ids.message,
            conversation_id: talk,
            direction: 'outbound',
            sender_kind: 'user',
            sent_at: began_at,
            external_id: message,
          },
        ],
        voice_calls: [{ id: ids.call, external_id: call, began_at }],
        journeys: [{ id: ids.journey, started_at: began_at }],
        journey_steps: [{ id: randomUUID(), journey_id: journey, due_at: began_at }],
      },
      {},
    );
    const api = createPool({
      url: stand.database.urlAs('switchboard_api'),
      applicationName: 'facts-test-api',
    });
    const cause = { eventId: randomUUID(), traceparent: null };
    const touched = Object.fromEntries(
      Object.entries({
        patients: patient,
        appointments: visit,
        messages: message,
        calls: call,
        journeys: journey,
      }).map(([list, id]) => [list, [id ?? '']]),
    );
    const state = () =>
      withTenant(api, stand.tenant.tenantId, async (client) => {
        await lockTenant(client, stand.tenant.tenantId);
        return stateTouched(client, { tenant: stand.tenant, pseudonymKey: standKey, cause }, touched);
      });
    // An appointment under two days, a message, a conversation, a call, a journey and its step.
    expect(await state()).toBe(7);
    expect(await state()).toBe(0);
    await api.end();
    expect(await stand.imbalance()).toEqual([]);
  });
});

describe('a practitioner of another department', () => {
  it.each([3, 130])('takes along %i appointments: few at once, many left to the upkeep', async (count) => {
    const [practitioner, first, second] = [randomUUID(), randomUUID(), randomUUID()];
    const appointments = Array.from({ length: count }, (_, at) => ({
      id: randomUUID(),
      practitioner_id: practitioner,
      starts_at: new Date(Date.UTC(2027, 0, 4, 4, at * 20)).toISOString(),
      ends_at: new Date(Date.UTC(2027, 0, 4, 4, at * 20 + 20)).toISOString(),
      booked_at: '2026-11-18T05:00:00Z',
    }));
    await stand.write(
      {
        departments: [first, second].map((id) => ({ id, name: id })),
        practitioners: [{ id: practitioner, department_id: first }],
        appointments,
      },
      { appointments: appointments.map(({ id }) => id) },
    );
    const move = { practitioners: [{ id: practitioner, department_id: second }] };
    const changed = await stand.write(move, { practitioners: [practitioner] });
    const { rows } = await stand.database.admin.query(
      `SELECT (SELECT count(*)::int FROM stale_owners WHERE owner_id::text = $1) AS stale,
         count(*) FILTER (WHERE statement ->> 'department_id' = $2)::int AS moved
       FROM fact_current WHERE statement ->> 'practitioner_id' = $1`,
      [practitioner, second],
    );
    expect([changed, rows]).toEqual(
      count > 100 ? [0, [{ stale: 1, moved: 0 }]] : [2 * count, [{ stale: 0, moved: 2 * count }]],
    );
    const ids = appointments.map(({ id }) => id);
    expect(await stand.write({}, { appointments: ids })).toBe(count > 100 ? 2 * count : 0);
    expect(await stand.imbalance()).toEqual([]);
  });
});
