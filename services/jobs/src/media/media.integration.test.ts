import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import type { Rounds } from '@switchboard/platform/rounds';
import type { Pool } from '@switchboard/postgres';
import { createPool } from '@switchboard/postgres';
import { createTestDatabase, type TestDatabase } from '@switchboard/testkit/database';
import {
  dripping,
  endless,
  type FileServer,
  sentTo,
  startFileServer,
} from '@switchboard/testkit/file-server';
import sharp from 'sharp';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, inject, it } from 'vitest';
import { type MediaClinic, type MediaStand, makeMediaStand } from '../testing/media-clinic.ts';
import { twilioAccess } from './vendor-access.ts';

const fixture = (name: string) =>
  readFile(new URL(`../../../../packages/media/src/testing/fixtures/${name}`, import.meta.url));
const [mp3, ogg] = [await fixture('tone.mp3'), await fixture('tone.ogg')];
const html = Buffer.from('<html><script>alert(1)</script></html>');
const photo = await sharp({ create: { width: 800, height: 600, channels: 3, background: '#a33' } })
  .withExif({ IFD0: { Artist: 'Rohinibai Deshpande' } })
  .jpeg()
  .toBuffer();

let database: TestDatabase;
let sink: Pool;
let stand: MediaStand;
let clinic: MediaClinic;
let server: FileServer;
let workers: Rounds[] = [];

beforeAll(async () => {
  database = await createTestDatabase(inject('engines').postgresAdmin);
  sink = createPool({ url: database.urlAs('switchboard_sink'), applicationName: 'test', max: 6 });
  stand = await makeMediaStand(database, sink);
});
beforeEach(async () => {
  clinic = await stand.addClinic();
  server = await startFileServer();
  server.serve('/tone.mp3', mp3);
  server.serve('/note.ogg', ogg);
  server.serve('/photo.jpg', photo);
});
afterEach(async () => {
  await Promise.all(workers.map((worker) => worker.stop()));
  workers = [];
  await server.close();
  await database.admin.query(`UPDATE tenants SET status = 'suspended' WHERE id = $1`, [clinic.tenantId]);
});
afterAll(async () => {
  await stand.remove();
  await sink.end();
  await database.drop();
});

const work = (options?: Parameters<MediaStand['work']>[0]) => {
  const worker = stand.work(options);
  workers.push(worker);
  return worker;
};
const at = (path: string, host = 'cdn.vendor.example') => `http://${host}:${server.port}${path}`;
const until = <T>(seen: () => Promise<T>) => expect.poll(seen, { timeout: 30_000, interval: 30 });
const stateOf = async (id: string) => (await clinic.recording(id))?.state;
const failureOf = async (id: string) => {
  const [row] = await clinic.run(
    'SELECT state, failure, attempts FROM voice_call_recordings WHERE tenant_id = $1 AND call_id = $2',
    [id],
  );
  return row;
};

