import { randomUUID } from 'node:crypto';
import { named, recordEvent, somebody } from '@switchboard/domain/records/testing/record-factories';
import type { TenantSettings } from '@switchboard/postgres/tenants';
import { afterAll, beforeAll, beforeEach, describe, expect, inject, it } from 'vitest';
import { noteHistory } from './testing/note-history.ts';
import { openRecordStand, type RecordStand } from './testing/record-stand.ts';

const start = Date.parse('2026-11-20T05:00:00Z');
const booked = Date.parse('2026-11-18T05:00:00Z');
const minute = 60_000;

let stand: RecordStand;
let tenant: TenantSettings;
let ours: string;

beforeAll(async () => {
  stand = await openRecordStand(inject('engines').postgresAdmin);
});
afterAll(() => stand.close());

const event = (type: string, id: string, at: number, appointment: object) =>
  recordEvent(type, id, { tenant_id: tenant.tenantId, occurred_at: booked + at * minute, appointment });

/** What the clinic's system tells when it has booked what a call booked here. */
const echo = (id: string, at: number, appointment: object = {}) =>
  event('appointment.booked', id, at, {
    patient: somebody({ external_id: 'P-1' }),
    practitioner: named('D-1'),
    start,
    end: start + 30 * minute,
    ...appointment,
  });

/** Books here, as a call does, for the patient P-1 with D-1. */
async function bookHere(at = 0): Promise<string> {
  const id = randomUUID();
  await stand.rows(
    `INSERT INTO appointments (tenant_id, id, patient_id, practitioner_id, status, starts_at, ends_at, booked_at, channel, confirmation_code)
     SELECT $1, $2, p.id, d.id, 'scheduled', $3, $4, $5, 'voice', left(md5(random()::text), 8) FROM patients p, practitioners d
     WHERE p.tenant_id = $1 AND p.external_id = 'P-1' AND d.tenant_id = $1`,
    tenant,
    id,
    new Date(start),
    new Date(start + 30 * minute),
    new Date(booked + at * minute),
  );
  await history(id, 1, 'booked', at);
  return id;
}

const history = (id: string, version: number, change: string, at: number) =>
  noteHistory(stand, tenant, { id, version, change, at: booked + at * minute });

const appointments = () =>
  stand.rows(
    `SELECT a.id, a.external_id, a.status, a.conflict, a.starts_at FROM appointments a
     WHERE a.tenant_id = $1 AND NOT a.entered_in_error ORDER BY a.external_id NULLS LAST`,
    tenant,
  );

const addClinic = () =>
  stand.write(
    tenant,
    recordEvent('patient.created', 'P-1', { tenant_id: tenant.tenantId, patient: { first_name: 'Asha' } }),
    recordEvent('patient.created', 'P-2', { tenant_id: tenant.tenantId, patient: { first_name: 'Ravi' } }),
    recordEvent('practitioner.upserted', 'D-1', {
      tenant_id: tenant.tenantId,
      practitioner: { name: 'Mehta' },
    }),
  );

beforeEach(async () => {
  tenant = await stand.newTenant();
  await addClinic();
  ours = await bookHere();
});

