import { randomUUID } from 'node:crypto';
import type { Demo } from '@switchboard/start';
import { signZoice } from '@switchboard/testkit/signing';
import { createCallGenerator } from '@switchboard/testkit/simulate/call-generator';
import type { Random } from '@switchboard/testkit/simulate/random';
import { z } from 'zod';
import { type Told, untilTold } from './until-told.ts';

/** What callers and the desk were told of an appointment last. */
export interface Promised {
  id: string;
  /** The call that booked it; null: the desk. */
  callRef: string | null;
  /** `unknown`: asked twice, refused the second time. */
  status: 'scheduled' | 'cancelled' | 'held' | 'unknown';
  /** RFC 3339. */
  start: string;
}

export interface WorkerOptions {
  demo: Demo;
  random: Random;
  practitioners: readonly string[];
  patients: readonly { name: string; phone: string; born: string; id: string }[];
  /** Steps of this worker. */
  steps: number;
  seed: number;
}

const answer = z.looseObject({
  ok: z.boolean(),
  code: z.string(),
  slots: z.array(z.looseObject({ slot_id: z.string(), start: z.string() })).optional(),
  alternatives: z.array(z.looseObject({ slot_id: z.string(), start: z.string() })).optional(),
  patient: z.looseObject({ id: z.string().optional() }).nullish(),
  appointment: z.looseObject({ id: z.string(), start: z.string() }).optional(),
});
const days = ['tomorrow', 'day after tomorrow', 'next week', 'in the evening', 'tomorrow afternoon'];

/**
 * Callers who book by the voice agent's tools, move and cancel; callers who use none and ask; and a desk that holds, books,
 * moves and cancels. Everybody asks again until they are told.
 */
export async function runWorker(options: WorkerOptions): Promise<Promised[]> {
  const promised: Promised[] = [];
  const { random, steps, seed } = options;
  const generator = createCallGenerator(seed, { startAt: Date.now(), everyMs: 1 });
  for (let step = 0; step < steps; step++) {
    const kind = random.between(0, 9);
    if (kind < 5) await callWithTools(options, promised);
    else if (kind < 7) for (const body of generator.next()) await postWebhook(options.demo, body);
    else await workAtDesk(options, promised);
  }
  return promised;
}

async function callWithTools({ demo, random, practitioners, patients }: WorkerOptions, promised: Promised[]) {
  const call_id = `zc_${randomUUID()}`;
  const use = async (tool: string, given: Record<string, unknown>) => {
    const body = { call_id, tool_call_id: randomUUID(), ...given };
    const headers = { 'x-api-key': demo.voice_agent_api_key };
    const isTold = (told: Told) => told.body.code !== 'NEEDS_HUMAN' || told.body.retryable === false;
    const url = `${demo.api}/api/v1/voice/tools/${tool}`;
    return answer.parse((await untilTold(url, { headers, body }, isTold)).body);
  };
  const patient = random.pick(patients);
  const begun = new Date().toISOString();
  const started = random.chance(0.5);
  if (started) await postCall(demo, call_id, 'call.started', patient.phone, begun);
  const { phone, name, born } = patient;
  const found = await use('patient-lookup', { phone, name, date_of_birth: born });
  const free = await use('available-slots', {
    practitioner: random.pick(practitioners),
    date_from: random.pick(days),
  });
  const slot = pickSome(random, free.slots ?? []);
  const patient_id = found.patient?.id;
  if (slot && patient_id !== undefined) {
    let booked = await use('book-appointment', { slot_id: slot.slot_id, patient_id });
    const [other] = booked.alternatives ?? [];
    if (other) booked = await use('book-appointment', { slot_id: other.slot_id, patient_id });
    if (booked.appointment) {
      const { id, start } = booked.appointment;
      const own: Promised = { id, callRef: call_id, status: 'scheduled', start };
      promised.push(own);
      const [next] = booked.alternatives ?? free.slots?.slice(1) ?? [];
      if (next && random.chance(0.3)) {
        const moved = await use('reschedule-appointment', { appointment_id: id, slot_id: next.slot_id });
        if (moved.appointment) own.start = moved.appointment.start;
      }
      if (random.chance(0.25) && (await use('cancel-appointment', { appointment_id: id })).ok)
        own.status = 'cancelled';
    }
  }
  await postCall(demo, call_id, 'call.completed', patient.phone, begun);
}

/** One of these, or now and then none. */
function pickSome<T>(random: Random, values: readonly T[]): T | undefined {
  return values.length > 0 && random.chance(0.9) ? random.pick(values) : undefined;
}

async function workAtDesk({ demo, random, patients }: WorkerOptions, promised: Promised[]) {
  const headers = { 'x-api-key': demo.api_key };
  const free = await untilTold(
    `${demo.api}/api/v1/voice/tools/available-slots`,
    { headers: { 'x-api-key': demo.voice_agent_api_key }, body: { date_from: random.pick(days), limit: 20 } },
    ({ body }) => body.ok === true,
  );
  const slots = z
    .array(z.looseObject({ start: z.string(), practitioner: z.looseObject({ id: z.string() }) }))
    .parse(free.body.slots ?? []);
  const [slot, next] = [pickSome(random, slots), pickSome(random, slots)];
  if (!slot) return;
  const holds = random.chance(0.4);
  const base = `${demo.api}/api/v1/appointments`;
  const made = await untilTold(base, {
    headers,
    body: {
      practitioner_id: slot.practitioner.id,
      start: slot.start,
      ...(holds ? { hold_minutes: 1 } : { patient_id: random.pick(patients).id }),
    },
  });
  // Whoever was not told that it was made asks again, and hears that it is taken: by themselves.
  if (made.status !== 201 && made.status !== 200) return;
  const { id } = z.looseObject({ id: z.string() }).parse(made.body);
  const own: Promised = { id, callRef: null, status: holds ? 'held' : 'scheduled', start: slot.start };
  promised.push(own);
  const change = async (what: string, body: unknown): Promise<boolean> => {
    const { status, tries } = await untilTold(`${base}/${id}/${what}`, { headers, body });
    if (status !== 200 && tries > 1) own.status = 'unknown';
    return status === 200;
  };
  if (holds && random.chance(0.5) && (await change('book', { patient_id: random.pick(patients).id })))
    own.status = 'scheduled';
  if (own.status === 'scheduled' && next && random.chance(0.3)) {
    const moved = { practitioner_id: next.practitioner.id, start: next.start };
    if (await change('reschedule', moved)) own.start = next.start;
  }
  if (own.status === 'scheduled' && random.chance(0.2) && (await change('cancel', { by: 'patient' })))
    own.status = 'cancelled';
}

function postCall(demo: Demo, id: string, event: string, from: string, begun: string): Promise<void> {
  const isOver = event === 'call.completed';
  return postWebhook(demo, {
    event,
    event_id: randomUUID(),
    occurred_at: new Date().toISOString(),
    call: {
      id,
      direction: 'inbound',
      from,
      status: isOver ? 'completed' : 'in_progress',
      started_at: begun,
      ...(isOver && { ended_at: new Date().toISOString() }),
    },
  });
}

async function postWebhook(demo: Demo, event: unknown): Promise<void> {
  const body = JSON.stringify(event);
  const headers = signZoice(demo.webhook_secret, body, Math.floor(Date.now() / 1_000));
  await untilTold(`${demo.ingest}/api/v1/voice/webhook`, { headers: { ...headers }, body });
}