describe('a recording', () => {
  it('is fetched, sealed, and drawn for the player', async () => {
    const call = await clinic.addRecording(at('/tone.mp3'));
    work();
    await until(async () => (await clinic.recording(call))?.reading).toBe('done');
    const found = await clinic.recording(call);
    expect(found).toMatchObject({
      state: 'stored',
      failure: null,
      file: { contentType: 'audio/mpeg', size: mp3.length },
    });
    expect(found?.file?.sha256).toBe(createHash('sha256').update(mp3).digest('hex'));
    expect(found?.peaks).toHaveLength(800);
    expect(Math.abs((found?.durationMs ?? 0) - 2_000)).toBeLessThan(200);
    expect((await clinic.bytes(found)).equals(mp3)).toBe(true);
    const [days] = await clinic.run<{ days: number }>(
      `SELECT round(extract(epoch FROM r.expires_at - c.began_at) / 86400)::int AS days FROM voice_call_recordings r
       JOIN voice_calls c ON c.id = r.call_id WHERE r.tenant_id = $1`,
    );
    expect(days).toEqual({ days: 90 });
  });

  it('is kept once, however many calls have the same; another clinic has its own', async () => {
    const other = await stand.addClinic();
    const calls = [await clinic.addRecording(at('/tone.mp3')), await clinic.addRecording(at('/tone.mp3'))];
    const message = await clinic.addMedia(at('/tone.mp3'), 'audio/mpeg');
    const theirs = await other.addRecording(at('/tone.mp3'));
    work();
    for (const call of calls) await until(() => stateOf(call)).toBe('stored');
    await until(async () => (await clinic.media(message))?.state).toBe('stored');
    await until(async () => (await other.recording(theirs))?.state).toBe('stored');
    await until(() => clinic.files()).toHaveLength(1);
    expect(await stand.objects(clinic.tenantId)).toHaveLength(1);
    expect(await stand.objects(other.tenantId)).toHaveLength(1);
    await database.admin.query(`UPDATE tenants SET status = 'suspended' WHERE id = $1`, [other.tenantId]);
  });

  it('that is not the one whose checksum was told is not kept', async () => {
    const sha256 = createHash('sha256').update(mp3).digest('hex');
    const others = [
      await clinic.addRecording(at('/tone.mp3'), { sha256: '0'.repeat(64) }),
      await clinic.addRecording(at('/note.ogg'), { sha256: sha256.toUpperCase() }),
    ];
    const good = await clinic.addRecording(at('/tone.mp3'), { sha256: sha256.toUpperCase() });
    work();
    await until(() => stateOf(good)).toBe('stored');
    for (const call of others)
      await until(() => failureOf(call)).toEqual({
        state: 'pending',
        failure: 'wrong_checksum',
        attempts: 1,
      });
    await until(() => stand.objects(clinic.tenantId)).toHaveLength(1);
  });

  it('older than the clinic keeps it is not even asked for', async () => {
    const call = await clinic.addRecording(at('/tone.mp3'), {
      beganAt: new Date(Date.now() - 91 * 86_400_000),
    });
    work();
    await until(() => stateOf(call)).toBe('expired');
    expect(server.asked).toEqual([]);
  });

  it('is fetched from its new address when an event brings one, also after it failed for good', async () => {
    server.serve('/page', html);
    const call = await clinic.addRecording(at('/page'));
    work();
    await until(() => failureOf(call)).toEqual({ state: 'failed', failure: 'wrong_type', attempts: 1 });
    await clinic.run(
      'UPDATE voice_call_recordings SET source_url = $3 WHERE tenant_id = $1 AND call_id = $2',
      [call, at('/tone.mp3')],
    );
    await until(() => stateOf(call)).toBe('stored');
    expect(await stand.objects(clinic.tenantId)).toHaveLength(1);
  });

  it('without an address waits', async () => {
    const [none, some] = [await clinic.addRecording(null), await clinic.addRecording(at('/tone.mp3'))];
    work();
    await until(() => stateOf(some)).toBe('stored');
    expect(await stateOf(none)).toBe('pending');
  });

  it('comes after an outage, and is given up after the last try', async () => {
    server.serve('/late', (response) => response.writeHead(503).end());
    const call = await clinic.addRecording(at('/late'));
    work();
    await until(() => failureOf(call)).toEqual({ state: 'pending', failure: 'server_failed', attempts: 1 });
    const [wait] = await clinic.run<{ s: number }>(
      'SELECT extract(epoch FROM next_attempt_at - updated_at)::float8 AS s FROM voice_call_recordings WHERE tenant_id = $1',
    );
    expect(wait?.s).toBeGreaterThan(4);
    expect(wait?.s).toBeLessThan(13);
    await clinic.run(
      'UPDATE voice_call_recordings SET next_attempt_at = now(), attempts = 8 WHERE tenant_id = $1',
    );
    await until(() => failureOf(call)).toEqual({ state: 'failed', failure: 'server_failed', attempts: 9 });
  });
});

