import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest';
import { z } from 'zod';
import { createTestClient, type TestClient } from '../testing/client.ts';
import { type ApiClinic, problemOf, startApiClinic } from '../testing/clinic.ts';
import { toolAnswer } from '../voice-tools/tool-schema.ts';

const slot = z.looseObject({
  slot_id: z.string(),
  start: z.string(),
  spoken: z.string(),
  practitioner: z.object({ id: z.string(), name: z.string() }),
});
const answer = toolAnswer.extend({
  slots: z.array(slot).optional(),
  alternatives: z.array(slot).optional(),
  appointment: z
    .looseObject({ id: z.string(), start: z.string(), confirmation_code: z.string().optional() })
    .optional(),
});

/** Monday, eight in the morning. */
let clock = Date.parse('2026-11-30T08:00:00+05:30');
let clinic: ApiClinic;
let agent: TestClient;
let lines: string[];
const phone = '+919812345678';
const familyPhone = '+919812345679';
const [mehta, nair, location] = [randomUUID(), randomUUID(), randomUUID()];
const ids = { asha: randomUUID(), lata: randomUUID(), riya: randomUUID() };

beforeAll(async () => {
  lines = [];
  clinic = await startApiClinic(inject('engines'), { now: () => clock, log: (line) => lines.push(line) });
  agent = createTestClient(clinic.url, {
    'x-api-key': await clinic.addKey(clinic.tenantId, ['voice:tools']),
  });
  const department = randomUUID();
  await clinic.run(
    `INSERT INTO locations (tenant_id, id, name, time_zone) VALUES ($1, $2, 'Bandra', 'Asia/Kolkata')`,
    [location],
  );
  await clinic.run(`INSERT INTO departments (tenant_id, id, name) VALUES ($1, $2, 'General Medicine')`, [
    department,
  ]);
  await clinic.run(
    `INSERT INTO appointment_types (tenant_id, id, name, duration_minutes, lead_time_minutes)
     VALUES ($1, gen_random_uuid(), 'Consultation', 30, 60), ($1, gen_random_uuid(), 'Health check', 60, 60)`,
  );
  for (const [id, name] of [
    [mehta, 'Dr. Rohan Mehta'],
    [nair, 'Dr. Priya Nair'],
  ]) {
    await clinic.run(
      'INSERT INTO practitioners (tenant_id, id, display_name, department_id) VALUES ($1, $2, $3, $4)',
      [id, name, department],
    );
    await clinic.run(
      `INSERT INTO practitioner_schedules (tenant_id, id, practitioner_id, location_id, weekday, starts, ends)
       SELECT $1, gen_random_uuid(), $2, $3, weekday, '09:00', '17:00' FROM generate_series(1, 7) AS weekday`,
      [id, location],
    );
  }
  for (const [id, first, last, born, number] of [
    [ids.asha, 'Asha', 'Deshpande', '1984-03-09', phone],
    [ids.lata, 'Lata', 'Patil', '1975-11-02', familyPhone],
    [ids.riya, 'Riya', 'Patil', '2009-01-30', familyPhone],
  ]) {
    await clinic.run(
      `INSERT INTO patients (tenant_id, id, first_name, last_name, date_of_birth, origin) VALUES ($1, $2, $3, $4, $5, 'desk')`,
      [id, first, last, born],
    );
    await clinic.run(
      `INSERT INTO patient_identifiers (tenant_id, patient_id, kind, value) VALUES ($1, $2, 'phone', $3)`,
      [id, number],
    );
  }
});
afterAll(() => clinic?.stop());

const use = async (tool: string, body: Record<string, unknown>, client = agent) => {
  const response = await client.post(`/api/v1/voice/tools/${tool}`, body);
  expect(response.status).toBe(200);
  return answer.parse(await response.json());
};

/** A call that has begun, from a number. */
async function startCall(from: string): Promise<string> {
  const ref = `zc_${randomUUID()}`;
  await clinic.run(
    `INSERT INTO voice_calls (tenant_id, id, source, external_id, direction, contact_phone, merge_state, began_at)
     VALUES ($1, gen_random_uuid(), 'zoice', $2, 'inbound', $3, '{}', now())`,
    [ref, from],
  );
  return ref;
}

