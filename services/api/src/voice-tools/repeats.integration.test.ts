import { createHash, randomUUID } from 'node:crypto';
import { afterAll, afterEach, beforeAll, describe, expect, inject, test } from 'vitest';
import { createTestClient, type TestClient } from '../testing/client.ts';
import { type ApiClinic, startApiClinic } from '../testing/clinic.ts';
import { addPatient, addPractitioner, useTool } from './testing/tool-clinic.ts';
import { bookBody } from './tool-schema.ts';

let clinic: ApiClinic;
let agent: TestClient;
let practitioner: string;
let patientId: string;
const phone = '+919812345678';
/** Monday, eight in the morning. */
const morning = Date.parse('2026-11-30T08:00:00+05:30');
let now = morning;

beforeAll(async () => {
  clinic = await startApiClinic(inject('engines'), { now: () => now });
  agent = createTestClient(clinic.url, {
    'x-api-key': await clinic.addKey(clinic.tenantId, ['voice:tools']),
  });
  practitioner = await addPractitioner(clinic, 'Dr. Rohan Mehta');
  patientId = await addPatient(clinic, ['Asha', 'Deshpande', '1984-03-09', phone]);
});
afterEach(async () => {
  now = morning;
  await clinic.run('DELETE FROM schedule_exceptions WHERE tenant_id = $1');
});
afterAll(() => clinic?.stop());

const use = (tool: string, body: Record<string, unknown>) => useTool(agent, tool, body);
const at = (day: string, time: string) => ({
  practitioner_id: practitioner,
  start: `2026-12-${day}T${time}:00+05:30`,
});

/** A call whose caller proved to be Asha. */
async function provenCall(): Promise<string> {
  const call_id = randomUUID();
  await use('patient-lookup', { call_id, phone, name: 'Asha Deshpande', date_of_birth: '1984-03-09' });
  return call_id;
}

const visits = (day: string) =>
  clinic.run(
    `SELECT to_char(starts_at AT TIME ZONE 'Asia/Kolkata', 'HH24:MI') AS at, status, moves FROM appointments
     WHERE tenant_id = $1 AND (starts_at AT TIME ZONE 'Asia/Kolkata')::date = $2::date ORDER BY starts_at, created_at`,
    [`2026-12-${day}`],
  );

const uses = (call: string) =>
  clinic.run(
    `SELECT tool, code, use_key IS NOT NULL AS keyed, appointment_id IS NOT NULL AS booked, repeated FROM voice_tool_uses
     WHERE tenant_id = $1 AND call_ref = $2 ORDER BY created_at`,
    [call],
  );

test('who asks for their slot again is told alike, known or not, whatever birth date they say', async () => {
  const told = [];
  for (const [day, number] of [
    ['07', phone],
    ['08', '+919800000055'],
  ] as const) {
    const call_id = randomUUID();
    const ask = (tool_call_id: string, last_name: string, date_of_birth?: string) =>
      use('book-appointment', {
        call_id,
        tool_call_id,
        ...at(day, '09:00'),
        patient: { first_name: 'Asha', last_name, phone: number, date_of_birth },
      });
    const first = await ask('a', 'Deshpande');
    const again = [
      await ask('b', 'DESHPANDE'),
      await ask('c', 'Deshpande', '1984-03-09'),
      await ask('d', 'Deshpande', '1990-01-01'),
      await ask('e', 'Deshpandey', '1984-03-09'),
      await ask('f', 'Deshpandey', '1990-01-01'),
    ];
    for (const one of again.slice(0, 3)) expect(one).toEqual(first);
    told.push([first, ...again].map(({ ok, code }) => [ok, code]));
  }
  expect(told[0]?.map(([, code]) => code)).toEqual([...Array(4).fill('BOOKED'), 'SLOT_TAKEN', 'SLOT_TAKEN']);
  expect(told[1]).toEqual(told[0]);
});

test.each([
  ['has begun by then', '09:01', async () => undefined],
  [
    'is outside of the hours by then',
    '08:01',
    () =>
      clinic.run(
        `INSERT INTO schedule_exceptions (tenant_id, id, practitioner_id, local_date, kind)
         SELECT $1, gen_random_uuid(), id, '2026-11-30', 'closed' FROM practitioners WHERE tenant_id = $1`,
      ),
  ],
])('who asks for their slot again is told alike, though it %s', async (_, time, change) => {
  const call_id = await provenCall();
  const ask = (tool_call_id: string, call = call_id) =>
    use('book-appointment', {
      call_id: call,
      tool_call_id,
      patient_id: patientId,
      practitioner_id: practitioner,
      start: '2026-11-30T09:00:00+05:30',
    });
  const first = await ask('a');
  expect(first).toMatchObject({ code: 'BOOKED' });
  await change();
  now = Date.parse(`2026-11-30T${time}:00+05:30`);
  expect(await ask('b')).toEqual(first);
  expect(await ask('a', await provenCall())).toMatchObject({ ok: false });
  now = morning;
  await use('cancel-appointment', { call_id, appointment_id: first.appointment?.id });
});

test('a repeat is kept and audited as one, and is no second booking', async () => {
  const call_id = await provenCall();
  await clinic.newAudit();
  const body = { call_id, tool_call_id: 't1', patient_id: patientId, ...at('03', '09:00') };
  const { appointment } = await use('book-appointment', body);
  await use('book-appointment', body);
  const booked = { tool: 'book-appointment', code: 'BOOKED' };
  expect((await uses(call_id)).slice(1)).toEqual([
    { ...booked, keyed: true, booked: true, repeated: false },
    { ...booked, keyed: false, booked: false, repeated: true },
  ]);
  const audit = await clinic.newAudit();
  expect(audit.map(({ action }) => action)).toEqual(Array(2).fill('voice_tool.book-appointment'));
  expect(audit.map(({ text }) => [text.includes(appointment?.id ?? '-'), text.includes('repeated')])).toEqual(
    [
      [true, false],
      [true, true],
    ],
  );
});

