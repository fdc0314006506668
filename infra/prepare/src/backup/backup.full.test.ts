import { randomUUID } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdtemp, readFile, rm, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import {
  createProducer,
  ensureTopics,
  fullTopicName,
  groupOf,
  registerSchemas,
  runConsumer,
} from '@switchboard/kafka';
import { createDirectoryStore } from '@switchboard/media/store/directory-store';
import type { ObjectStore } from '@switchboard/media/store/object-store';
import { createLogger } from '@switchboard/platform';
import { createTestDatabase, type TestDatabase } from '@switchboard/testkit/database';
import { runChild } from '@switchboard/testkit/run-child';
import { afterAll, beforeAll, expect, inject, it } from 'vitest';
import { manifestName } from './manifest.ts';
import { restoreBackup } from './restore-backup.ts';
import { takeBackup } from './take-backup.ts';
import type { FaultyRestore } from './testing/faulty-restore.ts';

const engines = inject('engines');
const prefix = `t${randomUUID().slice(0, 8)}.`;
const topic = fullTopicName(prefix, 'voice-call.enriched.v1');
const group = groupOf(prefix, 'voice-call.enriched.v1');
let root: string;
let from: TestDatabase;
let to: TestDatabase;
let tenantId: string;
let objects: ObjectStore;
const fileId = randomUUID();

beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'switchboard-backup-'));
  objects = createDirectoryStore(join(root, 'objects'));
  [from, to] = [
    await createTestDatabase(engines.postgresAdmin),
    await createTestDatabase(engines.postgresAdmin),
  ];
  await ensureTopics({ brokers: [engines.kafka], prefix, partitions: 1 });
  await registerSchemas({ registryUrl: engines.schemaRegistry, prefix });
  tenantId = await from.addTenant();
  await from.admin.query(
    `INSERT INTO patients (tenant_id, id, first_name, origin) VALUES ($1, $2, E'tab\\tline\\nback\\\\slash', 'desk')`,
    [tenantId, randomUUID()],
  );
  await from.admin.query(
    `INSERT INTO outbox (shard, tenant_id, kind, event_id, sign, line) VALUES (0, $1, 'voice_call', $2, 1, 'a line')`,
    [tenantId, randomUUID()],
  );
  // As a server that is much older has it.
  await from.admin.query(`UPDATE outbox SET xid = '4000000000'`);
  await from.admin.query(
    `INSERT INTO block_shards (shard, drain_xmin) VALUES (0, '4000000001')
     ON CONFLICT (shard) DO UPDATE SET drain_xmin = excluded.drain_xmin`,
  );
  await objects.put(`${tenantId}/${fileId}`, Readable.from([Buffer.from('sealed bytes')]));
  await from.admin.query(
    `INSERT INTO stored_files (tenant_id, id, variant, state, content_type, size_bytes, sha256, key_id, sealed_key)
     VALUES ($1, $2, 'original', 'stored', 'audio/wav', 12, $3, 'k', '\\x00')`,
    [tenantId, fileId, 'a'.repeat(64)],
  );
});
afterAll(async () => {
  await from.drop();
  await to.drop();
  await rm(root, { recursive: true, force: true });
});

/** What restores told. */
const said: string[] = [];
const kafka = { brokers: [engines.kafka], topicPrefix: prefix, groupPrefix: prefix };
const backupOf = (dir: string, now = Date.now) =>
  takeBackup({
    databaseUrl: from.adminUrl,
    registryUrl: engines.schemaRegistry,
    kafka,
    objects,
    dir: join(root, dir),
    now,
  });
const restoreTo = (
  database: TestDatabase,
  dir: string,
  store: ObjectStore = objects,
  brokers = kafka.brokers,
) =>
  restoreBackup({
    databaseUrl: database.adminUrl,
    registryUrl: engines.schemaRegistry,
    objects: store,
    kafka: { brokers, groupPrefix: prefix },
    dir: join(root, dir),
    say: (line) => said.push(line),
  });

/** Reads the topic of calls as its group does, noting what comes. */
function readCalls(read: string[] = []) {
  return runConsumer({
    brokers: kafka.brokers,
    groupId: group,
    topics: [topic],
    logger: createLogger({ service: 'backup-test', level: 'silent' }),
    handle: async ({ messages }) => {
      read.push(...messages.map(({ value }) => value.toString()));
    },
  });
}

/** All rows of a table, as text that tells any difference; what belongs to one server alone left out. */
async function rowsOf(database: TestDatabase, table: string): Promise<string[]> {
  const { rows } = await database.admin.query<{ row: string }>(
    `SELECT (to_jsonb(t) - 'xid' - 'drain_xmin')::text AS row FROM ${table} t ORDER BY 1`,
  );
  return rows.map(({ row }) => row);
}