const asha = { name: 'Asha Deshpande', date_of_birth: '1984-03-09' };
async function firstSlot(more: Record<string, unknown> = {}) {
  const { slots } = await use('available-slots', {
    practitioner: 'doctor mehta',
    date_from: 'tomorrow',
    ...more,
  });
  const [first] = slots ?? [];
  if (!first) throw new Error('there is a slot');
  return first;
}

describe('patient-lookup', () => {
  test('tells nothing of any other number than the call’s own: known or not, the answers are the same', async () => {
    const call = await startCall('+919800000001');
    const known = await use('patient-lookup', { call_id: call, phone });
    expect(known).toEqual(await use('patient-lookup', { call_id: call, phone: '+919800000077' }));
    expect(known).toMatchObject({
      ok: true,
      code: 'NOT_VERIFIED',
      match: 'none',
      verified: false,
      patient: null,
      upcoming: [],
    });
    const wrong = { call_id: call, name: 'Asha Deshpande', date_of_birth: '1984-03-10' };
    expect(await use('patient-lookup', { ...wrong, phone })).toEqual(
      await use('patient-lookup', { ...wrong, phone: '+919800000077' }),
    );
  });

  test('of the call’s own number tells a first name alone, and that several share it', async () => {
    const own = await use('patient-lookup', { call_id: await startCall(phone), phone });
    expect(own).toMatchObject({
      match: 'one',
      verified: false,
      patient: { first_name: 'Asha' },
      upcoming: [],
    });
    expect(JSON.stringify(own)).not.toContain('Deshpande');
    const shared = await use('patient-lookup', {
      call_id: await startCall(familyPhone),
      phone: '98123 45679',
    });
    expect(shared).toMatchObject({ match: 'several', verified: false, patient: null });
  });

  test('proves by birth date with the phone or the full name, as said', async () => {
    for (const said of [
      { phone, date_of_birth: '1984-03-09' },
      { phone, date_of_birth: 'ninth of March nineteen eighty-four' },
      { phone: '+919800000099', ...asha },
    ])
      expect(await use('patient-lookup', { call_id: randomUUID(), ...said })).toMatchObject({
        match: 'one',
        verified: true,
        patient: { id: ids.asha, last_name: 'Deshpande' },
      });
    for (const name of ['Asha', 'A D', 'A Deshpande', 'Deshpande Deshpande'])
      expect(
        await use('patient-lookup', { call_id: randomUUID(), phone: '+919800000099', ...asha, name }),
      ).toMatchObject({ verified: false });
  });

  test('gives three tries per call and phone, at once or one after another', async () => {
    const call = randomUUID();
    const wrong = { call_id: call, phone, date_of_birth: '1999-09-09' };
    await Promise.all([1, 2, 3, 4, 5].map(() => use('patient-lookup', wrong)));
    expect(await use('patient-lookup', { call_id: call, phone, ...asha })).toMatchObject({
      verified: false,
      match: 'none',
    });
    expect(await use('patient-lookup', { call_id: randomUUID(), phone, ...asha })).toMatchObject({
      verified: true,
    });
  });
});