test('what cannot be read, and a tool that is none, are kept and audited', async () => {
  await clinic.newAudit();
  const call = { call_id: randomUUID() };
  for (const name of ['book_appointment', 'order-pizza'])
    await agent.post('/api/v1/voice/tools', { name, call, args: {} });
  const none = { keyed: false, booked: false, repeated: false };
  expect(await uses(call.call_id)).toEqual([
    { tool: 'book-appointment', code: 'INVALID_REQUEST', ...none },
    { tool: 'unknown', code: 'UNKNOWN_TOOL', ...none },
  ]);
  expect((await clinic.newAudit()).map(({ action }) => action)).toEqual([
    'voice_tool.book-appointment',
    'voice_tool.unknown',
  ]);
});

describe('a use that has no id of its own', () => {
  test('moves a visit back that was moved on; a repeat, and one of that, answers the same', async () => {
    const call_id = await provenCall();
    const { appointment } = await use('book-appointment', {
      call_id,
      patient_id: patientId,
      ...at('01', '09:00'),
    });
    const move = (time: string) =>
      use('reschedule-appointment', { call_id, appointment_id: appointment?.id, ...at('01', time) });
    const first = await move('10:00');
    expect(await move('10:00')).toEqual(first);
    expect(await move('11:00')).toMatchObject({ code: 'RESCHEDULED' });
    expect(await visits('01')).toEqual([{ at: '11:00', status: 'scheduled', moves: 2 }]);
    const back = await Promise.all([move('10:00'), move('10:00'), move('10:00')]);
    for (const one of [...back, await move('10:00')]) expect(one).toEqual(first);
    expect(await visits('01')).toEqual([{ at: '10:00', status: 'scheduled', moves: 3 }]);
  });

  test('is told by no hash that names and birth dates can be tried out on', async () => {
    const patient = { first_name: 'Asha', last_name: 'Deshpande', phone, date_of_birth: '1984-03-09' };
    const body = { call_id: randomUUID(), ...at('04', '09:00'), patient };
    await use('book-appointment', body);
    const [kept] = await clinic.run<{ use_key: string }>(
      'SELECT use_key FROM voice_tool_uses WHERE tenant_id = $1 AND call_ref = $2',
      [body.call_id],
    );
    const asked = `book-appointment:${JSON.stringify(bookBody.parse(body))}`;
    expect(kept?.use_key).toEqual(expect.any(String));
    for (const algorithm of ['md5', 'sha1', 'sha256', 'sha512'])
      expect(kept?.use_key).not.toBe(createHash(algorithm).update(asked).digest('hex'));
  });

  test('answers the same and does nothing twice where a process of another release, by other keys, took it first', async () => {
    const call_id = await provenCall();
    const byAnother = () =>
      clinic.run(
        `UPDATE voice_tool_uses SET use_key = encode(sha256(use_key::bytea), 'hex')
         WHERE tenant_id = $1 AND call_ref = $2 AND use_key IS NOT NULL`,
        [call_id],
      );
    const twice = async (tool: string, body: Record<string, unknown>) => {
      const first = await use(tool, { call_id, ...body });
      await byAnother();
      return [first, await use(tool, { call_id, ...body })] as const;
    };
    const [booked, bookedAgain] = await twice('book-appointment', {
      patient_id: patientId,
      ...at('09', '09:00'),
    });
    expect(bookedAgain).toEqual(booked);
    const patient = { first_name: 'Ravi', last_name: 'Rao', phone: '+919800000066' };
    const [other, otherAgain] = await twice('book-appointment', { patient, ...at('09', '12:00') });
    expect(otherAgain).toEqual(other);
    const appointment_id = booked.appointment?.id;
    const [moved, movedAgain] = await twice('reschedule-appointment', {
      appointment_id,
      ...at('09', '10:00'),
    });
    expect(movedAgain).toEqual(moved);
    const [cancelled, cancelledAgain] = await twice('cancel-appointment', { appointment_id });
    // It says that the visit was cancelled already.
    expect({ ...cancelledAgain, spoken: '' }).toEqual({ ...cancelled, spoken: '' });
    expect(cancelled.code).toBe('CANCELLED');
    expect(await visits('09')).toEqual([
      { at: '10:00', status: 'cancelled', moves: 1 },
      { at: '12:00', status: 'scheduled', moves: 0 },
    ]);
  });

  test('books again what was cancelled meanwhile', async () => {
    const call_id = await provenCall();
    const book = () => use('book-appointment', { call_id, patient_id: patientId, ...at('02', '09:00') });
    const first = await book();
    expect(await book()).toEqual(first);
    await use('cancel-appointment', { call_id, appointment_id: first.appointment?.id });
    const again = await book();
    expect(again).toMatchObject({ code: 'BOOKED' });
    expect(again.appointment?.id).not.toBe(first.appointment?.id);
    expect(await book()).toEqual(again);
    expect(await visits('02')).toEqual([
      { at: '09:00', status: 'cancelled', moves: 0 },
      { at: '09:00', status: 'scheduled', moves: 0 },
    ]);
  });
});
