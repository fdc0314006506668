import { instantOfWall } from '@switchboard/domain/periods/zone';
import { makeWish, visitMinutes, type Wish, wishAt } from '../calendar.ts';
import { withOffset } from '../call-generator.ts';
import { type Plot, plots } from '../plots.ts';
import { dayMs, hourMs } from './clinic-time.ts';
import { chats, tellChat } from './tell-chat.ts';
import type { SimulatedPatient, Telling } from './telling.ts';

const minuteMs = 60_000;
const visitMs = visitMinutes * minuteMs;
/** Calls that end with a time that both know, for who calls. */
const bookingPlots = plots.filter(
  ({ outcome, state, kind }) => outcome === 'booked' && state !== 'none' && kind !== 'child-booking',
);
const plotOf = (kind: string): Plot => {
  const plot = plots.find((one) => one.kind === kind);
  if (!plot) throw new RangeError(`no plot ${kind}`);
  return plot;
};
const reschedule = plotOf('reschedule');
const cancellation = plotOf('cancellation');
const refused = plotOf('slot-refused');

interface Slot {
  doctor: string;
  start: number;
  /** As the caller asked for it, who was told that it is free. */
  wish: Wish;
}

/** One visit, from its booking to its end: kept, moved, cancelled or forgotten. */
export function tellVisit(telling: Telling, patient: SimulatedPatient): void {
  const { random, time, clinic, endAt, name, tell } = telling;
  const bookedAt = time.instant(random, patient.since, endAt);
  const channel = random.weighted([
    [45, 'voice'],
    [20, 'whatsapp'],
    [25, 'desk'],
    [10, 'web'],
  ] as const);
  const slot = channel === 'voice' ? bookByCall(telling, patient, bookedAt) : freeSlot(telling, bookedAt);
  if (!slot) return;
  const id = `A-${name}-${telling.next()}`;
  const says = (at: number) => withOffset(at, clinic.timeZone);
  const told = (at: number) => ({ doctor: slot.doctor, start: at, appointment: id });
  if (channel === 'whatsapp') tellChat(telling, patient, bookedAt, chats.booking, told(slot.start));
  let { start } = slot;
  // The clinic's system writes down what was agreed after the call.
  let at = bookedAt + minuteMs;
  tell('appointment.booked', id, at, {
    patient: { external_id: patient.id },
    practitioner: { name: `Dr. ${slot.doctor}` },
    appointment_type: { name: random.pick(['Consultation', 'Consultation', 'Follow-up']) },
    start: says(start),
    end: says(start + visitMs),
    channel,
    booked_at: says(bookedAt),
    fee_minor: random.pick(clinic.fees.minor),
    fee_currency: clinic.fees.currency,
  });

  if (random.chance(0.14) && start - at > 2 * hourMs) {
    const movedAt = time.instant(random, at + hourMs, start - hourMs / 2);
    const moved = random.chance(0.6)
      ? moveByCall(telling, patient, slot, movedAt)
      : freeSlot(telling, movedAt, slot.doctor);
    if (moved && moved.start > movedAt + hourMs) {
      at = movedAt + minuteMs;
      giveUp(telling, slot.doctor, start, at);
      tell('appointment.rescheduled', id, at, {
        start: says(moved.start),
        end: says(moved.start + visitMs),
        moved_from_start: says(start),
        moved_from_end: says(start + visitMs),
      });
      start = moved.start;
      tellChat(telling, patient, at + minuteMs, chats.moved, told(start));
    }
  }
  if (random.chance(0.11) && start - at > 3 * hourMs) {
    const cancelledAt = time.instant(random, at + hourMs, start - hourMs);
    giveUp(telling, slot.doctor, start, cancelledAt);
    const called = random.chance(0.5);
    if (called) telling.call(cancelledAt, cancellation, { patient, doctor: slot.doctor });
    tell('appointment.cancelled', id, cancelledAt + minuteMs, {
      cancelled_by: called || random.chance(0.6) ? 'patient' : 'clinic',
    });
    return;
  }
  if (start - at > dayMs + 2 * hourMs) {
    const answer = random.chance(0.35) ? chats.confirmed : chats.reminded;
    tellChat(telling, patient, start - dayMs, answer, told(start));
    if (answer === chats.confirmed) tell('appointment.confirmed', id, start - dayMs + hourMs);
  }
  tellEnd(telling, id, start);
}

