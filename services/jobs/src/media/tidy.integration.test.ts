import { randomBytes, randomUUID } from 'node:crypto';
import { sealFiles } from '@switchboard/media/file-store';
import { createKeyRing } from '@switchboard/media/sealing/key-ring';
import { createLogger } from '@switchboard/platform';
import { createPool, type Pool, withTenant } from '@switchboard/postgres';
import { openFile } from '@switchboard/postgres/media/files';
import { createTestDatabase, type TestDatabase } from '@switchboard/testkit/database';
import { type FileServer, startFileServer } from '@switchboard/testkit/file-server';
import sharp from 'sharp';
import { afterAll, beforeAll, beforeEach, describe, expect, inject, it } from 'vitest';
import { type MediaClinic, type MediaStand, makeMediaStand, masterKey } from '../testing/media-clinic.ts';
import { type TidyOptions, tidyFiles } from './tidy.ts';

const hourMs = 3_600_000;
const photo = await sharp({ create: { width: 400, height: 300, channels: 3, background: '#3a3' } })
  .jpeg()
  .toBuffer();
const wav = Buffer.concat([
  Buffer.from('RIFF\x24\0\0\0WAVEfmt \x10\0\0\0', 'latin1'),
  Buffer.alloc(16),
  Buffer.alloc(500),
]);

let database: TestDatabase;
let sink: Pool;
let stand: MediaStand;
let server: FileServer;
let clinic: MediaClinic;
let log: string[];

beforeAll(async () => {
  database = await createTestDatabase(inject('engines').postgresAdmin);
  sink = createPool({ url: database.urlAs('switchboard_sink'), applicationName: 'test', max: 6 });
  stand = await makeMediaStand(database, sink);
  server = await startFileServer();
  server.serve('/sound.wav', wav);
  server.serve('/photo.jpg', photo);
});
beforeEach(async () => {
  clinic = await stand.addClinic();
  log = [];
});
afterAll(async () => {
  await server.close();
  await stand.remove();
  await sink.end();
  await database.drop();
});

const at = (path: string) => `http://cdn.vendor.example:${server.port}${path}`;
const until = <T>(seen: () => Promise<T>) => expect.poll(seen, { timeout: 30_000, interval: 30 });
const tidy = (options: Partial<TidyOptions> = {}) =>
  tidyFiles(
    {
      pool: sink,
      files: stand.files,
      logger: createLogger({ service: 'test', level: 'info' }, { write: (line) => log.push(line) }),
      now: Date.now,
      ...options,
    },
    new AbortController().signal,
  );
/** Fetches all there is. */
async function fetchAll(done: () => Promise<boolean>): Promise<void> {
  const worker = stand.work();
  await until(done).toBe(true);
  await worker.stop();
}
const storedRecording = async (beganAt?: Date) => {
  const call = await clinic.addRecording(at('/sound.wav'), { beganAt });
  await fetchAll(async () => (await clinic.recording(call))?.state === 'stored');
  return call;
};
const storedPhoto = async () => {
  const message = await clinic.addMedia(at('/photo.jpg'), 'image/jpeg');
  await fetchAll(async () => (await clinic.media(message))?.reading === 'done');
  return message;
};
/** Until a statement waits for another's lock. */
const untilWaiting = () =>
  until(async () => {
    const [row] = await clinic.run<{ waiting: number }>(
      `SELECT count(*)::int AS waiting FROM pg_stat_activity
       WHERE $1::uuid IS NOT NULL AND datname = current_database() AND wait_event_type = 'Lock'`,
    );
    return row?.waiting;
  }).toBe(1);
const daysAgo = (days: number) => new Date(Date.now() - days * 24 * hourMs);
const keep = (kind: string, days: number) =>
  clinic.run(
    `UPDATE tenants SET retention_days = retention_days || jsonb_build_object($2::text, $3::int) WHERE id = $1`,
    [kind, days],
  );

describe('what the clinic keeps no longer', () => {
  it('goes when its time is over, also when the clinic shortens it; what another record needs stays', async () => {
    const [old, young] = [await storedRecording(daysAgo(10)), await storedRecording(daysAgo(2))];
    await tidy();
    expect((await clinic.recording(old))?.state).toBe('stored');
    await keep('recordings', 5);
    await tidy();
    expect(await clinic.recording(old)).toMatchObject({ state: 'expired', file: null });
    expect(await clinic.bytes(await clinic.recording(young))).toHaveLength(wav.length);
    await keep('recordings', 1);
    await tidy();
    expect((await clinic.recording(young))?.state).toBe('expired');
    expect(await stand.objects(clinic.tenantId)).toEqual([]);
    expect(await clinic.files()).toEqual([]);
  });

  it('goes with all that was made of it', async () => {
    const message = await storedPhoto();
    expect(await stand.objects(clinic.tenantId)).toHaveLength(3);
    await clinic.run(
      `UPDATE conversation_messages SET sent_at = now() - interval '3 days' WHERE tenant_id = $1`,
    );
    await keep('media', 2);
    await tidy();
    expect((await clinic.media(message))?.state).toBe('expired');
    expect(await stand.objects(clinic.tenantId)).toEqual([]);
    expect(await clinic.files()).toEqual([]);
  });

  it('is fetched again by nobody', async () => {
    const call = await storedRecording(daysAgo(10));
    await keep('recordings', 5);
    await tidy();
    await clinic.run('UPDATE voice_call_recordings SET source_url = $2 WHERE tenant_id = $1', [
      at('/photo.jpg'),
    ]);
    expect((await clinic.recording(call))?.state).toBe('expired');
  });
});

