import { callEvents } from '../call-generator.ts';
import { tellCall } from '../call-story.ts';
import { demoCallers, type SimulatedClinic } from '../clinic.ts';
import { createClinicEventWriter } from '../clinic-event.ts';
import { personData, personOf } from '../people.ts';
import { plots } from '../plots.ts';
import { createRandom } from '../random.ts';
import { createClinicTime, dayMs } from './clinic-time.ts';
import { tellQuestion } from './tell-chat.ts';
import { tellJourney } from './tell-journey.ts';
import { tellVisit } from './tell-visit.ts';
import type { Happening, SimulatedPatient, Telling } from './telling.ts';

export interface HistoryOptions {
  /** The same seed and options give the same history. */
  seed: number;
  /** When it ends, Unix ms: what would be later has not happened yet. */
  endAt: number;
  days: number;
  patients: number;
  clinic?: SimulatedClinic;
}

/**
 * The history of a clinic, as its own system and its voice agent posted it, in order of time: patients who come to be
 * known, calls and chats, visits that are booked, moved, forgotten and kept, journeys with steps that nobody did. Every
 * story is consistent in itself, and ends where `endAt` cuts it off.
 */
export function tellHistory(options: HistoryOptions): Happening[] {
  const { seed, endAt, days, patients, clinic = demoCallers } = options;
  const startAt = endAt - days * dayMs;
  const random = createRandom(seed);
  const name = `h${seed}-${Math.floor(endAt / 1_000).toString(36)}`;
  const writer = createClinicEventWriter(name, clinic.timeZone);
  const time = createClinicTime({ timeZone: clinic.timeZone, startAt, days });
  const happenings: Happening[] = [];
  let numbered = 0;
  const telling: Telling = {
    random,
    clinic,
    time,
    name,
    endAt,
    taken: new Map(),
    next: () => ++numbered,
    tell(type, subject, at, data) {
      happenings.push({ at, kind: 'event', event: writer.write(type, subject, at, data) });
    },
    call(at, plot, about) {
      const callId = `zc_${name}_${telling.next()}`;
      const patient = about?.patient;
      const caller = patient && { name: `${patient.first} ${patient.last}`, number: patient.phone };
      const story = tellCall(random, clinic, at, {
        plot,
        caller,
        doctor: about?.doctor,
        wish: about?.wish,
      });
      happenings.push({ at, kind: 'call', callId, bodies: callEvents(random, clinic, story, callId, at) });
      return story;
    },
  };

  for (let index = 0; index < patients; index += 1) tellPatient(telling, startAt, index);
  tellOtherCalls(telling, startAt, Math.round(patients * 1.5));
  // A sort by time that is stable keeps what happened at one instant in order.
  return happenings.filter(({ at }) => at <= endAt).sort((left, right) => left.at - right.at);
}

function tellPatient(telling: Telling, startAt: number, index: number): void {
  const { random, clinic, time, endAt } = telling;
  // Most were patients before the story begins; their records were taken over then.
  const isOld = random.chance(0.7);
  const since = isOld ? startAt + index * 1_000 : time.instant(random, startAt, endAt);
  const patient: SimulatedPatient = { ...personOf(clinic, index), since };
  telling.tell('patient.created', patient.id, since, personData(patient));
  const months = (endAt - since) / (30 * dayMs);
  const visits = (isOld ? 0 : 1) + Math.floor(random.next() * (1 + months * 2.2));
  for (let visit = 0; visit < visits; visit += 1) tellVisit(telling, patient);
  if (random.chance(0.3)) tellQuestion(telling, patient);
  if (random.chance(0.2)) tellJourney(telling, patient);
}

const askingPlots = plots.filter(
  ({ intent }) =>
    intent !== 'book_appointment' && intent !== 'reschedule_appointment' && intent !== 'cancel_appointment',
);
const badPlots = askingPlots.filter(({ kind }) =>
  ['complaint', 'failed', 'abandoned', 'handover'].includes(kind),
);

/** Calls that change nothing: questions, complaints, voicemails, wrong numbers. */
function tellOtherCalls(telling: Telling, startAt: number, count: number): void {
  const { random, time, endAt } = telling;
  for (let index = 0; index < count; index += 1) {
    const at = time.instant(random, startAt, endAt);
    const likely = time.isBad(at) && random.chance(0.6) ? badPlots : askingPlots;
    telling.call(at, random.weighted(likely.map((plot) => [plot.weight, plot] as const)));
  }
}
