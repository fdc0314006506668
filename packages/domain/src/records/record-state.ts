/** A value, and what decides whether it holds: times are Unix ms. */
export interface Held<T = unknown> {
  value: T;
  /** When the sender says it happened; null sorts lowest. */
  time: number | null;
  /** Of the event's type: of two events of one time, the one that comes later in a record's life. */
  rank: number;
  /** Of the event. */
  id: string;
  /** When the event was taken first. */
  received: number;
}

/** By field and by source: what each source said last. */
export type FieldStates<T = unknown> = Readonly<Record<string, Readonly<Record<string, Held<T>>>>>;

/** A move of an appointment to another time, by its new start, Unix ms; a pause of a journey, or that it goes on. */
export type Move = { start: number } | { paused: boolean };

/** What all events so far said of one record; plain JSON. An event is a small one of these. */
export interface RecordState {
  /** Null is known to be empty. */
  fields: FieldStates;
  /** By JSON Pointer, what our schema does not know, as JSON text. */
  extra: FieldStates<string>;
  /** By event id. Every one is kept: they are counted. */
  moves: FieldStates<Move>;
}

export const emptyState: RecordState = { fields: {}, extra: {}, moves: {} };

/** Before the name of a time: when the first, and when the last event happened that implies it and does not tell it. */
const first = 'first ';
const last = 'last ';

/** The fields in which a time is kept that an event implies and does not tell. */
export function impliedNames(name: string): string[] {
  return [first + name, last + name];
}

/**
 * Joins what is known of a record: per field and source the greater of (time, rank, event id) holds, of the first time that was
 * implied the earlier, and of one event taken twice the first taking. Commutative, associative and idempotent, so that events may come late, in any order,
 * repeatedly and in batches of any size. Neither argument is changed.
 */
export function mergeStates(left: RecordState, right: RecordState): RecordState {
  return {
    fields: mergeFields(left.fields, right.fields),
    extra: mergeFields(left.extra, right.extra),
    moves: mergeFields(left.moves, right.moves),
  };
}

/**
 * The value of each field (`heldOf`). What is known to be empty is null, what nobody said is not there.
 */
export function winnersOf<T>(states: FieldStates<T>): Record<string, T> {
  const names = Object.keys(states).flatMap((name) =>
    name.startsWith(first) ? [] : [name.startsWith(last) ? name.slice(last.length) : name],
  );
  return Object.fromEntries(
    [...new Set(names)].flatMap((name) => {
      const winner = heldOf(states, name);
      return winner ? [[name, winner.value]] : [];
    }),
  );
}

/**
 * How often an appointment was moved. A move that two sources tell, one after the other, is one. What files say of it, which
 * know only the last one, holds where nobody else tells of any.
 */
export function countMoves(moves: FieldStates<Move>): number {
  const told = withoutFiles(moves);
  const heard = Object.keys(told).length > 0 ? told : moves;
  const starts = inOrder(heard).flatMap((move) => ('start' in move ? [move.start] : []));
  return starts.filter((start, index) => start !== starts[index - 1]).length;
}

/** When an appointment was moved last, Unix ms: as was said, or else when it was heard; null: never, or as files say, which know no time. */
export function lastMovedAt(moves: FieldStates<Move>): number | null {
  const times = Object.values(withoutFiles(moves)).flatMap((sources) =>
    Object.values(sources).flatMap(({ value, time, received }) =>
      'start' in value ? [time ?? received] : [],
    ),
  );
  return times.length === 0 ? null : Math.max(...times);
}

/** How often a journey was paused, and how often it went on after that. A pause that two sources tell is one; what files say counts where nobody else tells. */
export function countPauses(moves: FieldStates<Move>): { pauses: number; resumes: number } {
  const told = withoutFiles(moves);
  const turns = inOrder(Object.keys(told).length > 0 ? told : moves).flatMap((move) =>
    'paused' in move ? [move.paused] : [],
  );
  return {
    pauses: turns.filter((paused, index) => paused && turns[index - 1] !== true).length,
    resumes: turns.filter((paused, index) => !paused && turns[index - 1] === true).length,
  };
}

