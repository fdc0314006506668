import type { VoiceCallReceived } from '@switchboard/schemas';
import { describe, expect, it } from 'vitest';
import { startOf } from './call-times.ts';

type Times = Pick<VoiceCallReceived['call'], 'started_at' | 'answered_at' | 'ended_at' | 'duration_seconds'>;

/** `startOf` reads nothing else of an event. */
function start(call: Partial<Times>, occurredAt: number): number {
  const none = { started_at: null, answered_at: null, ended_at: null, duration_seconds: null };
  return startOf({ call: { ...none, ...call }, occurred_at: occurredAt, received_at: occurredAt });
}

describe('startOf', () => {
  it.each<[string, Partial<Times>, number]>([
    ['as it is said', { started_at: 5_000, ended_at: 90_000, duration_seconds: 60 }, 5_000],
    ['its end less its length', { ended_at: 90_000, duration_seconds: 60 }, 30_000],
    ['the earliest time it names', { answered_at: 40_000, ended_at: 90_000 }, 40_000],
    ['when the event occurred, when it names none', {}, 100_000],
  ])('%s', (_, call, expected) => {
    expect(start(call, 100_000)).toBe(expected);
  });
});