describe('what the clinic’s system books when we have booked it', () => {
  const one = (external_id = 'A-1', status = 'scheduled') => [
    { id: ours, external_id, status, conflict: false, starts_at: new Date(start) },
  ];

  it.each([
    ['with our id', [true]],
    ['without it', [false]],
    ['with it, then without', [true, false]],
    ['without it, then with', [false, true]],
    ['without it, twice', [false, false]],
  ])('is no second appointment: %s', async (_, tellsId) => {
    for (const together of [true, false]) {
      const events = tellsId.map((tells, at) => echo('A-1', at + 1, tells ? { appointment_id: ours } : {}));
      if (together) await stand.write(tenant, ...events);
      else for (const single of events) await stand.write(tenant, single);
      expect(await appointments()).toEqual(one());
    }
    expect(
      await stand.rows(
        `SELECT entity_id FROM record_states WHERE tenant_id = $1 AND kind = 'appointment'`,
        tenant,
      ),
    ).toEqual([{ entity_id: ours }]);
    await stand.write(tenant, event('appointment.confirmed', 'A-1', 9, {}));
    expect(await appointments()).toEqual(one('A-1', 'confirmed'));
    expect(await stand.restate(tenant)).toBeGreaterThanOrEqual(0);
    expect(await stand.restate(tenant)).toBe(0);
  });

  it('is no second appointment with an id that no appointment has, such as ours had before a backup was restored', async () => {
    await stand.write(tenant, echo('A-1', 1, { appointment_id: randomUUID() }));
    expect(await appointments()).toEqual(one());
    await stand.write(tenant, echo('A-2', 2, { appointment_id: ours }));
    expect(await appointments()).toMatchObject([
      { id: ours, external_id: 'A-1', conflict: false },
      { external_id: 'A-2', conflict: true },
    ]);
  });

  it('gives its steps the appointment that we made, in the same batch too', async () => {
    await stand.write(
      tenant,
      echo('A-1', 1),
      recordEvent('journey.step_scheduled', 'J-1', {
        tenant_id: tenant.tenantId,
        step: { external_id: 'S-1', appointment: 'A-1' },
      }),
    );
    expect(await stand.rows('SELECT appointment_id FROM journey_steps WHERE tenant_id = $1', tenant)).toEqual(
      [{ appointment_id: ours }],
    );
  });

  it('under a second number is another one, and in conflict', async () => {
    await stand.write(tenant, echo('A-1', 1));
    await stand.write(tenant, echo('A-2', 2));
    expect(await appointments()).toMatchObject([
      { id: ours, external_id: 'A-1', conflict: false },
      { external_id: 'A-2', conflict: true },
    ]);
  });

  it.each([
    ['another patient', { patient: somebody({ external_id: 'P-2' }) }],
    ['no patient', { patient: null }],
    ['another start', { start: start + 5 * minute }],
  ])('is kept as a conflict when it has %s', async (_, appointment) => {
    await stand.write(tenant, echo('A-1', 1, appointment));
    expect(await appointments()).toMatchObject([
      { external_id: 'A-1', conflict: true },
      { id: ours, external_id: null, conflict: false },
    ]);
  });

  it('is ours once it is told whose it is, and the one told before is retired', async () => {
    await stand.write(tenant, echo('A-1', 1, { patient: null }));
    await stand.write(
      tenant,
      event('appointment.confirmed', 'A-1', 2, { patient: somebody({ external_id: 'P-1' }) }),
    );
    expect(await appointments()).toEqual(one('A-1', 'confirmed'));
  });

  it('is ours under the name that the call’s patient has since a merge', async () => {
    await stand.write(
      tenant,
      recordEvent('patient.merged', 'P-1', { tenant_id: tenant.tenantId, patient: { merged_into: 'P-2' } }),
      echo('A-1', 1, { patient: somebody({ external_id: 'P-2' }) }),
    );
    expect(await appointments()).toEqual(one());
  });

  it.each([
    ['confirmed', {}, 'confirmed', 0],
    ['cancelled', { cancelled_by: 'patient' }, 'cancelled', 0],
    ['rescheduled', { start: start + 60 * minute }, 'scheduled', 60],
  ])(
    'told as another patient’s is ours since a merge, whichever was told first, and is then %s',
    async (change, said, status, moved) => {
      const told = () => stand.write(tenant, echo('A-1', 1, { patient: somebody({ external_id: 'P-2' }) }));
      const merged = () =>
        stand.write(
          tenant,
          recordEvent('patient.merged', 'P-1', {
            tenant_id: tenant.tenantId,
            patient: { merged_into: 'P-2' },
          }),
        );
      for (const [first, second] of [
        [told, merged],
        [merged, told],
      ] as const) {
        tenant = await stand.newTenant();
        await addClinic();
        ours = await bookHere();
        await first();
        await second();
        expect(await appointments()).toMatchObject([{ id: ours, conflict: false }]);
        expect(await stand.restate(tenant)).toBe(0);
        await stand.write(tenant, event(`appointment.${change}`, 'A-1', 5, said));
        const starts_at = new Date(start + moved * minute);
        expect(await appointments()).toEqual([
          { id: ours, external_id: 'A-1', status, conflict: false, starts_at },
        ]);
        expect(await stand.restate(tenant)).toBe(0);
      }
    },
  );

  it.each([
    ['our id', true, false],
    ['our id, in one batch with the merge', true, true],
    ['nothing but the same visit', false, false],
  ])(
    'stands where the clinic’s system numbers it by %s, and cancels what it had told as another patient’s',
    async (_, tellsId, together) => {
      const merged = recordEvent('patient.merged', 'P-1', {
        tenant_id: tenant.tenantId,
        patient: { merged_into: 'P-2' },
      });
      const answer = echo('A-2', 3, tellsId ? { appointment_id: ours } : {});
      await stand.write(tenant, echo('A-1', 1, { patient: somebody({ external_id: 'P-2' }) }));
      if (together) await stand.write(tenant, merged, answer);
      else {
        await stand.write(tenant, merged);
        expect(await appointments()).toMatchObject([{ id: ours, external_id: null }]);
        await stand.write(tenant, answer);
      }
      // The clinic's system has two of one time: one of them is a conflict, and both are seen.
      const two = await appointments();
      expect(two).toMatchObject([
        { external_id: 'A-1', status: 'scheduled' },
        { id: ours, external_id: 'A-2', status: 'scheduled' },
      ]);
      expect(two.filter(({ conflict }) => conflict)).toHaveLength(1);
      expect(await stand.restate(tenant)).toBe(0);
      await stand.write(tenant, event('appointment.cancelled', 'A-1', 5, { cancelled_by: 'clinic' }));
      expect(await appointments()).toMatchObject([
        { external_id: 'A-1', status: 'cancelled', conflict: false },
        { id: ours, external_id: 'A-2', status: 'scheduled', conflict: false },
      ]);
      expect(await stand.restate(tenant)).toBe(0);
      expect(await stand.drift(tenant)).toEqual({});
    },
  );

  it('is what a call asked to move under the row that a merge had shown to be it', async () => {
    await stand.write(tenant, echo('A-1', 1, { patient: somebody({ external_id: 'P-2' }) }));
    const requests = () =>
      stand.rows('SELECT appointment_id AS id FROM booking_requests WHERE tenant_id = $1', tenant);
    await stand.rows(
      `INSERT INTO booking_requests (tenant_id, id, kind, channel, appointment_id)
       SELECT $1, gen_random_uuid(), 'reschedule', 'voice', id FROM appointments WHERE tenant_id = $1 AND external_id = 'A-1'`,
      tenant,
    );
    await stand.write(
      tenant,
      recordEvent('patient.merged', 'P-1', {
        tenant_id: tenant.tenantId,
        patient: { merged_into: 'P-2' },
      }),
    );
    expect(await requests()).not.toEqual([{ id: ours }]);
    await stand.write(tenant, event('appointment.rescheduled', 'A-1', 5, { start: start + 60 * minute }));
    expect(await appointments()).toMatchObject([{ id: ours, external_id: 'A-1' }]);
    expect(await requests()).toEqual([{ id: ours }]);
  });

  it('stands, too, where a release before this one had hidden what was told of another number', async () => {
    await stand.write(tenant, echo('A-1', 1), echo('A-2', 2, { patient: somebody({ external_id: 'P-2' }) }));
    await stand.rows(
      `UPDATE appointments SET twin_of = $2, entered_in_error = true, conflict = false WHERE tenant_id = $1 AND external_id = 'A-2'`,
      tenant,
      ours,
    );
    await stand.restate(tenant);
    await stand.write(tenant, event('appointment.cancelled', 'A-2', 5, { cancelled_by: 'clinic' }));
    expect(await appointments()).toMatchObject([
      { id: ours, external_id: 'A-1', status: 'scheduled', conflict: false },
      { external_id: 'A-2', status: 'cancelled', conflict: false },
    ]);
    expect(await stand.restate(tenant)).toBe(0);
  });

  it('does not undo that it was moved or cancelled here meanwhile', async () => {
    const later = new Date(start + 60 * minute);
    await stand.rows(
      `UPDATE appointments SET starts_at = $2, ends_at = $2::timestamptz + interval '30 minutes', moves = 1, moved_at = $3, version = 2
       WHERE tenant_id = $1`,
      tenant,
      later,
      new Date(booked + 5 * minute),
    );
    await history(ours, 2, 'moved', 5);
    await stand.write(tenant, echo('A-1', 1));
    expect(await appointments()).toEqual([{ ...one()[0], starts_at: later }]);

    const second = await bookHere(10);
    await stand.rows(
      `UPDATE appointments SET status = 'cancelled', cancelled_at = $3, version = 2 WHERE tenant_id = $1 AND id = $2`,
      tenant,
      second,
      new Date(booked + 20 * minute),
    );
    await history(second, 2, 'cancelled', 20);
    await stand.write(tenant, echo('A-2', 12));
    expect(await appointments()).toMatchObject([
      { id: ours, external_id: 'A-1' },
      { id: second, external_id: 'A-2', status: 'cancelled' },
    ]);
  });

  it('does not make a visit missed again that was taken back here meanwhile, and still moves it', async () => {
    await stand.write(tenant, echo('A-1', 1));
    await stand.rows('UPDATE appointments SET version = 5 WHERE tenant_id = $1', tenant);
    await history(ours, 4, 'no_show', 10);
    await history(ours, 5, 'corrected', 12);
    await stand.write(tenant, event('appointment.no_show', 'A-1', 11, {}));
    expect(await appointments()).toEqual(one());
    const moved = start + 60 * minute;
    await stand.write(tenant, event('appointment.rescheduled', 'A-1', 11, { start: moved }));
    expect(await appointments()).toEqual([{ ...one()[0], starts_at: new Date(moved) }]);
  });

  it('is another one that was given up before, or that was booked after ours was', async () => {
    await stand.write(
      tenant,
      echo('A-1', -60),
      event('appointment.cancelled', 'A-1', -30, { cancelled_by: 'patient' }),
    );
    expect(await appointments()).toMatchObject([
      { external_id: 'A-1', status: 'cancelled' },
      { id: ours, external_id: null, status: 'scheduled' },
    ]);
    await stand.rows(
      `UPDATE appointments SET status = 'cancelled', cancelled_at = $3, version = 2 WHERE tenant_id = $1 AND id = $2`,
      tenant,
      ours,
      new Date(booked + 20 * minute),
    );
    await history(ours, 2, 'cancelled', 20);
    await stand.write(tenant, echo('A-2', 30));
    expect(await appointments()).toMatchObject([
      { external_id: 'A-1', status: 'cancelled' },
      { external_id: 'A-2', status: 'scheduled', conflict: false },
      { id: ours, external_id: null, status: 'cancelled' },
    ]);
  });

  it('is cancelled here when it was booked and cancelled there before we heard of either', async () => {
    await stand.write(
      tenant,
      echo('A-1', 1),
      event('appointment.cancelled', 'A-1', 2, { cancelled_by: 'clinic' }),
    );
    expect(await appointments()).toEqual(one('A-1', 'cancelled'));
  });
});

