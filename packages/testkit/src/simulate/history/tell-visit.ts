import { instantOfWall } from '@switchboard/domain/periods/zone';
import { makeWish, visitMinutes, type Wish } from '../calendar.ts';
import { withOffset } from '../call-generator.ts';
import { type Plot, plots } from '../plots.ts';
import { dayMs, hourMs } from './clinic-time.ts';
import { chats, tellChat } from './tell-chat.ts';
import type { SimulatedPatient, Telling } from './telling.ts';

const minuteMs = 60_000;
const visitMs = visitMinutes * minuteMs;
/** Calls that end with a time that both know. */
const bookingPlots = plots.filter(({ outcome, state }) => outcome === 'booked' && state !== 'none');
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
    if (random.chance(0.5)) telling.call(cancelledAt, cancellation, { patient, doctor: slot.doctor });
    tell('appointment.cancelled', id, cancelledAt + minuteMs, {
      cancelled_by: random.weighted([
        [8, 'patient'],
        [2, 'clinic'],
      ] as const),
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

/** A call in which a time was agreed that is free; now and then none is. */
function bookByCall(telling: Telling, patient: SimulatedPatient, at: number): Slot | undefined {
  const { random } = telling;
  if (random.chance(0.08)) {
    telling.call(at, refused, { patient });
    return undefined;
  }
  const story = telling.call(at, random.pick(bookingPlots), { patient });
  return slotOf(telling, story.doctor, story.wish);
}

function moveByCall(
  telling: Telling,
  patient: SimulatedPatient,
  { doctor }: Slot,
  at: number,
): Slot | undefined {
  const { wish } = telling.call(at, reschedule, { patient, doctor });
  return slotOf(telling, doctor, wish);
}

/** A slot that was wished for; undefined when the practitioner's time is taken. */
function slotOf({ clinic, taken }: Telling, doctor: string, wish: Wish | null): Slot | undefined {
  if (!wish) return undefined;
  const start = instantOfWall(Date.parse(`${wish.date}T${wish.time}:00Z`), clinic.timeZone);
  // Visits begin on quarters of an hour and last longer: the one before and after would overlap.
  const near = [-15, 0, 15].map((minutes) => `${doctor} ${start + minutes * minuteMs}`);
  if (near.some((slot) => taken.has(slot))) return undefined;
  taken.add(`${doctor} ${start}`);
  return { doctor, start };
}

/** A time that is free, as the desk finds it. */
function freeSlot(telling: Telling, at: number, doctor?: string): Slot | undefined {
  const { random, clinic } = telling;
  for (let tries = 0; tries < 20; tries += 1) {
    const who = clinic.practitioners.find(({ name }) => name === doctor) ?? random.pick(clinic.practitioners);
    const slot = slotOf(telling, who.name, makeWish(random, at, clinic.timeZone, who.hours));
    if (slot) return slot;
  }
  return undefined;
}
