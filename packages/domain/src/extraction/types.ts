import type { Analysis, Turn } from '@switchboard/schemas';

/** A turn as extraction reads it; `speaker` is agent or caller. */
export type SpokenTurn = Pick<Turn, 'index' | 'speaker' | 'text'>;

export interface KnownPractitioner {
  id: string;
  /** As staff write it, e.g. `Dr. Ramesh Mehta`. */
  name: string;
  specialty: string | null;
}

export interface ExtractionInput {
  /** In spoken order. */
  turns: readonly SpokenTurn[];
  /** BCP 47 tag of what was spoken, when known: `en-US` writes months first. */
  language: string | null;
  /** Unix time in milliseconds: what "tomorrow" is counted from. */
  startedAt: number;
  /** IANA zone of the clinic. */
  timeZone: string;
  /** ISO 3166-1 alpha-2 country that national phone numbers belong to. */
  region?: string | null;
  practitioners?: readonly KnownPractitioner[];
  /** A message: what it answers is not among the turns. What is hidden depends on it, what is extracted does not. */
  alone?: boolean;
}

/** What an extractor says of a call: everything of an analysis but where its PHI stands, which is not its business. */
export type Extraction = Omit<Analysis, 'redactions'>;

/**
 * Reads a call's transcript. Must be pure: the same input gives the same output under one `version`, since the id of the
 * event made from it is a function of the version. Must read a transcript of 5 MiB in seconds.
 */
export interface Extractor {
  version: string;
  extract(input: ExtractionInput): Extraction;
}

/** Something found in one text. */
export interface Found {
  /** First character (UTF-16). */
  start: number;
  /** Behind the last. */
  end: number;
  value: string;
  normalised: string | null;
  /** 0 to 1. */
  confidence: number;
}
