import { createServer } from 'node:http';
import { text } from 'node:stream/consumers';
import twilio from 'twilio';
import type RequestClient from 'twilio/lib/base/RequestClient.js';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { faultsBySeed, type SendRequest, type TwilioFault, twilioErrors } from './twilio-faults.ts';
import { startTwilio } from './twilio-server.ts';
import type { TwilioServer } from './twilio-server-types.ts';

const account = { accountSid: `AC${'1'.repeat(32)}`, authToken: 'the-token' };
const [patient, clinic] = ['+919812345678', '+912240001234'];
let server: TwilioServer;

/** The official library, led to the server. */
function client(authToken = account.authToken, timeout = 5_000) {
  class Led extends twilio.RequestClient {
    override request<T>(options: RequestClient.RequestOptions<T>) {
      return super.request<T>({ ...options, uri: options.uri.replace('https://api.twilio.com', server.url) });
    }
  }
  return twilio(account.accountSid, authToken, { httpClient: new Led({ timeout, keepAlive: false }) });
}

const send = (body: string, statusCallback?: string) =>
  client().messages.create({ to: `whatsapp:${patient}`, from: `whatsapp:${clinic}`, body, statusCallback });

beforeEach(async () => {
  server = await startTwilio({ accounts: [account] });
});
afterEach(() => server.close());

it('takes a message, shows it and lists it with filters and pages, newest first', async () => {
  const sent = [];
  for (const body of ['one', 'two', 'three']) sent.push(await send(body));
  expect(sent[0]).toMatchObject({ status: 'queued', direction: 'outbound-api', body: 'one', dateSent: null });
  expect(
    (
      await client()
        .messages(sent[1]?.sid ?? '')
        .fetch()
    ).body,
  ).toBe('two');
  const at = new Date('2026-01-02T03:04:05Z');
  await server.receive({ accountSid: account.accountSid, from: patient, to: clinic, body: 'hello', at });
  const { messages } = client();
  const bodies = async (options: Parameters<typeof messages.list>[0]) =>
    (await messages.list(options)).map(({ body }) => body);
  expect(await bodies({ pageSize: 2 })).toEqual(['three', 'two', 'one', 'hello']);
  expect(await bodies({ to: `whatsapp:${clinic}` })).toEqual(['hello']);
  expect(await bodies({ from: `whatsapp:${clinic}`, limit: 2 })).toEqual(['three', 'two']);
  // What waits to go out has no date of sending.
  expect(await bodies({ dateSentAfter: new Date('2026-01-01T00:00:00Z') })).toEqual(['hello']);
  expect(await bodies({ dateSentAfter: new Date('2026-01-03T00:00:00Z') })).toEqual([]);
  expect(await bodies({ dateSentBefore: new Date('2026-01-01T00:00:00Z') })).toEqual([]);
});

it.each([
  [twilioErrors.outsideWindow, { status: 400, code: 63_016 }],
  [twilioErrors.optedOut, { status: 400, code: 21_610 }],
  [twilioErrors.tooMany, { status: 429, code: 20_429 }],
])('refuses as Twilio does: %o', async (fault, error) => {
  server.faults(() => fault);
  await expect(send('x')).rejects.toMatchObject({
    ...error,
    moreInfo: `https://www.twilio.com/docs/errors/${error.code}`,
  });
  expect(server.messages).toEqual([]);
});

it('knows its accounts', async () => {
  await expect(client('another').messages.list()).rejects.toMatchObject({ status: 401, code: 20_003 });
});

it('loses the answer before or after it accepted', async () => {
  const accepted = async (fault: TwilioFault) => {
    const before = { requests: server.requests.length, messages: server.messages.length };
    server.faults(() => fault);
    const isLate = fault.kind === 'silent' || fault.kind === 'slow';
    const { messages } = client(account.authToken, isLate ? 200 : 5_000);
    // A client that gave up before its request came, as on a busy machine, has shown nothing.
    while (server.requests.length === before.requests)
      await expect(messages.create({ to: patient, from: clinic, body: 'x' })).rejects.toThrow();
    return server.messages.length > before.messages;
  };
  for (const kind of ['cut', 'silent'] as const)
    for (const yes of [true, false]) expect(await accepted({ kind, accepted: yes })).toBe(yes);
  expect(await accepted({ kind: 'broken', status: 503, accepted: true })).toBe(true);
  expect(await accepted({ kind: 'slow', ms: 2_000 })).toBe(true);
});

