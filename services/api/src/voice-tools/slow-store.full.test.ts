import { randomUUID } from 'node:crypto';
import { type FaultProxy, startFaultProxy } from '@switchboard/testkit/fault-proxy';
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest';
import { z } from 'zod';
import { createTestClient, type TestClient } from '../testing/client.ts';
import { type ApiClinic, startApiClinic } from '../testing/clinic.ts';
import { addPatient, addPractitioner, testAnswer, useTool } from './testing/tool-clinic.ts';

let clinic: ApiClinic;
let proxy: FaultProxy;
let agent: TestClient;
let practitioner: string;
const asha = { phone: '+919812345678', name: 'Asha Deshpande', date_of_birth: '1984-03-09' };
const patient = { first_name: 'Kiran', last_name: 'Rao', phone: '+919800000055' };
/** Monday, eight in the morning. */
const now = Date.parse('2026-11-30T08:00:00+05:30');
/** Less than two deadlines of 3.6 s, one after the other. */
const patienceMs = 7_000;

beforeAll(async () => {
  const engines = inject('engines');
  const { hostname: host, port } = new URL(engines.postgresAdmin);
  proxy = await startFaultProxy({ host, port: Number(port) });
  clinic = await startApiClinic(engines, {
    now: () => now,
    through: (databaseUrl) => Object.assign(new URL(databaseUrl), { port: String(proxy.port) }).href,
  });
  agent = createTestClient(clinic.url, {
    'x-api-key': await clinic.addKey(clinic.tenantId, ['voice:tools']),
  });
  practitioner = await addPractitioner(clinic, 'Dr. Rohan Mehta');
  await addPatient(clinic, ['Asha', 'Deshpande', '1984-03-09', asha.phone]);
}, 120_000);
afterAll(async () => {
  proxy?.heal();
  await clinic?.stop();
  await proxy?.stop();
}, 60_000);

/** Until healed nothing comes through, on what is connected and on what connects. */
function freezeAll(): void {
  proxy.swallow(true);
  proxy.freeze();
}

function cutOff(): void {
  proxy.refuse(true);
  proxy.cut();
}

/** A body for each tool, of one call, and two appointments that it has. */
async function prepareCall(day: string) {
  const call_id = randomUUID();
  // Connections that died without a word are still in the pool.
  await expect
    .poll(async () => (await useTool(agent, 'patient-lookup', { call_id, ...asha })).code, {
      timeout: 60_000,
    })
    .toBe('VERIFIED');
  const { patient: verified } = z
    .looseObject({ patient: z.object({ id: z.string() }) })
    .parse(await useTool(agent, 'patient-lookup', { call_id, ...asha }));
  const at = (time: string) => ({ practitioner_id: practitioner, start: `${day}T${time}:00+05:30` });
  const book = async (time: string) => {
    const made = await useTool(agent, 'book-appointment', { call_id, patient_id: verified.id, ...at(time) });
    return made.appointment?.id;
  };
  const [moved, cancelled] = [await book('09:00'), await book('09:30')];
  return {
    'patient-lookup': { call_id, ...asha },
    'available-slots': { call_id, practitioner: 'mehta', date_from: day },
    'book-appointment': { call_id, tool_call_id: `book ${day}`, patient, ...at('10:00') },
    'reschedule-appointment': {
      call_id,
      tool_call_id: `move ${day}`,
      appointment_id: moved,
      ...at('11:00'),
    },
    'cancel-appointment': { call_id, tool_call_id: `cancel ${day}`, appointment_id: cancelled },
  };
}

const visits = (day: string) =>
  clinic.run(
    `SELECT to_char(starts_at AT TIME ZONE 'Asia/Kolkata', 'HH24:MI') AS at, status FROM appointments
     WHERE tenant_id = $1 AND (starts_at AT TIME ZONE 'Asia/Kolkata')::date = $2::date ORDER BY 1`,
    [day],
  );
/** Until nothing that the API began is under way at the server. */
async function settled(): Promise<void> {
  const sql = `SELECT count(*)::int AS n FROM pg_stat_activity WHERE datname = $2 AND application_name = 'switchboard-api' AND state <> 'idle' AND $1::uuid IS NOT NULL`;
  await expect
    .poll(async () => (await clinic.run(sql, [clinic.database.name]))[0]?.n, { timeout: 30_000 })
    .toBe(0);
}
const before = [
  { at: '09:00', status: 'scheduled' },
  { at: '09:30', status: 'scheduled' },
];