describe('what nothing needs', () => {
  it('goes an hour after its call or message was removed', async () => {
    await storedPhoto();
    await clinic.run('DELETE FROM conversation_messages WHERE tenant_id = $1');
    await tidy();
    expect(await stand.objects(clinic.tenantId)).toHaveLength(3);
    await tidy({ now: () => Date.now() + 2 * hourMs });
    expect(await stand.objects(clinic.tenantId)).toEqual([]);
    expect(await clinic.files()).toEqual([]);
  });

  it('goes where a process died with it, before its row said that it is stored; one that is being written stays', async () => {
    const id = randomUUID();
    const { key, ...sealed } = stand.files.keys.createKey();
    const file = { tenantId: clinic.tenantId, id };
    await withTenant(sink, clinic.tenantId, (client) =>
      openFile(client, { ...file, ...sealed, variant: 'original', originalId: null }),
    );
    async function* body() {
      yield randomBytes(100);
    }
    await stand.files.write(file, key, body());
    await tidy();
    expect(await stand.objects(clinic.tenantId)).toEqual([id]);
    await tidy({ now: () => Date.now() + 2 * hourMs });
    expect(await stand.objects(clinic.tenantId)).toEqual([]);
    expect(await clinic.files()).toEqual([]);
  });

  it('goes when the store is back that was away', async () => {
    await storedRecording(daysAgo(10));
    await keep('recordings', 5);
    const away = {
      ...stand.files,
      remove: () => Promise.reject(new Error('away')),
    };
    await expect(tidy({ files: away })).rejects.toThrow('away');
    expect((await clinic.files()).map(({ state }) => state)).toEqual(['removing']);
    expect(log.join('')).toContain('are not tidied');
    await tidy();
    expect(await clinic.files()).toEqual([]);
    expect(await stand.objects(clinic.tenantId)).toEqual([]);
  });

  it('stays another hour when its hour is begun anew just then', async () => {
    await storedPhoto();
    await clinic.run('DELETE FROM conversation_messages WHERE tenant_id = $1');
    const hourOver = Date.now() + hourMs;
    // Somebody writes the same content again, between finding the file and its commit.
    const renewing = await sink.connect();
    await renewing.query('BEGIN');
    await renewing.query(`SELECT set_config('app.tenant_id', $1, true)`, [clinic.tenantId]);
    await renewing.query(
      `UPDATE stored_files SET state = 'stored' WHERE tenant_id = $1 AND variant = 'original'`,
      [clinic.tenantId],
    );
    const tidied = tidy({ now: () => hourOver });
    await untilWaiting();
    await renewing.query('COMMIT');
    renewing.release();
    await tidied;
    expect((await clinic.files()).map(({ state }) => state)).toEqual(['stored', 'stored', 'stored']);
  });

  it('is found by what comes to need it just then, and stays', async () => {
    const [old, other] = [await storedRecording(daysAgo(10)), await clinic.addRecording(null)];
    const [file] = await clinic.files();
    await keep('recordings', 5);
    // A fetch of the same content, between finding the file and its commit.
    const linking = await sink.connect();
    await linking.query('BEGIN');
    await linking.query(`SELECT set_config('app.tenant_id', $1, true)`, [clinic.tenantId]);
    await linking.query('SELECT FROM stored_files WHERE tenant_id = $1 AND id = $2 FOR KEY SHARE', [
      clinic.tenantId,
      file?.id,
    ]);
    await linking.query(
      `UPDATE voice_call_recordings SET state = 'stored', file_id = $3 WHERE tenant_id = $1 AND call_id = $2`,
      [clinic.tenantId, other, file?.id],
    );
    const tidied = tidy();
    await untilWaiting();
    await linking.query('COMMIT');
    linking.release();
    await tidied;
    expect((await clinic.recording(old))?.state).toBe('expired');
    expect(await clinic.bytes(await clinic.recording(other))).toHaveLength(wav.length);
  });
});

describe('another master key', () => {
  it('takes the place of the old one file by file, none of which is written anew', async () => {
    const call = await storedRecording();
    const before = await clinic.recording(call);
    const next = randomBytes(32);
    const store = {
      put: refuse,
      get: refuse,
      exists: refuse,
      delete: async () => undefined,
      close: () => undefined,
    };
    await tidy({ files: sealFiles(store, createKeyRing(next, [masterKey])) });
    const after = await clinic.recording(call);
    expect(after?.file?.keyId).not.toBe(before?.file?.keyId);
    const alone = createKeyRing(next);
    expect(
      after?.file && before?.file && alone.open(after.file).equals(stand.files.keys.open(before.file)),
    ).toBe(true);
    await clinic.run('DELETE FROM voice_calls WHERE tenant_id = $1');
  });

  it('that opens not all of them keeps nobody else’s files from being tidied', async () => {
    await storedRecording();
    const other = await stand.addClinic();
    const unknown = await clinic.files();
    await clinic.run(`UPDATE stored_files SET key_id = 'lost' WHERE tenant_id = $1`);
    await other.run(
      `INSERT INTO stored_files (tenant_id, id, state, key_id, sealed_key) VALUES ($1, gen_random_uuid(), 'removing', 'k', '')`,
    );
    await expect(tidy()).rejects.toMatchObject({ code: 'key_unknown' });
    expect(await other.files()).toEqual([]);
    expect(await clinic.files()).toEqual(unknown);
    expect(log.join('')).toContain('key_unknown');
  });
});

function refuse(): Promise<never> {
  throw new Error('no object is touched');
}