describe('what is not the file’s fault', () => {
  it('counts as no attempt: with the store away it waits', async () => {
    const call = await clinic.addRecording(at('/tone.mp3'));
    const away = { ...stand.files, write: () => Promise.reject(new Error('away')) };
    const worker = work({ files: away });
    await until(() => failureOf(call)).toEqual({ state: 'pending', failure: null, attempts: 0 });
    await until(async () => {
      const [row] = await clinic.run(
        'SELECT claim IS NULL AND next_attempt_at > now() AS waits FROM voice_call_recordings WHERE tenant_id = $1',
      );
      return row?.waits;
    }).toBe(true);
    await worker.stop();
    expect(await clinic.files()).toEqual([]);
    await clinic.run('UPDATE voice_call_recordings SET next_attempt_at = now() WHERE tenant_id = $1');
    work();
    await until(() => stateOf(call)).toBe('stored');
  });

  it('with the store away a picture waits, however often it is tried, and is drawn when the store is back', async () => {
    const message = await clinic.addMedia(at('/photo.jpg'), 'image/jpeg');
    const away = () => Promise.reject(new Error('away'));
    for (const method of ['read', 'read', 'read', 'write']) {
      const worker = work({ files: { ...stand.files, [method]: away } });
      await until(() =>
        clinic.run(
          `SELECT reading, reading_attempts, reading_at > now() AS waits FROM stored_files
           WHERE tenant_id = $1 AND variant = 'original'`,
        ),
      ).toEqual([{ reading: 'pending', reading_attempts: 0, waits: true }]);
      await worker.stop();
      await clinic.run('UPDATE stored_files SET reading_at = now() WHERE tenant_id = $1');
    }
    expect((await clinic.media(message, 'thumbnail'))?.file).toBeNull();
    work();
    await until(async () => (await clinic.media(message))?.reading).toBe('done');
    expect((await clinic.media(message, 'thumbnail'))?.file).not.toBeNull();
  });

  it('a file that is just being drawn is given back by a worker that is told to end', async () => {
    const message = await clinic.addMedia(at('/photo.jpg'), 'image/jpeg');
    let asked = false;
    async function* stalled(): AsyncGenerator<Buffer> {
      asked = true;
      await new Promise(() => undefined);
    }
    const worker = work({ files: { ...stand.files, read: async () => stalled() } });
    await until(async () => asked).toBe(true);
    await worker.stop();
    expect(
      await clinic.run(
        'SELECT reading, reading_attempts, reading_at <= now() AS due FROM stored_files WHERE tenant_id = $1',
      ),
    ).toEqual([{ reading: 'pending', reading_attempts: 0, due: true }]);
    expect((await clinic.media(message))?.state).toBe('stored');
  });

  it('a file that ended the process each time is given up', async () => {
    const call = await clinic.addRecording(at('/tone.mp3'));
    await clinic.run('UPDATE voice_call_recordings SET attempts = 9 WHERE tenant_id = $1');
    work();
    await until(() => failureOf(call)).toEqual({ state: 'failed', failure: 'interrupted', attempts: 10 });
    expect(server.asked).toEqual([]);
  });

  it('a picture that ended the process each time keeps its file, and is drawn no more', async () => {
    const message = await clinic.addMedia(at('/photo.jpg'), 'image/jpeg');
    // As if three processes had died with it.
    await database.admin.query(`CREATE FUNCTION test_died() RETURNS trigger LANGUAGE plpgsql AS
      'BEGIN NEW.reading_attempts := 3; RETURN NEW; END'`);
    await database.admin.query(
      'CREATE TRIGGER test_died BEFORE INSERT ON stored_files FOR EACH ROW EXECUTE FUNCTION test_died()',
    );
    work();
    await until(async () => (await clinic.media(message))?.reading).toBe('failed');
    await database.admin.query('DROP TRIGGER test_died ON stored_files');
    expect((await clinic.bytes(await clinic.media(message))).equals(photo)).toBe(true);
  });
});