describe('while Postgres is', () => {
  test.each([
    ['slow', '2026-12-01', () => proxy.delay(700)],
    ['frozen', '2026-12-02', freezeAll],
    ['away', '2026-12-03', cutOff],
  ] as const)(
    '%s, each tool says in time that it takes a moment, and does nothing that was not told; the same again does it',
    async (_name, day, fault) => {
      const bodies = await prepareCall(day);
      expect(await visits(day)).toEqual(before);
      fault();
      const begun = performance.now();
      const uses = Object.entries(bodies).map(async ([tool, body]) => {
        const answer = await useTool(agent, tool, body);
        return { tool, answer, ms: performance.now() - begun };
      });
      for (const { tool, answer, ms } of await Promise.all(uses)) {
        expect([tool, answer]).toEqual([
          tool,
          expect.objectContaining({ ok: false, code: 'NEEDS_HUMAN', retryable: true }),
        ]);
        expect(answer.spoken).toContain('slow right now');
        expect(ms).toBeLessThan(patienceMs);
      }
      proxy.heal();
      await settled();
      expect(await visits(day)).toEqual(before);
      const again = async (tool: keyof typeof bodies) => {
        // Connections that died without a word are still in the pool.
        await expect
          .poll(async () => (await useTool(agent, tool, bodies[tool])).ok, { timeout: 60_000 })
          .toBe(true);
        return useTool(agent, tool, bodies[tool]);
      };
      for (const tool of ['book-appointment', 'reschedule-appointment', 'cancel-appointment'] as const)
        expect(await again(tool)).toMatchObject({ ok: true });
      expect(await visits(day)).toEqual([
        { at: '09:30', status: 'cancelled' },
        { at: '10:00', status: 'scheduled' },
        { at: '11:00', status: 'scheduled' },
      ]);
    },
    120_000,
  );
});

test('uses in one envelope share the time that a voice waits', async () => {
  const { 'available-slots': slots } = await prepareCall('2026-12-04');
  freezeAll();
  const begun = performance.now();
  const response = await agent.post('/api/v1/voice/tools', {
    message: {
      call: { id: slots.call_id },
      toolCallList: ['a', 'b', 'c'].map((id) => ({ id, name: 'available_slots', arguments: slots })),
    },
  });
  const { results } = z
    .object({ results: z.array(z.object({ toolCallId: z.string(), result: z.string() })) })
    .parse(await response.json());
  expect(performance.now() - begun).toBeLessThan(patienceMs);
  expect(results.map(({ result }) => testAnswer.parse(JSON.parse(result)).code)).toEqual(
    Array(3).fill('NEEDS_HUMAN'),
  );
  proxy.heal();
  await settled();
}, 60_000);

test('a booking whose answer got lost at its commit is the one that the same request tells, and any other of its call', async () => {
  const { 'book-appointment': body } = await prepareCall('2026-12-07');
  proxy.loseAnswersTo('COMMIT');
  const begun = performance.now();
  expect(await useTool(agent, 'book-appointment', body)).toMatchObject({ code: 'NEEDS_HUMAN' });
  expect(performance.now() - begun).toBeLessThan(patienceMs);
  proxy.heal();
  await settled();
  const [kept] = await clinic.run('SELECT id FROM appointments WHERE tenant_id = $1 AND tool_call_id = $2', [
    body.tool_call_id,
  ]);
  const { tool_call_id: _, ...unnamed } = body;
  for (const again of [body, unnamed, { ...body, tool_call_id: 'another' }]) {
    await expect
      .poll(async () => (await useTool(agent, 'book-appointment', again)).code, { timeout: 60_000 })
      .toBe('BOOKED');
    expect((await useTool(agent, 'book-appointment', again)).appointment?.id).toBe(kept?.id);
  }
  const others = [
    { ...body, call_id: randomUUID() },
    {
      ...body,
      tool_call_id: 'brother',
      patient: { ...patient, first_name: 'Mohan', date_of_birth: '2001-01-01' },
    },
  ];
  for (const other of others)
    expect(await useTool(agent, 'book-appointment', other)).toMatchObject({ code: 'SLOT_TAKEN' });
}, 120_000);
