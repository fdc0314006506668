import { randomUUID } from 'node:crypto';
import {
  type RecordParts,
  recordEvent,
  somebody,
} from '@switchboard/domain/records/testing/record-factories';
import { createPool, type Pool, withTenant } from '@switchboard/postgres';
import { unmergePatients } from '@switchboard/postgres/people/merge-patients';
import { createTestDatabase, type TestDatabase } from '@switchboard/testkit/database';
import { afterAll, beforeAll, beforeEach, describe, expect, inject, it } from 'vitest';
import { writeRecords } from './records/write-records.ts';
import { type AskingClinic, createAskingClinic, type Said } from './testing/asking-clinic.ts';

let database: TestDatabase;
let pool: Pool;
let clinic: AskingClinic;

/** When the calls began: 08:00 of the clinic's Monday. */
const began = Date.parse('2026-11-30T08:00:00+05:30');
const minute = 60_000;
const dayMs = 1_440 * minute;
const wanted = { date: '2026-12-01', time: '16:00', practitioner: 'Dr. Rohan Mehta' };
const start = Date.parse('2026-12-01T16:00:00+05:30');

beforeAll(async () => {
  database = await createTestDatabase(inject('engines').postgresAdmin);
  pool = createPool({ url: database.urlAs('switchboard_sink'), applicationName: 'test', prepare: true });
});
afterAll(async () => {
  await pool.end();
  await database.drop();
});
beforeEach(async () => {
  clinic = await createAskingClinic(database, pool);
  await tell('patient.created', 'P-1', -60, {
    patient: { first_name: 'Asha', last_name: 'Rao', date_of_birth: '1984-03-09', phones: ['+919812345678'] },
  });
});

/** What the clinic's system tells so many minutes after the calls began, each in a transaction of its own. */
async function tell(type: string, id: string, minutes: number, parts: RecordParts): Promise<void> {
  const event = recordEvent(type, id, {
    tenant_id: clinic.tenant.tenantId,
    occurred_at: began + minutes * minute,
    ...parts,
  });
  const options = { pool, pseudonymKey: Buffer.alloc(32, 7), now: () => began };
  await writeRecords(options, clinic.tenant, [{ event, traceparent: null }]);
}
const booked = (minutes: number, at = start, patient = 'P-1', [id, name] = ['A-1', 'Dr. Rohan Mehta']) =>
  tell('appointment.booked', id, minutes, {
    appointment: {
      patient: somebody({ external_id: patient }),
      practitioner: { external_id: null, name },
      start: at,
      end: at + 20 * minute,
      booked_at: began + minutes * minute,
      channel: 'voice',
    },
  });
const moved = (minutes: number, id = 'A-1') =>
  tell('appointment.rescheduled', id, minutes, {
    appointment: { start: start + 60 * minute, end: start + 80 * minute, moved_from_start: start },
  });
const cancelled = (minutes: number, by = 'patient', id = 'A-1') =>
  tell('appointment.cancelled', id, minutes, { appointment: { cancelled_by: by } });
/** A call that says so little that nobody could do it. */
const call = async (said: Said) => {
  const event = clinic.event(`zc_${randomUUID()}`, said);
  await clinic.write([event, event]);
};

const state = async () => ({
  requests: await clinic.run(
    `SELECT b.kind, b.state, b.reason, a.external_id AS visit FROM booking_requests b
     LEFT JOIN appointments a ON a.tenant_id = $1 AND a.id = b.appointment_id WHERE b.tenant_id = $1 ORDER BY 1`,
  ),
  visits: await clinic.run(
    `SELECT a.external_id AS id, a.status, a.starts_at, a.call_id IS NOT NULL AS called FROM appointments a
     WHERE a.tenant_id = $1 AND NOT a.entered_in_error ORDER BY 1`,
  ),
});

const unclear: Said = { entities: { date: wanted.date } };
const move: Said = { intent: 'reschedule_appointment', entities: { date: wanted.date, time: '17:00' } };
const drop: Said = { intent: 'cancel_appointment' };

