import { readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { type EngineName, type ServiceName, serviceNames } from '@switchboard/start';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { z } from 'zod';
import { createProbe } from './probe.ts';
import { type OwnSystem, startOwnSystem } from './start-own-system.ts';
import { urlOf } from './url-of.ts';

/** What is written of an engine that is away. */
interface Said {
  log: RegExp;
  /** At /readyz, and in which words. */
  check: string;
  why: RegExp;
}

/** Of each engine, who can't work without it: jobs asks the broker only when there is something to tell. */
const saidOf: Record<EngineName, Partial<Record<ServiceName, Said>>> = {
  kafka: {
    ingest: { log: /broker away/, check: 'broker', why: /the broker/ },
    enrich: { log: /broker away/, check: 'producer', why: /the broker/ },
    'sink-postgres': { log: /broker away/, check: 'broker', why: /the broker/ },
  },
  postgres: {
    ingest: { log: /tenants were not loaded from Postgres/, check: 'tenants', why: /Postgres/ },
    enrich: { log: /postgres is waited for/, check: 'postgres', why: /Postgres/ },
    'sink-postgres': { log: /postgres is waited for/, check: 'postgres', why: /Postgres/ },
    'sink-clickhouse': { log: /Postgres is away/, check: 'blocks', why: /Postgres/ },
    api: { log: /postgres is waited for/, check: 'postgres', why: /Postgres/ },
    jobs: { log: /not listening to Postgres/, check: 'postgres', why: /Postgres/ },
  },
  'schema-registry': {
    ingest: { log: /schema registry did not answer/, check: 'broker', why: /schema registry/ },
    enrich: { log: /schema registry is waited for/, check: 'schema registry', why: /schema registry/ },
    'sink-postgres': {
      log: /schema registry is waited for/,
      check: 'schema registry',
      why: /schema registry/,
    },
  },
  clickhouse: {
    'sink-clickhouse': { log: /clickhouse is waited for/, check: 'clickhouse', why: /ClickHouse/ },
    api: { log: /clickhouse is waited for/, check: 'clickhouse', why: /ClickHouse/ },
  },
};
const readyzShape = z.looseObject({ checks: z.record(z.string(), z.string()) });
let system: OwnSystem;

beforeAll(async () => {
  system = await startOwnSystem();
}, 400_000);
afterAll(() => system?.stop(), 300_000);

// The schema registry keeps its schemas in Postgres; ingest asks it before the broker, and says which of them it misses first.
test.for([
  ['postgres', 'schema-registry', 'kafka', 'clickhouse'],
  ['clickhouse', 'postgres', 'schema-registry', 'kafka'],
] as const)(
  'services that start before their engines wait for them, say for which, and work when these come: %j',
  { timeout: 600_000 },
  async (order) => {
    const { running, stores, ledger, dir } = system;
    const logOf = (name: ServiceName) => readFile(join(dir, 'logs', `${name}.log`), 'utf8');
    for (const name of serviceNames) await running.hold(name);
    for (const name of order) await running.hold(name);
    // As on a new disk: what it keeps of the registry is enough to work without it.
    await rm(join(dir, 'cache', 'schemas'), { recursive: true, force: true });
    const before = Object.fromEntries(
      await Promise.all(serviceNames.map(async (name) => [name, (await logOf(name)).length] as const)),
    );
    for (const name of serviceNames) await running.release(name);
    for (const engine of order) {
      for (const name of serviceNames) {
        const said = saidOf[engine][name];
        if (!said) continue;
        const url = await urlOf(dir, name);
        await expect
          .poll(
            async () => {
              const answer = await fetch(`${url}/readyz`);
              const { checks } = readyzShape.parse(await answer.json());
              const log = (await logOf(name)).slice(before[name]);
              return { name, status: answer.status, why: checks[said.check], log };
            },
            { timeout: 60_000, interval: 500 },
          )
          .toEqual({
            name,
            status: 503,
            why: expect.stringMatching(said.why),
            log: expect.stringMatching(said.log),
          });
      }
      await running.release(engine);
    }
    await running.ready();
    await createProbe({ running, stores, ledger, seed: 503 + order.length })();
  },
);
