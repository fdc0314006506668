import type { ClinicEventBody } from '@switchboard/testkit/simulate/clinic-event';

/** How often each line of words comes, e.g. `appointment starts 2026-03-02 completed` → 3. */
export type Counts = Record<string, number>;

interface Told {
  status: string;
  [field: string]: unknown;
}

/**
 * What the events end in, counted in plain TypeScript: each record's events in the order of their times, the last word
 * on a field holds. Shares no code with the pipeline.
 * @param zone the clinic's, whose days count
 */
export function naiveRecount(events: readonly ClinicEventBody[], zone: string): Counts {
  const counts: Counts = {};
  const count = (...words: unknown[]) => {
    const key = words.join(' ');
    counts[key] = (counts[key] ?? 0) + 1;
  };
  const day = new Intl.DateTimeFormat('en-CA', {
    timeZone: zone,
    year: 'numeric',
    month: '2-digit',
    day: '2-digit',
  });
  const dayOf = (time: unknown) => day.format(new Date(String(time)));
  for (const [subject, told] of Object.entries(lives(events))) {
    if (subject.startsWith('A-')) countAppointment(told);
    if (subject.startsWith('J-')) countJourney(subject, told);
    if (subject.startsWith('M-')) count('message sent', dayOf(told.sent_at), told.direction);
  }
  for (const [, first] of Object.entries(conversations(events))) count('conversation created', dayOf(first));
  return counts;

  function countAppointment(told: Told): void {
    count('appointment starts', dayOf(told.start), told.status);
    count('appointment created', dayOf(told.booked_at), told.channel);
    if (told.status === 'cancelled')
      count('appointment cancelled', dayOf(told.cancelled_at), told.cancelled_by);
    for (let move = Number(told.moves ?? 0); move > 0; move -= 1) count('appointment moves');
  }

  function countJourney(subject: string, told: Told): void {
    count('journey started', dayOf(told.started_at), told.journey_type, told.status);
    if (told.status === 'completed' || told.status === 'canceled')
      count('journey ended', dayOf(told.ended_at), told.status);
    for (const step of Object.values(steps(events, subject))) {
      const done = step.completed_at !== undefined;
      // A journey that has ended asks for nothing any more.
      const dropped = !done && (told.status === 'canceled' || told.status === 'completed');
      if (!dropped) count('step due', dayOf(step.due_at), done ? 'done' : 'open');
      if (done) count('step completed', dayOf(step.completed_at));
    }
  }
}

const meanings: Readonly<Record<string, (time: string) => Record<string, unknown>>> = {
  'appointment.booked': (time) => ({ status: 'scheduled', booked_at: time }),
  'appointment.rescheduled': () => ({ status: 'scheduled' }),
  'appointment.confirmed': () => ({ status: 'confirmed' }),
  'appointment.checked_in': () => ({ status: 'checked_in' }),
  'appointment.completed': () => ({ status: 'completed' }),
  'appointment.no_show': () => ({ status: 'no_show' }),
  'appointment.cancelled': (time) => ({ status: 'cancelled', cancelled_at: time }),
  'journey.started': (time) => ({ status: 'active', started_at: time }),
  'journey.paused': () => ({ status: 'paused' }),
  'journey.resumed': () => ({ status: 'active' }),
  'journey.completed': (time) => ({ status: 'completed', ended_at: time }),
  'journey.canceled': (time) => ({ status: 'canceled', ended_at: time }),
  'message.sent': (time) => ({ status: 'sent', sent_at: time }),
};

/** Whose a record is, by external ids. */
export interface Whose {
  patient: string | null;
  practitioner: string | null;
}

/** Whose each appointment, journey and conversation ends as, by its id: the last word on it. */
export function naiveOwners(events: readonly ClinicEventBody[]): Record<string, Whose> {
  const owners: Record<string, Whose> = {};
  for (const [subject, { patient, practitioner, conversation }] of Object.entries(lives(events))) {
    const whose = { patient: numberOf(patient), practitioner: numberOf(practitioner) };
    if (subject.startsWith('A-') || subject.startsWith('J-')) owners[subject] = whose;
    if (subject.startsWith('M-')) owners[String(conversation)] = whose;
  }
  return owners;
}

function numberOf(reference: unknown): string | null {
  const number: unknown = Reflect.get(Object(reference), 'external_id');
  return typeof number === 'string' ? number : null;
}

/** How each record ends, by its id: the last word on each field. */
export function lives(events: readonly ClinicEventBody[]): Record<string, Told> {
  const known: Record<string, Told> = {};
  for (const { subject, type, time, data } of inOrder(events)) {
    const before = known[subject];
    const moves = Number(before?.moves ?? 0) + (type === 'appointment.rescheduled' ? 1 : 0);
    known[subject] = { status: '', ...before, ...data, ...meanings[type]?.(time), moves };
  }
  return known;
}

function steps(events: readonly ClinicEventBody[], journey: string): Record<string, Record<string, unknown>> {
  const known: Record<string, Record<string, unknown>> = {};
  for (const { subject, type, time, data } of inOrder(events)) {
    if (subject !== journey || !type.startsWith('journey.step_')) continue;
    const step: Record<string, unknown> = { ...Object(data.step) };
    const id = String(step.external_id);
    known[id] = { ...known[id], ...step, ...(type === 'journey.step_completed' && { completed_at: time }) };
  }
  return known;
}

/** The time of each conversation's first message. */
function conversations(events: readonly ClinicEventBody[]): Record<string, string> {
  const first: Record<string, string> = {};
  for (const { type, time, data } of inOrder(events))
    if (type === 'message.sent') first[String(data.conversation)] ??= time;
  return first;
}

function inOrder(events: readonly ClinicEventBody[]): ClinicEventBody[] {
  return events.toSorted((left, right) => Date.parse(left.time) - Date.parse(right.time));
}
