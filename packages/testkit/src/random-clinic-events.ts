import type { ClinicEventBody } from './simulate/clinic-event.ts';
import { createRandom, type Random } from './simulate/random.ts';

export interface RandomClinicEventsOptions {
  /** At least so many events, of whole records. */
  count: number;
  /** Time of the first, Unix ms; the others follow within `days`. */
  startAt: number;
  days: number;
}

type Tell = (type: string, subject: string, atMs: number, data?: Record<string, unknown>) => void;

const minuteMs = 60_000;
const hourMs = 60 * minuteMs;
const dayMs = 24 * hourMs;
const origin = '/clinic/records';
const practitioners = ['D-1', 'D-2', 'D-3', 'D-4', 'D-5', 'D-6'];
const journeyTypes = ['recall', 'post_surgery', 'pregnancy'];

/**
 * Events of a clinic by seed, each record's in the order of its life: patients with what they book, move, keep and
 * miss, their journeys and messages. Overlapping appointments are among them. Each record's last event says how it ends.
 */
export function randomClinicEvents(seed: number, options: RandomClinicEventsOptions): ClinicEventBody[] {
  const random = createRandom(seed);
  const events: ClinicEventBody[] = [];
  const tell: Tell = (type, subject, atMs, data = {}) => {
    const id = `e-${seed}-${events.length}`;
    const time = new Date(atMs).toISOString();
    events.push({ specversion: '1.0', id, source: origin, type, subject, time, data });
  };
  for (const [at, id] of practitioners.entries()) {
    const data = { name: `Dr. ${id}`, department: at % 2 ? 'Dental' : 'Skin', active: true };
    tell('practitioner.upserted', id, options.startAt, data);
  }
  for (let number = 0; events.length < options.count; number += 1) {
    const patient = `P-${seed}-${number}`;
    const bornAt = options.startAt + random.between(0, options.days * dayMs - 1);
    tellPatient(random, tell, patient, number, bornAt);
    const appointments = random.weighted([
      [3, 1],
      [2, 2],
      [1, 3],
    ] as const);
    for (let one = 0; one < appointments; one += 1)
      tellAppointment(random, tell, patient, `A-${seed}-${number}-${one}`, bornAt + one * 9 * hourMs);
    if (random.chance(0.3)) tellJourney(random, tell, patient, `J-${seed}-${number}`, bornAt);
    if (random.chance(0.6)) tellMessages(random, tell, patient, `${seed}-${number}`, number, bornAt);
  }
  return events;
}

function tellPatient(random: Random, tell: Tell, patient: string, number: number, atMs: number): void {
  const phone = phoneOf(number);
  const born = `19${random.between(40, 99)}-0${random.between(1, 9)}-1${random.between(0, 9)}`;
  tell('patient.created', patient, atMs, {
    first_name: `First${number}`,
    last_name: `Last${number}`,
    date_of_birth: born,
    phones: [phone],
  });
  if (random.chance(0.2)) tell('patient.updated', patient, atMs + minuteMs, { language: 'hi-IN' });
}

function tellAppointment(random: Random, tell: Tell, patient: string, id: string, bookedAt: number): void {
  const practitioner = { external_id: random.pick(practitioners) };
  const quarters = random.between(0, 30 * 24 * 4);
  let start = roundedUp(bookedAt, 15 * minuteMs) + quarters * 15 * minuteMs;
  const times = () => ({
    start: new Date(start).toISOString(),
    end: new Date(start + 15 * minuteMs).toISOString(),
  });
  tell('appointment.booked', id, bookedAt, {
    patient: { external_id: patient },
    practitioner,
    appointment_type: { external_id: random.pick(['T-1', 'T-2']) },
    channel: random.pick(['desk', 'web', 'voice', 'whatsapp']),
    ...times(),
  });
  let at = bookedAt + minuteMs;
  for (
    let moves = random.weighted([
      [6, 0],
      [2, 1],
      [1, 2],
    ] as const);
    moves > 0;
    moves -= 1
  ) {
    start += random.between(1, 5) * dayMs;
    const data = random.chance(0.3)
      ? { practitioner: { external_id: random.pick(practitioners) }, ...times() }
      : times();
    tell('appointment.rescheduled', id, at, data);
    at += minuteMs;
  }
  if (random.chance(0.4)) tell('appointment.confirmed', id, at);
  const after = Math.max(start, at + minuteMs);
  const end = random.weighted([
    [5, 'completed'],
    [2, 'cancelled'],
    [1, 'no_show'],
    [2, 'open'],
  ] as const);
  if (end === 'cancelled')
    tell('appointment.cancelled', id, at + minuteMs, { cancelled_by: random.pick(['patient', 'clinic']) });
  if (end === 'no_show') tell('appointment.no_show', id, after + hourMs);
  if (end === 'completed') {
    tell('appointment.checked_in', id, after);
    tell('appointment.completed', id, after + 20 * minuteMs);
  }
}

function tellJourney(random: Random, tell: Tell, patient: string, id: string, startedAt: number): void {
  tell('journey.started', id, startedAt, {
    journey_type: random.pick(journeyTypes),
    patient: { external_id: patient },
    practitioner: { external_id: random.pick(practitioners) },
  });
  const steps = random.between(1, 4);
  let at = startedAt + minuteMs;
  for (let position = 0; position < steps; position += 1) {
    const step = {
      external_id: `${id}-S${position}`,
      step_type: 'visit',
      name: `Step ${position}`,
      position,
    };
    const dueAt = new Date(startedAt + (position + 1) * 7 * dayMs).toISOString();
    tell('journey.step_scheduled', id, at, { step: { ...step, due_at: dueAt } });
    at += minuteMs;
    if (random.chance(0.5)) {
      at += random.between(1, 10) * dayMs;
      tell('journey.step_completed', id, at, { step: { external_id: step.external_id } });
    }
  }
  if (random.chance(0.2)) tell('journey.paused', id, at + minuteMs);
  if (random.chance(0.1)) tell('journey.resumed', id, at + 2 * minuteMs);
  const end = random.weighted([
    [2, 'completed'],
    [1, 'canceled'],
    [3, 'none'],
  ] as const);
  if (end !== 'none') tell(`journey.${end}`, id, at + 3 * minuteMs);
}

function tellMessages(
  random: Random,
  tell: Tell,
  patient: string,
  key: string,
  number: number,
  from: number,
): void {
  let at = from + 2 * hourMs;
  for (let index = random.between(1, 5); index > 0; index -= 1) {
    const inbound = random.chance(0.5);
    tell('message.sent', `M-${key}-${index}`, at, {
      patient: { external_id: patient },
      channel: 'whatsapp',
      conversation: `C-${key}`,
      direction: inbound ? 'inbound' : 'outbound',
      ...(inbound ? { from_address: phoneOf(number) } : { to_address: phoneOf(number), status: 'delivered' }),
      body: `Message ${index}`,
    });
    at += random.between(1, 600) * minuteMs;
  }
}

function phoneOf(number: number): string {
  return `+9198${String(number).padStart(8, '0')}`;
}

function roundedUp(ms: number, to: number): number {
  return Math.ceil(ms / to) * to;
}
