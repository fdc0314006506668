import { randomBytes } from 'node:crypto';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { outgoingAddress } from '@switchboard/media/outgoing-address';
import { afterAll, beforeAll, expect, inject, test } from 'vitest';
import { z } from 'zod';
import { message } from '../conversations/message-schema.ts';
import { testSecretsKey } from '../testing/api-stack.ts';
import type { TestClient } from '../testing/client.ts';
import { type ApiClinic, bodyOf, problemOf, startApiClinic } from '../testing/clinic.ts';
import { addTwilioAccount, storeConversation } from '../testing/store-conversation.ts';

const pdf = Buffer.concat([Buffer.from('%PDF-1.7\n%âãÏÓ\n1 0 obj\n'), randomBytes(200_000)]);
const taken = z.object({ id: z.string(), content_type: z.string(), size_bytes: z.number() });
let root: string;
let clinic: ApiClinic;
let conversation: string;

beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'switchboard-files-out-'));
  clinic = await startApiClinic(inject('engines'), {
    env: { RECORDINGS_URL: root, API_PUBLIC_URL: 'https://api.clinic.example' },
  });
  await addTwilioAccount(clinic.database, clinic.tenantId, '+912240001234');
  const stored = await storeConversation(clinic.database, clinic.tenantId, {});
  await stored.add({ body: 'Please send me the form.', minutesAgo: 5 });
  conversation = stored.id;
});
afterAll(async () => {
  await clinic?.stop();
  await rm(root, { recursive: true, force: true });
});

const upload = (bytes: Buffer, type: string, client: TestClient = clinic.agent, headers = {}) =>
  fetch(`${clinic.url}/api/v1/files`, {
    method: 'POST',
    headers: { ...client.headers, 'content-type': type, ...headers },
    body: new Uint8Array(bytes),
  });
const send = (body: unknown) => clinic.agent.post(`/api/v1/conversations/${conversation}/messages`, body);
const states = async () => {
  const rows = await clinic.run<{ state: string }>('SELECT state FROM stored_files WHERE tenant_id = $1');
  return rows.map(({ state }) => state).sort();
};

test('a file is sealed and kept once, goes with a message, and is Twilio’s by a signed address alone', async () => {
  await clinic.newAudit();
  const file = await bodyOf(taken, await upload(pdf, 'application/pdf'));
  expect(file).toMatchObject({ content_type: 'application/pdf', size_bytes: pdf.length });
  expect((await bodyOf(taken, await upload(pdf, 'application/pdf'))).id).toBe(file.id);
  expect(await states()).toEqual(['removing', 'stored']);
  expect((await readdir(join(root, clinic.tenantId))).length).toBeGreaterThan(0);

  const sent = await bodyOf(message, await send({ file_id: file.id, text: 'Here it is.' }));
  expect(sent).toMatchObject({
    kind: 'media',
    text: 'Here it is.',
    status: 'queued',
    media: [{ position: 0, state: 'stored', content_type: 'application/pdf', size_bytes: pdf.length }],
  });
  const alone = await bodyOf(message, await send({ file_id: file.id }));
  expect([alone.text, alone.media.length]).toEqual([null, 1]);

  const of = { tenantId: clinic.tenantId, messageId: sent.id, position: 0 };
  const address = (at = Date.now(), key = testSecretsKey) => {
    const { pathname, search } = new URL(outgoingAddress(key, 'https://api.clinic.example', of, at));
    return `${clinic.url}${pathname}${search}`;
  };
  const fetched = await fetch(address());
  expect([fetched.status, fetched.headers.get('content-type')]).toEqual([200, 'application/pdf']);
  expect(Buffer.from(await fetched.arrayBuffer()).equals(pdf)).toBe(true);
  const refused = [
    address(Date.now() - 2 * 3_600_000),
    address(Date.now(), Buffer.alloc(32, 9)),
    address().replace(sent.id, alone.id),
    address().replace(clinic.tenantId, clinic.otherTenantId),
  ];
  for (const url of refused) expect((await fetch(url)).status).toBe(403);
  expect((await fetch(address().replace(/\?.*/, ''))).status).toBe(422);
  const audit = (await clinic.newAudit()).map(({ action }) => action);
  expect(audit).toEqual([
    ...['media.upload', 'media.upload', 'conversation.send', 'conversation.send', 'media.send'],
  ]);
});

test('what is no such file, too large or nobody’s to send is refused, and leaves nothing to be kept', async () => {
  const before = (await states()).filter((state) => state === 'stored').length;
  const large = Buffer.concat([
    Buffer.from([0xff, 0xd8, 0xff, 0xe0, 0, 16, 0x4a, 0x46, 0x49, 0x46, 0, 1]),
    Buffer.alloc(5 * 1024 * 1024),
  ]);
  expect(await problemOf(await upload(large, 'image/jpeg'))).toMatchObject({
    status: 413,
    code: 'file_too_large',
  });
  expect((await upload(Buffer.alloc(16 * 1024 * 1024 + 1), 'application/pdf')).status).toBe(413);
  for (const [bytes, type] of [
    [Buffer.from('<html><script>'), 'text/html'],
    [Buffer.from('<html><script>'), 'image/png'],
    [Buffer.from('BEGIN:VCARD'), 'text/vcard'],
    [pdf, 'image/png'],
  ] as const)
    expect(await problemOf(await upload(bytes, type))).toMatchObject({
      status: 415,
      code: 'file_type_not_taken',
      errors: [{ location: 'body', fix: expect.any(String) }],
    });
  expect((await upload(Buffer.alloc(0), 'application/pdf')).status).toBe(422);
  expect((await upload(pdf, 'application/pdf', clinic.analyst)).status).toBe(403);
  expect((await upload(pdf, 'application/pdf', clinic.nobody)).status).toBe(401);
  const evil = { origin: 'https://evil.example' };
  expect((await upload(pdf, 'application/pdf', clinic.agent, evil)).status).toBe(403);
  expect((await states()).filter((state) => state === 'stored').length).toBe(before);
  expect(await states()).not.toContain('writing');
});

test('what comes on a connection after a refused file is answered', async () => {
  const { hostname, port } = new URL(clinic.url);
  const socket = connect(Number(port), hostname);
  let heard = '';
  socket.on('data', (bytes) => {
    heard += String(bytes);
  });
  const headers = { ...clinic.agent.headers, 'content-type': 'image/png', 'content-length': pdf.length };
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`);
  socket.write(`POST /api/v1/files HTTP/1.1\r\nhost: ${hostname}\r\n${lines.join('')}\r\n`);
  socket.write(pdf.subarray(0, 100_000));
  await expect.poll(() => heard).toContain('HTTP/1.1 415');
  socket.write(pdf.subarray(100_000));
  socket.write(`GET /healthz HTTP/1.1\r\nhost: ${hostname}\r\n\r\n`);
  await expect.poll(() => heard, { timeout: 10_000 }).toContain('HTTP/1.1 200');
  socket.destroy();
});

test('only a file of the clinic that is still there goes out', async () => {
  const { id } = await bodyOf(taken, await upload(pdf, 'application/pdf', clinic.stranger));
  for (const [body, code, location] of [
    [{ file_id: id }, 'file_unknown', 'body.file_id'],
    [{ file_id: id, template: 'HX1' }, 'invalid_request', 'body.text'],
    [{}, 'invalid_request', 'body.text'],
  ] as const)
    expect(await problemOf(await send(body))).toMatchObject({ status: 422, code, errors: [{ location }] });
});
