import type { GroupPosition } from '@switchboard/kafka';
import { expect, test } from 'vitest';
import { createFinishRates } from './finish-rates.ts';

const position = (finished: number): GroupPosition => ({
  topic: 'voice-call.received.v1',
  group: 'enrich',
  service: 'enrich',
  lagMessages: 0,
  lagSeconds: 0,
  arrivedPerSecond: 0,
  finished,
});

test('a rate is over the time since the oldest look of the last minute', () => {
  const rates = createFinishRates();
  const at = (second: number, finished: number) =>
    rates.add([position(finished)], second * 1_000)[0]?.finishedPerSecond;
  expect(at(0, 100)).toBeNull();
  expect(at(0.5, 110)).toBeNull();
  expect(at(10, 200)).toBe(10);
  expect(at(60, 400)).toBe(5);
  expect(at(69, 490)).toBe(290 / 59);
});

test('offsets that were set back are no negative rate', () => {
  const rates = createFinishRates();
  rates.add([position(500)], 0);
  expect(rates.add([position(100)], 10_000)[0]?.finishedPerSecond).toBe(0);
});
