import { type ChildProcess, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { childEnv } from '@switchboard/embedded';
import { createCodec, ensureTopics, registerSchemas, runConsumer } from '@switchboard/kafka';
import { createLogger } from '@switchboard/platform';
import type { RecordImported } from '@switchboard/schemas';
import { createTestDatabase, type TestDatabase } from '@switchboard/testkit/database';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { eventually } from './testing/topic-reader.ts';

const engines = inject('engines');
const prefix = `import-${randomBytes(4).toString('hex')}.`;
const main = fileURLToPath(new URL('./import/main.ts', import.meta.url));
const planted = 'Zebulon-4471';
const total = 20_000;

let dir: string;
let database: TestDatabase;
let tenantId: string;
const imported: { key: string | null; headers: string; value: RecordImported }[] = [];
let stopReading: () => Promise<void>;

beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'switchboard-import-'));
  database = await createTestDatabase(engines.postgresAdmin);
  tenantId = await database.addTenant({ slug: 'asha' });
  await database.addTenant({ slug: 'banyan' });
  await ensureTopics({ brokers: [engines.kafka], prefix, partitions: 2 });
  await registerSchemas({ registryUrl: engines.schemaRegistry, prefix });
  const codec = createCodec({ registryUrl: engines.schemaRegistry, prefix, cacheDir: join(dir, 'reader') });
  const topic = `${prefix}record.import.v1`;
  const consumer = await runConsumer({
    brokers: [engines.kafka],
    groupId: `${prefix}reader`,
    topics: [topic],
    logger: createLogger({ service: 'reader', level: 'silent' }),
    async handle({ messages }) {
      for (const { key, headers, value } of messages)
        imported.push({ key, headers: JSON.stringify(headers), value: await codec.decode(topic, value) });
    },
  });
  stopReading = () => consumer.stop();
  const appointments = Array.from(
    { length: total },
    (_, index) => `A-${index};P-${index % 500};2026-11-18 ${10 + (index % 8)}:00;30;completed;${planted}\n`,
  );
  await writeFile(join(dir, 'y.csv'), `id;patient_id;start;minutes;status;notes\n${appointments.join('')}`);
});
afterAll(async () => {
  await stopReading?.();
  await database?.drop();
  await rm(dir, { recursive: true, force: true });
});

function start(args: readonly string[], settings: Record<string, string> = {}): ChildProcess {
  return spawn(process.execPath, [main, ...args], {
    cwd: dir,
    env: {
      ...childEnv(),
      KAFKA_BROKERS: engines.kafka,
      KAFKA_TOPIC_PREFIX: prefix,
      SCHEMA_REGISTRY_URL: engines.schemaRegistry,
      DATABASE_URL: database.urlAs('switchboard_ingest'),
      PSEUDONYM_KEY: Buffer.alloc(32, 5).toString('base64'),
      ...settings,
    },
  });
}

async function run(args: readonly string[]): Promise<{ code: number | null; out: string; errors: string }> {
  const child = start(args);
  const ended = new Promise<number | null>((resolve) => child.once('close', resolve));
  const [out, errors] = await Promise.all(
    [child.stdout, child.stderr].map((stream) => (stream ? text(stream) : Promise.resolve(''))),
  );
  return { code: await ended, out: out ?? '', errors: errors ?? '' };
}

const ofAppointments = () => imported.filter(({ value }) => value.record.kind === 'appointment');
const args = ['--appointments', 'y.csv', '--tenant', 'asha'];

