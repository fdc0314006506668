import { randomUUID } from 'node:crypto';
import { localDateAt, zonedIso } from '@switchboard/domain/periods/zone';
import { createTestDatabase, type TestDatabase } from '@switchboard/testkit/database';
import { afterAll, beforeAll, beforeEach, describe, expect, inject, it } from 'vitest';
import { findAlternatives } from './alternatives.ts';
import { bookAppointment, bookHold } from './book.ts';
import { changeState, loadVisit, moveAppointment, type StateChange } from './change.ts';
import { checkTime, type FreeSlot, findFreeSlots } from './find-slots.ts';
import { removeOldHolds } from './old-holds.ts';
import { countWithoutRoom } from './outside-hours.ts';
import { hasNoRoom } from './room.ts';
import { createSchedulingClinic, overlapsSql, type SchedulingClinic } from './testing/clinic.ts';
import { loadMovedVisit, type VisitType } from './visit-types.ts';

const zone = 'Asia/Kolkata';
const closedForGood = randomUUID();
const visit: VisitType = {
  id: null,
  name: null,
  duration: 30,
  bufferBefore: 0,
  bufferAfter: 0,
  leadTime: 60,
};

let database: TestDatabase;
let clinic: SchedulingClinic;

beforeAll(async () => {
  database = await createTestDatabase(inject('engines').postgresAdmin);
});
beforeEach(async () => {
  await clinic?.pool.end();
  clinic = await createSchedulingClinic(database);
});
afterAll(async () => {
  await clinic?.pool.end();
  await database.drop();
});

const at = (time: string) => Date.parse(`2026-12-01T${time}:00+05:30`);
function slotAt(time: string, length = 30): FreeSlot {
  const from = at(time);
  return {
    practitionerId: clinic.practitioners[0],
    locationId: clinic.locationId,
    from,
    to: from + length * 60_000,
  };
}
const slots = (more: Partial<Parameters<typeof findFreeSlots>[2]> = {}) =>
  clinic.read((client) =>
    findFreeSlots(client, clinic.tenantId, {
      practitionerIds: [clinic.practitioners[0]],
      from: '2026-12-01',
      to: '2026-12-01',
      visit,
      limit: 100,
      now: clinic.now,
      zone,
      ...more,
    }),
  );
const times = (found: readonly FreeSlot[]) => found.map(({ from }) => zonedIso(from, zone).slice(11, 16));
const book = (time: string, more: Partial<Parameters<typeof bookAppointment>[2]> = {}, now = clinic.now) =>
  clinic.change((client) =>
    bookAppointment(client, clinic.context(now), {
      slot: slotAt(time),
      visit,
      patientId: null,
      channel: 'desk',
      ...more,
    }),
  );
async function booked(time: string): Promise<string> {
  const made = await book(time);
  if (made === 'SLOT_TAKEN') throw new Error('it was free');
  return made.id;
}
const state = (id: string, change: StateChange, now = clinic.now) =>
  clinic.change(async (client) => {
    const stored = await loadVisit(client, clinic.tenantId, { id });
    if (!stored) throw new Error('it is there');
    return changeState(client, clinic.context(now), stored, change);
  });
const move = (id: string, time: string) =>
  clinic.change(async (client) => {
    const stored = await loadVisit(client, clinic.tenantId, { id });
    if (!stored) throw new Error('it is there');
    return moveAppointment(client, clinic.context(), stored, slotAt(time), visit);
  });
const history = async (id: string) =>
  (
    await clinic.run<{ change: string }>(
      'SELECT change FROM appointment_history WHERE tenant_id = $1 AND appointment_id = $2 ORDER BY version',
      [id],
    )
  ).map(({ change }) => change);

