import { createTestDatabase, type TestDatabase } from '@switchboard/testkit/database';
import { afterAll, beforeAll, expect, inject, it, vi } from 'vitest';
import { createEnrichProcess } from './testing/enrich-process.ts';
import { said } from './testing/said.ts';

/** Each death costs the dead member's place in the group, 10 s, and one by a hang the 30 s after which a service ends itself. */
const patience = { timeout: 600_000, interval: 100 };
let database: TestDatabase;
let enrich: Awaited<ReturnType<typeof createEnrichProcess>>;
let tenantId: string;
let deaths = 0;
beforeAll(async () => {
  const engines = inject('engines');
  database = await createTestDatabase(engines.postgresAdmin);
  tenantId = await database.addTenant();
  enrich = await createEnrichProcess(
    engines,
    database.urlAs('switchboard_enrich'),
    new URL('./testing/hostile-main.ts', import.meta.url),
  );
}, 60_000);
afterAll(async () => {
  await enrich.close();
  await database.drop();
});

it('events that end or hang the process itself are set aside from among good ones, which are all enriched', async () => {
  void enrich.supervise(() => {
    deaths += 1;
  });
  const good = (count: number) => Array.from({ length: count }, () => said(tenantId, 'what are your hours'));
  const idsOfEnriched = () => new Set(enrich.enriched.map(({ event }) => event.event_id));
  const all = good(10);
  await enrich.send(all);
  await vi.waitFor(async () => expect(await enrich.committed()).toBe(10), patience);
  for (const text of ['zz-main-killed', 'zz-main-hang']) {
    deaths = 0;
    const poison = said(tenantId, text);
    const [before, after] = [good(15), good(15)];
    all.push(...before, ...after);
    const passed = await enrich.committed();
    await enrich.send([...before, poison, ...after]);
    await vi.waitFor(async () => expect(await enrich.committed()).toBe(passed + 31), patience);
    await vi.waitFor(() => {
      expect(enrich.letters.at(-1)).toMatchObject({
        event_id: poison.event_id,
        stage: 'enrich',
        reason: 'process_killed',
        attempts: 5,
      });
      expect(idsOfEnriched()).toEqual(new Set(all.map(({ event_id }) => event_id)));
    }, patience);
    console.log(`${text}: set aside after ${deaths} deaths`);
    expect(deaths).toBeGreaterThanOrEqual(6);
    expect(deaths).toBeLessThanOrEqual(8);
  }
  expect(new Set(enrich.letters.map(({ dead_letter_id }) => dead_letter_id)).size).toBe(2);
}, 1_400_000);