describe('what a vendor’s address must not do', () => {
  it.each([
    ['lead to this machine', sentTo('http://127.0.0.2/'), 'address_refused'],
    ['lead to the cloud’s metadata', sentTo('http://169.254.169.254/latest/meta-data/'), 'address_refused'],
    ['lead to another host', sentTo('http://elsewhere.example/x'), 'host_not_allowed'],
    ['be a page', html, 'wrong_type'],
    ['be without an end', endless, 'wrong_type'],
  ] as const)('%s', async (_, answer, failure) => {
    server.serve('/bad', answer);
    const call = await clinic.addRecording(at('/bad'));
    work({ timeoutMs: 600_000 });
    await until(async () => (await failureOf(call))?.failure).toBe(failure);
    await expect.poll(() => server.open()).toBe(0);
    expect(await stand.objects(clinic.tenantId)).toEqual([]);
    expect(await clinic.files()).toEqual([]);
  });

  it('be larger than is allowed: nothing of it stays', async () => {
    server.serve('/large', (response) => {
      response.writeHead(200);
      response.write(mp3);
      endlessly(response);
    });
    const call = await clinic.addRecording(at('/large'));
    work();
    await until(() => failureOf(call)).toEqual({ state: 'failed', failure: 'too_large', attempts: 1 });
    expect(await stand.objects(clinic.tenantId)).toEqual([]);
    expect(await clinic.files()).toEqual([]);
  });

  it('be of a host that the clinic does not allow', async () => {
    const call = await clinic.addRecording(at('/tone.mp3', 'other.example'));
    work();
    await until(() => failureOf(call)).toEqual({
      state: 'pending',
      failure: 'host_not_allowed',
      attempts: 1,
    });
    expect(server.asked).toEqual([]);
  });
});

describe('slow hosts', () => {
  it('hold up nobody: two of their fetches go on, and all others come', async () => {
    server.serve('/drip', dripping);
    const slow = [];
    for (let count = 0; count < 20; count += 1)
      slow.push(await clinic.addRecording(at('/drip', 'slow.vendor.example')));
    const other = await stand.addClinic();
    const [ours, theirs] = [
      await clinic.addRecording(at('/tone.mp3')),
      await other.addRecording(at('/tone.mp3')),
    ];
    const worker = work({ timeoutMs: 600_000 });
    await until(() => stateOf(ours)).toBe('stored');
    await until(async () => (await other.recording(theirs))?.state).toBe('stored');
    const dripped = async () => server.asked.filter(({ path }) => path === '/drip').length;
    await until(dripped).toBe(2);
    // Who is told to end gives back what is under way, uncounted.
    await worker.stop();
    expect(await dripped()).toBe(2);
    const [counted] = await clinic.run(
      `SELECT count(*) FILTER (WHERE attempts = 0 AND claim IS NULL AND next_attempt_at <= now()) AS fresh
       FROM voice_call_recordings WHERE tenant_id = $1 AND state = 'pending'`,
    );
    expect(counted).toEqual({ fresh: slow.length });
    await database.admin.query(`UPDATE tenants SET status = 'suspended' WHERE id = $1`, [other.tenantId]);
  });

  it('hold up nobody by other spellings of their name: what waits counts no attempt', async () => {
    server.serve('/drip', dripping);
    const spelled = ['SLOW.vendor.example', 'slow%2Evendor.example', 'ｓlow.vendor.example'];
    for (let count = 0; count < 12; count += 1)
      await clinic.addRecording(at('/drip', spelled[count % 3]).replace('http:', 'HTTP:'));
    const other = await clinic.addRecording(at('/tone.mp3').replace('http:', 'HTTP:'));
    const worker = work({ timeoutMs: 600_000 });
    await until(() => stateOf(other)).toBe('stored');
    await until(async () => server.asked.filter(({ path }) => path === '/drip').length).toBe(2);
    await worker.stop();
    const [counted] = await clinic.run(
      `SELECT count(*)::int AS fresh FROM voice_call_recordings
       WHERE tenant_id = $1 AND state = 'pending' AND attempts = 0 AND claim IS NULL`,
    );
    expect(counted).toEqual({ fresh: 12 });
  });

  it('of one clinic, however many, leave half of the places to others', async () => {
    server.serve('/drip', dripping);
    for (let count = 0; count < 10; count += 1)
      await clinic.addRecording(at('/drip', `slow${count}.vendor.example`));
    const worker = work({ timeoutMs: 600_000 });
    const dripped = async () => server.asked.filter(({ path }) => path === '/drip').length;
    await until(dripped).toBe(4);
    const other = await stand.addClinic();
    const theirs = await other.addRecording(at('/tone.mp3'));
    await until(async () => (await other.recording(theirs))?.state).toBe('stored');
    expect(await dripped()).toBe(4);
    await worker.stop();
    await database.admin.query(`UPDATE tenants SET status = 'suspended' WHERE id = $1`, [other.tenantId]);
  });

  it('are given up at the end of their time', async () => {
    server.serve('/drip', dripping);
    const call = await clinic.addRecording(at('/drip'));
    work({ timeoutMs: 500 });
    await until(() => failureOf(call)).toEqual({ state: 'pending', failure: 'timeout', attempts: 1 });
    await expect.poll(() => server.open()).toBe(0);
  });
});