describe('free slots', () => {
  it('are the hours without what is booked, held or closed, after the lead time', async () => {
    expect(times(await slots())).toHaveLength(16);
    await booked('09:00');
    await book('10:00', { holdUntil: clinic.now + 60_000 });
    await clinic.run(
      `INSERT INTO schedule_exceptions (tenant_id, id, practitioner_id, kind, local_date, starts, ends)
       VALUES ($1, gen_random_uuid(), $2, 'closed', '2026-12-01', '11:00', '17:00')`,
      [clinic.practitioners[0]],
    );
    expect(times(await slots())).toEqual(['09:30', '10:30']);
    expect(times(await slots({ now: clinic.now + 60_001 }))).toEqual(['09:30', '10:00', '10:30']);
    expect(times(await slots({ now: at('08:45') }))).toEqual(['10:00', '10:30']);
    expect(times(await slots({ between: [600, 660], now: at('06:00') }))).toEqual(['10:00', '10:30']);
    await clinic.run(
      `INSERT INTO clinic_holidays (tenant_id, id, local_date) VALUES ($1, gen_random_uuid(), '2026-12-01')`,
    );
    expect(await slots()).toEqual([]);
  });

  it('are there on a date that is open besides, though no weekly hours are in force', async () => {
    await clinic.run('DELETE FROM practitioner_schedules WHERE tenant_id = $1 AND practitioner_id = $2', [
      clinic.practitioners[0],
    ]);
    await clinic.run(
      `INSERT INTO schedule_exceptions (tenant_id, id, practitioner_id, location_id, kind, local_date, starts, ends)
       VALUES ($1, gen_random_uuid(), $2, $3, 'open', '2026-12-01', '09:00', '10:00')`,
      [clinic.practitioners[0], clinic.locationId],
    );
    expect(times(await slots())).toEqual(['09:00', '09:30']);
    await clinic.run('UPDATE locations SET active = false WHERE tenant_id = $1');
    expect(await slots()).toEqual([]);
  });

  it('are none on a date that is worked otherwise at a location that is no more', async () => {
    await clinic.run(
      `INSERT INTO locations (tenant_id, id, name, time_zone, active) VALUES ($1, $2, 'Closed for good', 'Asia/Kolkata', false)`,
      [closedForGood],
    );
    await clinic.run(
      `INSERT INTO schedule_exceptions (tenant_id, id, practitioner_id, location_id, kind, instead, local_date, starts, ends)
       VALUES ($1, gen_random_uuid(), $2, $3, 'open', true, '2026-12-01', '09:00', '10:00')`,
      [clinic.practitioners[0], closedForGood],
    );
    expect(await slots()).toEqual([]);
    await clinic.run('UPDATE schedule_exceptions SET location_id = $2 WHERE tenant_id = $1', [
      clinic.locationId,
    ]);
    expect(times(await slots())).toEqual(['09:00', '09:30']);
  });

  it('of hours without a place are at the only place, though others are named that nobody told of', async () => {
    await clinic.run('UPDATE practitioner_schedules SET location_id = NULL WHERE tenant_id = $1');
    await clinic.run(
      `INSERT INTO locations (tenant_id, id, name, time_zone, placeholder) VALUES ($1, gen_random_uuid(), 'L-2', 'Asia/Dubai', true)`,
    );
    expect((await slots({ limit: 1 }))[0]).toMatchObject({ locationId: clinic.locationId });
    await clinic.run('UPDATE locations SET placeholder = false WHERE tenant_id = $1');
    expect((await slots({ limit: 1 }))[0]).toMatchObject({ locationId: null });
  });

  it('end where a location has no room left, whoever works there', async () => {
    await clinic.run('UPDATE locations SET rooms = 1 WHERE tenant_id = $1');
    await booked('09:00');
    const colleague = clinic.practitioners[1];
    expect(times(await slots({ practitionerIds: [colleague], limit: 2 }))).toEqual(['09:30', '10:00']);
    const wanted = { practitionerId: colleague, from: at('09:00'), visit, now: clinic.now, zone };
    expect(await clinic.read((client) => checkTime(client, clinic.tenantId, wanted))).toBe('SLOT_TAKEN');
  });

  it('say why a time cannot be had', async () => {
    const check = (time: string, now = clinic.now) =>
      clinic.read((client) =>
        checkTime(client, clinic.tenantId, {
          practitionerId: clinic.practitioners[0],
          from: at(time),
          visit,
          now,
          zone,
        }),
      );
    expect(await check('16:45')).toBe('OUTSIDE_HOURS');
    expect(await check('09:00', at('08:30'))).toBe('TOO_SOON');
    expect(await check('09:10')).toMatchObject({ from: at('09:10'), locationId: clinic.locationId });
    await booked('09:00');
    expect(await check('09:10')).toBe('SLOT_TAKEN');
  });

  it('are asked for at their beginning where the hours have slots, unless somebody may begin between two', async () => {
    await clinic.run('UPDATE practitioner_schedules SET slot_minutes = 20 WHERE tenant_id = $1');
    const check = (time: string, betweenSlots?: boolean) =>
      clinic.read((client) =>
        checkTime(client, clinic.tenantId, {
          practitionerId: clinic.practitioners[0],
          from: at(time),
          visit,
          now: clinic.now,
          zone,
          betweenSlots,
        }),
      );
    expect(await check('09:10')).toBe('OUTSIDE_HOURS');
    expect(await check('09:20')).toMatchObject({ from: at('09:20') });
    expect(await check('09:10', true)).toMatchObject({ from: at('09:10') });
  });
});

