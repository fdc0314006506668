import { uuidV7 } from '@switchboard/domain/ids';
import { enrichedEvent, receivedEvent } from '@switchboard/testkit/factories';
import { expect, it, vi } from 'vitest';
import type { SinkEvent } from './changed-call.ts';
import { createWriteTogether } from './write-together.ts';

const tenant = (tenantId: string) => ({
  tenantId,
  shard: 0,
  timeZone: 'Asia/Kolkata',
  country: 'IN',
  matchThresholds: { link: 0.9, review: 0.5 },
});
const one = tenant(uuidV7(0));
const other = tenant(uuidV7(1));

function events(count: number): SinkEvent[] {
  return Array.from({ length: count }, () => ({
    event: enrichedEvent(receivedEvent({ tenant_id: one.tenantId })),
    traceparent: null,
  }));
}

/** Transactions that end when they are told to. */
function transactions() {
  const open: { tenantId: string; count: number; end: () => void; fail: (error: Error) => void }[] = [];
  const write = (of: { tenantId: string }, given: readonly SinkEvent[]) =>
    new Promise<readonly SinkEvent[]>((resolve, reject) => {
      open.push({
        tenantId: of.tenantId,
        count: given.length,
        end: () => resolve(given.filter((event) => !repeats.has(event))),
        fail: reject,
      });
    });
  const repeats = new Set<SinkEvent>();
  const next = async () => {
    await expect.poll(() => open.length).toBeGreaterThan(0);
    const [first] = open.splice(0, 1);
    if (!first) throw new Error('there is one');
    return first;
  };
  return { write, open, next, repeats };
}

it('what comes while one is under way shares the next, up to the most; each hears of its own', async () => {
  const { write, open, next, repeats } = transactions();
  const together = createWriteTogether(write, 10);
  const parts = [2, 4, 5, 3].map(events);
  const [, second = []] = parts;
  if (second[0]) repeats.add(second[0]);
  const written = parts.map((part) => together(one, part));
  const first = await next();
  expect([first.count, open.length]).toEqual([2, 0]);
  first.end();
  const shared = await next();
  expect(shared.count).toBe(9);
  shared.end();
  (await next()).end();
  expect((await Promise.all(written)).map(({ length }) => length)).toEqual([2, 3, 5, 3]);
});

it('after one that was nearly full the next takes more, and after a small one no longer', async () => {
  const { write, next } = transactions();
  const together = createWriteTogether(write, 10, 20);
  const counts: number[] = [];
  const written = [1, 4, 4, 4, 5, 5, 5, 5, 2].map((count) => together(one, events(count)));
  const end = async () => {
    const begun = await next();
    counts.push(begun.count);
    return begun.end();
  };
  for (let time = 0; time < 3; time += 1) await end();
  const small = await next();
  written.push(...[6, 6].map((count) => together(one, events(count))));
  small.end();
  counts.push(small.count);
  for (let time = 0; time < 2; time += 1) await end();
  await Promise.all(written);
  expect(counts).toEqual([1, 8, 19, 7, 6, 6]);
});

it('tenants wait for nobody else, and without load nobody waits', async () => {
  const { write, next } = transactions();
  const together = createWriteTogether(write, 10);
  const first = together(one, events(1));
  const second = together(other, events(1));
  const opened = [await next(), await next()];
  expect(opened.map(({ tenantId }) => tenantId)).toEqual([one.tenantId, other.tenantId]);
  for (const { end } of opened) end();
  await Promise.all([first, second]);
});

it('nobody fails for another’s event, but all for an engine that is away', async () => {
  const { write, next } = transactions();
  const together = createWriteTogether(write, 10);
  const begun = together(one, events(1));
  const parts = [events(1), events(2)].map((part) => together(one, part));
  (await next()).end();
  await begun;
  (await next()).fail(new Error('row refused'));
  (await next()).fail(new Error('row refused'));
  (await next()).end();
  const settled = await Promise.allSettled(parts);
  expect(settled.map(({ status }) => status)).toEqual(['rejected', 'fulfilled']);

  const again = [events(1), events(1), events(1)].map((part) => together(other, part));
  (await next()).end();
  (await next()).fail(Object.assign(new Error('gone'), { code: '57P01' }));
  expect((await Promise.allSettled(again)).map(({ status }) => status)).toEqual([
    'fulfilled',
    'rejected',
    'rejected',
  ]);
});

it('between two that are not full there is a rest as long as the first took; what fills the next ends it', async () => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] });
  try {
    const { write, open } = transactions();
    const together = createWriteTogether(write, 10);
    const began = () => vi.advanceTimersByTimeAsync(0).then(() => open.splice(0).map(({ end }) => end));
    void together(one, events(1));
    const [endFirst] = await began();
    await vi.advanceTimersByTimeAsync(150);
    endFirst?.();
    void together(one, events(1));
    await vi.advanceTimersByTimeAsync(149);
    expect(open).toEqual([]);
    await vi.advanceTimersByTimeAsync(1);
    const [endSecond] = await began();
    await vi.advanceTimersByTimeAsync(5_000);
    endSecond?.();
    await vi.advanceTimersByTimeAsync(1);
    void together(one, events(4));
    expect(await began()).toEqual([]);
    void together(one, events(6));
    const [endThird] = await began();
    endThird?.();
    await vi.advanceTimersByTimeAsync(200);
    void together(one, events(1));
    expect(await began()).toHaveLength(1);
  } finally {
    vi.useRealTimers();
  }
});
