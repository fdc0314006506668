import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Switchboard, startSwitchboard } from '@switchboard/start';
import { openStores, type Stores } from '@switchboard/testkit/open-stores';
import { randomClinicEvents } from '@switchboard/testkit/random-clinic-events';
import { postAllEvents } from '@switchboard/testkit/simulate/post-events';
import { createRandom } from '@switchboard/testkit/simulate/random';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { comeToRest } from '../chaos/come-to-rest.ts';
import { runVerify } from '../chaos/run-verify.ts';
import { naiveRecount } from './naive-recount.ts';
import { countsOfDays, countsOfFacts } from './read-counts.ts';

const dayMs = 86_400_000;
const zone = 'Asia/Kolkata';

describe('10,000 mixed events of a clinic, a tenth of them twice, in any order', () => {
  let dir: string;
  let running: Switchboard;
  let stores: Stores;

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
    const events = randomClinicEvents(11, {
      count: 10_000,
      startAt: Date.now() - 120 * dayMs,
      days: 60,
    });
    const posted = random.shuffle([...events, ...events.filter(() => random.chance(0.1))]);
    await postAllEvents({ url: `${demo.ingest}/api/v1/events`, key: demo.api_key }, posted, 500);
    await comeToRest(demo, stores.postgres, 300_000);

    const expected = naiveRecount(events, zone);
    expect(Object.keys(expected).length).toBeGreaterThan(500);
    expect(await countsOfFacts(stores, demo.tenant)).toEqual(expected);
    expect(await countsOfDays(stores, demo.tenant)).toEqual(expected);
    expect(await runVerify(demo)).toMatchObject({ drift: 0 });
    const { rows } = await stores.postgres.query<{ letters: number; taken: number }>(
      `SELECT (SELECT count(*)::int FROM dead_letters) AS letters, (SELECT count(*)::int FROM inbox) AS taken`,
    );
    expect(rows).toEqual([{ letters: 0, taken: events.length }]);
  });
});