describe('a slot', () => {
  it('that fifty want at once is had by one; the others’ alternatives are really free', async () => {
    for (const time of ['09:00', '15:00']) {
      const answers = await Promise.all(
        Array.from({ length: 50 }, () =>
          clinic.change(async (client) => {
            const made = await bookAppointment(client, clinic.context(), {
              slot: slotAt(time),
              visit,
              patientId: null,
              channel: 'voice',
            });
            if (made !== 'SLOT_TAKEN') return made;
            return findAlternatives(client, clinic.tenantId, {
              practitionerId: clinic.practitioners[0],
              colleagueIds: [clinic.practitioners[1]],
              date: '2026-12-01',
              near: at(time),
              visit,
              now: clinic.now,
              zone,
            });
          }),
        ),
      );
      const refused = answers.filter((one) => Array.isArray(one));
      expect(refused).toHaveLength(49);
      const free = new Set((await slots()).map(({ from }) => from));
      for (const alternatives of refused) {
        expect(alternatives).toHaveLength(3);
        for (const one of alternatives) expect(free.has(one.from)).toBe(true);
      }
    }
    expect(await clinic.run(overlapsSql)).toEqual([]);
  });

  it('is offered the same day first, then at a colleague’s, then the next day', async () => {
    const colleague = clinic.practitioners[1];
    const alternatives = async () => {
      const found = await clinic.read((client) =>
        findAlternatives(client, clinic.tenantId, {
          practitionerId: clinic.practitioners[0],
          colleagueIds: [colleague],
          date: '2026-12-01',
          near: at('09:00'),
          visit,
          now: clinic.now,
          zone,
        }),
      );
      return found.map(({ practitionerId, from }) => [practitionerId === colleague, localDateAt(from, zone)]);
    };
    await clinic.run(
      `INSERT INTO schedule_exceptions (tenant_id, id, practitioner_id, kind, local_date, starts, ends)
       VALUES ($1, gen_random_uuid(), $2, 'closed', '2026-12-01', '09:30', '17:00'),
         ($1, gen_random_uuid(), $3, 'closed', '2026-12-01', '09:30', '17:00')`,
      [...clinic.practitioners],
    );
    expect(await alternatives()).toEqual([
      [false, '2026-12-01'],
      [true, '2026-12-01'],
      [false, '2026-12-02'],
    ]);
  });

  it('that is held is free for others when the hold is over, and the holder’s when it is not', async () => {
    const held = await book('09:00', { holdUntil: clinic.now + 60_000 });
    if (held === 'SLOT_TAKEN') throw new Error('it was free');
    expect(await book('09:00')).toBe('SLOT_TAKEN');
    const late = await clinic.change((client) =>
      bookHold(client, clinic.context(clinic.now + 60_000), held.id, { patientId: null }),
    );
    expect(late).toBe('SLOT_TAKEN');
    expect(await book('09:00', {}, clinic.now + 60_001)).toMatchObject({ version: 1 });
    const other = await book('10:00', { holdUntil: clinic.now + 60_000 });
    if (other === 'SLOT_TAKEN') throw new Error('it was free');
    const patient = await clinic.addPatient();
    expect(
      await clinic.change((client) => bookHold(client, clinic.context(), other.id, { patientId: patient })),
    ).toMatchObject({ version: 2 });
    expect(await history(other.id)).toEqual(['held', 'booked']);
  });
});