it('puts all rows, sequences, files and schemas of one moment into an empty installation', async () => {
  const { tables, files, schemas } = await backupOf('first');
  const written = new Map<string, string[]>();
  for (const { name } of tables) written.set(name, await rowsOf(from, name));
  expect(files).toEqual([{ tenantId, id: fileId, sha256: expect.stringMatching(/^[0-9a-f]{64}$/) }]);
  expect(schemas.length).toBeGreaterThan(5);
  // What came after the moment is not in it.
  await from.addTenant();

  const elsewhere = createDirectoryStore(join(root, 'elsewhere'));
  await restoreTo(to, 'first', elsewhere);
  for (const [name, rows] of written) expect([name, await rowsOf(to, name)]).toEqual([name, rows]);
  expect(said).toContainEqual(expect.stringMatching(/^look at API keys, .* is as before$/));
  expect(await text(await elsewhere.get(`${tenantId}/${fileId}`))).toBe('sealed bytes');
  const next = await to.admin.query<{ id: number }>(
    `INSERT INTO outbox (shard, tenant_id, kind, event_id, sign, line) VALUES (0, $1, 'voice_call', $2, 1, 'next') RETURNING id`,
    [tenantId, randomUUID()],
  );
  expect(next.rows[0]?.id).toBe(2);
});

it('lets nothing wait in the outbox for a transaction of the other server', async () => {
  const { rows } = await to.admin.query<{ future: boolean; drained: string }>(
    `SELECT bool_or(xid > pg_current_xact_id()) AS future, (SELECT max(drain_xmin::text) FROM block_shards) AS drained FROM outbox`,
  );
  expect(rows).toEqual([{ future: false, drained: '0' }]);
});

it('refuses a database that has clinics, and changes nothing, recordings neither', async () => {
  const before = await rowsOf(to, 'patients');
  const [recordings, key] = [createDirectoryStore(join(root, 'living')), `${tenantId}/${fileId}`];
  await recordings.put(key, Readable.from([Buffer.from('sealed anew since')]));
  await expect(restoreTo(to, 'first', recordings)).rejects.toMatchObject({ code: 'not_empty' });
  expect(await rowsOf(to, 'patients')).toEqual(before);
  expect(await text(await recordings.get(key))).toBe('sealed anew since');
});

it('refuses a recording that is not as it was written', async () => {
  const [empty, elsewhere] = [
    await createTestDatabase(engines.postgresAdmin),
    createDirectoryStore(join(root, 'damaged')),
  ];
  try {
    await backupOf('damaged-file');
    await writeFile(join(root, 'damaged-file', 'files', tenantId, fileId), 'sealed bytez');
    await expect(restoreTo(empty, 'damaged-file', elsewhere)).rejects.toMatchObject({
      code: 'backup_damaged',
    });
    expect(await elsewhere.exists(`${tenantId}/${fileId}`)).toBe(false);
    expect(await rowsOf(empty, 'tenants')).toEqual([]);
    // Nor is one written that comes before it.
    const manifest = JSON.parse(await readFile(join(root, 'damaged-file', manifestName), 'utf8'));
    const whole = { tenantId, id: randomUUID() };
    await writeFile(join(root, 'damaged-file', 'files', tenantId, whole.id), 'older');
    manifest.files.unshift(whole);
    await writeFile(join(root, 'damaged-file', manifestName), JSON.stringify(manifest));
    await expect(restoreTo(empty, 'damaged-file', elsewhere)).rejects.toMatchObject({
      code: 'backup_damaged',
    });
    expect(await elsewhere.exists(`${tenantId}/${whole.id}`)).toBe(false);
  } finally {
    await empty.drop();
  }
});

it('refuses what was broken off, and what is not as it was written; then nothing is there', async () => {
  const empty = await createTestDatabase(engines.postgresAdmin);
  try {
    await backupOf('second');
    const file = join(root, 'second', 'tables', 'patients.copy.gz');
    const bytes = await readFile(file);
    await truncate(file, bytes.length - 5);
    const elsewhere = createDirectoryStore(join(root, 'untouched'));
    await expect(restoreTo(empty, 'second', elsewhere)).rejects.toMatchObject({ code: 'backup_damaged' });
    expect(await elsewhere.exists(`${tenantId}/${fileId}`)).toBe(false);
    await writeFile(file, await readFile(join(root, 'second', 'tables', 'audit_log.copy.gz')));
    await expect(restoreTo(empty, 'second')).rejects.toMatchObject({ code: 'backup_damaged' });
    await rm(join(root, 'second', manifestName));
    await expect(restoreTo(empty, 'second')).rejects.toMatchObject({ code: 'not_a_backup' });
    expect(await rowsOf(empty, 'tenants')).toEqual([]);
  } finally {
    await empty.drop();
  }
});

