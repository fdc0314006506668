import { createRandom } from '@switchboard/testkit/simulate/random';
import { createWishes, type Wish } from './free-times.ts';
import { goOn } from './go-on.ts';
import { textIn } from './insist.ts';
import { afterRefused, afterTaken, saidBy, type Word } from './last-words.ts';
import { compareRows, createFindings } from './list-findings.ts';
import { createStaff, refusal } from './staff.ts';
import { type AskedTime, type BookedTime, unasked } from './unasked.ts';
import type { Asked, World, Writer } from './world.ts';

const bookEveryMs = 900;
const refusals = new Set([409, 422]);

/** The front desk: holds and bookings, moves, check-ins and cancellations. */
export async function writeDesk(world: World): Promise<Writer> {
  const { running, seed, durationMs, stores, pace, ended } = world;
  const { tenant } = running.demo;
  const random = createRandom(seed + 30);
  const wish = await createWishes(world, random);
  const asked: Asked[] = [];
  const staff = createStaff(world, asked);
  const { rows: patients } = await stores.postgres.query<{ id: string }>(
    `SELECT id FROM patients WHERE tenant_id = $1 AND origin = 'desk' ORDER BY id`,
    [tenant],
  );
  /** How each appointment ended that the desk was told of, by id, and whose it is. */
  const ends = new Map<string, string>();
  const patientOf = new Map<string, string | null>();
  /** Where each may be, as it was asked for: practitioner and start. */
  const times = new Map<string, Word[]>();
  /** Refused when they were asked again: what was asked first may have been done. */
  const unanswered: AskedTime[] = [];
  const { rows: clock } = await stores.postgres.query<{ now: Date }>('SELECT now() AS now');
  const wrong: string[] = [];
  let taken = 0;

  async function book(wished: Wish): Promise<string | undefined> {
    const patient_id = random.pick(patients).id;
    if (!random.chance(0.3)) {
      const booked = await staff.ask('POST', '/api/v1/appointments', { ...wished, patient_id });
      return made(booked, 'scheduled', { ...wished, patient: patient_id });
    }
    const held = await staff.ask('POST', '/api/v1/appointments', { ...wished, hold_minutes: 60 });
    const id = made(held, 'held', { ...wished, patient: null });
    if (id === undefined) return undefined;
    const booked = await staff.ask('POST', `/api/v1/appointments/${id}/book`, { patient_id });
    // An answer that was lost, and asked for again, finds it booked.
    if (booked.status === 200 || (booked.tries > 1 && booked.status === 409)) {
      ends.set(id, 'scheduled');
      patientOf.set(id, patient_id);
    } else wrong.push(`book ${refusal(booked)}`);
    return id;
  }

  function made(
    answer: Awaited<ReturnType<typeof staff.ask>>,
    status: string,
    { practitioner_id: practitioner, start, patient }: Wish & { patient: string | null },
  ): string | undefined {
    if (refusals.has(answer.status)) {
      taken += 1;
      if (answer.tries > 1) unanswered.push({ practitioner, start, patient });
      return undefined;
    }
    const id = textIn(answer.body, 'id');
    if (id === '') wrong.push(`book ${refusal(answer)}`);
    else {
      ends.set(id, status);
      patientOf.set(id, patient);
      times.set(id, [{ says: timeOf(practitioner, start), tries: 1 }]);
    }
    return id || undefined;
  }

  async function visit(): Promise<void> {
    const id = await book(wish());
    if (id === undefined) return;
    const fate = random.weighted([
      [4, 'stays'],
      [2, 'moved'],
      [2, 'confirm'],
      [2, 'cancel'],
    ] as const);
    if (fate === 'stays') return;
    const path = `/api/v1/appointments/${id}/${fate === 'moved' ? 'reschedule' : fate}`;
    const to = wish();
    const body = { moved: to, cancel: { by: 'clinic' }, confirm: undefined }[fate];
    const answer = await staff.ask('POST', path, body);
    const done = answer.status === 200 || (answer.tries > 1 && answer.status === 409);
    if (fate === 'moved') move(id, to, answer);
    else if (!done) wrong.push(`${fate} ${refusal(answer)}`);
    else ends.set(id, fate === 'cancel' ? 'cancelled' : 'confirmed');
  }

  function move(id: string, to: Wish, { status, tries }: Awaited<ReturnType<typeof staff.ask>>): void {
    const word = { says: timeOf(to.practitioner_id, to.start), tries };
    const before = times.get(id) ?? [];
    const isThere = status === 200;
    if (!isThere && !refusals.has(status)) wrong.push(`move ${status}`);
    if (!isThere) taken += 1;
    times.set(id, isThere ? afterTaken(before, word) : afterRefused(before, word));
  }

  async function check(): Promise<string[]> {
    const { rows: doubled } = await stores.postgres.query<{ id: string }>(
      `SELECT a.id FROM appointments a JOIN appointments b ON b.tenant_id = a.tenant_id AND b.practitioner_id = a.practitioner_id
         AND b.id > a.id AND b.during && a.during
       WHERE a.tenant_id = $1 AND NOT a.conflict AND NOT b.conflict
         AND a.status IN ('scheduled', 'confirmed', 'checked_in', 'held') AND b.status IN ('scheduled', 'confirmed', 'checked_in', 'held')`,
      [tenant],
    );
    const { rows: told } = await stores.postgres.query<BookedTime>(
      `SELECT id, practitioner_id AS practitioner, starts_at::text AS start, status,
         coalesce(original_patient_id, patient_id) AS patient
       FROM appointments a WHERE tenant_id = $1 AND channel = 'desk' AND created_at >= $2
         -- The clinic's system tells of its own desk's.
         AND EXISTS (SELECT FROM appointment_history h WHERE h.tenant_id = $1 AND h.appointment_id = a.id
           AND h.change IN ('held', 'booked') AND h.actor_kind = 'user')`,
      [tenant, clock[0]?.now],
    );
    const findings = createFindings();
    findings.list(
      'bookings of the desk that nobody asked for',
      unasked(
        told.filter(({ id }) => !ends.has(id)),
        unanswered,
      ),
    );
    findings.list(
      'double bookings',
      doubled.map(({ id }) => id),
    );
    findings.list('requests of the desk that were refused', wrong);
    const known = told.filter(({ id }) => ends.has(id));
    const wanted = new Map([...ends].map(([id, status]) => [id, `${status} of ${patientOf.get(id)}`]));
    return [
      ...findings.lines,
      ...compareRows(
        'appointments of the desk',
        wanted,
        known.map(({ id, status, patient }) => ({ key: id, says: `${status} of ${patient}` })),
      ),
      ...compareRows(
        'times of the desk',
        saidBy(times),
        known.map(({ id, practitioner, start }) => ({ key: id, says: timeOf(practitioner, start) })),
      ),
    ];
  }

  return {
    name: 'desk',
    asked,
    run: () => goOn({ everyMs: bookEveryMs / pace, forMs: durationMs, ended }, visit),
    check,
    events: () => 0,
    notes: () => ({ booked: ends.size, 'times taken': taken }),
  };
}

function timeOf(practitioner: string, start: string): string {
  return `${practitioner} ${new Date(start).toISOString()}`;
}