/** What others than files say, too. */
function withoutFiles(moves: FieldStates<Move>): FieldStates<Move> {
  return Object.fromEntries(
    Object.entries(moves).filter(([, sources]) => !Object.keys(sources).every(isFileSource)),
  );
}

/** Whether the source of a state (`source origin` of its events) is a file that was imported. */
export function isFileSource(source: string): boolean {
  return source.startsWith('import ');
}

function inOrder(moves: FieldStates<Move>): Move[] {
  return Object.values(moves)
    .flatMap((sources) => Object.values(sources))
    .sort(compareHeld)
    .map(({ value }) => value);
}

function mergeFields<T>(left: FieldStates<T>, right: FieldStates<T>): FieldStates<T> {
  const merged: Record<string, Readonly<Record<string, Held<T>>>> = { ...left };
  for (const [name, said] of Object.entries(right)) {
    const sources = { ...left[name] };
    const compare = name.startsWith(first) ? compareFirst : compareHeld;
    for (const [source, held] of Object.entries(said)) {
      const known = sources[source];
      if (known === undefined || compare(held, known) > 0) sources[source] = held;
    }
    merged[name] = sources;
  }
  return merged;
}

/**
 * The winner of one field with its stamps; undefined: nobody said it. Of the sources' winners it is the one that was taken last;
 * a file's only if it is later by its own time than what others told, too.
 * A time that events imply holds where none is told: of each source the first, or, where that was taken back, the last, with
 * the stamps of the last.
 */
export function heldOf<T>(states: FieldStates<T>, name: string): Held<T> | undefined {
  const told = states[name] ?? {};
  const implied = Object.entries(states[last + name] ?? {}).flatMap(([source, one]) => {
    const known = told[source];
    const isTold = known !== undefined && (known.value !== null || compareHeld(known, one) > 0);
    const begun = states[first + name]?.[source] ?? one;
    const value = known === undefined || compareHeld(begun, known) > 0 ? begun.value : one.value;
    return isTold ? [] : [{ source, isAnew: known !== undefined, held: { ...one, value } }];
  });
  const isKnown = Object.values(told).some(({ value }) => value !== null);
  const counted = implied.filter(({ isAnew }) => isAnew || !isKnown);
  return latestOf({ ...told, ...Object.fromEntries(counted.map(({ source, held }) => [source, held])) });
}

function latestOf<T>(sources: Readonly<Record<string, Held<T>>>): Held<T> | undefined {
  const all = Object.entries(sources);
  const pushed = takenLast(all.filter(([source]) => !isFileSource(source)));
  return takenLast(
    pushed
      ? all.filter(([source, one]) => !isFileSource(source) || compareTimes(one.time, pushed.time) > 0)
      : all,
  );
}

function takenLast<T>(sources: readonly (readonly [string, Held<T>])[]): Held<T> | undefined {
  const byTaking = sources.toSorted(
    ([nameA, a], [nameB, b]) => a.received - b.received || compareHeld(a, b) || compareText(nameA, nameB),
  );
  return byTaking.at(-1)?.[1];
}

/** Negative, zero or positive as `left` is below, equal to or above `right`. Zero for equal values alone. */
export function compareHeld(left: Held, right: Held): number {
  return (
    compareTimes(left.time, right.time) ||
    left.rank - right.rank ||
    compareText(left.id, right.id) ||
    right.received - left.received ||
    // One id for two texts is the sender's fault, and must not make the end depend on the order either.
    compareText(JSON.stringify(left.value), JSON.stringify(right.value))
  );
}

/** Above zero where `left` happened first. */
function compareFirst(left: Held, right: Held): number {
  return compareTimes(right.time, left.time) || compareHeld(left, right);
}

function compareTimes(left: number | null, right: number | null): number {
  if (left === right) return 0;
  return left === null ? -1 : right === null ? 1 : left - right;
}

function compareText(left: string, right: string): number {
  return left < right ? -1 : left > right ? 1 : 0;
}