describe('available-slots', () => {
  test('are of the practitioner as heard, when it was said, in words', async () => {
    const first = await firstSlot({ date_from: 'tomorrow afternoon' });
    expect(first).toMatchObject({ start: '2026-12-01T12:00:00+05:30', practitioner: { id: mehta } });
    expect(first.spoken).toBe('tomorrow at noon with Dr. Rohan Mehta');
    const said = await use('available-slots', {
      practitioner: 'Dr Mehata',
      date_from: '2026-12-04',
      time_of_day: '10:30 am',
    });
    expect(said.spoken).toBe(
      'I have on Friday the fourth of December at ten in the morning, ten thirty in the morning, or eleven in the morning with Dr. Rohan Mehta. Which one suits you?',
    );
    expect(said.spoken).not.toMatch(/\d/);
    const hindi = await use('available-slots', {
      practitioner: 'priya',
      date_from: 'kal',
      language: 'hi-IN',
      limit: 1,
    });
    expect(hindi.slots?.[0]?.spoken).toBe('आने वाले कल सुबह नौ बजे Dr. Priya Nair के साथ');
  });

  test('are of whoever has time where nobody is named, and of one of two alike once it is said which', async () => {
    for (const practitioner of ['any doctor', 'first available', 'general medicine']) {
      const any = await use('available-slots', { practitioner, date_from: 'tomorrow' });
      expect(any).toMatchObject({ ok: true, code: 'OK', as_asked: true });
    }
    const hers = await use('available-slots', {
      practitioner: 'any time with Dr Priya',
      date_from: 'tomorrow',
    });
    expect(new Set(hers.slots?.map((one) => one.practitioner.id))).toEqual(new Set([nair]));
    const namesake = randomUUID();
    await clinic.run(
      `INSERT INTO practitioners (tenant_id, id, display_name) VALUES ($1, $2, 'Dr. Suresh Nair')`,
      [namesake],
    );
    const which = await use('available-slots', { practitioner: 'Dr. Nair' });
    await clinic.run('DELETE FROM practitioners WHERE tenant_id = $1 AND id = $2', [namesake]);
    expect(which).toMatchObject({ ok: false, code: 'PRACTITIONER_AMBIGUOUS', slots: [] });
    expect(which.spoken).toMatch(/Priya Nair.*Suresh Nair/);
  });

  test('are the next ones where then there are none; an unknown doctor is asked about', async () => {
    const late = await use('available-slots', {
      practitioner: 'mehta',
      date_from: 'tomorrow',
      time_of_day: 'at night',
    });
    expect(late).toMatchObject({ ok: true, as_asked: false });
    expect(late.slots).toHaveLength(3);
    for (const date of ['2027-02-30', 'mumble', '0001-01-01', '9999-12-31']) {
      const unclear = await use('available-slots', { practitioner: 'mehta', date_from: date });
      expect(unclear).toMatchObject({ ok: true, as_asked: false });
      expect([unclear.slots?.length, unclear.spoken]).toEqual([3, expect.stringContaining('not sure which')]);
    }
    const over = { practitioner: 'mehta', date_from: '2026-11-01', date_to: '2026-11-02' };
    expect((await use('available-slots', over)).slots).toHaveLength(3);
    expect(await use('available-slots', { practitioner: 'doctor gupta' })).toMatchObject({
      ok: false,
      code: 'PRACTITIONER_UNKNOWN',
      slots: [],
    });
  });
});

