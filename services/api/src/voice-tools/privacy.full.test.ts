import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest';
import { createTestClient, type TestClient } from '../testing/client.ts';
import { type ApiClinic, startApiClinic } from '../testing/clinic.ts';
import { addPatient, addPractitioner, useTool } from './testing/tool-clinic.ts';

/** Before somebody proved who they are, nothing may tell whether anybody is a patient: what is known and what is not look alike. */
let clinic: ApiClinic;
let agent: TestClient;
let practitioner: string;
const lines: string[] = [];
/** Monday, eight in the morning. */
const now = Date.parse('2026-11-30T08:00:00+05:30');
const known = {
  id: '',
  first: 'Asha',
  last: 'Deshpande',
  name: 'Asha Deshpande',
  phone: '+919812345678',
  born: '1984-03-09',
  visit: '',
  code: '417290',
};
/** Made of the same letters and digits, and nobody. */
const unknown = {
  id: randomUUID(),
  first: 'Sahe',
  last: 'Pandeshde',
  name: 'Sahe Pandeshde',
  phone: '+919812345687',
  born: '1984-09-03',
  visit: randomUUID(),
  code: '417209',
};
type Person = typeof known;
/** Whom the timed bookings are for: one patient's many visits would take their time. */
const patients: Person[] = [];

beforeAll(async () => {
  clinic = await startApiClinic(inject('engines'), {
    now: () => now,
    log: (line) => lines.push(line),
    env: { API_ADDRESS_LIMIT_PER_MINUTE: '1000000', API_TENANT_LIMIT_PER_MINUTE: '1000000' },
  });
  agent = createTestClient(clinic.url, {
    'x-api-key': await clinic.addKey(clinic.tenantId, ['voice:tools']),
  });
  practitioner = await addPractitioner(clinic, 'Dr. Rohan Mehta');
  known.id = await addPatient(clinic, [known.first, known.last, known.born, known.phone]);
  const [row] = await clinic.run<{ id: string }>(
    `INSERT INTO appointments (tenant_id, id, patient_id, practitioner_id, status, starts_at, ends_at, channel, confirmation_code)
     VALUES ($1, gen_random_uuid(), $2, $3, 'scheduled', '2027-01-04T04:30:00Z', '2027-01-04T05:00:00Z', 'desk', $4) RETURNING id`,
    [known.id, practitioner, known.code],
  );
  known.visit = row?.id ?? '';
  for (let n = 0; n < 30; n++) {
    const phone = `+9199${String(n).padStart(8, '0')}`;
    patients.push({
      ...known,
      phone,
      id: await addPatient(clinic, [known.first, known.last, known.born, phone]),
    });
  }
}, 120_000);
afterAll(() => clinic?.stop(), 60_000);

/** A free time of its own for each booking. */
let taken = 0;
function nextTime() {
  const day = 1 + Math.floor(taken / 16);
  const minute = 9 * 60 + (taken % 16) * 30;
  taken += 1;
  const date = new Date(Date.UTC(2026, 11, day)).toISOString().slice(0, 10);
  const clock = `${String(Math.floor(minute / 60)).padStart(2, '0')}:${String(minute % 60).padStart(2, '0')}`;
  return { practitioner_id: practitioner, start: `${date}T${clock}:00+05:30` };
}

type Ask = readonly [tool: string, what: string, body: (one: Person) => Record<string, unknown>];
const asks: readonly Ask[] = [
  ['patient-lookup', 'a phone', ({ phone }) => ({ phone })],
  ['patient-lookup', 'a phone and a name', ({ phone, name }) => ({ phone, name })],
  ['patient-lookup', 'a name with another phone', ({ name }) => ({ phone: '+919800000001', name })],
  [
    'patient-lookup',
    'a wrong birth date',
    ({ phone, name }) => ({ phone, name, date_of_birth: '1990-01-01' }),
  ],
  [
    'patient-lookup',
    'a birth date, and another’s first name alone',
    ({ born }) => ({ phone: '+919800000001', name: 'Asha', date_of_birth: born }),
  ],
  [
    'patient-lookup',
    'a birth date that is none',
    ({ phone, name }) => ({ phone, name, date_of_birth: 'in spring' }),
  ],
  ['book-appointment', 'a patient’s id', ({ id }) => ({ patient_id: id, ...nextTime() })],
  [
    'book-appointment',
    'name and phone',
    ({ first, last, phone }) => ({ patient: { first_name: first, last_name: last, phone }, ...nextTime() }),
  ],
  [
    'book-appointment',
    'the phone with another name',
    ({ phone }) => ({ patient: { first_name: 'Vimal', last_name: 'Kotak', phone }, ...nextTime() }),
  ],
  ['reschedule-appointment', 'an appointment', ({ visit }) => ({ appointment_id: visit, ...nextTime() })],
  ['reschedule-appointment', 'a code', ({ code }) => ({ confirmation_code: code, ...nextTime() })],
  ['cancel-appointment', 'an appointment', ({ visit }) => ({ appointment_id: visit })],
  ['cancel-appointment', 'a code', ({ code }) => ({ confirmation_code: code })],
];

/** Digits, codes and times of day as they are said, and ids: what may differ from one booking to the next. */
function masked(value: unknown): unknown {
  if (typeof value === 'string')
    return value
      .replaceAll(/[0-9a-f]{8}-[0-9a-f-]{27}/g, 'ID')
      .replaceAll(/\d+/g, 'N')
      .replace(/booked .*$/, 'booked');
  if (typeof value === 'number') return 'N';
  if (Array.isArray(value)) return value.map(masked);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([name, one]) => [name, masked(one)]));
}

