import { serviceNames } from '@switchboard/start';
import { expect, test } from 'vitest';
import { type Harm, scenarioNames } from './harm.ts';
import { planHarms } from './plan-harms.ts';
import { engineNames } from './process-harms.ts';

const notNow = () => Promise.reject(new Error('nothing is harmed here'));
const harm = (name: string): Harm => ({ name, inflict: notNow });
const each = (what: string) => engineNames.map((engine) => harm(`${engine} ${what}`));
const system = {
  running: { pid: () => 0, kill: notNow, join: notNow },
  network: { cuts: () => each('cut'), delays: () => each('late'), halfOpens: () => each('half open') },
  disk: { fill: () => harm('disk full') },
  outside: new Set<never>(),
  scenarios: scenarioNames,
  harmMs: 30_000,
};
const names = (seed: number, more: Partial<Parameters<typeof planHarms>[1]> = {}) =>
  planHarms(seed, { ...system, ...more }).map(({ name }) => name);
const whole = names(1);
const mattersMost = [
  ...serviceNames.map((name) => `${name} killed`),
  ...engineNames.flatMap((engine) => [`${engine} killed`, `${engine} frozen for 20 s`]),
  'disk full',
].toSorted();

test.for([1, 2, 3, 4, 5])(
  'each service killed, each engine killed and frozen and the full disk come before all else (seed %i)',
  (seed) => {
    expect(names(seed).slice(0, mattersMost.length).toSorted()).toEqual(mattersMost);
  },
);

test('each seed has an order of its own, and the same one each time', () => {
  expect(names(2)).not.toEqual(names(1));
  expect(names(2).toSorted()).toEqual(names(1).toSorted());
  expect(names(2)).toEqual(names(2));
});

test('the parts together are the whole plan; what matters most is in each of them, and nothing else is in two', () => {
  const parts = [0, 1, 2].map((index) => names(index + 1, { part: { index, of: 3 } }));
  expect([...new Set(parts.flat())].toSorted()).toEqual(whole.toSorted());
  const others = parts.flatMap((part) => part.slice(mattersMost.length));
  expect([...others, ...mattersMost].toSorted()).toEqual(whole.toSorted());
  for (const part of parts) expect(part.slice(0, mattersMost.length).toSorted()).toEqual(mattersMost);
});

test('of a plan some can be done alone; one that is not there is told', () => {
  expect(names(1, { only: ['postgres killed', 'api killed'] }).toSorted()).toEqual([
    'api killed',
    'postgres killed',
  ]);
  expect(() => names(1, { only: ['redis killed'] })).toThrow('no such harm: redis killed');
});

test('connections that can’t be broken here are told, and not left out', () => {
  expect(() => names(1, { network: undefined })).toThrow('a network between');
});
