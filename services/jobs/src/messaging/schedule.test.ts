import { expect, it } from 'vitest';
import { nextAttemptMs, sendPauses, startWatch } from './schedule.ts';

it('tries for half a day, the first time again after seconds', () => {
  const given = Array.from({ length: 13 }, (_, index) => nextAttemptMs(sendPauses, index + 1, undefined));
  expect(given.slice(11)).toEqual([undefined, undefined]);
  expect(given[0]).toBeGreaterThanOrEqual(2_000);
  expect(given[0]).toBeLessThanOrEqual(2_400);
  const hours = given.reduce<number>((sum, pause) => sum + (pause ?? 0), 0) / 3_600_000;
  expect(hours).toBeGreaterThan(11);
  expect(hours).toBeLessThan(15);
});

it('waits as long as Twilio asks for, and no shorter than it would', () => {
  expect(nextAttemptMs(sendPauses, 1, 60_000)).toBe(60_000);
  expect(nextAttemptMs(sendPauses, 5, 1_000)).toBeGreaterThanOrEqual(300_000);
  expect(nextAttemptMs(sendPauses, 12, 1_000)).toBeUndefined();
});

it('does not bring back together what failed together', () => {
  const pauses = Array.from({ length: 50 }, () => nextAttemptMs(sendPauses, 4, undefined));
  expect(new Set(pauses).size).toBeGreaterThan(40);
});

it('knows that time has passed by either clock: one may be set back, the other stands while a machine sleeps', () => {
  let [wall, steady] = [1_000, 5];
  const passed = startWatch(
    () => wall,
    () => steady,
  );
  expect(passed()).toBe(0);
  wall += 600_000;
  expect(passed()).toBe(600_000);
  wall -= 700_000;
  steady += 20_000;
  expect(passed()).toBe(20_000);
});