describe('what the clinic’s system tells after we changed what it had told', () => {
  const cancelHere = async (version: number, at: number) => {
    await stand.rows(
      `UPDATE appointments SET status = 'cancelled', cancelled_at = $2, cancelled_by = 'patient', cancel_reason = 'ill', version = $3
       WHERE tenant_id = $1`,
      tenant,
      new Date(booked + at * minute),
      version,
    );
    await history(ours, version, 'cancelled', at);
  };
  const moveHere = async (version: number, at: number, to: number) => {
    await stand.rows(
      `UPDATE appointments SET starts_at = $2, ends_at = $2::timestamptz + interval '30 minutes', moves = moves + 1, moved_at = $3,
         status = 'scheduled', confirmed_at = NULL, version = $4 WHERE tenant_id = $1`,
      tenant,
      new Date(start + to * minute),
      new Date(booked + at * minute),
      version,
    );
    await history(ours, version, 'moved', at);
  };
  const row = async () => {
    const [found] = await stand.rows(
      `SELECT status, starts_at, ends_at, cancelled_at, cancelled_by, cancel_reason, confirmed_at, moves, version FROM appointments
       WHERE tenant_id = $1`,
      tenant,
    );
    return found;
  };
  /** In any order, with each of them told twice. */
  const tellInAnyOrder = async (before: () => Promise<void>, told: () => ReturnType<typeof event>[]) => {
    const ends = [];
    for (const reversed of [false, true]) {
      tenant = await stand.newTenant();
      await addClinic();
      ours = await bookHere();
      await stand.write(tenant, echo('A-1', 1));
      await before();
      const events = reversed ? told().reverse() : told();
      for (const one of [...events, ...events]) await stand.write(tenant, one);
      const { version: _, ...end } = (await row()) ?? {};
      ends.push(end);
      expect(await stand.restate(tenant)).toBe(0);
    }
    expect(ends[0]).toEqual(ends[1]);
    return ends[0];
  };
  const back = (at: number, to: number) =>
    event('appointment.rescheduled', 'A-1', at, {
      start: start + to * minute,
      end: start + (to + 30) * minute,
    });
  const notCancelled = { cancelled_at: null, cancelled_by: null, cancel_reason: null };

  it('is revived by a move told after we cancelled it, and its time is taken again', async () => {
    const end = await tellInAnyOrder(
      () => cancelHere(3, 60),
      () => [back(70, 1440), event('appointment.confirmed', 'A-1', 80, {})],
    );
    expect(end).toMatchObject({
      status: 'confirmed',
      starts_at: new Date(start + 1440 * minute),
      ...notCancelled,
    });
  });

  it('is scheduled again as before, and at the time it had before', async () => {
    await stand.write(tenant, echo('A-1', 1));
    await cancelHere(3, 60);
    await stand.write(tenant, back(70, 0));
    expect(await row()).toMatchObject({ status: 'scheduled', starts_at: new Date(start), ...notCancelled });
  });

  it('is put back to the time that we moved it from, where it is confirmed as it was before', async () => {
    const end = await tellInAnyOrder(
      async () => {
        await stand.write(tenant, event('appointment.confirmed', 'A-1', 2, {}));
        await moveHere(4, 60, 60);
      },
      () => [back(70, 0), event('appointment.confirmed', 'A-1', 80, {})],
    );
    expect(end).toMatchObject({
      status: 'confirmed',
      confirmed_at: new Date(booked + 80 * minute),
      starts_at: new Date(start),
      ends_at: new Date(start + 30 * minute),
      moves: 2,
    });
  });

  it('that was moved here is confirmed when it is told so after that, not when it was before', async () => {
    await stand.write(tenant, echo('A-1', 1), event('appointment.confirmed', 'A-1', 2, {}));
    await moveHere(4, 60, 60);
    await stand.write(tenant, event('appointment.confirmed', 'A-1', 80, {}));
    expect(await row()).toMatchObject({ status: 'confirmed', confirmed_at: new Date(booked + 80 * minute) });
    const told = new Date(booked + 3 * minute).getTime();
    await stand.write(tenant, event('appointment.confirmed', 'A-1', 81, { confirmed_at: told }));
    expect(await row()).toMatchObject({ confirmed_at: new Date(told) });
    expect(await stand.restate(tenant)).toBe(0);
  });

  it('stays where it was moved by a clock that is behind the clinic’s, until a move is told that came later still', async () => {
    await stand.write(tenant, echo('A-1', 1), back(30, 0));
    await moveHere(4, 20, 60);
    await stand.write(tenant, event('appointment.confirmed', 'A-1', 40, {}));
    expect(await row()).toMatchObject({ status: 'confirmed', starts_at: new Date(start + 60 * minute) });
    const longer = { start, end: start + 60 * minute };
    await stand.write(tenant, event('appointment.rescheduled', 'A-1', 50, longer));
    expect(await row()).toMatchObject({ starts_at: new Date(start), ends_at: new Date(longer.end) });
    expect(await stand.restate(tenant)).toBe(0);
  });

  it('changes nothing where it is older, and no more than is told where it says what we did', async () => {
    await stand.write(tenant, echo('A-1', 1));
    await moveHere(3, 60, 60);
    await cancelHere(4, 90);
    await stand.write(tenant, event('appointment.confirmed', 'A-1', 30, {}), back(40, 0));
    const cancelled = { status: 'cancelled', cancelled_by: 'patient', cancel_reason: 'ill' };
    expect(await row()).toMatchObject({ ...cancelled, starts_at: new Date(start + 60 * minute) });
    await stand.write(tenant, event('appointment.cancelled', 'A-1', 91, {}));
    expect(await row()).toMatchObject({ ...cancelled, starts_at: new Date(start + 60 * minute) });
    expect(
      await stand.rows(
        `SELECT change FROM appointment_history WHERE tenant_id = $1 AND change IN ('moved', 'cancelled') ORDER BY version`,
        tenant,
      ),
    ).toEqual([{ change: 'moved' }, { change: 'cancelled' }]);
  });
});