describe.each(asks)('%s of %s', (tool, _what, body) => {
  test('answers, logs and keeps the same of who is known and who is not', async () => {
    const seen = [];
    for (const one of [known, { ...unknown, phone: `+9198${String(taken).padStart(8, '0')}` }]) {
      await clinic.newAudit();
      const [call_id, from] = [randomUUID(), lines.length];
      const response = await agent.post(`/api/v1/voice/tools/${tool}`, { call_id, ...body(one) });
      const { 'x-request-id': _, date: __, ...headers } = Object.fromEntries(response.headers);
      if (tool === 'book-appointment') delete headers['content-length'];
      const answer: unknown = await response.json();
      const uses = await clinic.run(
        'SELECT tool, ok, code, appointment_id IS NOT NULL AS named FROM voice_tool_uses WHERE tenant_id = $1 AND call_ref = $2',
        [call_id],
      );
      await expect.poll(() => lines.slice(from).some((line) => line.includes('answered'))).toBe(true);
      const said = lines.slice(from).map((line) => masked(JSON.parse(line)));
      const audit = (await clinic.newAudit()).map(({ action }) => action);
      seen.push({ status: response.status, headers, answer: masked(answer), uses, audit, said });
    }
    expect(seen[1]).toEqual(seen[0]);
  });
});

test('no line of the log, at the finest level, holds anything of anybody', () => {
  expect(lines.length).toBeGreaterThan(20);
  for (const line of lines)
    for (const one of [known, unknown])
      for (const phi of [one.first, one.last, one.phone.slice(3), one.born, one.code])
        expect(line).not.toContain(phi);
});

test('tries end after three with a phone, nine in a call, and thirty with a phone in a day', async () => {
  const right = { phone: known.phone, name: known.name, date_of_birth: known.born };
  const wrong = { ...right, date_of_birth: '1999-09-09' };
  const tryWith = (call_id: string, said: object) => useTool(agent, 'patient-lookup', { call_id, ...said });
  const first = randomUUID();
  for (let n = 0; n < 3; n++) await tryWith(first, wrong);
  expect(await tryWith(first, right)).toMatchObject({ verified: false, code: 'NOT_VERIFIED' });
  const second = randomUUID();
  for (let n = 0; n < 9; n++) await tryWith(second, { ...wrong, phone: `+91980000010${n % 5}` });
  expect(await tryWith(second, right)).toMatchObject({ verified: false });
  // Those who prove who they are don't use them up.
  for (let n = 0; n < 12; n++) expect(await tryWith(randomUUID(), right)).toMatchObject({ verified: true });
  for (let n = 0; n < 15; n++) {
    const call = randomUUID();
    await Promise.all([tryWith(call, wrong), tryWith(call, wrong), tryWith(call, wrong)]);
  }
  const { rows } = await clinic.database.admin.query<{ tries: number }>(
    'SELECT sum(tries)::int AS tries FROM voice_tool_callers WHERE tenant_id = $1 AND phone = $2',
    [clinic.tenantId, known.phone],
  );
  expect(rows[0]?.tries).toBe(30);
  expect(await tryWith(randomUUID(), right)).toMatchObject({ verified: false });
  await clinic.run('DELETE FROM voice_tool_callers WHERE tenant_id = $1 AND phone = $2', [known.phone]);
}, 120_000);

/** How often an answer to the one takes longer than one to the other: half the time where nothing tells them apart. */
function howOftenLonger(these: readonly number[], those: readonly number[]): number {
  const longer = these.flatMap((one) => those.map((other) => (one > other ? 1 : one === other ? 0.5 : 0)));
  return longer.reduce<number>((sum, one) => sum + one, 0) / longer.length;
}
const medianOf = (times: readonly number[]) =>
  times.toSorted((left, right) => left - right)[Math.floor(times.length / 2)] ?? Number.NaN;

const timed = [
  'a phone and a name',
  'a wrong birth date',
  'a patient’s id',
  'name and phone',
  'a code',
] as const;
test.each(timed)(
  'the time of an answer to %s tells nobody apart',
  async (what) => {
    const ask = asks.find(([, name]) => name === what);
    if (!ask) throw new Error('it is one of those above');
    const [tool, , body] = ask;
    const times: [number[], number[]] = [[], []];
    const once = async (side: 0 | 1, one: Person) => {
      const begun = performance.now();
      await useTool(agent, tool, { call_id: randomUUID(), ...body(one) });
      times[side].push(performance.now() - begun);
    };
    const rounds = 60;
    for (let round = 0; round < rounds; round++) {
      const fresh = { ...unknown, phone: `+9197${String(taken * 100 + round).padStart(8, '0')}` };
      // Neither always comes first, so that a machine that slows down slows both.
      const one = tool === 'book-appointment' ? (patients[round % patients.length] ?? known) : known;
      const pair = [() => once(0, one), () => once(1, fresh)];
      for (const ask of round % 2 === 0 ? pair : pair.reverse()) await ask();
    }
    const [ours, nobodys] = times;
    expect(howOftenLonger(ours, nobodys)).toBeGreaterThan(0.3);
    expect(howOftenLonger(ours, nobodys)).toBeLessThan(0.7);
    // A step of what answers take, on a machine that is too busy for the first.
    expect(Math.abs(medianOf(ours) - medianOf(nobodys))).toBeLessThan(160);
  },
  300_000,
);
