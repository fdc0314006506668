import { createLogger } from '@switchboard/platform';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { createHub, type Hub, type Pace } from './hub.ts';
import type { Snapshot } from './snapshots.ts';

const usualMs = 80;
let readMs = usualMs;
let reads = 0;
let watermark = 0;
let hearing = true;
let dayEnds = Number.POSITIVE_INFINITY;
let hub: Hub;

beforeEach(() => {
  vi.useFakeTimers({ now: 1_000_000 });
  readMs = usualMs;
  reads = 0;
  watermark = 1;
  hearing = true;
  dayEnds = Number.POSITIVE_INFINITY;
  hub = createHub({
    async read() {
      reads += 1;
      const snapshot = snapshotOf(watermark);
      await new Promise((resolve) => setTimeout(resolve, readMs));
      return snapshot;
    },
    logger: createLogger({ service: 'test', level: 'silent' }),
    isHearing: () => hearing,
    now: Date.now,
  });
});
afterEach(() => {
  hub.close();
  vi.useRealTimers();
});

const snapshotOf = (block: number): Snapshot => ({
  watermark: block,
  dayEnds,
  body: {
    watermark: block,
    as_of: null,
    freshness_ms: null,
    period: { time_period: 'today', start: '', end: '', time_zone: 'UTC' },
    voice_calls: { summary: {} },
    now: { calls_in_progress: 0 },
  },
});

function listen(pace: Pace, tenantId = 'a') {
  const told: { event: string; watermark: number; at: number }[] = [];
  const startedAt = Date.now();
  const leaving = hub.listen(tenantId, {
    pace,
    send: (event, snapshot) =>
      told.push({ event, watermark: snapshot.watermark, at: Date.now() - startedAt }),
  });
  return { told, leaving };
}

function change(tenantIds: string[] | null = ['a']): void {
  watermark += 1;
  hub.changed(tenantIds);
}

describe('while the store is slow', () => {
  test.each([1, 2, 'live'] as const)(
    'interval %s reads one after the other, and tells nothing older after newer',
    async (pace) => {
      const { told } = listen(pace);
      await vi.advanceTimersByTimeAsync(1_000);
      readMs = 5_000;
      for (let second = 0; second < 30; second += 1) {
        change();
        await vi.advanceTimersByTimeAsync(1_000);
      }
      expect(reads).toBeLessThanOrEqual(8);
      const order = told.map((one) => one.watermark);
      expect(order).toEqual(order.toSorted((left, right) => left - right));
      expect(order.length).toBeGreaterThan(3);
    },
  );
});

