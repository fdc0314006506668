import type { VoiceCallRecord } from '@switchboard/domain/facts/voice-call';

export interface RandomCallsOptions {
  count: number;
  /** The same seed gives the same calls. */
  seed: number;
  /** Calls start at or after this instant and before `to`, milliseconds. */
  from: number;
  to: number;
}

/** A call with its id. */
export interface RandomCall extends VoiceCallRecord {
  id: string;
}

/** Calls of every kind, with every optional field missing now and then. Callers and patients repeat. */
export function randomCalls({ count, seed, from, to }: RandomCallsOptions): RandomCall[] {
  const { random, pick, maybe, whole } = randomSource(seed);
  return Array.from({ length: count }, (_, index) => {
    const beganAt = from + Math.floor(random() * (to - from));
    const seconds = whole(4_000) / 10;
    const status = maybe(
      pick(['completed', 'completed', 'completed', 'failed', 'voicemail', 'no_answer', 'in_progress']),
    );
    const extraction = maybe({ required: whole(3), filled: whole(3), confidence: maybe(random()) });
    return {
      id: idOf(seed, index),
      direction: pick(['inbound', 'inbound', 'outbound']),
      status,
      outcome: maybe(
        pick([
          'booked',
          'rescheduled',
          'cancelled',
          'answered',
          'callback_requested',
          'transferred',
          'abandoned',
          'unresolved',
        ]),
      ),
      intent: maybe(pick(['book_appointment', 'reschedule_appointment', 'billing', 'other'])),
      endReason: maybe(pick(['caller_hangup', 'agent_hangup', 'transferred', 'error'])),
      sentiment: maybe(pick(['positive', 'neutral', 'negative'])),
      language: maybe(pick(['en-IN', 'hi', 'mr'])),
      agentId: maybe(pick(['ag_1', 'ag_2'])),
      beganAt,
      answeredAt: maybe(beganAt + whole(20_000)),
      endedAt: maybe(beganAt + 20_000 + Math.round(seconds * 1_000)),
      durationSeconds: maybe(seconds),
      callerTurns: maybe(whole(4)),
      transferred: random() < 0.1,
      patientId: maybe(idOf(1, whole(20))),
      caller: maybe(idOf(2, whole(30))),
      audioScore: maybe(random()),
      transcriptionConfidence: maybe(random()),
      latencyMsP50: maybe(whole(2_000)),
      latencyMsP95: maybe(whole(5_000)),
      interruptions: maybe(whole(5)),
      silenceSeconds: maybe(whole(100) / 10),
      costMinor: maybe(whole(5_000) / 100),
      costCurrency: 'USD',
      extraction,
      analyzedAt: extraction && beganAt + 500_000 + whole(600_000),
      toolCalls: Array.from({ length: whole(3) }, () => ({
        ok: maybe(random() < 0.9),
        latencyMs: maybe(whole(4_000)),
      })),
      calledBefore: random() < 0.3,
      calledAgain: random() < 0.3,
      calledBack: random() < 0.5,
    };
  });
}

/** Chance, as records are made of it. */
export interface RandomSource {
  /** 0 to below 1. */
  random(): number;
  pick<const T>(values: readonly T[]): T;
  /** Null now and then. */
  maybe<T>(value: T, chance?: number): T | null;
  /** 0 to `most`. */
  whole(most: number): number;
}

export function randomSource(seed: number): RandomSource {
  const random = mulberry32(seed);
  return {
    random,
    pick(values) {
      const value = values[Math.floor(random() * values.length)];
      if (value === undefined) throw new RangeError('nothing to pick from');
      return value;
    },
    maybe: (value, chance = 0.8) => (random() < chance ? value : null),
    whole: (most) => Math.floor(random() * (most + 1)),
  };
}

/** A small generator of equal quality everywhere: the state is 32 bits (Tommy Ettinger's mulberry32). */
export function mulberry32(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** An id that is a number of a group. */
export function idOf(group: number, index: number): string {
  const hex = (value: number, length: number) => value.toString(16).padStart(length, '0');
  return `01890000-${hex(group % 65_536, 4)}-7000-8000-${hex(index, 12)}`;
}