describe('what a call asked for and the clinic’s own people did', () => {
  it.each<[string, Said, (() => Promise<void>)[], object]>([
    ['book', unclear, [() => booked(1)], { status: 'scheduled', starts_at: new Date(start) }],
    ['reschedule', move, [() => booked(-30), () => moved(2)], { starts_at: new Date(start + 60 * minute) }],
    ['cancel', drop, [() => booked(-30), () => cancelled(2)], { status: 'cancelled' }],
  ])('asks nobody any more, whichever was told first: %s', async (kind, said, tells, visit) => {
    await call(said);
    expect((await state()).requests).toMatchObject([{ kind, state: 'open' }]);
    for (const one of tells) await one();
    const after = await state();
    expect(after.requests).toEqual([{ kind, state: 'fulfilled', reason: null, visit: 'A-1' }]);
    expect(after.visits).toMatchObject([{ id: 'A-1', called: kind === 'book', ...visit }]);

    clinic = await createAskingClinic(database, pool);
    await tell('patient.created', 'P-1', -60, {
      patient: { first_name: 'Asha', last_name: 'Rao', phones: ['+919812345678'] },
    });
    for (const one of tells) await one();
    await call(said);
    expect((await state()).requests).toEqual(after.requests);
    expect((await state()).visits).toEqual(after.visits);
  });

  it.each([
    ['moved', moved, { starts_at: new Date(start + 60 * minute) }],
    ['cancelled', cancelled, { status: 'cancelled' }],
  ])('is not booked again where it was %s before the call’s webhook came', async (_how, change, visit) => {
    await booked(1);
    await change(10);
    await call({ entities: wanted });
    expect(await state()).toMatchObject({
      requests: [{ kind: 'book', state: 'fulfilled', visit: 'A-1' }],
      visits: [{ id: 'A-1', called: true, ...visit }],
    });
  });

  it('counts as booked by the voice agent once the call is known', async () => {
    await call(unclear);
    await booked(1);
    const stated = await clinic.run(
      `SELECT statement ->> 'ai_booked' AS ai FROM fact_current WHERE tenant_id = $1 AND kind = 'appointment' AND basis = 'starts'`,
    );
    expect(stated).toEqual([{ ai: '1' }]);
  });
});

describe('what a call asked for and a visit of another patient was taken for', () => {
  const unmerge = async (survivor: string) => {
    const ids = await clinic.run(
      `SELECT id FROM patients WHERE tenant_id = $1 AND external_id IN ('P-1', 'P-2') ORDER BY external_id = $2 DESC`,
      [survivor],
    );
    const [survivorId = '', absorbedId = ''] = ids.map(({ id }) => String(id));
    await withTenant(pool, clinic.tenant.tenantId, (client) =>
      unmergePatients(client, {
        tenant: clinic.tenant,
        pseudonymKey: Buffer.alloc(32, 7),
        survivorId,
        absorbedId,
        by: { userId: randomUUID() },
        now: began,
      }),
    );
  };
  const stated = () =>
    clinic.run(
      `SELECT statement ->> 'ai_booked' AS ai FROM fact_current WHERE tenant_id = $1 AND kind = 'appointment' AND basis = 'starts'`,
    );

  it.each<[string, Said, (() => Promise<void>)[]]>([
    ['book', unclear, [() => booked(1, start, 'P-2')]],
    ['reschedule', move, [() => booked(-30, start, 'P-2'), () => moved(2)]],
    ['cancel', drop, [() => booked(-30, start, 'P-2'), () => cancelled(2)]],
  ])('is asked for again once the wrong merge is undone: %s', async (kind, said, tells) => {
    await tell('patient.created', 'P-2', -60, { patient: { first_name: 'Lata', last_name: 'Patil' } });
    for (const one of tells) await one();
    await call(said);
    const [before, counted] = [await state(), await stated()];
    await tell('patient.merged', 'P-1', 20, { patient: { merged_into: 'P-2' } });
    expect((await state()).requests).toEqual([{ kind, state: 'fulfilled', reason: null, visit: 'A-1' }]);
    expect((await state()).visits).toMatchObject([{ called: kind === 'book' }]);
    await unmerge('P-2');
    expect(await state()).toMatchObject({
      requests: [{ kind, state: 'open', reason: 'merge_undone', visit: null }],
      visits: before.visits,
    });
    expect(await stated()).toEqual(counted);
    expect(
      await clinic.run('SELECT 1 FROM appointments WHERE tenant_id = $1 AND conversation_id IS NOT NULL'),
    ).toEqual([]);
  });
});