it('what a group had not finished at the backup is read again, however long ago it came', async () => {
  const producer = createProducer({ brokers: kafka.brokers, clientId: 'backup-test', deadlineMs: 15_000 });
  await producer.connect();
  await producer.send({ topic, key: 'a call', value: Buffer.from('waits'), headers: {} });
  await producer.close();
  // As though it had waited for two hours.
  const { places } = await backupOf('waiting', () => Date.now() + 7_200_000);
  expect(places).toContainEqual({ group, topic, partition: 0, offset: '0' });
  const read: string[] = [];
  const seen = (count: number) => expect.poll(() => read.length, { timeout: 20_000 }).toBe(count);
  const reading = await readCalls(read);
  await seen(1);
  await reading.stop();

  const empty = await createTestDatabase(engines.postgresAdmin);
  try {
    await restoreTo(empty, 'waiting');
    const again = await readCalls(read);
    await seen(2);
    await again.stop();
  } finally {
    await empty.drop();
  }
});

it('a backup of before, which knows of no places, is restored', async () => {
  const file = join(root, 'waiting', manifestName);
  const { places: _, ...before } = JSON.parse(await readFile(file, 'utf8'));
  await writeFile(file, JSON.stringify(before));
  const empty = await createTestDatabase(engines.postgresAdmin);
  try {
    expect(await restoreTo(empty, 'waiting')).toMatchObject({ places: [] });
    expect(await rowsOf(empty, 'patients')).toHaveLength(1);
  } finally {
    await empty.drop();
  }
});

it('a restore that Kafka or a service at work stops has changed nothing, and is begun again', async () => {
  const empty = await createTestDatabase(engines.postgresAdmin);
  const reading = await readCalls();
  await reading.joined;
  const none = createDirectoryStore(join(root, 'none'));
  try {
    await expect(restoreTo(empty, 'first', none)).rejects.toMatchObject({ code: 'groups_in_use' });
    expect(await none.exists(`${tenantId}/${fileId}`)).toBe(false);
    await reading.stop();
    const away = restoreTo(empty, 'first', objects, ['127.0.0.1:9']);
    await expect(away).rejects.toMatchObject({ code: 'broker_unavailable' });
    expect(await rowsOf(empty, 'tenants')).toEqual([]);
    await restoreTo(empty, 'first');
    expect(await rowsOf(empty, 'tenants')).toHaveLength(1);
  } finally {
    await reading.stop();
    await empty.drop();
  }
});

it('killed between any two stores it has changed no row, and begun again it puts all there once', async () => {
  const empty = await createTestDatabase(engines.postgresAdmin);
  const input: FaultyRestore = {
    databaseUrl: empty.adminUrl,
    registryUrl: engines.schemaRegistry,
    brokers: kafka.brokers,
    groupPrefix: prefix,
    objects: join(root, 'killed'),
    dir: join(root, 'before'),
  };
  await backupOf('before');
  const main = new URL('./testing/faulty-restore.ts', import.meta.url);
  const run = async (fault?: string) => (await runChild(main, JSON.stringify({ ...input, fault }))).signal;
  try {
    for (const step of ['restore-files', 'restore-schemas', 'restore-rewound']) {
      expect(await run(`${step}:1:SIGKILL`)).toBe('SIGKILL');
      expect(await rowsOf(empty, 'tenants')).toEqual([]);
    }
    expect(await run()).toBe(null);
    for (const table of ['tenants', 'patients', 'stored_files', 'outbox'])
      expect(await rowsOf(empty, table)).toEqual(await rowsOf(from, table));
    const stored = await createDirectoryStore(input.objects).get(`${tenantId}/${fileId}`);
    expect(await text(stored)).toBe('sealed bytes');
  } finally {
    await empty.drop();
  }
});

it('is none where recordings that rows name are not there, unless it is said that they are lost', async () => {
  const [elsewhere, dir] = [createDirectoryStore(join(root, 'emptied')), join(root, 'nowhere')];
  const take = (name: string, withoutLost: boolean) =>
    takeBackup({
      databaseUrl: from.adminUrl,
      registryUrl: engines.schemaRegistry,
      kafka,
      objects: elsewhere,
      dir: `${dir}-${name}`,
      withoutLost,
      now: Date.now,
    });
  await expect(take('one', false)).rejects.toMatchObject({
    code: 'files_missing',
    message: expect.stringMatching(
      /^1 of 1 recordings and media that Postgres names are not at RECORDINGS_URL/,
    ),
  });
  expect(existsSync(join(`${dir}-one`, 'manifest.json'))).toBe(false);
  expect((await take('two', true)).files).toEqual([]);
});

it('needs a new directory and a superuser: others are not shown every row', async () => {
  await expect(backupOf('first')).rejects.toMatchObject({ code: 'dir_in_use' });
  const asSink = takeBackup({
    databaseUrl: from.urlAs('switchboard_sink'),
    registryUrl: engines.schemaRegistry,
    kafka,
    objects,
    dir: join(root, 'third'),
    now: Date.now,
  });
  await expect(asSink).rejects.toMatchObject({ code: 'not_superuser' });
});
