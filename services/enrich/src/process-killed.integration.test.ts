import { randomBytes } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Codec, createCodec, registerSchemas } from '@switchboard/kafka';
import { createTestDatabase, type TestDatabase } from '@switchboard/testkit/database';
import { type ChildRun, runChild } from '@switchboard/testkit/run-child';
import { afterAll, beforeAll, expect, inject, it } from 'vitest';
import { said } from './testing/said.ts';

const engines = inject('engines');
const prefix = `enrich-${randomBytes(4).toString('hex')}.`;
let database: TestDatabase;
let codec: Codec;
let cacheDir: string;
let tenantId: string;
beforeAll(async () => {
  database = await createTestDatabase(engines.postgresAdmin);
  tenantId = await database.addTenant();
  cacheDir = await mkdtemp(join(tmpdir(), 'enrich-test-'));
  await registerSchemas({ registryUrl: engines.schemaRegistry, prefix });
  codec = createCodec({ registryUrl: engines.schemaRegistry, prefix, cacheDir });
});
afterAll(async () => {
  await database.drop();
  await rm(cacheDir, { recursive: true, force: true });
});

it('an event that ends the process is set aside after five deaths alone; all others are enriched, of its partition and of those in the same run', async () => {
  const events = [
    ['what are your hours', 'zz-main-killed', 'what are your hours'],
    ['what are your hours', 'what are your hours'],
  ].map((texts) => texts.map((text) => said(tenantId, text)));
  const batches = await Promise.all(
    events.map(async (ofPartition, partition) => ({
      partition,
      messages: await Promise.all(
        ofPartition.map(async (event, at) => ({
          offset: String(20 + at),
          value: (await codec.encode('voice-call.received.v1', event)).toString('base64'),
        })),
      ),
    })),
  );
  const main = new URL('./testing/handle-batches.ts', import.meta.url);
  const databaseUrl = database.urlAs('switchboard_enrich');
  const runs: ChildRun[] = [];
  const told = (what: RegExp) =>
    runs.flatMap(({ printed }) => [...printed.matchAll(what)].map(([, one]) => one));
  while (runs.length < 12 && runs.at(-1)?.signal !== null) {
    // What was finished is committed, and does not come again.
    const left = batches.filter(({ partition }) => !told(/^finished (\d+)$/gm).includes(String(partition)));
    const input = { databaseUrl, registryUrl: engines.schemaRegistry, prefix, cacheDir, batches: left };
    runs.push(await runChild(main, JSON.stringify(input)));
  }
  // Once with all that its fetch brought, then five times alone.
  expect(runs.map(({ signal }) => signal)).toEqual([...Array(6).fill('SIGKILL'), null]);
  expect(told(/^aside (.*)$/gm)).toEqual(['21 process_killed enrich 5']);
  const others = events.flat().filter(({ transcript }) => transcript?.turns[0]?.text !== 'zz-main-killed');
  expect(new Set(told(/^sent (.*)$/gm))).toEqual(new Set(others.map(({ event_id }) => event_id)));
  // The last of its partition had never had its turn before, and has it once.
  const last = events[0]?.at(-1)?.event_id;
  expect(told(/^sent (.*)$/gm).filter((id) => id === last)).toHaveLength(1);
}, 300_000);
