import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  countMoves,
  emptyState,
  type Held,
  impliedNames,
  mergeStates,
  type RecordState,
  winnersOf,
} from './record-state.ts';

/** Few values, so that ties are frequent: of time, of id, of one id taken twice, of one id for two texts. */
const few = fc.integer({ min: 0, max: 2 });
const held = <T>(value: fc.Arbitrary<T>): fc.Arbitrary<Held<T>> =>
  fc.record({
    value,
    time: fc.option(few),
    rank: few,
    id: fc.constantFrom('a', 'b', 'c'),
    received: few,
  });
const states = <T>(value: fc.Arbitrary<T>) =>
  fc.dictionary(
    fc.constantFrom('x', 'y', ...impliedNames('x')),
    fc.dictionary(fc.constantFrom('emr', 'import'), held(value), { minKeys: 1, noNullPrototype: true }),
    { noNullPrototype: true },
  );
const state: fc.Arbitrary<RecordState> = fc.record({
  fields: states(fc.oneof(fc.constant(null), few)),
  extra: states(fc.constantFrom('1', '2')),
  moves: states(fc.record({ start: few })),
});

describe('joining what is known of a record', () => {
  it('is commutative', () => {
    fc.assert(
      fc.property(state, state, (a, b) => {
        expect(mergeStates(a, b)).toEqual(mergeStates(b, a));
      }),
    );
  });

  it('is associative', () => {
    fc.assert(
      fc.property(state, state, state, (a, b, c) => {
        expect(mergeStates(mergeStates(a, b), c)).toEqual(mergeStates(a, mergeStates(b, c)));
      }),
    );
  });

  it('is idempotent, and nothing known adds nothing', () => {
    fc.assert(
      fc.property(state, (a) => {
        expect(mergeStates(a, a)).toEqual(a);
        expect(mergeStates(emptyState, a)).toEqual(a);
      }),
    );
  });

  it('changes neither of what it joins', () => {
    fc.assert(
      fc.property(state, state, (a, b) => {
        const before = structuredClone([a, b]);
        mergeStates(a, b);
        expect([a, b]).toEqual(before);
      }),
    );
  });

  it('comes back the same from JSON', () => {
    fc.assert(
      fc.property(state, (a) => {
        expect(JSON.parse(JSON.stringify(a))).toEqual(a);
      }),
    );
  });
});

const said = (value: unknown, parts: Partial<Held> = {}): Held => ({
  value,
  time: 10,
  rank: 1,
  id: 'a',
  received: 100,
  ...parts,
});

describe('the winner', () => {
  const winner = (...sources: [string, Held][]) =>
    sources
      .map(([source, one]): RecordState => ({ ...emptyState, fields: { name: { [source]: one } } }))
      .reduce(mergeStates);
  const nameOf = (state: RecordState) => winnersOf(state.fields).name;

  it('of one source is the latest by its own clock, however late an older one comes', () => {
    const newer = said('new', { time: 20, received: 100 });
    const older = said('old', { time: 10, received: 900 });
    expect(nameOf(winner(['emr', newer], ['emr', older]))).toBe('new');
  });

  it('of one source and time is the one that comes later in a record’s life, then the greater id', () => {
    expect(nameOf(winner(['emr', said('late', { rank: 2 })], ['emr', said('early', { id: 'z' })]))).toBe(
      'late',
    );
    expect(nameOf(winner(['emr', said('first')], ['emr', said('second', { id: 'b' })]))).toBe('second');
  });

  it('is never what has no time, where the same source says one with a time', () => {
    expect(nameOf(winner(['emr', said('timed')], ['emr', said('no time', { time: null, rank: 9 })]))).toBe(
      'timed',
    );
  });

  it('of several sources is the one taken last', () => {
    const imported = said('imported', { time: 5, received: 300 });
    expect(nameOf(winner(['emr', said('pushed', { time: 20 })], ['import', imported]))).toBe('imported');
  });

  it('is of a file only where it is later by its own time than what was pushed', () => {
    const pushed: [string, Held] = ['emr', said('pushed', { time: 20 })];
    const row = (time: number | null): [string, Held] => ['import a', said('row', { time, received: 300 })];
    expect(nameOf(winner(pushed, row(null)))).toBe('pushed');
    expect(nameOf(winner(pushed, row(20)))).toBe('pushed');
    expect(nameOf(winner(pushed, row(21)))).toBe('row');
    const other: [string, Held] = ['import b', said('other', { time: null, received: 900 })];
    expect(nameOf(winner(pushed, row(21), other))).toBe('row');
    expect(nameOf(winner(row(21), other))).toBe('other');
  });

  it('is not changed by a repeat that is taken later', () => {
    const repeated = said('pushed', { received: 900 });
    const imported = said('imported', { id: 'b', received: 300 });
    expect(nameOf(winner(['emr', said('pushed')], ['import', imported], ['emr', repeated]))).toBe('imported');
  });

  it('may say that there is nothing', () => {
    expect(nameOf(winner(['emr', said('there')], ['emr', said(null, { time: 11 })]))).toBe(null);
    expect(nameOf(emptyState)).toBe(undefined);
  });
});

describe('moves', () => {
  const move = (id: string, source: string, start: number, time: number): RecordState => ({
    ...emptyState,
    moves: { [id]: { [source]: { value: { start }, time, rank: 2, id, received: time } } },
  });
  const count = (...moves: RecordState[]) => countMoves(moves.reduce(mergeStates, emptyState).moves);

  it('are counted once each, back and forth too', () => {
    expect(count()).toBe(0);
    expect(count(move('a', 'emr', 5, 1), move('b', 'emr', 6, 2), move('c', 'emr', 5, 3))).toBe(3);
    expect(count(move('a', 'emr', 5, 1), move('a', 'emr', 5, 1))).toBe(1);
  });

  it('that two systems tell are one', () => {
    expect(count(move('a', 'emr', 5, 1), move('b', 'import', 5, 2), move('c', 'emr', 7, 3))).toBe(2);
  });
});
