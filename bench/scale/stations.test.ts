import { createRandom } from '@switchboard/testkit/simulate/random';
import { describe, expect, it } from 'vitest';
import { createClock, createCores, createLines } from './stations.ts';

const SERVICE_MS = 10;
const JOBS = 60_000;
/** What so many jobs leave to chance. */
const PART_OFF = 0.07;

/** Mean wait, ms, of jobs that come by Poisson's law to so many processors. */
function meanWait(options: { load: number; cores: number; serviceMs: (draw: () => number) => number }) {
  const { load, cores: count, serviceMs } = options;
  const clock = createClock();
  const cores = createCores(clock, count);
  const random = createRandom(7);
  const draw = () => -Math.log(1 - random.next());
  let [waited, done, come] = [0, 0, 0];
  const arrive = () => {
    const [at, ms] = [clock.now(), serviceMs(draw)];
    cores.work(ms, () => {
      waited += clock.now() - at - ms;
      done += 1;
    });
    come += 1;
    if (come < JOBS) clock.after((draw() * SERVICE_MS) / (load * count), arrive);
  };
  arrive();
  clock.runUntil(Number.POSITIVE_INFINITY);
  expect(done).toBe(JOBS);
  return { wait: waited / done, load: cores.busyMs() / clock.now() / count };
}

describe('processors', () => {
  it.each([0.3, 0.6, 0.8])('make jobs of one length wait as M/D/1 has it, at a load of %d', (load) => {
    const seen = meanWait({ load, cores: 1, serviceMs: () => SERVICE_MS });
    const expected = (load * SERVICE_MS) / (2 * (1 - load));
    expect(Math.abs(seen.wait / expected - 1)).toBeLessThan(PART_OFF);
    expect(seen.load).toBeCloseTo(load, 2);
  });

  it.each([0.3, 0.6, 0.8])('make jobs of any length wait as M/M/1 has it, at a load of %d', (load) => {
    const seen = meanWait({ load, cores: 1, serviceMs: (draw) => draw() * SERVICE_MS });
    const expected = (load * SERVICE_MS) / (1 - load);
    expect(Math.abs(seen.wait / expected - 1)).toBeLessThan(PART_OFF);
  });

  it('let jobs wait as M/M/4 has it, by Erlang’s C', () => {
    const [load, count] = [0.8, 4];
    const offered = load * count;
    const terms = [1, offered, offered ** 2 / 2, offered ** 3 / 6];
    const last = offered ** 4 / 24 / (1 - load);
    const waits = last / (terms.reduce((sum, term) => sum + term, 0) + last);
    const expected = (waits * SERVICE_MS) / (count * (1 - load));
    const seen = meanWait({ load, cores: count, serviceMs: (draw) => draw() * SERVICE_MS });
    expect(Math.abs(seen.wait / expected - 1)).toBeLessThan(PART_OFF);
  });
});

describe('lines', () => {
  it('take together what waits of a key, one after the other, and keys beside each other', () => {
    const clock = createClock();
    const taken: [number, number[]][] = [];
    const lines = createLines<number>({
      clock,
      cores: createCores(clock, 2),
      atOnce: 3,
      costMs: (count) => 10 + count,
      waitMs: 5,
      done: (items) => taken.push([clock.now(), [...items]]),
    });
    for (const item of [1, 2, 3, 4, 5]) lines.add(0, item);
    lines.add(1, 9);
    expect(lines.inside()).toBe(6);
    clock.runUntil(1_000);
    expect(taken).toEqual([
      [16, [1]],
      [16, [9]],
      [34, [2, 3, 4]],
      [50, [5]],
    ]);
    expect(lines.inside()).toBe(0);
  });

  it('begin a key no sooner than it has rested, and no more keys at a time than there are connections', () => {
    const clock = createClock();
    const at: number[] = [];
    const lines = createLines<number>({
      clock,
      cores: createCores(clock, 8),
      atOnce: 1,
      lines: 1,
      costMs: () => 10,
      restMs: (tookMs) => tookMs * 2,
      done: () => at.push(clock.now()),
    });
    lines.add(0, 1);
    lines.add(0, 2);
    lines.add(1, 3);
    clock.runUntil(1_000);
    expect(at).toEqual([10, 20, 40]);
  });
});
