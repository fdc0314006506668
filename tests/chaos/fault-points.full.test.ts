import { existsSync } from 'node:fs';
import { rm, writeFile } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { serviceNames } from '@switchboard/start';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { checkAll } from './check-all.ts';
import { comeToRest } from './come-to-rest.ts';
import { type FaultPoint, faultPoints, type Killed } from './fault-points.ts';
import { type OwnSystem, startOwnSystem } from './start-own-system.ts';
import { allWriters } from './traffic/writers.ts';

const kills = 3;
/** Some of them alone, by a pattern of `service step`: `SWITCHBOARD_FAULT_POINTS='^import ' npx vitest …`. */
const pattern = new RegExp(process.env.SWITCHBOARD_FAULT_POINTS ?? '');
const nameOf = ({ service, step }: FaultPoint) => `${service} ${step}`;
const points = faultPoints.filter((point) => pattern.test(nameOf(point)));
/** How long the writers may take to come to a step. */
const reachedWithinMs = 600_000;
/** Who dies sooner is taken for broken by the supervisor, whom five such deaths in a minute end. */
const workedMs = 5_500;

let system: OwnSystem;

beforeAll(async () => {
  // Whether Twilio never took a message is decided within the test.
  system = await startOwnSystem({ faulty: true, env: { JOBS_MESSAGE_SETTLED_MS: '20000' } });
}, 400_000);
afterAll(() => system?.stop(), 300_000);

test('each service is killed three times at each point between two effects, and all that was taken is there once', {
  timeout: 5_400_000,
}, async () => {
  const { running, stores } = system;
  const ending = new AbortController();
  const writers = await allWriters({
    ...system,
    seed: 7,
    durationMs: 3_600_000,
    pace: 0.5,
    ended: ending.signal,
    importFault: system.faultFile('import'),
  });
  const writing = Promise.all(writers.map((writer) => writer.run()));
  // Looked at below: until then it is no unhandled rejection.
  writing.catch(() => undefined);
  const reached: Record<string, number> = {};
  const killOne = async (service: Killed) => {
    for (const point of points.filter((one) => one.service === service))
      for (let kill = 1; kill <= kills; kill += 1) {
        await killAt(point);
        reached[nameOf(point)] = (reached[nameOf(point)] ?? 0) + 1;
      }
  };
  try {
    // All services beside each other: what one leaves half done, another finds that was killed itself.
    const all = Promise.all([...serviceNames, 'import' as const].map(killOne));
    const gaveUp = running.gaveUp.then((reason) => {
      throw reason;
    });
    gaveUp.catch(() => undefined);
    await Promise.race([all, writing.then(() => all), gaveUp]);
  } finally {
    ending.abort();
  }
  await writing;
  for (const writer of writers) await writer.settle?.();
  await comeToRest(running.demo, stores.postgres, 300_000);
  const { drift, findings } = await checkAll({ ...system, writers });
  console.table(reached);
  expect(findings).toEqual([]);
  expect(drift).toBe(0);
  expect(Object.values(reached)).toEqual(points.map(() => kills));
});

/** Resolves when the service has died there and another is ready in its place. */
async function killAt({ service, step, after }: FaultPoint): Promise<void> {
  const { running } = system;
  const file = system.faultFile(service);
  for (const one of after ? [after, step] : [step]) {
    const before = service === 'import' ? undefined : running.pid(service);
    await writeFile(file, one);
    for (const begunAt = performance.now(); !existsSync(`${file}.done`); await sleep(20))
      if (performance.now() - begunAt > reachedWithinMs) throw new Error(`${service} did not come to ${one}`);
    await rm(`${file}.done`);
    // Who imports begins the command again.
    while (service !== 'import' && running.pid(service) === before) await sleep(20);
  }
  if (service === 'import') return;
  await running.ready([service]);
  await sleep(workedMs);
}