describe('an appointment', () => {
  it('is moved in one step: it has the new time, or keeps its own', async () => {
    const [one, other] = [await booked('09:00'), await booked('10:00')];
    expect(await move(one, '10:00')).toBe('SLOT_TAKEN');
    expect(times(await slots({ limit: 2 }))).toEqual(['09:30', '10:30']);
    expect(await move(one, '09:30')).toBe(2);
    expect(await move(other, '09:00')).toBe(2);
    expect(await history(one)).toEqual(['booked', 'moved']);
    expect(
      await clinic.run('SELECT moves, status FROM appointments WHERE tenant_id = $1 AND id = $2', [one]),
    ).toEqual([{ moves: 1, status: 'scheduled' }]);
  });

  it('goes from state to state, each kept; what is over does not change', async () => {
    const id = await booked('09:00');
    expect(await state(id, { to: 'confirmed' })).toBe(2);
    expect(await state(id, { to: 'checked_in' })).toBe(3);
    expect(await state(id, { to: 'completed' })).toBe(4);
    expect(await state(id, { to: 'cancelled', by: 'patient', reason: null })).toBe('WRONG_STATE');
    expect(await history(id)).toEqual(['booked', 'confirmed', 'checked_in', 'completed']);
  });

  it('is missed after a quarter of an hour alone, which can be taken back unless its time was given away', async () => {
    const [one, other] = [await booked('09:00'), await booked('09:30')];
    expect(await state(one, { to: 'no_show' }, at('09:14'))).toBe('TOO_EARLY');
    expect(await state(one, { to: 'no_show' }, at('09:15'))).toBe(2);
    expect(await state(one, { to: 'scheduled' }, at('09:16'))).toBe(3);
    expect(await state(other, { to: 'no_show' }, at('09:45'))).toBe(2);
    await book('09:30');
    expect(await state(other, { to: 'checked_in' }, at('09:46'))).toBe('SLOT_TAKEN');
  });

  it('that was missed is not taken back where its room was given away', async () => {
    await clinic.run('UPDATE locations SET rooms = 1 WHERE tenant_id = $1');
    const id = await booked('09:00');
    expect(await state(id, { to: 'no_show' }, at('09:15'))).toBe(2);
    const other = await book('09:00', {
      slot: { ...slotAt('09:15'), practitionerId: clinic.practitioners[1] },
    });
    if (other === 'SLOT_TAKEN') throw new Error('it was free');
    expect(await state(id, { to: 'scheduled' }, at('09:16'))).toBe('SLOT_TAKEN');
    expect(await state(id, { to: 'checked_in' }, at('09:16'))).toBe('SLOT_TAKEN');
    await state(other.id, { to: 'cancelled', by: 'patient', reason: null });
    expect(await state(id, { to: 'checked_in' }, at('09:17'))).toBe(3);
  });

  it('that is cancelled frees its time, and says late or not, by whom and why', async () => {
    const id = await booked('09:00');
    expect(await state(id, { to: 'cancelled', by: 'clinic', reason: 'ill' })).toBe(2);
    expect(await booked('09:00')).not.toBe(id);
    expect(
      await clinic.run(
        `SELECT a.cancelled_by, a.cancel_reason, f.statement ->> 'clinic_cancelled' AS clinic, f.statement ->> 'late_cancelled' AS late
         FROM appointments a JOIN fact_current f ON f.tenant_id = a.tenant_id AND f.entity_id = a.id AND f.basis = 'starts'
         WHERE a.tenant_id = $1 AND a.id = $2`,
        [id],
      ),
    ).toEqual([{ cancelled_by: 'clinic', cancel_reason: 'ill', clinic: '1', late: '0' }]);
  });

  it('of the clinic’s system is no conflict any more when what it overlapped is cancelled', async () => {
    const id = await booked('09:00');
    const told = randomUUID();
    await clinic.run(
      `INSERT INTO appointments (tenant_id, id, practitioner_id, status, starts_at, ends_at, channel, conflict, source, external_id)
       VALUES ($1, $2, $3, 'scheduled', $4, $5, 'desk', true, 'emr', 'A-1')`,
      [told, clinic.practitioners[0], new Date(at('09:10')), new Date(at('09:40'))],
    );
    await state(id, { to: 'cancelled', by: 'patient', reason: null });
    expect(
      await clinic.run('SELECT conflict, version FROM appointments WHERE tenant_id = $1 AND id = $2', [told]),
    ).toEqual([{ conflict: false, version: 2 }]);
    expect(await history(told)).toEqual(['corrected']);
  });

  it.each(['2026-12-02T09:20', '2026-11-30T08:50'])(
    'of the clinic’s system is no conflict any more with a long buffer that is given up: %s',
    async (told) => {
      const id = await booked('09:00');
      await clinic.run(
        'UPDATE appointments SET buffer_before_minutes = 1440, buffer_after_minutes = 1440 WHERE tenant_id = $1',
      );
      const starts = Date.parse(`${told}:00+05:30`);
      await clinic.run(
        `INSERT INTO appointments (tenant_id, id, practitioner_id, status, starts_at, ends_at, channel, conflict, source, external_id)
         VALUES ($1, gen_random_uuid(), $2, 'scheduled', $3, $4, 'desk', true, 'emr', 'A-1')`,
        [clinic.practitioners[0], new Date(starts), new Date(starts + 1_800_000)],
      );
      await state(id, { to: 'cancelled', by: 'patient', reason: null });
      expect(await clinic.run('SELECT FROM appointments WHERE tenant_id = $1 AND conflict')).toEqual([]);
    },
  );

  it('is told to the clinic’s endpoints, and counted, in the transaction that changed it', async () => {
    await clinic.run(
      `INSERT INTO webhook_endpoints (tenant_id, id, url, sealed_secret) VALUES ($1, gen_random_uuid(), 'https://emr.example/hook', 'x')`,
    );
    const id = await booked('09:00');
    await move(id, '11:00');
    await state(id, { to: 'cancelled', by: 'patient', reason: null });
    const told = await clinic.run<{ event_type: string }>(
      'SELECT event_type FROM webhook_deliveries WHERE tenant_id = $1 AND entity_id = $2 ORDER BY entity_version',
      [id],
    );
    expect(told.map((row) => row.event_type)).toEqual([
      'appointment.booked',
      'appointment.rescheduled',
      'appointment.cancelled',
    ]);
    const back = await booked('10:00');
    await state(back, { to: 'no_show' }, at('10:20'));
    await state(back, { to: 'scheduled' }, at('10:21'));
    await state(back, { to: 'confirmed' }, at('10:22'));
    await state(back, { to: 'no_show' }, at('10:23'));
    await state(back, { to: 'scheduled' }, at('10:24'));
    const ofBack = await clinic.run<{ event_type: string; status: string }>(
      `SELECT event_type, body->'data'->>'status' AS status FROM webhook_deliveries WHERE tenant_id = $1 AND entity_id = $2
       ORDER BY entity_version`,
      [back],
    );
    expect(ofBack.map((row) => [row.event_type, row.status])).toEqual([
      ['appointment.booked', 'scheduled'],
      ['appointment.no_show', 'no_show'],
      ['appointment.booked', 'scheduled'],
      ['appointment.confirmed', 'confirmed'],
      ['appointment.no_show', 'no_show'],
      ['appointment.confirmed', 'confirmed'],
    ]);
    const failed = clinic.change(async (client) => {
      await bookAppointment(client, clinic.context(), {
        slot: slotAt('12:00'),
        visit,
        patientId: null,
        channel: 'desk',
      });
      throw new Error('the process dies here');
    });
    await expect(failed).rejects.toThrow('dies');
    expect(times(await slots({ between: [720, 750] }))).toEqual(['12:00']);
  });
});

