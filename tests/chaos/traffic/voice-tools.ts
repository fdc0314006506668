import { createRandom } from '@switchboard/testkit/simulate/random';
import { createWishes } from './free-times.ts';
import { goOn } from './go-on.ts';
import { insist, textIn } from './insist.ts';
import { compareRows, createFindings } from './list-findings.ts';
import type { Asked, World, Writer } from './world.ts';

const callEveryMs = 1_100;
const dateOfBirth = '1984-03-09';
const refusals = new Set(['SLOT_TAKEN', 'OUTSIDE_HOURS', 'TOO_SOON', 'PATIENT_AMBIGUOUS']);

/** The voice agent: books in a call, and then moves or cancels some of it, each use with an id of its own. */
export async function writeVoiceTools(world: World): Promise<Writer> {
  const { running, seed, durationMs, stores, pace, ended } = world;
  const { demo } = running;
  const random = createRandom(seed + 40);
  const wish = await createWishes(world, random);
  const asked: Asked[] = [];
  /** How each appointment ended that the caller was told of. */
  const ends = new Map<string, string>();
  /** When each is, as the last answer said. */
  const times = new Map<string, string>();
  const wrong: string[] = [];
  let taken = 0;
  let moved = 0;

  /** A use of a tool. What could not be done in time is asked again, with the same id. */
  async function use(tool: string, body: Record<string, unknown>): Promise<{ code: string; body: unknown }> {
    const answer = await insist(`${demo.api}/api/v1/voice/tools/${tool}`, {
      asked,
      init: () => ({
        method: 'POST',
        headers: { 'content-type': 'application/json', 'x-api-key': demo.voice_agent_api_key },
        body: JSON.stringify(body),
      }),
      isFinal: ({ status, body: said }) =>
        status < 500 &&
        status !== 429 &&
        !(textIn(said, 'code') === 'NEEDS_HUMAN' && Reflect.get(Object(said), 'retryable') === true),
    });
    return { code: textIn(answer.body, 'code') || String(answer.status), body: answer.body };
  }

  async function call(index: number): Promise<void> {
    const call_id = `vt-${seed}-${index}`;
    const phone = `+9196000${String(10_000 + index)}`;
    const name = { first_name: `Caller${seed}n${index}`, last_name: 'Ofvoice' };
    const person = { ...name, phone, date_of_birth: dateOfBirth };
    const ofUse = (name: string) => ({ call_id, tool_call_id: `${call_id}-${name}` });
    const booking = { ...ofUse('book'), ...wish(), patient: person };
    // The agent asks twice at once now and then.
    const twice = random.chance(0.15);
    const fate = random.next();
    const answers = await Promise.all(
      (twice ? [booking, booking] : [booking]).map((body) => use('book-appointment', body)),
    );
    const ids = new Set(answers.map(({ body }) => textIn(body, 'appointment', 'id')));
    if (ids.size > 1) wrong.push(`${call_id}: two answers to one use`);
    const [first] = answers;
    if (first?.code !== 'BOOKED') {
      if (first && refusals.has(first.code)) taken += 1;
      else wrong.push(`${call_id}: ${first?.code}`);
      return;
    }
    const id = textIn(first.body, 'appointment', 'id');
    ends.set(id, 'scheduled');
    times.set(id, startIn(first.body));
    if (fate < 0.5) return;
    const lookup = {
      call_id,
      phone,
      name: `${name.first_name} ${name.last_name}`,
      date_of_birth: dateOfBirth,
    };
    await use('patient-lookup', lookup);
    if (fate < 0.75) {
      const { code } = await use('cancel-appointment', { ...ofUse('cancel'), appointment_id: id });
      if (code === 'CANCELLED') ends.set(id, 'cancelled');
      else wrong.push(`${call_id}: cancel ${code}`);
      return;
    }
    const change = { ...ofUse('move'), appointment_id: id, ...wish() };
    const { code, body } = await use('reschedule-appointment', change);
    if (code === 'RESCHEDULED') {
      moved += 1;
      times.set(id, startIn(body));
    } else if (!refusals.has(code)) wrong.push(`${call_id}: move ${code}`);
  }

  async function check(): Promise<string[]> {
    const { rows } = await stores.postgres.query<{ key: string; says: string; starts: Date }>(
      'SELECT id AS key, status AS says, starts_at AS starts FROM appointments WHERE tenant_id = $1 AND tool_call_id LIKE $2',
      [demo.tenant, `vt-${seed}-%`],
    );
    const findings = createFindings();
    findings.list('uses of tools that went wrong', wrong);
    findings.list(
      'appointments that no caller was told of',
      rows.map(({ key }) => key).filter((key) => !ends.has(key)),
    );
    const starts = rows.map(({ key, starts: at }) => ({ key, says: at.toISOString() }));
    return [
      ...findings.lines,
      ...compareRows('appointments of callers', ends, rows),
      ...compareRows('times of callers', times, starts),
    ];
  }

  return {
    name: 'voice tools',
    asked,
    run: () => goOn({ everyMs: callEveryMs / pace, forMs: durationMs, ended }, call),
    check,
    events: () => 0,
    notes: () => ({ booked: ends.size, moved, 'times taken': taken }),
  };
}

function startIn(body: unknown): string {
  return new Date(textIn(body, 'appointment', 'start')).toISOString();
}
