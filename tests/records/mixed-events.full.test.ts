import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { publishedEpoch } from '@switchboard/clickhouse/migrate/epochs';
import { type Switchboard, startSwitchboard } from '@switchboard/start';
import { openStores, type Stores } from '@switchboard/testkit/open-stores';
import { randomClinicEvents } from '@switchboard/testkit/random-clinic-events';
import type { ClinicEventBody } from '@switchboard/testkit/simulate/clinic-event';
import { postAllEvents } from '@switchboard/testkit/simulate/post-events';
import { createRandom } from '@switchboard/testkit/simulate/random';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { comeToRest } from '../chaos/come-to-rest.ts';
import { runVerify } from '../chaos/run-verify.ts';
import { naiveOwners, naiveRecount } from './naive-recount.ts';
import { countsOfDays, countsOfFacts, ownersOfFacts, ownersOfRows } from './read-counts.ts';
import { startRebuild } from './start-rebuild.ts';

const dayMs = 86_400_000;
const zone = 'Asia/Kolkata';
const told = (seed: number, count: number) =>
  randomClinicEvents(seed, { count, startAt: Date.now() - 120 * dayMs, days: 60 });

describe('10,000 mixed events of a clinic, a tenth of them twice, in any order', () => {
  let dir: string;
  let running: Switchboard;
  let stores: Stores;
  const all: ClinicEventBody[] = [];

  beforeAll(async () => {
    dir = await mkdtemp(join(tmpdir(), 'switchboard-mixed-'));
    running = await startSwitchboard({ dir, say: () => undefined });
    stores = openStores(running.demo, { applicationName: 'mixed-events' });
  });

  afterAll(async () => {
    await stores?.close();
    await running?.stop();
    await rm(dir, { recursive: true, force: true });
  });

  it('end in what a recount in plain TypeScript gives, in Postgres and in ClickHouse, with drift 0', async () => {
    const { demo } = running;
    const random = createRandom(11);
    const events = told(11, 10_000);
    all.push(...events);
    const posted = random.shuffle([...events, ...events.filter(() => random.chance(0.1))]);
    await postAllEvents({ url: `${demo.ingest}/api/v1/events`, key: demo.api_key }, posted, 500);
    await comeToRest(demo, stores.postgres, 300_000);

    const expected = naiveRecount(events, zone);
    expect(Object.keys(expected).length).toBeGreaterThan(500);
    expect(await countsOfFacts(stores, demo.tenant)).toEqual(expected);
    expect(await countsOfDays(stores, demo.tenant)).toEqual(expected);
    const owners = naiveOwners(events);
    expect(Object.values(owners).filter(({ practitioner }) => practitioner !== null).length).toBeGreaterThan(
      1_000,
    );
    expect(await ownersOfRows(stores, demo.tenant)).toEqual(owners);
    expect(await ownersOfFacts(stores, demo.tenant)).toEqual(owners);
    expect(await runVerify(demo)).toMatchObject({ drift: 0 });
    const { rows } = await stores.postgres.query<{ letters: number; taken: number }>(
      `SELECT (SELECT count(*)::int FROM dead_letters) AS letters, (SELECT count(*)::int FROM inbox) AS taken`,
    );
    expect(rows).toEqual([{ letters: 0, taken: events.length }]);
  });

  it('and so they do when ClickHouse is made anew while more come, killed three times on its way', async () => {
    const { demo } = running;
    const random = createRandom(12);
    const events = told(12, 8_000);
    all.push(...events);
    const from = await publishedEpoch(stores.clickhouse);
    const newestEpoch = async () => {
      const { rows } = await stores.postgres.query<{ epoch: number }>(
        'SELECT max(epoch)::int AS epoch FROM clickhouse_epochs',
      );
      return rows[0]?.epoch ?? 0;
    };
    let flowing = true;
    const target = { url: `${demo.ingest}/api/v1/events`, key: demo.api_key };
    const traffic = (async () => {
      for (let at = 0; at < events.length; at += 20) {
        await postAllEvents(target, events.slice(at, at + 20));
        await sleep(50);
      }
      flowing = false;
    })();
    for (let killed = 0; killed < 3; killed += 1) {
      const before = await newestEpoch();
      const one = startRebuild(demo);
      await expect.poll(newestEpoch, { timeout: 60_000, interval: 20 }).toBeGreaterThan(before);
      await sleep(random.between(0, 400));
      one.child.kill('SIGKILL');
      expect(await one.ended).toBe('SIGKILL');
    }
    expect(flowing).toBe(true);
    expect(await startRebuild(demo).ended).toBe(0);
    await traffic;
    await comeToRest(demo, stores.postgres, 300_000);

    expect(await publishedEpoch(stores.clickhouse)).toBeGreaterThan(from ?? 0);
    const expected = naiveRecount(all, zone);
    expect(await countsOfFacts(stores, demo.tenant)).toEqual(expected);
    expect(await countsOfDays(stores, demo.tenant)).toEqual(expected);
    const owners = naiveOwners(all);
    expect(await ownersOfRows(stores, demo.tenant)).toEqual(owners);
    expect(await ownersOfFacts(stores, demo.tenant)).toEqual(owners);
    expect(await runVerify(demo)).toMatchObject({ drift: 0 });
  });
});
