import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Demo } from '@switchboard/start';
import { Pool } from 'undici';
import { z } from 'zod';
import { type LargeClinic, largeClinic } from './seed-large-clinic.ts';

export const toolNames = [
  'patient-lookup',
  'available-slots',
  'book-appointment',
  'reschedule-appointment',
  'cancel-appointment',
] as const;
export type ToolName = (typeof toolNames)[number];

export interface CallersOptions {
  demo: Demo;
  clinic: LargeClinic;
  /** How many calls go on at once. */
  atOnce: number;
  /** From an answer to the next use in the same call, ms: what is said in between. */
  pauseMs: number;
  seconds: number;
}

export interface Uses {
  /** From the request to the whole answer, ms. */
  times: Record<ToolName, number[]>;
  /** How often each code was answered. */
  codes: Record<string, number>;
}

const slots = z.array(z.looseObject({ slot_id: z.string() })).optional();
const answerSchema = z.looseObject({
  code: z.string(),
  patient: z.looseObject({ id: z.string().optional() }).nullish(),
  slots,
  alternatives: slots,
  appointment: z.looseObject({ id: z.string() }).optional(),
});
const days = ['tomorrow', 'day after tomorrow', 'next week', 'tomorrow afternoon', 'in the evening'];

/**
 * Callers on the phone with the voice agent, one call after the other on each line: who they are, what is free with a
 * doctor by name, a booking; every third moves it, every fourth cancels it. Every fifth is nobody's patient.
 */
export async function runCallers(options: CallersOptions): Promise<Uses> {
  const { demo, atOnce, seconds } = options;
  const times: Uses['times'] = {
    'patient-lookup': [],
    'available-slots': [],
    'book-appointment': [],
    'reschedule-appointment': [],
    'cancel-appointment': [],
  };
  const uses: Uses = { times, codes: {} };
  const pool = new Pool(demo.api, { connections: atOnce, pipelining: 1 });
  const until = performance.now() + seconds * 1_000;
  const line = async (number: number) => {
    // Lines don't speak in step.
    await sleep((options.pauseMs * number) / atOnce);
    while (performance.now() < until) await call(options, pool, uses);
  };
  await Promise.all(Array.from({ length: atOnce }, (_, number) => line(number)));
  await pool.close();
  return uses;
}

async function call({ demo, clinic, pauseMs }: CallersOptions, pool: Pool, uses: Uses): Promise<void> {
  const call_id = randomUUID();
  async function use(tool: ToolName, given: Record<string, unknown>) {
    const body = JSON.stringify({ call_id, tool_call_id: randomUUID(), ...given });
    const headers = { 'x-api-key': demo.voice_agent_api_key, 'content-type': 'application/json' };
    const begun = performance.now();
    const response = await pool.request({
      path: `/api/v1/voice/tools/${tool}`,
      method: 'POST',
      headers,
      body,
    });
    const text = await response.body.text();
    uses.times[tool].push(performance.now() - begun);
    if (response.statusCode !== 200) throw new Error(`${tool} answered ${response.statusCode}`);
    const answer = answerSchema.parse(JSON.parse(text));
    const name = `${tool} ${answer.code}`;
    uses.codes[name] = (uses.codes[name] ?? 0) + 1;
    await sleep(pauseMs);
    return answer;
  }

  const { name, phone, dateOfBirth } = clinic.patient(drawn(largeClinic.patients));
  const isPatient = drawn(5) > 0;
  const [first_name = '', last_name = ''] = name.split(' ');
  const who = { phone: isPatient ? phone : `+91600${phone.slice(6)}`, date_of_birth: dateOfBirth };
  const found = await use('patient-lookup', { ...who, ...(isPatient && { name }) });
  const free = async () => {
    const practitioner = clinic.practitioners[drawn(clinic.practitioners.length)];
    const answer = await use('available-slots', { practitioner, date_from: days[drawn(days.length)] });
    return answer.slots?.[drawn(answer.slots.length)];
  };
  const slot = await free();
  if (!slot) return;
  const forWhom = found.patient?.id
    ? { patient_id: found.patient.id }
    : { patient: { first_name, last_name, ...who } };
  let booked = await use('book-appointment', { slot_id: slot.slot_id, ...forWhom });
  const [other] = booked.alternatives ?? [];
  if (other) booked = await use('book-appointment', { slot_id: other.slot_id, ...forWhom });
  const appointment_id = booked.appointment?.id;
  if (appointment_id === undefined || !found.patient?.id) return;
  if (drawn(3) === 0) {
    const next = await free();
    if (next) await use('reschedule-appointment', { appointment_id, slot_id: next.slot_id });
  }
  if (drawn(4) === 0) await use('cancel-appointment', { appointment_id });
}

function drawn(below: number): number {
  return Math.floor(Math.random() * below);
}
