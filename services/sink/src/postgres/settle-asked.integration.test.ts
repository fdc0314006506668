import { randomUUID } from 'node:crypto';
import { createPool, type Pool, withTenant } from '@switchboard/postgres';
import { mergePatients, unmergePatients } from '@switchboard/postgres/people/merge-patients';
import { createTestDatabase, type TestDatabase } from '@switchboard/testkit/database';
import { afterAll, beforeAll, beforeEach, describe, expect, inject, it } from 'vitest';
import { type AskingClinic, createAskingClinic, patient, type Said } from './testing/asking-clinic.ts';

let database: TestDatabase;
let pool: Pool;
let clinic: AskingClinic;

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
});

const run = (sql: string, values: unknown[] = []) => clinic.run(sql, values);

/** A call of the patient, in two events that both tell all, twice each. */
async function call(said: Said, ref = `zc_${randomUUID()}`): Promise<void> {
  const events = [clinic.event(ref, said), clinic.event(ref, { ...said, at: 1 })];
  await clinic.write([...events, ...events]);
}

const asked = { date: '2026-12-01', time: '16:00', practitioner: 'Dr. Rohan Mehta' };
const appointments = () =>
  run(
    `SELECT a.status, a.starts_at, a.patient_id, c.patient_id = a.patient_id AS same, a.moves FROM appointments a
     LEFT JOIN voice_calls c ON c.tenant_id = a.tenant_id AND c.id = a.call_id WHERE a.tenant_id = $1 ORDER BY a.starts_at`,
  );
const requests = () =>
  run(
    `SELECT kind, reason, state FROM booking_requests WHERE tenant_id = $1 AND state = 'open' ORDER BY created_at, kind`,
  );

