import { randomBytes, randomUUID } from 'node:crypto';
import { mkdtemp, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest';
import { callDetail } from '../calls/call-schema.ts';
import { waveform } from '../media/media-schema.ts';
import { type ApiClinic, bodyOf, problemOf, startApiClinic } from '../testing/clinic.ts';
import { storeCall } from '../testing/store-call.ts';
import { openTestFiles, type TestFiles } from '../testing/store-file.ts';

const sound = randomBytes(200_000);
const note = randomBytes(200_000);
const photo = randomBytes(3_000);
const small = Buffer.from('drawn anew');
const page = Buffer.from('<script>alert(1)</script>');

let root: string;
let clinic: ApiClinic;
let files: TestFiles;
let call: string;
let message: string;

beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'switchboard-api-files-'));
  clinic = await startApiClinic(inject('engines'), { env: { RECORDINGS_URL: root } });
  files = await openTestFiles(root);
  call = (await storeCall(clinic.database, clinic.tenantId, '2026-11-20T09:00:00+05:30')).id;
  const [conversation] = await clinic.run<{ id: string }>(
    'SELECT id FROM conversations WHERE tenant_id = $1',
  );
  message = randomUUID();
  await clinic.run(
    `INSERT INTO conversation_messages (tenant_id, id, conversation_id, direction, sender_kind, sent_at, source)
     VALUES ($1, $2, $3, 'inbound', 'patient', now(), 'twilio')`,
    [message, conversation?.id],
  );
  const link = async (position: number, fileId: string) => {
    await clinic.run(
      `INSERT INTO message_media (tenant_id, message_id, position, state, file_id) VALUES ($1, $2, $3, 'stored', $4)`,
      [message, position, fileId],
    );
  };
  const picture = await files.write(clinic, { bytes: photo, contentType: 'image/jpeg' });
  await files.write(clinic, {
    bytes: small,
    contentType: 'image/webp',
    made: { variant: 'thumbnail', of: picture },
  });
  await link(0, picture);
  await link(
    1,
    await files.write(clinic, { bytes: note, contentType: 'audio/ogg; codecs=opus', peaks: [1, 100] }),
  );
  await link(2, await files.write(clinic, { bytes: page, contentType: 'application/octet-stream' }));
  await link(3, await files.write(clinic, { bytes: Buffer.from('%PDF-'), contentType: 'application/pdf' }));
});
afterAll(async () => {
  await clinic?.stop();
  files?.store.close();
  await rm(root, { recursive: true, force: true });
});

const recording = () => `/api/v1/calls/${call}/recording`;
const media = (position: number, variant = '') => `/api/v1/media/${message}/${position}${variant}`;
const bytesOf = async (response: Response) => Buffer.from(await response.arrayBuffer());

async function setRecording(state: string, more: { failure?: string; fileId?: string } = {}): Promise<void> {
  await clinic.run(
    'UPDATE voice_call_recordings SET state = $2, failure = $3, file_id = $4 WHERE tenant_id = $1',
    [state, more.failure ?? null, more.fileId ?? null],
  );
}

describe('a recording that is not here', () => {
  test.each([
    ['pending', undefined, 404, 'file_pending'],
    ['failed', 'host_not_allowed', 404, 'file_failed'],
    ['expired', undefined, 410, 'file_expired'],
  ])('is %s, and the call says so', async (state, failure, status, code) => {
    await setRecording(state, { failure });
    for (const path of [recording(), `${recording()}/waveform`])
      expect(await problemOf(await clinic.agent.get(path))).toMatchObject({ status, code });
    const detail = await bodyOf(callDetail, await clinic.agent.get(`/api/v1/calls/${call}`));
    expect(detail.recording).toMatchObject({
      state,
      failure: failure ?? null,
      content_type: null,
      waveform: null,
    });
  });
});