function tellEnd({ random, time, clinic, tell }: Telling, id: string, start: number): void {
  const says = (at: number) => withOffset(at, clinic.timeZone);
  if (random.chance(time.isBad(start) ? 0.24 : 0.08)) {
    tell('appointment.no_show', id, start + 30 * minuteMs);
    return;
  }
  const late = random.between(-10, time.isBad(start) ? 40 : 12);
  const arrived = start + late * minuteMs;
  tell('appointment.checked_in', id, arrived, { checked_in_at: says(arrived), late_minutes: late });
  const over = Math.max(arrived, start) + random.between(10, 35) * minuteMs;
  tell('appointment.completed', id, over, { completed_at: says(over) });
}

/** A call in which a time was agreed; now and then it is somebody else's, and the caller wants no other. */
function bookByCall(telling: Telling, patient: SimulatedPatient, at: number): Slot | undefined {
  const { random } = telling;
  const theirs = random.chance(0.08) ? takenSlot(telling, at) : undefined;
  if (theirs) {
    telling.call(at, refused, { patient, ...theirs });
    return undefined;
  }
  const slot = freeSlot(telling, at);
  if (slot) telling.call(at, random.pick(bookingPlots), { patient, ...slot });
  return slot;
}

function moveByCall(
  telling: Telling,
  patient: SimulatedPatient,
  { doctor }: Slot,
  at: number,
): Slot | undefined {
  const slot = freeSlot(telling, at, doctor);
  if (slot) telling.call(at, reschedule, { patient, ...slot });
  return slot;
}

/** A time that is free, as the desk finds it. */
function freeSlot(telling: Telling, at: number, doctor?: string): Slot | undefined {
  const { random, clinic, taken } = telling;
  for (let tries = 0; tries < 20; tries += 1) {
    const who = clinic.practitioners.find(({ name }) => name === doctor) ?? random.pick(clinic.practitioners);
    const wish = makeWish(random, at, clinic.timeZone, who.hours);
    const start = instantOfWall(Date.parse(`${wish.date}T${wish.time}:00Z`), clinic.timeZone);
    // Visits begin on quarters of an hour and last longer: the one before and after would overlap.
    const near = [-15, 0, 15].map((minutes) => keyOf(who.name, start + minutes * minuteMs));
    if (near.some((key) => taken.has(key))) continue;
    const until = Number.POSITIVE_INFINITY;
    taken.set(keyOf(who.name, start), { doctor: who.name, start, from: at + 2 * minuteMs, until });
    return { doctor: who.name, start, wish };
  }
  return undefined;
}

/** A time within a fortnight that is somebody's at an instant, and stays so. */
function takenSlot(
  { random, clinic, taken }: Telling,
  at: number,
): Pick<Slot, 'doctor' | 'wish'> | undefined {
  const theirs = [...taken.values()].filter(
    ({ start, from, until }) => from < at && until >= start && start > at + dayMs && start < at + 13 * dayMs,
  );
  if (theirs.length === 0) return undefined;
  const { doctor, start } = random.pick(theirs);
  const wall = withOffset(start, clinic.timeZone);
  const minutes = Number(wall.slice(11, 13)) * 60 + Number(wall.slice(14, 16));
  return { doctor, wish: wishAt(random, at, clinic.timeZone, { date: wall.slice(0, 10), minutes }) };
}

/** Nobody gets it again, but it is nobody's from then on. */
function giveUp({ taken }: Telling, doctor: string, start: number, at: number): void {
  const time = taken.get(keyOf(doctor, start));
  if (time) time.until = at;
}

function keyOf(doctor: string, start: number): string {
  return `${doctor} ${start}`;
}