/** A call whose tools answered so. */
async function callWithTools(said: Said, tools: [tool: string, code: string][]): Promise<void> {
  const ref = `zc_${randomUUID()}`;
  for (const [tool, code] of tools)
    await run(
      `INSERT INTO voice_tool_uses (tenant_id, id, tool, call_ref, ok, code, latency_ms)
       VALUES ($1, gen_random_uuid(), $2, $3, $4 IN ('OK', 'VERIFIED', 'BOOKED', 'RESCHEDULED', 'CANCELLED'), $4, 12)`,
      [tool, ref, code],
    );
  await call(said, ref);
}

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

  it('is booked for who was merged by mistake, and theirs again once that is undone', async () => {
    const survivor = randomUUID();
    await run(
      `INSERT INTO patients (tenant_id, id, first_name, last_name, origin) VALUES ($1, $2, 'Asha', 'Rao', 'desk')`,
      [survivor],
    );
    const merge = {
      tenant: clinic.tenant,
      pseudonymKey: Buffer.alloc(32, 7),
      survivorId: survivor,
      absorbedId: patient,
      by: { userId: randomUUID() },
      now: Date.now(),
    };
    await withTenant(pool, clinic.tenant.tenantId, (client) => mergePatients(client, merge));
    await call({ entities: asked });
    expect(await appointments()).toMatchObject([{ patient_id: survivor, same: true }]);
    await withTenant(pool, clinic.tenant.tenantId, (client) => unmergePatients(client, merge));
    expect(await appointments()).toMatchObject([{ patient_id: patient, same: true }]);
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

  it.each(['abandoned', 'callback_requested', 'unresolved'])(
    'that ended %s is a request: nobody told the patient of a visit',
    async (outcome) => {
      await call({ entities: asked, outcome });
      expect(await appointments()).toEqual([]);
      expect(await requests()).toEqual([{ kind: 'book', reason: 'not_agreed', state: 'open' }]);
    },
  );

  it('is booked when it turns out that it was agreed', async () => {
    const ref = `zc_${randomUUID()}`;
    await clinic.write([clinic.event(ref, { entities: asked, outcome: 'unresolved' })]);
    await clinic.write([clinic.event(ref, { entities: asked, outcome: 'booked', at: 1 })]);
    expect(await appointments()).toHaveLength(1);
    expect(await requests()).toEqual([]);
  });

  it('is a request when somebody else has the time', async () => {
    await call({ entities: asked });
    await call({ entities: asked });
    expect(await appointments()).toHaveLength(1);
    expect(await requests()).toEqual([{ kind: 'book', reason: 'slot_taken', state: 'open' }]);
  });

  const tell = (status: string, start: string) =>
    run(
      `INSERT INTO appointments (tenant_id, id, patient_id, practitioner_id, status, starts_at, ends_at, channel, source, external_id, booked_at)
       SELECT $1, gen_random_uuid(), $2, id, $3, $4::timestamptz, $4::timestamptz + interval '30 minutes', 'voice', 'emr', 'A-1', '2026-11-28'
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
    expect(
      await run('SELECT kind, state FROM booking_requests WHERE tenant_id = $1 ORDER BY created_at', []),
    ).toEqual([
      { kind: 'book', state: 'fulfilled' },
      { kind: 'cancel', state: 'open' },
      { kind: 'reschedule', state: 'fulfilled' },
      { kind: 'cancel', state: 'fulfilled' },
    ]);
  });

  it('moves a visit that stays as long as it was', async () => {
    await tell('scheduled', '2026-12-01T10:30:00Z');
    await run(`UPDATE appointments SET ends_at = starts_at + interval '90 minutes' WHERE tenant_id = $1`);
    await call({
      intent: 'reschedule_appointment',
      dob: '1984-03-09',
      entities: { date: '2026-12-02', time: '10:00' },
    });
    expect(await run('SELECT starts_at, ends_at FROM appointments WHERE tenant_id = $1')).toEqual([
      { starts_at: new Date('2026-12-02T04:30:00Z'), ends_at: new Date('2026-12-02T06:00:00Z') },
    ]);
  });

  describe('and in which who proved to be the patient', () => {
    const proven = { dob: '1984-03-09' };
    const visitAt = (start: string, bookedAt: string, status = 'scheduled') =>
      run(
        `INSERT INTO appointments (tenant_id, id, patient_id, practitioner_id, status, starts_at, ends_at, channel, booked_at, cancelled_at, cancelled_by)
         SELECT $1, gen_random_uuid(), $2, id, $5, $3::timestamptz, $3::timestamptz + interval '30 minutes', 'desk', $4,
           CASE $5 WHEN 'cancelled' THEN '2026-11-30T02:31:00Z'::timestamptz END, CASE $5 WHEN 'cancelled' THEN 'clinic' END
         FROM practitioners WHERE tenant_id = $1`,
        [patient, start, bookedAt, status],
      );
    const [before, after] = ['2026-11-29T06:00:00Z', '2026-11-30T02:31:00Z'];

    it.each([
      ['another day', { date: '2026-12-04' }],
      ['another time', { date: '2026-12-01', time: '10:00' }],
      ['another practitioner', { practitioner: 'Dr. Anil Gupta' }],
    ])('speaks of %s cancels nothing', async (_, entities) => {
      await visitAt('2026-12-01T10:30:00Z', before);
      await call({ ...proven, intent: 'cancel_appointment', entities });
      expect(await appointments()).toMatchObject([{ status: 'scheduled' }]);
      expect(await requests()).toEqual([{ kind: 'cancel', reason: 'appointment_unclear', state: 'open' }]);
    });

    it('speaks of another practitioner moves nothing', async () => {
      await visitAt('2026-12-01T10:30:00Z', before);
      const entities = { date: '2026-12-02', time: '10:00', practitioner: 'Dr. Anil Gupta' };
      await call({ ...proven, intent: 'reschedule_appointment', entities });
      expect(await appointments()).toMatchObject([{ moves: 0 }]);
      expect(await requests()).toEqual([
        { kind: 'reschedule', reason: 'appointment_unclear', state: 'open' },
      ]);
    });

    it('did so by words of calls alone cancels nothing of a patient whose birth date the clinic never had', async () => {
      await run(
        'UPDATE patients SET first_name = NULL, last_name = NULL, date_of_birth = NULL WHERE tenant_id = $1',
      );
      await visitAt('2026-12-01T10:30:00Z', before);
      const said = { dob: '1971-01-01', intent: 'cancel_appointment' };
      await call(said);
      await call(said);
      expect(await appointments()).toMatchObject([{ status: 'scheduled' }]);
      expect(await requests()).toEqual([
        { kind: 'cancel', reason: 'patient_unclear', state: 'open' },
        { kind: 'cancel', reason: 'patient_unclear', state: 'open' },
      ]);
    });

    it('is known by an earlier call alone, and tells the birth date told then, cancels', async () => {
      await run('DELETE FROM patient_identifiers WHERE tenant_id = $1');
      await call({ ...proven, entities: asked });
      await call({ ...proven, intent: 'cancel_appointment' });
      expect(await appointments()).toMatchObject([{ status: 'cancelled' }]);
    });

    it('speaks of the visit that there is cancels it', async () => {
      await visitAt('2026-12-01T10:30:00Z', before);
      await call({ ...proven, intent: 'cancel_appointment', entities: asked });
      expect(await appointments()).toMatchObject([{ status: 'cancelled' }]);
    });

    it.each([
      ['was booked after the call', () => visitAt('2026-12-01T10:30:00Z', after)],
      [
        'is not the only one that the patient had then',
        async () => {
          await visitAt('2026-12-01T10:30:00Z', before);
          await visitAt('2026-12-02T10:30:00Z', before, 'cancelled');
        },
      ],
    ])('is told of late touches no visit that %s', async (_, book) => {
      await book();
      await call({ ...proven, intent: 'cancel_appointment' });
      await call({
        ...proven,
        intent: 'reschedule_appointment',
        entities: { date: '2026-12-03', time: '10:00' },
      });
      expect((await appointments())[0]).toMatchObject({ status: 'scheduled', moves: 0 });
      expect(await requests()).toMatchObject([
        { kind: 'cancel', reason: 'appointment_unclear' },
        { kind: 'reschedule', reason: 'appointment_unclear' },
      ]);
    });
  });

  it('that goes on, or asks for nothing, leaves nothing', async () => {
    await call({ entities: asked, status: 'in_progress' });
    await call({ intent: 'ask_price', entities: asked });
    expect([await appointments(), await requests()]).toEqual([[], []]);
  });
});

describe('a call in which a tool was used', () => {
  const book: Said = { entities: asked };
  const cancel: Said = { intent: 'cancel_appointment', dob: '1984-03-09' };
  const move: Said = { ...cancel, intent: 'reschedule_appointment', entities: asked };

  it.each<[string, Said, [string, string][], string]>([
    ['the time was taken', book, [['book-appointment', 'SLOT_TAKEN']], 'book'],
    ['the patient was not clear', book, [['book-appointment', 'PATIENT_AMBIGUOUS']], 'book'],
    ['free times were only heard', book, [['available-slots', 'OK']], 'book'],
    ['the caller was only found', book, [['patient-lookup', 'VERIFIED']], 'book'],
    [
      'another wish was met',
      book,
      [
        ['cancel-appointment', 'CANCELLED'],
        ['book-appointment', 'OUTSIDE_HOURS'],
      ],
      'book',
    ],
    [
      'only what it mainly asked for was done',
      cancel,
      [
        ['cancel-appointment', 'CANCELLED'],
        ['book-appointment', 'OUTSIDE_HOURS'],
      ],
      'book',
    ],
    ['a visit was not to be moved', move, [['reschedule-appointment', 'SLOT_TAKEN']], 'reschedule'],
  ])('is a request for a person where %s', async (_, said, tools, kind) => {
    await callWithTools(said, tools);
    expect(await appointments()).toEqual([]);
    expect(await requests()).toEqual([{ kind, reason: 'tool_refused', state: 'open' }]);
  });

  it('and the vendor alone tells of it is a request: the caller heard that it takes too long', async () => {
    await call({ ...book, tools: ['book_appointment'] });
    expect(await appointments()).toEqual([]);
    expect(await requests()).toEqual([{ kind: 'book', reason: 'tool_refused', state: 'open' }]);
  });

  it('that is not one of the clinic’s is booked', async () => {
    await call({ ...book, tools: ['end_call'] });
    expect(await appointments()).toHaveLength(1);
  });

  it.each<[string, Said, [string, string][]]>([
    [
      'after a refusal',
      book,
      [
        ['book-appointment', 'SLOT_TAKEN'],
        ['book-appointment', 'BOOKED'],
      ],
    ],
    [
      'by booking anew and cancelling',
      move,
      [
        ['book-appointment', 'BOOKED'],
        ['cancel-appointment', 'CANCELLED'],
      ],
    ],
  ])('asks for nothing where it was done %s', async (_, said, tools) => {
    await callWithTools(said, tools);
    expect([await appointments(), await requests()]).toEqual([[], []]);
  });
});