describe('a recording that is stored', () => {
  beforeAll(async () => {
    const fileId = await files.write(clinic, {
      bytes: sound,
      contentType: 'audio/mpeg',
      peaks: [0, 50, 100],
    });
    await setRecording('stored', { fileId });
    await clinic.newAudit();
  });

  test('is played whole or from anywhere, and each play is in the audit log', async () => {
    const whole = await clinic.agent.get(recording());
    expect(whole.status).toBe(200);
    expect((await bytesOf(whole)).equals(sound)).toBe(true);
    expect(Object.fromEntries(whole.headers)).toMatchObject({
      'content-type': 'audio/mpeg',
      'content-length': '200000',
      'accept-ranges': 'bytes',
      'content-disposition': `inline; filename="recording-${call}.mp3"`,
      'x-content-type-options': 'nosniff',
      'content-security-policy': "default-src 'none'; sandbox; frame-ancestors 'none'",
      'cache-control': 'no-store',
    });
    const part = await clinic.agent.get(recording(), { range: 'bytes=65530-131080' });
    expect([part.status, part.headers.get('content-range')]).toEqual([206, 'bytes 65530-131080/200000']);
    expect((await bytesOf(part)).equals(sound.subarray(65_530, 131_081))).toBe(true);
    const end = await clinic.agent.get(recording(), { range: 'bytes=-10' });
    expect((await bytesOf(end)).equals(sound.subarray(-10))).toBe(true);
    const audit = await clinic.newAudit();
    expect(audit.map(({ action }) => action)).toEqual(Array(3).fill('recording.play'));
    expect(audit[1]?.text).toContain('65530');
    for (const { text } of audit) expect(text).toContain(call);
  });

  test('is not sent again to whoever has it; its head and what is out of range tell nothing and are no play', async () => {
    const tag = (await clinic.agent.get(recording())).headers.get('etag') ?? '';
    await clinic.newAudit();
    const same = await clinic.agent.get(recording(), { 'if-none-match': `"x", W/${tag}` });
    expect([same.status, (await bytesOf(same)).length]).toEqual([304, 0]);
    const head = await clinic.agent.send('HEAD', recording());
    expect([head.status, head.headers.get('content-length'), head.headers.get('etag')]).toEqual([
      200,
      '200000',
      tag,
    ]);
    const out = await clinic.agent.get(recording(), { range: 'bytes=200000-' });
    expect(out.headers.get('content-range')).toBe('bytes */200000');
    expect(await problemOf(out)).toMatchObject({ status: 416, code: 'range_not_satisfiable' });
    expect(await clinic.newAudit()).toEqual([]);
    const other = await clinic.agent.get(recording(), { range: 'bytes=0-9', 'if-range': '"another"' });
    expect([other.status, (await bytesOf(other)).length]).toEqual([200, sound.length]);
    const still = await clinic.agent.get(recording(), { range: 'bytes=0-9', 'if-range': tag });
    expect([still.status, (await bytesOf(still)).length]).toEqual([206, 10]);
  });

  test('is saved by whoever asks for it so', async () => {
    await clinic.newAudit();
    const saved = await clinic.agent.get(`${recording()}?download=true`);
    expect(saved.headers.get('content-disposition')).toMatch(/^attachment/);
    await saved.arrayBuffer();
    expect((await clinic.newAudit()).map(({ action }) => action)).toEqual(['recording.download']);
  });

  test('is drawn for the player, and the call tells of it', async () => {
    expect(await bodyOf(waveform, await clinic.agent.get(`${recording()}/waveform`))).toEqual({
      state: 'ready',
      peaks: [0, 50, 100],
      duration_seconds: 2,
    });
    const detail = await bodyOf(callDetail, await clinic.agent.get(`/api/v1/calls/${call}`));
    expect(detail.recording).toMatchObject({
      state: 'stored',
      content_type: 'audio/mpeg',
      waveform: 'done',
      duration_seconds: 2,
      size_bytes: 200_000,
    });
  });

  test('is heard by nobody who may not: analysts, other clinics, keys for other things', async () => {
    await clinic.newAudit();
    const key = async (scope: string) => ({ 'x-api-key': await clinic.addKey(clinic.tenantId, [scope]) });
    for (const path of [recording(), `${recording()}/waveform`]) {
      expect((await clinic.analyst.get(path)).status).toBe(403);
      expect((await clinic.stranger.get(path)).status).toBe(404);
      expect((await clinic.nobody.get(path)).status).toBe(401);
      for (const scope of ['appointments:read', 'analytics:read', 'voice:tools', 'events:write'])
        expect([scope, (await clinic.nobody.get(path, await key(scope))).status]).toEqual([scope, 403]);
      expect((await clinic.nobody.get(path, await key('calls:read'))).status).toBe(200);
    }
    expect((await clinic.analyst.send('HEAD', recording())).status).toBe(403);
    expect((await clinic.newAudit()).map(({ action }) => action)).toEqual(['recording.play']);
  });

  test('is said to be away with its store; where it lay is told to nobody', async () => {
    await rename(root, `${root}-away`);
    const lost = await clinic.agent.get(recording());
    expect(await problemOf(lost)).toMatchObject({ status: 500, code: 'internal_error' });
    await writeFile(root, 'no directory');
    const away = await clinic.agent.get(recording());
    expect(away.headers.get('retry-after')).toBe('2');
    expect(await problemOf(away)).toMatchObject({ status: 503, code: 'store_unavailable' });
    await rm(root);
    await rename(`${root}-away`, root);
    expect((await clinic.agent.get(recording())).status).toBe(200);
  });
});