it('the same seed gives the same faults, whatever the order of requests', () => {
  const plan = faultsBySeed(3, [
    [0.3, { kind: 'cut', accepted: true }],
    [0.3, twilioErrors.tooMany],
  ]);
  const request = (index: number): SendRequest => ({
    number: 1,
    attempt: 1,
    to: patient,
    from: clinic,
    body: `${index}`,
  });
  const told = Array.from({ length: 300 }, (_, index) => plan(request(index))?.kind ?? 'fine');
  const again = Array.from({ length: 300 }, (_, index) => plan(request(299 - index))?.kind ?? 'fine');
  expect(again.toReversed()).toEqual(told);
  for (const kind of ['cut', 'refused', 'fine'])
    expect(told.filter((one) => one === kind).length).toBeGreaterThan(60);
});

it('posts status callbacks and inbound messages that the official library finds signed, some twice and out of order', async () => {
  const posts: { url: string; form: Record<string, string>; signature: string }[] = [];
  const receiver = createServer(async (request, response) => {
    const form = Object.fromEntries(new URLSearchParams(await text(request)));
    const signature = String(request.headers['x-twilio-signature']);
    posts.push({ url: `http://${request.headers.host}${request.url}`, form, signature });
    response.end();
  });
  await new Promise<void>((resolve) => receiver.listen(0, '127.0.0.1', resolve));
  const address = receiver.address();
  const url = `http://127.0.0.1:${typeof address === 'object' ? address?.port : ''}/hook?send=7`;
  server.callbacks({ statuses: ['sent', 'delivered', 'read'], twice: 0.5, outOfOrder: 1 });
  for (const body of ['one', 'two', 'three']) await send(body, url);
  await server.idle();
  const bytes = Buffer.from('a picture');
  const message = await server.receive({
    ...{ accountSid: account.accountSid, from: patient, to: clinic, body: 'see', postTo: url },
    media: [{ contentType: 'image/png', bytes }],
  });
  receiver.close();
  for (const { url: at, form, signature } of posts)
    expect(twilio.validateRequest(account.authToken, signature, at, form)).toBe(true);
  expect(posts.length).toBeGreaterThan(10);
  const told = posts.map(({ form }) => form.MessageStatus);
  expect(told.slice(0, -1)).not.toEqual([
    'sent',
    'delivered',
    'read',
    'sent',
    'delivered',
    'read',
    'sent',
    'delivered',
    'read',
  ]);
  expect(server.messages.slice(0, 3).map(({ status }) => status)).toEqual(['read', 'read', 'read']);

  const mediaUrl = posts.at(-1)?.form.MediaUrl0 ?? '';
  expect((await fetch(mediaUrl)).status).toBe(401);
  const authorization = `Basic ${btoa(`${account.accountSid}:${account.authToken}`)}`;
  const answer = await fetch(mediaUrl, { headers: { authorization } });
  expect([answer.redirected, answer.headers.get('content-type')]).toEqual([true, 'image/png']);
  expect(Buffer.from(await answer.arrayBuffer())).toEqual(bytes);
  const [medium] = await client().messages(message.sid).media.list();
  expect(`${server.url}${medium?.uri.replace('.json', '')}`).toBe(mediaUrl);
});

it('is back after a kill with what it accepted, and answers nobody in between', async () => {
  server.faults(({ body }) => (body === 'held' ? { kind: 'silent', accepted: true } : undefined));
  const held = send('held').catch((error) => error);
  await vi.waitFor(() => expect(server.messages.length).toBe(1), 15_000);
  const away = Promise.withResolvers<void>();
  const back = server.kill(away.promise);
  expect(await held).toBeInstanceOf(Error);
  await expect(send('refused')).rejects.toThrow(/ECONNREFUSED/);
  away.resolve();
  await back;
  await send('again');
  expect(server.messages.map(({ body }) => body)).toEqual(['held', 'again']);
});