describe('book-appointment', () => {
  const patient = { first_name: 'Kiran', last_name: 'Rao', phone: '+919800000055' };

  test('books once however often and at once it is repeated, and answers the same', async () => {
    const { slot_id } = await firstSlot();
    const body = { call_id: randomUUID(), tool_call_id: 't1', slot_id, patient };
    const answers = await Promise.all([1, 2, 3, 4].map(() => use('book-appointment', body)));
    for (const one of answers) expect(one).toEqual(answers[0]);
    expect(answers[0]).toMatchObject({ ok: true, code: 'BOOKED' });
    expect(answers[0]?.spoken).toMatch(
      /^You are booked tomorrow at nine in the morning with Dr\. Rohan Mehta\./,
    );
    expect(await use('book-appointment', body)).toEqual(answers[0]);
    expect(
      await clinic.run(
        'SELECT count(*)::int AS n FROM appointments WHERE tenant_id = $1 AND tool_call_id = $2',
        ['t1'],
      ),
    ).toEqual([{ n: 1 }]);
    const taken = await use('book-appointment', { ...body, call_id: randomUUID() });
    expect(taken).toMatchObject({ ok: false, code: 'SLOT_TAKEN', retryable: true });
    expect(taken.alternatives).toHaveLength(3);
    const [other] = taken.alternatives ?? [];
    expect(
      await use('book-appointment', { ...body, call_id: randomUUID(), slot_id: other?.slot_id }),
    ).toMatchObject({
      ok: true,
    });
  });

  test('of a time alone is of the kind that the hours are for, as it was read out', async () => {
    const hygienist = randomUUID();
    await clinic.run(
      `INSERT INTO practitioners (tenant_id, id, display_name, department_id)
       SELECT $1, $2, 'Dr. Kavya Rao', id FROM departments WHERE tenant_id = $1`,
      [hygienist],
    );
    const [kind] = await clinic.run(
      `SELECT id, duration_minutes FROM appointment_types WHERE tenant_id = $1 AND name = 'Health check'`,
    );
    await clinic.run(
      `INSERT INTO practitioner_schedules (tenant_id, id, practitioner_id, location_id, weekday, starts, ends, appointment_type_ids)
       SELECT $1, gen_random_uuid(), $2, $3, weekday, '09:00', '17:00', ARRAY[$4::uuid] FROM generate_series(1, 7) AS weekday`,
      [hygienist, location, kind?.id],
    );
    const start = '2026-12-23T10:00:00+05:30';
    const body = { practitioner_id: hygienist, start, patient };
    expect(await use('book-appointment', { ...body, call_id: randomUUID() })).toMatchObject({
      code: 'BOOKED',
      appointment: { start, end: '2026-12-23T11:00:00+05:30', appointment_type: { name: 'Health check' } },
    });
    const taken = await use('book-appointment', { ...body, call_id: randomUUID() });
    expect(taken.code).toBe('SLOT_TAKEN');
    expect(taken.alternatives?.length).toBeGreaterThan(1);
    await clinic.run('UPDATE practitioners SET active = false WHERE tenant_id = $1 AND id = $2', [hygienist]);
  });

  test('says when it is outside the hours or too soon, with others', async () => {
    const body = { call_id: randomUUID(), practitioner_id: nair, patient };
    for (const [start, code] of [
      ['2026-12-02T20:00:00+05:30', 'OUTSIDE_HOURS'],
      ['2026-11-30T08:30:00+05:30', 'OUTSIDE_HOURS'],
    ] as const) {
      const refused = await use('book-appointment', { ...body, start });
      expect(refused).toMatchObject({ ok: false, code });
      expect(refused.alternatives?.length).toBeGreaterThan(1);
    }
    for (const start of ['0001-01-01T00:00:00Z', '9999-12-31T23:59:59Z', '2026-12-02T10:00:30+05:30'])
      expect(await use('book-appointment', { ...body, start })).toMatchObject({
        ok: false,
        code: 'OUTSIDE_HOURS',
      });
    clock += 2 * 3_600_000;
    expect(await use('book-appointment', { ...body, start: '2026-11-30T10:30:00+05:30' })).toMatchObject({
      code: 'TOO_SOON',
    });
    clock -= 2 * 3_600_000;
  });

  test('keeps no birth date that nobody can have', async () => {
    for (const [day, born] of [
      ['2026-12-16', '0000-01-01'],
      ['2026-12-17', '2030-01-01'],
    ] as const) {
      const { slot_id } = await firstSlot({ date_from: day });
      const phone = `+9198000${day.replaceAll('-', '').slice(-5)}`;
      const person = { first_name: 'Meera', last_name: 'Joshi', phone, date_of_birth: born };
      const made = await use('book-appointment', { call_id: randomUUID(), slot_id, patient: person });
      expect(made).toMatchObject({ ok: true });
      expect(
        await clinic.run(
          `SELECT p.date_of_birth FROM appointments a JOIN patients p ON p.tenant_id = a.tenant_id AND p.id = a.patient_id
           WHERE a.tenant_id = $1 AND a.id = $2`,
          [made.appointment?.id],
        ),
      ).toEqual([{ date_of_birth: null }]);
    }
  });

  test('takes a patient’s id only of who proved to be them, and tells no other id from one that is none', async () => {
    const { slot_id } = await firstSlot({ date_from: '2026-12-03' });
    const call = randomUUID();
    const refused = await use('book-appointment', { call_id: call, slot_id, patient_id: ids.asha });
    expect(refused).toMatchObject({ ok: false, code: 'NOT_VERIFIED' });
    expect(await use('book-appointment', { call_id: call, slot_id, patient_id: randomUUID() })).toEqual(
      refused,
    );
    await use('patient-lookup', { call_id: call, phone, ...asha });
    expect(await use('book-appointment', { call_id: call, slot_id, patient_id: ids.asha })).toMatchObject({
      ok: true,
    });
  });

  test('books for who was merged by mistake what is theirs again once that is undone', async () => {
    const [absorbed, theirPhone] = [randomUUID(), '+919812345680'];
    await clinic.run(
      `INSERT INTO patients (tenant_id, id, first_name, last_name, origin) VALUES ($1, $2, 'Asha', 'Deshpande', 'desk')`,
      [absorbed],
    );
    await clinic.run(
      `INSERT INTO patient_identifiers (tenant_id, patient_id, kind, value) VALUES ($1, $2, 'phone', $3)`,
      [absorbed, theirPhone],
    );
    const merge = (way: string) =>
      clinic.owner.post(`/api/v1/patients/${ids.asha}/${way}`, { patient_id: absorbed });
    await merge('merge');
    const call = await startCall(theirPhone);
    await clinic.run(
      'UPDATE voice_calls SET patient_id = $2, original_patient_id = $3 WHERE tenant_id = $1 AND external_id = $4',
      [ids.asha, absorbed, call],
    );
    await use('patient-lookup', { call_id: call, phone: theirPhone, ...asha });
    const person = { first_name: 'Asha', last_name: 'Deshpande' };
    const booked: (string | undefined)[] = [];
    for (const [call_id, who, day] of [
      [call, { patient_id: ids.asha }, '2026-12-09'],
      [randomUUID(), { patient: { ...person, phone: theirPhone } }, '2026-12-10'],
      [randomUUID(), { patient: { ...person, phone } }, '2026-12-11'],
    ] as const) {
      const { slot_id } = await firstSlot({ date_from: day });
      const { appointment } = await use('book-appointment', { call_id, slot_id, ...who });
      booked.push(appointment?.id);
    }
    const whose = () =>
      clinic.run(
        'SELECT patient_id FROM appointments WHERE tenant_id = $1 AND id = ANY ($2) ORDER BY starts_at',
        [booked],
      );
    expect(await whose()).toEqual(Array(3).fill({ patient_id: ids.asha }));
    await merge('unmerge');
    expect(await whose()).toEqual([absorbed, absorbed, ids.asha].map((patient_id) => ({ patient_id })));
  });

  test('finds a patient on file by name and number, and asks who it is on a family’s phone', async () => {
    const { slot_id } = await firstSlot({ date_from: '2026-12-05' });
    const call = await startCall(familyPhone);
    const made = await use('book-appointment', {
      call_id: call,
      tool_call_id: 'f1',
      slot_id,
      patient: { first_name: 'Lata', last_name: 'Patil' },
    });
    expect(made).toMatchObject({ ok: true });
    expect(
      await clinic.run(
        `SELECT a.patient_id, c.external_id FROM appointments a JOIN voice_calls c ON c.tenant_id = a.tenant_id AND c.id = a.call_id
         WHERE a.tenant_id = $1 AND a.id = $2`,
        [made.appointment?.id],
      ),
    ).toEqual([{ patient_id: ids.lata, external_id: call }]);
  });
});

