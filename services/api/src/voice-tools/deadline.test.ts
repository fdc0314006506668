import { expect, test } from 'vitest';
import { deadlineMs, untilEven } from './deadline.ts';

test('answers wait until their work took a multiple of the step', () => {
  expect(untilEven(0, 150, 0, 20)).toBe(130);
  expect(untilEven(1_000, 150, 0, 1_160)).toBe(140);
  expect(untilEven(0, 0, 0, 20)).toBe(0);
});

test('what is done is said before the deadline, however long it would wait', () => {
  // The last of several uses of one request, done with little time left.
  for (const now of [deadlineMs - 130, deadlineMs - 60, deadlineMs - 10, deadlineMs + 10])
    expect(now + untilEven(now - 10, 150, 0, now)).toBeLessThan(Math.max(now + 1, deadlineMs));
});