describe('npm run import', () => {
  it('killed on its way goes on where it was: every row is there, and none twice under two ids', {
    timeout: 180_000,
  }, async () => {
    const child = start(args);
    const ended = new Promise<NodeJS.Signals | null>((resolve) =>
      child.once('close', (_code, signal) => resolve(signal)),
    );
    await eventually(() => (imported.length > 1_000 ? true : undefined));
    child.kill('SIGKILL');
    expect(await ended).toBe('SIGKILL');
    const again = await run(args);
    expect(again.code).toBe(0);
    const before = Number(/(\d+) of them had been there before/.exec(again.out)?.[1]);
    expect(before).toBeGreaterThan(0);
    expect(before).toBeLessThan(total);
    await eventually(() =>
      new Set(ofAppointments().map(({ value }) => value.record.external_id)).size === total
        ? true
        : undefined,
    );
    const records = ofAppointments().map(({ value }) => value.record);
    expect(new Set(records.map(({ event_id }) => event_id)).size).toBe(total);
    expect(records.every(({ tenant_id }) => tenant_id === tenantId)).toBe(true);
    expect(records[0]?.appointment?.end).toBe((records[0]?.appointment?.start ?? 0) + 1_800_000);
    for (const { key, headers } of imported) expect(`${key} ${headers}`).not.toMatch(/A-\d|P-\d|Zebulon/);
  });

  it('done again sends nothing; without its state it sends the same events', {
    timeout: 180_000,
  }, async () => {
    const count = imported.length;
    const ids = new Set(imported.map(({ value }) => value.record.event_id));
    expect((await run(args)).out).toContain(`${total} of them had been there before`);
    await rm(join(dir, '.switchboard'), { recursive: true });
    await writeFile(
      join(dir, 'small.csv'),
      (await readFile(join(dir, 'y.csv'), 'utf8')).split('\n').slice(0, 11).join('\n'),
    );
    expect((await run(['--appointments', 'small.csv', '--tenant', 'asha'])).out).toContain(
      '10 rows, 0 wrong',
    );
    await eventually(() => (imported.length >= count + 10 ? true : undefined));
    expect(imported.length).toBe(count + 10);
    expect(new Set(imported.map(({ value }) => value.record.event_id))).toEqual(ids);
  });

  it('names file, line and column of what is wrong, never a value, and takes the rest', async () => {
    await writeFile(
      join(dir, 'x.csv'),
      `id,dob,gender\nP-ok,1988-04-12,f\n${planted},${planted},${planted}\n${Array.from({ length: 30 }, () => `${planted},x,\n`).join('')}`,
    );
    const { code, out, errors } = await run(['--patients', 'x.csv', '--tenant', 'banyan']);
    expect(code).toBe(1);
    expect(out).toBe('x.csv: 32 rows, 31 wrong.\n');
    expect(errors).toContain(
      'x.csv:3 date_of_birth is not a date. Write it as 2026-11-24, or give --dates dmy',
    );
    expect(errors).toContain('More stands in .switchboard/imports/x.csv.errors.txt.');
    // Imported anew, as by other rules, it tells its errors anew.
    await run(['--patients', 'x.csv', '--tenant', 'banyan', '--origin', 'again']);
    const all = await readFile(join(dir, '.switchboard/imports/x.csv.errors.txt'), 'utf8');
    expect(all.split('\n').filter(Boolean)).toHaveLength(31);
    expect(`${errors}${all}`).not.toContain(planted);
    await eventually(() => imported.find(({ value }) => value.record.external_id === 'P-ok'));
  });

  it.each([
    ['no file', [], 'npm run import --'],
    [
      'an unknown clinic',
      ['--patients', 'x.csv', '--tenant', 'nobody'],
      'give --tenant, one of: asha, banyan',
    ],
    ['no clinic where there are two', ['--patients', 'x.csv'], 'give --tenant'],
    ['a file that is not there', ['--patients', 'none.csv', '--tenant', 'asha'], "none.csv: can't be read"],
    ['an option that nobody knows', ['--patient', 'x.csv'], 'npm run import --'],
    ['a zone that does not exist', ['--patients', 'x.csv', '--tenant', 'asha', '--zone', 'Mumbai'], '--zone'],
  ])('given %s ends with 2 and says so', async (_name, wrong, said) => {
    const { code, errors } = await run(wrong);
    expect(code).toBe(2);
    expect(errors).toContain(said);
  });
});