describe('reschedule-appointment and cancel-appointment', () => {
  test('are for the proven caller’s own appointments; nothing tells that another’s is there', async () => {
    const call = randomUUID();
    await use('patient-lookup', { call_id: call, phone, ...asha });
    const { slot_id } = await firstSlot({ date_from: '2026-12-07' });
    const { appointment } = await use('book-appointment', { call_id: call, slot_id, patient_id: ids.asha });
    const [next] =
      (await use('available-slots', { practitioner: 'nair', date_from: '2026-12-08' })).slots ?? [];
    const code = appointment?.confirmation_code;
    const stranger = { call_id: randomUUID(), slot_id: next?.slot_id };
    const refused = await use('reschedule-appointment', { ...stranger, confirmation_code: code });
    expect(refused).toMatchObject({ ok: false, code: 'NOT_VERIFIED' });
    expect(await use('reschedule-appointment', { ...stranger, confirmation_code: '000000' })).toEqual(
      refused,
    );
    expect(
      await use('cancel-appointment', { call_id: stranger.call_id, appointment_id: appointment?.id }),
    ).toEqual(await use('cancel-appointment', { call_id: stranger.call_id, appointment_id: randomUUID() }));

    const body = { call_id: call, tool_call_id: 'm1', slot_id: next?.slot_id, confirmation_code: code };
    const moved = await use('reschedule-appointment', body);
    expect(moved).toMatchObject({ ok: true, code: 'RESCHEDULED', appointment: { id: appointment?.id } });
    expect(await use('reschedule-appointment', body)).toEqual(moved);
    const { upcoming } = z
      .looseObject({ upcoming: z.array(z.looseObject({ id: z.string(), start: z.string() })) })
      .parse(await use('patient-lookup', { call_id: call, phone, ...asha }));
    expect(upcoming.find(({ id }) => id === appointment?.id)?.start).toBe('2026-12-08T09:00:00+05:30');
    const cancelled = await use('cancel-appointment', {
      call_id: call,
      appointment_id: appointment?.id,
      reason: 'ill',
    });
    expect(cancelled).toMatchObject({ ok: true, code: 'CANCELLED' });
    expect(
      await clinic.run(
        'SELECT status, moves, cancelled_by, cancel_reason FROM appointments WHERE tenant_id = $1 AND id = $2',
        [appointment?.id],
      ),
    ).toEqual([{ status: 'cancelled', moves: 1, cancelled_by: 'patient', cancel_reason: 'ill' }]);
  });
});