/** A visit of half an hour that the clinic's system told, and not where it is. */
async function toldVisit(time: string, more: { conflict?: boolean; confirmed?: boolean } = {}) {
  const id = randomUUID();
  await clinic.run(
    `INSERT INTO appointments (tenant_id, id, practitioner_id, status, starts_at, ends_at, channel, conflict, confirmed_at, source, external_id)
     VALUES ($1, $2, $3, $4, $5, $6, 'desk', $7, $8, 'clinic', gen_random_uuid())`,
    [
      id,
      clinic.practitioners[0],
      more.confirmed ? 'confirmed' : 'scheduled',
      new Date(at(time)),
      new Date(at(time) + 1_800_000),
      more.conflict ?? false,
      more.confirmed ? new Date(clinic.now) : null,
    ],
  );
  return id;
}

describe('a visit that was told without its place', () => {
  const second = () => slots({ practitionerIds: [clinic.practitioners[1]], between: [540, 600] });
  const isThere = (locationId: string | null) =>
    clinic.read((client) =>
      hasNoRoom(
        client,
        clinic.tenantId,
        locationId,
        { from: at('09:00'), to: at('09:30') },
        clinic.now,
        undefined,
      ),
    );

  it('takes a room of the clinic’s only place', async () => {
    await clinic.run('UPDATE locations SET rooms = 1 WHERE tenant_id = $1');
    await toldVisit('09:00');
    expect(times(await second())).toEqual(['09:30']);
    expect(await isThere(clinic.locationId)).toBe(true);
    expect(await isThere(null)).toBe(true);
    const count = () =>
      clinic.read((client) => countWithoutRoom(client, clinic.tenantId, clinic.locationId, clinic.now));
    expect(await count()).toBe(0);
    await toldVisit('09:10', { conflict: true });
    expect(await count()).toBe(2);
  });

  it('takes none in a clinic of several', async () => {
    await clinic.run('UPDATE locations SET rooms = 1 WHERE tenant_id = $1');
    await clinic.run(
      `INSERT INTO locations (tenant_id, id, name, time_zone) VALUES ($1, gen_random_uuid(), 'Other', 'Asia/Kolkata')`,
    );
    await toldVisit('09:00');
    expect(times(await second())).toEqual(['09:00', '09:30']);
    expect(await isThere(null)).toBe(false);
  });

  it('stays confirmed when it is moved to where it is', async () => {
    const id = await toldVisit('09:00', { confirmed: true });
    expect(await move(id, '09:00')).toBe(1);
    const look = () =>
      clinic.run('SELECT status, moves FROM appointments WHERE tenant_id = $1 AND id = $2', [id]);
    expect(await look()).toEqual([{ status: 'confirmed', moves: 0 }]);
    await move(id, '10:00');
    expect(await look()).toEqual([{ status: 'scheduled', moves: 1 }]);
  });
});