describe('a message’s media', () => {
  it('come from Twilio’s API with the account’s credentials, and from where it leads without them', async () => {
    server.serve('/Media/ME1', sentTo(at('/photo.jpg', 'media.twiliocdn.com'), 307));
    const message = await clinic.addMedia(at('/Media/ME1', 'api.vendor.example'), 'image/jpeg');
    const access = twilioAccess({ accountSid: 'AC1', token: 'secret' }, at('', 'api.vendor.example'));
    work({ accessOf: async () => access });
    await until(async () => (await clinic.media(message))?.reading).toBe('done');
    const credentials = `Basic ${Buffer.from('AC1:secret').toString('base64')}`;
    expect(server.asked.map(({ path, authorization }) => [path, authorization])).toEqual([
      ['/Media/ME1', credentials],
      ['/photo.jpg', undefined],
    ]);
    expect(stand.log.join('')).not.toContain('secret');
  });

  it('of a picture have a thumbnail and a view without what the file told besides; a repeat makes none again', async () => {
    const message = await clinic.addMedia(at('/photo.jpg'), 'image/jpeg');
    work();
    await until(async () => (await clinic.media(message))?.reading).toBe('done');
    const again = await clinic.addMedia(at('/photo.jpg'), 'image/jpeg');
    await until(async () => (await clinic.media(again))?.state).toBe('stored');
    await until(async () => (await clinic.files()).map(({ variant, state }) => [variant, state])).toEqual([
      ['original', 'stored'],
      ['thumbnail', 'stored'],
      ['view', 'stored'],
    ]);
    expect((await clinic.bytes(await clinic.media(again))).equals(photo)).toBe(true);
    const sizes = { thumbnail: 320, view: 800 };
    for (const variant of ['thumbnail', 'view'] as const) {
      const found = await clinic.media(again, variant);
      const bytes = await clinic.bytes(found);
      expect(bytes.includes('Rohinibai')).toBe(false);
      expect(await sharp(bytes).metadata()).toMatchObject({ format: 'webp', width: sizes[variant] });
    }
  });

  it('that cannot be drawn are kept as they are, and tried no more', async () => {
    server.serve('/half.jpg', photo.subarray(0, photo.length / 2));
    const message = await clinic.addMedia(at('/half.jpg'), 'image/jpeg');
    work();
    await until(async () => (await clinic.media(message))?.reading).toBe('failed');
    expect(await clinic.media(message)).toMatchObject({
      state: 'stored',
      file: { contentType: 'image/jpeg' },
    });
    expect((await clinic.media(message, 'thumbnail'))?.file).toBeNull();
    expect(await clinic.files()).toHaveLength(1);
  });
});

function endlessly(response: Parameters<typeof endless>[0]): void {
  const more = () => {
    while (!response.destroyed && response.write(Buffer.alloc(64 * 1024)));
  };
  response.on('drain', more);
  more();
}
