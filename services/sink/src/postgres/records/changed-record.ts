import { heldOf, type RecordState, winnersOf } from '@switchboard/domain/records/record-state';
import {
  namedPrefix,
  type RecordKind,
  type RecordStatement,
} from '@switchboard/domain/records/record-statements';
import type { RecordReceived } from '@switchboard/schemas';
import type { TakenEvent } from '../changed-call.ts';

/** An event of the clinic's system with what came beside it. */
export type RecordEvent = TakenEvent<RecordReceived>;

/** An event with what it says of each record, which is read before the tenant's lock is taken. */
export interface SaidEvent {
  cause: RecordEvent;
  statements: readonly RecordStatement[];
}

/** A record that this batch's events say something of. */
export interface ChangedRecord {
  kind: RecordKind;
  /** Whose ids these are. */
  numbering: string;
  /** The sender's id; of a step `keyOfStep`. */
  externalId: string;
  /** Ours. */
  id: string;
  /** Heard of before this batch. */
  known: boolean;
  before: RecordState;
  after: RecordState;
  /** Whether anything of its state is other than before. */
  altered: boolean;
  /** What holds before and after. */
  was: Winners;
  now: Winners;
  /** The last of the batch's events that speaks of it: named in the facts it changes. */
  cause: RecordEvent;
}

/** The value that holds, by field; null is known to be empty. */
export type Winners = Readonly<Record<string, unknown>>;

/** The numbering of a clinic's records, whichever of its systems tells of them. */
export const clinicNumbering = 'clinic';

/** What is known by its name alone is the same whoever names it. */
export function numberingOf(numbering: string, externalId: string): string {
  return externalId.startsWith(namedPrefix) ? clinicNumbering : numbering;
}

/** A step's id is unique in its journey alone. */
export function keyOfStep(journeyId: string, stepId: string): string {
  return JSON.stringify([journeyId, stepId]);
}

/** The sender's ids of a step and its journey. */
export function partsOfStep(key: string): { journeyId: string; stepId: string } {
  const [journeyId, stepId]: unknown[] = JSON.parse(key);
  return { journeyId: String(journeyId), stepId: String(stepId) };
}

export function textOf(winners: Winners, name: string): string | undefined {
  const value = winners[name];
  return typeof value === 'string' && value !== '' ? value : undefined;
}

export function numberOf(winners: Winners, name: string): number | undefined {
  const value = winners[name];
  return typeof value === 'number' ? value : undefined;
}

export function flagOf(winners: Winners, name: string): boolean | undefined {
  const value = winners[name];
  return typeof value === 'boolean' ? value : undefined;
}

/** ISO text of a time field. */
export function timeOf(winners: Winners, name: string): string | undefined {
  return isoOf(numberOf(winners, name));
}

export function isoOf(ms: number | null | undefined): string | undefined {
  return ms === null || ms === undefined ? undefined : new Date(ms).toISOString();
}

/** When a field's winner was told to have happened, or else taken; Unix ms. */
export function momentOf(state: RecordState, name: string): number | undefined {
  const held = heldOf(state.fields, name);
  return held && (held.time ?? held.received);
}

/** Named by other records alone so far: nothing of its own was told. */
export function isPlaceholder({ fields }: RecordState): boolean {
  return !Object.values(fields).some((sources) => Object.values(sources).some(({ rank }) => rank > 0));
}

/**
 * A record of which nothing new holds needs no look. Rows of some kinds follow from who told it, and when, too; places and
 * people are named over and over.
 */
export function changes(record: ChangedRecord): boolean {
  const { kind, was, now, before, after, known, altered } = record;
  if (!known) return true;
  if (['appointment', 'journey', 'step', 'message'].includes(kind)) return altered;
  return differs(was, now) || isPlaceholder(before) !== isPlaceholder(after);
}

export function differs(left: unknown, right: unknown): boolean {
  return JSON.stringify(left) !== JSON.stringify(right);
}

export function winners(state: RecordState): Winners {
  return winnersOf(state.fields);
}