describe('reschedule-appointment', () => {
  test('leaves a visit as long as it was, and of no kind where it has none', async () => {
    const [call, told] = [randomUUID(), randomUUID()];
    await use('patient-lookup', { call_id: call, phone, ...asha });
    await clinic.run(
      `INSERT INTO appointments (tenant_id, id, patient_id, practitioner_id, location_id, status, starts_at, ends_at, channel)
       VALUES ($1, $2, $3, $4, $5, 'scheduled', '2026-12-21T09:00:00+05:30', '2026-12-21T10:30:00+05:30', 'desk')`,
      [told, ids.asha, mehta, location],
    );
    const start = '2026-12-22T09:00:00+05:30';
    expect(
      await use('reschedule-appointment', {
        call_id: call,
        appointment_id: told,
        practitioner_id: mehta,
        start,
      }),
    ).toMatchObject({ code: 'RESCHEDULED', appointment: { start, end: '2026-12-22T10:30:00+05:30' } });
    expect(
      await clinic.run(
        'SELECT ends_at, appointment_type_id FROM appointments WHERE tenant_id = $1 AND id = $2',
        [told],
      ),
    ).toEqual([{ ends_at: new Date('2026-12-22T10:30:00+05:30'), appointment_type_id: null }]);
  });
});

describe('the tools', () => {
  test('are for keys with the scope alone, of their own clinic', async () => {
    const body = { call_id: 'c', phone };
    const path = '/api/v1/voice/tools/patient-lookup';
    expect((await clinic.nobody.post(path, body)).status).toBe(401);
    expect((await clinic.owner.post(path, body)).status).toBe(403);
    const other = createTestClient(clinic.url, {
      authorization: `Bearer ${await clinic.addKey(clinic.otherTenantId, ['voice:tools'])}`,
    });
    expect(await use('patient-lookup', { call_id: 'c', phone, ...asha }, other)).toMatchObject({
      verified: false,
    });
    expect(
      await problemOf(await agent.post('/api/v1/voice/tools/book-appointment', { call_id: 'c' })),
    ).toMatchObject({
      status: 422,
      code: 'invalid_request',
    });
  });

  test('leave a trace of each use, and no name, number or date in log or audit', async () => {
    await clinic.newAudit();
    await use('patient-lookup', { call_id: 'traced', phone, ...asha });
    const audit = await clinic.newAudit();
    expect(audit.map(({ action }) => action)).toEqual(['voice_tool.patient-lookup']);
    expect(
      await clinic.run(
        'SELECT tool, ok, code, latency_ms >= 0 AS timed, answer FROM voice_tool_uses WHERE tenant_id = $1 AND call_ref = $2',
        ['traced'],
      ),
    ).toEqual([{ tool: 'patient-lookup', ok: true, code: 'VERIFIED', timed: true, answer: null }]);
    for (const text of [...lines, ...audit.map((row) => row.text)])
      for (const phi of ['Asha', 'Deshpande', '9812345678', '1984-03-09', 'Kiran'])
        expect(text).not.toContain(phi);
  });

  test('say that it takes a moment while the store is slow, and nothing is booked behind the caller’s back', async () => {
    const { slot_id } = await firstSlot({ date_from: '2026-12-10' });
    await clinic.newAudit();
    const locker = await clinic.database.admin.connect();
    await locker.query('SELECT pg_advisory_lock(hashtextextended($1, 0))', [clinic.tenantId]);
    const begun = performance.now();
    const body = {
      call_id: randomUUID(),
      tool_call_id: 'slow',
      slot_id,
      patient: { first_name: 'Kiran', last_name: 'Rao', phone: '+919800000055' },
    };
    const late = await use('book-appointment', body);
    // The lock is held until long after: it is its deadline that ends it.
    expect(performance.now() - begun).toBeLessThan(15_000);
    expect(late).toMatchObject({ ok: false, code: 'NEEDS_HUMAN', retryable: true });
    expect(late.spoken).toContain('slow right now');
    const told = () =>
      clinic.run(
        'SELECT ok, code, latency_ms > 3000 AS slow FROM voice_tool_uses WHERE tenant_id = $1 AND call_ref = $2',
        [body.call_id],
      );
    await expect.poll(told).toEqual([{ ok: false, code: 'NEEDS_HUMAN', slow: true }]);
    expect((await clinic.newAudit()).map(({ action }) => action)).toContain('voice_tool.book-appointment');
    await locker.query('SELECT pg_advisory_unlock_all()');
    locker.release();
    expect(
      await clinic.run('SELECT id FROM appointments WHERE tenant_id = $1 AND tool_call_id = $2', ['slow']),
    ).toEqual([]);
    expect(await use('book-appointment', body)).toMatchObject({ ok: true });
  });
});

