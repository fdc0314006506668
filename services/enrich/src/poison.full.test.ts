import { createTestDatabase, type TestDatabase } from '@switchboard/testkit/database';
import { startHold } from '@switchboard/testkit/start-hold';
import { afterAll, beforeAll, expect, inject, it, vi } from 'vitest';
import { createEnrichProcess } from './testing/enrich-process.ts';
import { said, written } from './testing/said.ts';

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

const wicked = ['zz-hang', 'zz-exit', 'zz-memory'];
/** For how long at most one of them holds those behind it in its partition, s. */
const longestHold = 5;

interface Way<E> {
  send(events: readonly E[]): Promise<void>;
  make(tenantId: string, text: string): E;
  enriched: readonly { event: { event_id: string } }[];
}

/** Sends each of the wicked texts from among 80 good ones. @returns the wicked events, once all good ones are enriched */
async function poison<E>({ send, make, enriched }: Way<E>): Promise<E[]> {
  const good = (count: number) => Array.from({ length: count }, () => make(tenantId, 'what are your hours'));
  const events = wicked.map((text) => make(tenantId, text));
  await send(good(10));
  await vi.waitFor(() => expect(enriched).toHaveLength(10), patience);
  for (const [at, event] of events.entries()) {
    const held = await startHold(enrich.metrics);
    await send([...good(40), event, ...good(40)]);
    await vi.waitFor(() => expect(enriched).toHaveLength(10 + 80 * (at + 1)), patience);
    const seconds = await held();
    console.log(`${wicked[at]}, seconds until all 80 good ones were enriched:`, seconds);
    expect(seconds.worked).toBeLessThan(longestHold);
    expect(seconds.idle).toBeLessThan(longestHold);
  }
  expect(new Set(enriched.map(({ event }) => event.event_id)).size).toBe(250);
  return events;
}

async function untilSetAside(events: readonly { event_id: string }[], step: string): Promise<void> {
  await vi.waitFor(
    () =>
      expect(
        enrich.letters
          .filter(({ event_id }) => events.some((event) => event.event_id === event_id))
          .map(({ event_id, reason, detail }) => [event_id, reason, detail]),
      ).toEqual(events.map(({ event_id }) => [event_id, 'step_failed', `${step}: extraction_lost`])),
    patience,
  );
}

it('transcripts that hang, end or fill the thread that reads them are set aside from among good ones, which all go on within 5 s', async () => {
  const events = await poison({ send: enrich.send, make: said, enriched: enrich.enriched });
  await untilSetAside(events, 'extractAnalysis');
  await vi.waitFor(async () => expect(await enrich.committed()).toBe(10 + 81 * 3), patience);
  expect(enrich.letters).toHaveLength(3);
}, 300_000);

it('so are messages', async () => {
  const events = await poison({
    send: enrich.sendMessages,
    make: written,
    enriched: enrich.enrichedMessages,
  });
  await untilSetAside(events, 'readMessages');
}, 300_000);