describe('live', () => {
  test('a change after a quiet time is told at once', async () => {
    const { told } = listen('live');
    await vi.advanceTimersByTimeAsync(5_000);
    expect(told).toMatchObject([{ event: 'snapshot', watermark: 1 }]);
    change();
    await vi.advanceTimersByTimeAsync(50 + readMs);
    expect(told.at(-1)).toMatchObject({ event: 'metrics', watermark: 2 });
  });

  test('many changes are told once a second, the last one within a second', async () => {
    const { told } = listen('live');
    await vi.advanceTimersByTimeAsync(2_000);
    for (let index = 0; index < 30; index += 1) {
      change();
      await vi.advanceTimersByTimeAsync(100);
    }
    const changedAt = 5_000;
    await vi.advanceTimersByTimeAsync(1_500);
    const events = told.slice(1);
    events.slice(1).forEach(({ at }, index) => {
      expect(at - (events[index]?.at ?? 0)).toBeGreaterThanOrEqual(1_000);
    });
    expect(events.at(-1)?.watermark).toBe(31);
    expect((events.find((event) => event.watermark === 31)?.at ?? Infinity) - changedAt).toBeLessThanOrEqual(
      1_100,
    );
  });

  test('while changes cannot be heard there is an event each second', async () => {
    const { told } = listen('live');
    await vi.advanceTimersByTimeAsync(2_000);
    hearing = false;
    await vi.advanceTimersByTimeAsync(3_500);
    expect(told.length).toBeGreaterThanOrEqual(4);
  });

  test('a change is told to those who listen, though somebody else reads it first', async () => {
    const { told } = listen('live');
    const { told: slow } = listen(1);
    await vi.advanceTimersByTimeAsync(5_000);
    change();
    void hub.snapshot('a');
    await vi.advanceTimersByTimeAsync(1_000);
    expect(told.map(({ event, watermark: block }) => [event, block])).toEqual([
      ['snapshot', 1],
      ['metrics', 2],
    ]);
    expect(slow.at(-1)?.watermark).toBe(2);
  });

  test('none is left behind, whatever reads beside it and whenever changes come', async () => {
    const { told } = listen('live');
    listen(1);
    for (let round = 0; round < 30; round += 1) {
      await vi.advanceTimersByTimeAsync(137);
      change();
      if (round % 2 === 0) void hub.snapshot('a');
      await vi.advanceTimersByTimeAsync(61);
      change();
      await vi.advanceTimersByTimeAsync(2_500);
      expect(told.at(-1)?.watermark).toBe(watermark);
    }
  });

  test('at the clinic’s midnight today begins anew, without any fact', async () => {
    dayEnds = Date.now() + 3_000;
    const { told } = listen('live');
    await vi.advanceTimersByTimeAsync(2_900);
    expect(told).toHaveLength(1);
    dayEnds += 86_400_000;
    await vi.advanceTimersByTimeAsync(1_200);
    expect(told).toMatchObject([{ event: 'snapshot' }, { event: 'metrics', at: expect.any(Number) }]);
    expect(told[1]?.at).toBeGreaterThanOrEqual(3_000);
    await vi.advanceTimersByTimeAsync(10_000);
    expect(told).toHaveLength(2);
  });

  test('what the clock alone changes, such as a call whose end was lost, is told within half a minute', async () => {
    const { told } = listen('live');
    await vi.advanceTimersByTimeAsync(29_000);
    expect(told).toHaveLength(1);
    watermark += 1;
    await vi.advanceTimersByTimeAsync(2_000);
    expect(told.map(({ watermark: block }) => block)).toEqual([1, 2]);
    await vi.advanceTimersByTimeAsync(90_000);
    expect(reads).toBe(5);
  });

  test('another tenant’s change is nothing', async () => {
    const { told } = listen('live');
    await vi.advanceTimersByTimeAsync(2_000);
    change(['b']);
    await vi.advanceTimersByTimeAsync(2_000);
    expect(told).toHaveLength(1);
    change(null);
    await vi.advanceTimersByTimeAsync(2_000);
    expect(told).toHaveLength(2);
  });
});

test('however many listen, a tick reads once', async () => {
  const listeners = Array.from({ length: 20 }, () => listen('live'));
  await vi.advanceTimersByTimeAsync(2_000);
  expect(reads).toBe(1);
  change();
  await vi.advanceTimersByTimeAsync(500);
  expect(reads).toBe(2);
  for (const { told } of listeners) expect(told.map(({ watermark: block }) => block)).toEqual([1, 2]);
});

test('a change while the snapshot is read is told after it, and the snapshot comes first', async () => {
  const early = listen('live');
  await vi.advanceTimersByTimeAsync(3_000);
  hub.changed(['a']);
  const late = listen('live');
  await vi.advanceTimersByTimeAsync(readMs / 2);
  change();
  await vi.advanceTimersByTimeAsync(3_000);
  for (const { told } of [early, late]) {
    expect(told[0]?.event).toBe('snapshot');
    expect(told.at(-1)?.watermark).toBe(2);
  }
});

test('an interval is kept without changes, and a room that all have left reads nothing', async () => {
  const { told, leaving } = listen(10);
  await vi.advanceTimersByTimeAsync(30_500);
  expect(told.map(({ event }) => event)).toEqual(['snapshot', 'metrics', 'metrics', 'metrics']);
  (await leaving)();
  expect(hub.size()).toBe(0);
  const before = reads;
  change();
  await vi.advanceTimersByTimeAsync(60_000);
  expect(reads).toBe(before);
});
