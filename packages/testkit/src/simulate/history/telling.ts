import type { Wish } from '../calendar.ts';
import type { CallStory } from '../call-story.ts';
import type { SimulatedClinic } from '../clinic.ts';
import type { ClinicEventBody } from '../clinic-event.ts';
import type { Person } from '../people.ts';
import type { Plot } from '../plots.ts';
import type { Random } from '../random.ts';
import type { WebhookBody } from '../webhook-body.ts';
import type { ClinicTime } from './clinic-time.ts';

/** Something that happened, with what was posted of it. */
export type Happening = { at: number } & (
  | { kind: 'call'; callId: string; bodies: WebhookBody[] }
  | { kind: 'event'; event: ClinicEventBody }
);

export interface SimulatedPatient extends Person {
  /** From when the clinic knows them, Unix ms. */
  since: number;
}

/** Who calls, and of what: with whom, and the time that is agreed or asked for. */
export interface CallAbout {
  patient: SimulatedPatient;
  doctor?: string;
  wish?: Wish;
}

/** A practitioner's time that is somebody's, from the booking until it was given up; Unix ms. */
export interface TakenTime {
  doctor: string;
  start: number;
  from: number;
  until: number;
}

/** What a story is told with. */
export interface Telling {
  random: Random;
  clinic: SimulatedClinic;
  time: ClinicTime;
  /** Begins every id. */
  name: string;
  endAt: number;
  /** Every appointment that is or was to be, by practitioner and start. */
  taken: Map<string, TakenTime>;
  tell(type: string, subject: string, at: number, data?: Record<string, unknown>): void;
  /** Tells a call that ends about `at`. */
  call(at: number, plot: Plot, about?: CallAbout): CallStory;
  /** A number that nothing else in this history has. */
  next(): number;
}