describe('what an assistant knows nothing of and fills with null or ""', () => {
  const none = { practitioner_id: null, department: '', language: '', limit: null };
  const wanted = { practitioner: 'doctor mehta', date_from: 'next week', ...none };

  test('is as left out, asked directly and in an envelope', async () => {
    const call_id = await startCall(phone);
    expect(await use('available-slots', { call_id, ...wanted })).toMatchObject({ ok: true, as_asked: true });
    const message = {
      call: { id: call_id },
      toolCallList: [{ id: '', name: 'available-slots', arguments: wanted }],
    };
    const { results } = z
      .object({ results: z.array(z.object({ result: z.string() })) })
      .parse(await (await agent.post('/api/v1/voice/tools', { message })).json());
    expect(JSON.parse(results[0]?.result ?? '')).toMatchObject({ ok: true, as_asked: true });
  });

  test('hinders no booking, and what must be there is told as missing', async () => {
    const { slot_id } = await firstSlot({ date_from: 'in three weeks' });
    const call_id = randomUUID();
    const patient = { first_name: 'Kiran', last_name: '', phone: '+919800000056', date_of_birth: null };
    const body = { call_id, slot_id, practitioner_id: '', start: null, patient, patient_id: '' };
    const nobody = await agent.post('/api/v1/voice/tools/book-appointment', {
      ...body,
      patient: { first_name: '' },
    });
    expect(await problemOf(nobody)).toMatchObject({
      status: 422,
      errors: [{ location: 'body.patient_id', message: 'must be patient_id or patient' }],
    });
    expect(await use('book-appointment', { ...body, reason: 'knee\u0000 pain' })).toMatchObject({
      code: 'BOOKED',
    });
  });
});

describe('envelopes of vendors', () => {
  test('of Vapi: a line of text for each use, HTTP 200 whatever comes of it', async () => {
    const response = await agent.post('/api/v1/voice/tools', {
      message: {
        type: 'tool-calls',
        call: { id: await startCall(phone) },
        toolCallList: [
          {
            id: 'tc_1',
            name: 'available_slots',
            arguments: { practitioner: 'doctor mehta', date_from: 'tomorrow' },
          },
          { id: 'tc_2', function: { name: 'patient-lookup', arguments: '{}' } },
          { id: 'tc_3', name: 'order-pizza', arguments: {} },
        ],
      },
    });
    expect(response.status).toBe(200);
    const { results } = z
      .object({ results: z.array(z.object({ toolCallId: z.string(), result: z.string() })) })
      .parse(await response.json());
    expect(results.map(({ toolCallId }) => toolCallId)).toEqual(['tc_1', 'tc_2', 'tc_3']);
    for (const { result } of results) expect(result).not.toContain('\n');
    const [slots, lookup, unknown] = results.map(({ result }) => JSON.parse(result));
    expect(slots).toMatchObject({ ok: true, slots: expect.any(Array) });
    expect(lookup).toMatchObject({ ok: false, code: 'INVALID_REQUEST', spoken: expect.any(String) });
    expect(unknown).toMatchObject({ ok: false, code: 'UNKNOWN_TOOL' });
  });

  test('of Retell: the answer itself, at the tool’s own address too', async () => {
    const envelope = {
      name: 'available_slots',
      call: { call_id: await startCall(phone), from_number: phone },
      args: { practitioner: 'doctor mehta', date_from: 'tomorrow' },
    };
    for (const path of ['/api/v1/voice/tools', '/api/v1/voice/tools/available-slots'])
      expect(await (await agent.post(path, envelope)).json()).toMatchObject({
        ok: true,
        slots: expect.any(Array),
      });
    const neither = await agent.post('/api/v1/voice/tools', { name: 'available-slots' });
    expect(neither.status).toBe(422);
    expect((await createTestClient(clinic.url).post('/api/v1/voice/tools', envelope)).status).toBe(401);
  });
});