describe('a message’s media', () => {
  test('are shown by the browser itself only where they were drawn anew, or are sound', async () => {
    await clinic.newAudit();
    const seen = [];
    for (const path of [media(0), media(0, '/thumbnail'), media(1), media(2), media(3)]) {
      const answer = await clinic.agent.get(path);
      await answer.arrayBuffer();
      const { headers } = answer;
      expect(headers.get('x-content-type-options')).toBe('nosniff');
      expect(headers.get('content-security-policy')).toContain('sandbox');
      seen.push([
        answer.status,
        headers.get('content-type'),
        headers.get('content-disposition')?.split(';')[0],
      ]);
    }
    expect(seen).toEqual([
      [200, 'image/jpeg', 'attachment'],
      [200, 'image/webp', 'inline'],
      [200, 'audio/ogg; codecs=opus', 'inline'],
      [200, 'application/octet-stream', 'attachment'],
      [200, 'application/pdf', 'attachment'],
    ]);
    expect((await clinic.newAudit()).map(({ action }) => action)).toEqual([
      'media.download',
      'media.view',
      'media.play',
      'media.download',
      'media.download',
    ]);
  });

  test('are what was sent; a voice note is played from anywhere, and drawn', async () => {
    expect((await bytesOf(await clinic.agent.get(media(0)))).equals(photo)).toBe(true);
    expect((await bytesOf(await clinic.agent.get(media(0, '/thumbnail')))).equals(small)).toBe(true);
    const part = await clinic.agent.get(media(1), { range: 'bytes=150000-' });
    expect([part.status, (await bytesOf(part)).equals(note.subarray(150_000))]).toEqual([206, true]);
    expect(await bodyOf(waveform, await clinic.agent.get(media(1, '/waveform')))).toMatchObject({
      peaks: [1, 100],
    });
    expect(await bodyOf(waveform, await clinic.agent.get(media(3, '/waveform')))).toMatchObject({
      state: 'unavailable',
    });
  });

  test('are seen by nobody who may not, and are not where there are none', async () => {
    for (const path of [media(0), media(0, '/thumbnail'), media(1, '/waveform')]) {
      expect((await clinic.analyst.get(path)).status).toBe(403);
      expect((await clinic.stranger.get(path)).status).toBe(404);
      expect((await clinic.nobody.get(path)).status).toBe(401);
    }
    for (const path of [
      media(9),
      media(0, '/view'),
      media(3, '/thumbnail'),
      `/api/v1/media/${randomUUID()}/0`,
      media(0, '/x'),
    ])
      expect([path, (await clinic.agent.get(path)).status]).toEqual([path, 404]);
  });
});
