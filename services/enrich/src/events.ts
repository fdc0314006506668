import type { IncomingMessage } from '@switchboard/kafka';
import type { Clinic } from '@switchboard/postgres/enrich/clinics';
import type { Analysis, PatientCandidate, VoiceCallReceived } from '@switchboard/schemas';

/** A message as it was read; each step adds what it found out. */
export interface Arrived {
  /** Full name of the topic. */
  topic: string;
  message: IncomingMessage;
}

/** Of a call, unless told otherwise. */
export interface Decoded<E = VoiceCallReceived> extends Arrived {
  event: E;
}

export interface Placed<E = VoiceCallReceived> extends Decoded<E> {
  clinic: Clinic;
}

export interface Normalised extends Placed {
  /** E.164. */
  contactPhone: string | null;
  /** E.164. */
  clinicPhone: string | null;
  /** BCP 47. */
  language: string | null;
}

export interface Analysed extends Normalised {
  /** Null without a transcript. */
  analysis: Analysis | null;
}

export interface Identified extends Analysed {
  contactName: string | null;
  /** ISO date. */
  contactDateOfBirth: string | null;
  /** E.164, of a call whose own number is withheld: said, and so no proof of who speaks. */
  saidPhone: string | null;
}

export interface Scored extends Identified {
  candidates: PatientCandidate[];
}