describe('a request stays open', () => {
  it('when it was the clinic that cancelled', async () => {
    await booked(-30);
    await call(drop);
    await cancelled(2, 'clinic');
    expect((await state()).requests).toMatchObject([{ kind: 'cancel', state: 'open' }]);
  });

  const another = ['A-2', 'Dr. Kavita Nair'] as const;
  const addAnother = () => tell('practitioner.upserted', 'D-2', -60, { practitioner: { name: another[1] } });

  it.each([
    ['cancelled', 'with another doctor', { practitioner: 'Dr. Rohan Mehta' }],
    ['cancelled', 'on another day', { date: wanted.date }],
    ['moved', 'with another doctor', { practitioner: 'Dr. Rohan Mehta', time: '22:00' }],
  ] as const)(
    'when a visit was %s that the caller has %s than they said, whichever was told first',
    async (how, _, entities) => {
      const change =
        how === 'moved' ? moved : (minutes: number, id = 'A-1') => cancelled(minutes, 'patient', id);
      const said = { intent: how === 'moved' ? 'reschedule_appointment' : 'cancel_appointment', entities };
      const ask = () => call(said);
      const changeOther = () => change(2, 'A-2');
      for (const [first, second] of [
        [ask, changeOther],
        [changeOther, ask],
      ] as const) {
        clinic = await createAskingClinic(database, pool);
        await tell('patient.created', 'P-1', -60, {
          patient: { first_name: 'Asha', last_name: 'Rao', phones: ['+919812345678'] },
        });
        await addAnother();
        await booked(-30);
        await booked(-29, start + dayMs, 'P-1', [...another]);
        await first();
        await second();
        expect((await state()).requests).toMatchObject([{ state: 'open', visit: null }]);
        await change(3);
        expect((await state()).requests).toMatchObject([{ state: 'fulfilled', visit: 'A-1' }]);
      }
    },
  );

  it('when another visit was moved than the only one that the caller had', async () => {
    await addAnother();
    await booked(-30);
    const ref = `zc_${randomUUID()}`;
    const ask: Said = {
      ...{ intent: 'reschedule_appointment', dob: '1984-03-09' },
      entities: { date: '2026-12-02', time: '22:00' },
    };
    await clinic.write([clinic.event(ref, ask)]);
    const open = [{ kind: 'reschedule', state: 'open', reason: 'outside_hours', visit: 'A-1' }];
    expect((await state()).requests).toEqual(open);
    await booked(10, start + dayMs, 'P-1', [...another]);
    await moved(20, 'A-2');
    expect((await state()).requests).toEqual(open);
    // The call is told on, and looked at again.
    await clinic.write([clinic.event(ref, { ...ask, outcome: 'answered', at: 60 })]);
    expect((await state()).requests).toMatchObject([{ state: 'open', visit: 'A-1' }]);
    await moved(30);
    expect((await state()).requests).toMatchObject([{ state: 'fulfilled', visit: 'A-1' }]);
  });

  it('when what changed did so before the call', async () => {
    await booked(-30);
    await moved(-10);
    await call(move);
    await cancelled(-5);
    await call(drop);
    expect((await state()).requests).toMatchObject([
      { kind: 'cancel', state: 'open' },
      { kind: 'reschedule', state: 'open' },
    ]);
  });

  it('when what was booked by phone was so long after the call, at another time than it asked for', async () => {
    await call(unclear);
    await booked(45);
    expect(await state()).toMatchObject({
      requests: [{ kind: 'book', state: 'open' }],
      visits: [{ called: false }],
    });
  });

  it('when a person has taken it', async () => {
    await call(unclear);
    await clinic.run('UPDATE booking_requests SET taken_by = gen_random_uuid() WHERE tenant_id = $1');
    await booked(1);
    expect(await state()).toMatchObject({
      requests: [{ kind: 'book', state: 'open' }],
      visits: [{ called: false }],
    });
  });
});

it('what a call asks for is work until the time that was asked for', async () => {
  await call({ entities: { date: '2026-12-03', time: '22:00', practitioner: 'Dr. Rohan Mehta' } });
  expect(await clinic.run('SELECT reason, expires_at FROM booking_requests WHERE tenant_id = $1')).toEqual([
    { reason: 'outside_hours', expires_at: new Date('2026-12-03T22:00:00+05:30') },
  ]);
});
