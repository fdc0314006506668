import { createTestDatabase, type TestDatabase } from '@switchboard/testkit/database';
import { afterAll, beforeAll, expect, inject, it, vi } from 'vitest';
import { createEnrichProcess } from './testing/enrich-process.ts';
import { said } from './testing/said.ts';

const patience = { timeout: 120_000, interval: 20 };
let database: TestDatabase;
let enrich: Awaited<ReturnType<typeof createEnrichProcess>>;
let tenantId: string;
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

it('transcripts that hang, end or fill the thread that reads them are set aside from among good ones, which all go on', async () => {
  const good = (count: number) => Array.from({ length: count }, () => said(tenantId, 'what are your hours'));
  const poison = ['zz-hang', 'zz-exit', 'zz-memory'].map((text) => said(tenantId, text));
  await enrich.send(good(10));
  await vi.waitFor(() => expect(enrich.enriched).toHaveLength(10), patience);
  const held: Record<string, number> = {};
  for (const [at, event] of poison.entries()) {
    const sentAt = performance.now();
    await enrich.send([...good(40), event, ...good(40)]);
    await vi.waitFor(() => expect(enrich.enriched).toHaveLength(10 + 80 * (at + 1)), patience);
    held[event.transcript?.turns[0]?.text ?? ''] = Math.round(performance.now() - sentAt);
  }
  console.log('from the posting of 81 events until all good ones were enriched, ms:', held);
  await vi.waitFor(() => expect(enrich.letters).toHaveLength(3), patience);
  expect(enrich.letters.map(({ event_id, reason, detail }) => [event_id, reason, detail])).toEqual(
    poison.map(({ event_id }) => [event_id, 'step_failed', 'extractAnalysis: extraction_lost']),
  );
  await vi.waitFor(async () => expect(await enrich.committed()).toBe(10 + 81 * 3), patience);
  expect(new Set(enrich.enriched.map(({ event }) => event.event_id)).size).toBe(250);
}, 300_000);