describe('what the clinic’s system told beside a hold', () => {
  const isOver = () => clinic.now + 60_001;
  const conflict = async (id: string) =>
    (await clinic.run('SELECT conflict FROM appointments WHERE tenant_id = $1 AND id = $2', [id]))[0]
      ?.conflict;

  it.each(['a booking', 'a move', 'upkeep'])(
    'is no conflict any more once the hold is over and gone: by %s',
    async (by) => {
      const atColleague = (time: string) => ({ ...slotAt(time), practitionerId: clinic.practitioners[1] });
      const other = await book('15:00', { slot: atColleague('15:00') });
      if (other === 'SLOT_TAKEN') throw new Error('it was free');
      await book('09:00', { holdUntil: clinic.now + 60_000 });
      const told = await toldVisit('09:10', { conflict: true });
      if (by === 'a booking') await book('11:00', {}, isOver());
      else
        await clinic.change(async (client) => {
          const context = clinic.context(isOver());
          if (by === 'upkeep') return removeOldHolds(client, context, new Date(isOver()));
          const stored = await loadVisit(client, clinic.tenantId, { id: other.id });
          return stored && moveAppointment(client, context, stored, atColleague('16:00'), visit);
        });
      expect(await clinic.run(`SELECT FROM appointments WHERE tenant_id = $1 AND status = 'held'`)).toEqual(
        [],
      );
      expect(await conflict(told)).toBe(false);
      expect(await history(told)).toEqual(['corrected']);
    },
  );
});

describe('a search', () => {
  const kind = (name: string): VisitType => ({ ...visit, id: randomUUID(), name });

  it('that begins in half a year finds what is free then, until two years ahead', async () => {
    const on = (from: string, to = from) => slots({ from, to, limit: 1 });
    expect(await on('2027-06-01')).toHaveLength(1);
    expect(await on('2027-06-01', '2027-12-31')).toHaveLength(1);
    expect(await on('2028-11-01')).toHaveLength(1);
    expect(await on('2028-12-15')).toEqual([]);
  });

  it('for no kind by name finds whose hours are all for other kinds, each with a kind of theirs', async () => {
    const [usual, followUp, vaccination] = [kind('Consultation'), kind('Follow-up'), kind('Vaccination')];
    const [first, second] = clinic.practitioners;
    await clinic.run(
      'UPDATE practitioner_schedules SET appointment_type_ids = $3::uuid[] WHERE tenant_id = $1 AND practitioner_id = $2',
      [second, [vaccination.id, followUp.id]],
    );
    const find = (others?: VisitType[]) =>
      slots({ practitionerIds: [first, second], between: [540, 570], visit: usual, others });
    expect(await find()).toHaveLength(1);
    expect(
      (await find([usual, followUp, vaccination])).map((one) => [one.practitionerId, one.visit.name]),
    ).toEqual([
      [first, 'Consultation'],
      [second, 'Follow-up'],
    ]);
  });

  it('for where a visit of no kind may move finds hours that are for kinds', async () => {
    const [first] = clinic.practitioners;
    await clinic.run(
      'UPDATE practitioner_schedules SET appointment_type_ids = ARRAY[gen_random_uuid()] WHERE tenant_id = $1 AND practitioner_id = $2',
      [first],
    );
    const moved = await clinic.read((client) =>
      loadMovedVisit(client, clinic.tenantId, {
        typeId: null,
        startsAt: new Date(at('09:00')),
        endsAt: new Date(at('09:30')),
      }),
    );
    expect(await slots()).toEqual([]);
    expect(await slots({ visit: moved })).toHaveLength(16);
  });
});
