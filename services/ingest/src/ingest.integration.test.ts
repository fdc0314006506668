import { randomUUID } from 'node:crypto';
import { connect, type Socket } from 'node:net';
import { text } from 'node:stream/consumers';
import { gzipSync } from 'node:zlib';
import { eventId } from '@switchboard/domain/ids';
import { sign as signRetell } from 'retell-sdk';
import { Webhook } from 'standardwebhooks';
import twilio from 'twilio';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { clinics } from './testing/clinics.ts';
import { type IngestStack, startIngestStack } from './testing/ingest-stack.ts';
import { answerOf, callBody, post, zoiceHeaders } from './testing/post-webhook.ts';
import { eventually } from './testing/topic-reader.ts';

const { asha, banyan, cedar } = clinics;
const [ashaSecret = { text: '' }, ashaOldSecret = { text: '' }] = asha.secrets;
const [banyanSecret = { text: '' }, banyanExpired = { text: '' }] = banyan.secrets;
const [cedarSecret = { text: '' }] = cedar.secrets;
const mebibyte = 1024 * 1024;
const refusedId = 'evt_refused';
const now = () => Math.floor(Date.now() / 1000);

let stack: IngestStack;
let hook: string;
beforeAll(async () => {
  stack = await startIngestStack(inject('engines').schemaRegistry);
  hook = `${stack.ingest.url}/api/v1/voice/webhook`;
  // A broker's first answer on new topics may take longer than a vendor waits.
  await eventually(async () => ((await postZoice(bodyText())).status === 202 ? true : undefined));
});
afterAll(() => stack?.stop());

const ashaHook = () => `${hook}/${asha.slug}`;
function postZoice(body: Buffer | string, secret = ashaSecret.text, url = ashaHook()) {
  return post(url, typeof body === 'string' ? body : new Uint8Array(body), zoiceHeaders(secret, body));
}
const idOf = (vendorId: string, vendor = 'zoice') => eventId(asha.id, vendor, 'voice-call', vendorId);
const bodyText = (id: string = randomUUID(), overrides = {}) => JSON.stringify(callBody(id, overrides));

describe('a signed webhook', () => {
  it('is on the topic when it is answered 202, under an id that its repeat has too', async () => {
    const traceparent = '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01';
    const body = bodyText('evt_1', { future_field: { a: [1] } });
    const first = await post(ashaHook(), body, { ...zoiceHeaders(ashaSecret.text, body), traceparent });
    const again = await postZoice(body);
    const id = idOf('evt_1');
    expect([first.status, first.body]).toEqual([202, { status: 'accepted', event_id: id }]);
    expect(again.body).toEqual(first.body);
    const { key, headers, value } = await stack.topics.call(id);
    expect(key).toBe(`${asha.id}:call-of-evt_1`);
    expect(headers).toMatchObject({ 'event-id': id, 'tenant-id': asha.id, traceparent });
    expect(Math.abs(Date.parse(headers['received-at'] ?? '') - Date.now())).toBeLessThan(60_000);
    expect(value).toMatchObject({ tenant_id: asha.id, source: 'zoice', vendor_event_id: 'evt_1' });
    expect(value.extra).toBe('{"/future_field":{"a":[1]}}');
  });

  it('may be signed by the Standard Webhooks library', async () => {
    const body = bodyText();
    const at = new Date();
    const answer = await post(`${hook}/${asha.id.toUpperCase()}`, body, {
      'content-type': 'application/json; charset=utf-8',
      'webhook-id': 'msg_1',
      'webhook-timestamp': String(Math.floor(at.getTime() / 1000)),
      'webhook-signature': new Webhook(ashaSecret.text).sign('msg_1', at, body),
    });
    expect(answer.status).toBe(202);
  });

  it('may use each secret of an overlap, and without a path the default tenant’s', async () => {
    const answers = await Promise.all([
      postZoice(bodyText(), ashaOldSecret.text),
      postZoice(bodyText(), asha.defaultSecret, hook),
      postZoice(bodyText(), ashaSecret.text, hook),
    ]);
    expect(answers.map(({ status }) => status)).toEqual([202, 202, 202]);
  });

  it('may be of another vendor, signed as that one signs', async () => {
    const postRetell = async (event: string) => {
      const body = JSON.stringify({ event, call: { call_id: 'rt_1', direction: 'inbound' } });
      const headers = {
        'content-type': 'application/json',
        'x-retell-signature': await signRetell(body, ashaSecret.text),
      };
      return post(`${ashaHook()}?vendor=retell`, body, headers);
    };
    const answer = await postRetell('call_ended');
    expect(answer.status).toBe(202);
    const { value } = await stack.topics.call(String(answer.body.event_id));
    expect(value).toMatchObject({ source: 'retell', call_id: 'rt_1', event_type: 'call.completed' });
    const other = await postRetell('transcript_updated');
    expect([other.status, other.body]).toEqual([200, { status: 'ignored' }]);
    expect((await postZoice(bodyText(), ashaSecret.text, `${ashaHook()}?vendor=retell`)).status).toBe(401);
  });

  it('may carry the secret itself where the tenant switched that on', async () => {
    const headers = { 'content-type': 'application/json', 'x-webhook-secret': banyanSecret.text };
    expect((await post(`${hook}/${banyan.slug}`, bodyText(), headers)).status).toBe(202);
    expect(
      (await post(ashaHook(), bodyText(), { ...headers, 'x-webhook-secret': ashaSecret.text })).status,
    ).toBe(401);
    expect((await postZoice(bodyText(), banyanSecret.text, `${hook}/${banyan.slug}`)).status).toBe(401);
  });

  it('may come in chunks, without a length', async () => {
    const body = bodyText();
    const headers = zoiceHeaders(ashaSecret.text, body);
    const stream = new Blob([body]).stream();
    const answer = await answerOf(ashaHook(), { method: 'POST', headers, body: stream, duplex: 'half' });
    expect(answer.status).toBe(202);
  });
});

describe('who is not who they say', () => {
  const cases: [string, () => Promise<{ status: number; body: Record<string, unknown> }>, string][] = [
    [
      'no signature',
      () => post(ashaHook(), bodyText(refusedId), { 'content-type': 'application/json' }),
      'signature_missing',
    ],
    ['a wrong signature', () => postZoice(bodyText(refusedId), 'another'), 'signature_invalid'],
    [
      'the signature of another body',
      () => post(ashaHook(), bodyText(refusedId), zoiceHeaders(ashaSecret.text, '{}')),
      'signature_invalid',
    ],
    [
      'an old signature',
      () => post(ashaHook(), '{}', zoiceHeaders(ashaSecret.text, '{}', now() - 301)),
      'signature_expired',
    ],
    [
      'a signature from ahead',
      () => post(ashaHook(), '{}', zoiceHeaders(ashaSecret.text, '{}', now() + 310)),
      'signature_expired',
    ],
    [
      'an unknown tenant',
      () => postZoice(bodyText(refusedId), ashaSecret.text, `${hook}/nobody`),
      'signature_invalid',
    ],
    ['another tenant’s secret', () => postZoice(bodyText(refusedId), cedarSecret.text), 'signature_invalid'],
    [
      'the default secret for another tenant',
      () => postZoice(bodyText(refusedId), asha.defaultSecret, `${hook}/${banyan.id}`),
      'signature_invalid',
    ],
    [
      'a secret whose overlap is over',
      () =>
        post(`${hook}/${banyan.slug}`, bodyText(refusedId), {
          'content-type': 'application/json',
          'x-webhook-secret': banyanExpired.text,
        }),
      'signature_invalid',
    ],
    [
      'a wrong secret beside a right signature',
      () => post(ashaHook(), '{}', { ...zoiceHeaders(ashaSecret.text, '{}'), 'x-webhook-secret': 'x' }),
      'signature_invalid',
    ],
    ['an invalid body that is not theirs', () => postZoice('not json', 'another'), 'signature_invalid'],
  ];

  it.each(cases)('%s: 401', async (_name, send, code) => {
    const answer = await send();
    expect([answer.status, answer.body.code]).toEqual([401, code]);
  });

  it('of all that, nothing is stored', async () => {
    const marker = await postZoice(bodyText());
    await stack.topics.call(String(marker.body.event_id));
    expect(stack.topics.calls.filter(({ value }) => value.vendor_event_id === refusedId)).toEqual([]);
    expect(stack.topics.deadLetters).toEqual([]);
  });

  it('a signature header twice: 401', async () => {
    const headers = zoiceHeaders(ashaSecret.text, '{}');
    const lines = [
      'content-type: application/json',
      `x-zoice-signature: ${headers['x-zoice-signature']}`,
      `X-Zoice-Signature: ${headers['x-zoice-signature']}`,
    ];
    expect(
      await raw([
        'POST /api/v1/voice/webhook/asha-clinic HTTP/1.1',
        'host: x',
        ...lines,
        'content-length: 2',
        'connection: close',
        '',
        '{}',
      ]),
    ).toMatch(/^HTTP\/1\.1 401 /);
  });

  it('a suspended clinic: 403, only to who has its secret', async () => {
    expect((await postZoice(bodyText(), cedarSecret.text, `${hook}/${cedar.slug}`)).status).toBe(403);
    expect((await postZoice(bodyText(), 'another', `${hook}/${cedar.slug}`)).status).toBe(401);
  });

  it('the unknown tenant’s answer is that of a wrong signature', async () => {
    const unknown = await postZoice(bodyText(), 'another', `${hook}/nobody`);
    const wrong = await postZoice(bodyText(), 'another');
    const shared = ({ body }: typeof wrong) => ({ ...body, instance: '', request_id: '' });
    expect(shared(unknown)).toEqual(shared(wrong));
  });
});

describe('a message of Twilio', () => {
  const path = '/api/v1/whatsapp/webhook';
  const fields = {
    MessageSid: 'SM00000000000000000000000000000001',
    From: 'whatsapp:+919812345678',
    To: 'whatsapp:+912240001234',
    Body: 'Can I come tomorrow?',
  };
  const postTwilio = (at: string, sent: Record<string, string>, token = 'token of the default clinic') =>
    post(`${stack.ingest.url}${at}`, new URLSearchParams(sent), {
      'x-twilio-signature': twilio.getExpectedTwilioSignature(token, `https://hooks.example${at}`, sent),
    });

  it('is on the topic when it is answered with empty TwiML, and its repeat has the same id', async () => {
    const answers = [await postTwilio(path, fields), await postTwilio(`${path}/${asha.slug}`, fields)];
    expect(answers.map(({ status, text }) => [status, text.endsWith('<Response/>')])).toEqual(
      Array(2).fill([200, true]),
    );
    expect(answers[0]?.headers.get('content-type')).toMatch(/^text\/xml/);
    const sent = await eventually(() =>
      stack.topics.messages.length >= 2 ? stack.topics.messages : undefined,
    );
    expect(new Set(sent.map(({ value }) => value.event_id)).size).toBe(1);
    expect(sent[0]?.value).toMatchObject({ tenant_id: asha.id, body: fields.Body, channel: 'whatsapp' });
    // Ids and times are drawn, and may have any digits in them.
    const outside = JSON.stringify([sent[0]?.key, sent[0]?.headers])
      .replaceAll(/[\da-f]{8}(-[\da-f]{4}){3}-[\da-f]{12}|[\da-f]{16,}/g, 'id')
      .replaceAll(/\d{4}-\d\d-\d\dT[\d:.]+Z/g, 'time');
    expect(outside).toContain('"tenant-id":"id"');
    expect(outside).not.toContain('98123');
  });

  it('of another token, or for a clinic that nobody knows: 401', async () => {
    const answers = [await postTwilio(path, fields, 'another'), await postTwilio(`${path}/nobody`, fields)];
    expect(answers.map(({ status, body }) => [status, body.code])).toEqual(
      Array(2).fill([401, 'signature_invalid']),
    );
  });
});

describe('size and media', () => {
  it('6 MiB: 413, with and without a length, signed or not', async () => {
    const body = Buffer.alloc(6 * mebibyte, ' ');
    const headers = zoiceHeaders(ashaSecret.text, body);
    const chunked = { method: 'POST', headers, body: new Blob([body]).stream(), duplex: 'half' as const };
    const answers = [
      await postZoice(body),
      await answerOf(ashaHook(), chunked),
      await postZoice(body, 'another'),
    ];
    expect(answers.map(({ status, body: problem }) => [status, problem.code])).toEqual(
      Array(3).fill([413, 'body_too_large']),
    );
  });

  it('4.9 MiB goes through whole', async () => {
    const line = 'नमस्ते, मुझे कल शाम को आना है। ';
    const text = line.repeat(Math.floor((4.9 * mebibyte - 1_000) / Buffer.byteLength(line)));
    const body = bodyText(randomUUID(), { transcript: { turns: [{ speaker: 'caller', text }] } });
    expect(Buffer.byteLength(body) / mebibyte).toBeCloseTo(4.9, 2);
    const answer = await postZoice(body);
    expect(answer.status).toBe(202);
    const { value } = await stack.topics.call(String(answer.body.event_id));
    expect(value.transcript?.turns[0]?.text === text).toBe(true);
  });

  it.each([
    ['text/plain', {}],
    ['application/json; charset=latin1', {}],
    ['nonsense', {}],
    ['application/json', { 'content-encoding': 'gzip' }],
  ])('%s %j: 415', async (type, more) => {
    const body = gzipSync(bodyText());
    const answer = await post(ashaHook(), new Uint8Array(body), {
      ...zoiceHeaders(ashaSecret.text, body),
      'content-type': type,
      ...more,
    });
    expect([answer.status, answer.headers.get('content-type')]).toEqual([415, 'application/problem+json']);
  });
});

describe('an authentic body that is not valid', () => {
  it('that is no JSON: 400 and one dead letter, however often it comes', async () => {
    const body = Buffer.from('{"event":');
    const answers = [await postZoice(body), await postZoice(body, ashaOldSecret.text)];
    expect(answers.map(({ status, body: problem }) => [status, problem.code])).toEqual(
      Array(2).fill([400, 'not_json']),
    );
    const letters = await stack.topics.deadLettersOf(
      ({ sealed }) => stack.sealer.open(sealed).equals(body),
      2,
    );
    expect(new Set(letters.map(({ key, value }) => `${key} ${value.dead_letter_id}`)).size).toBe(1);
    expect(letters[0]?.value).toMatchObject({
      tenant_id: asha.id,
      stage: 'ingest',
      reason: 'not_json',
      source: 'zoice',
      topic: null,
      content_type: 'application/json',
      attempts: 1,
    });
  });

  it('that lacks call.id: 422 naming it, and a dead letter', async () => {
    const body = bodyText('evt_no_call_id', { call: { direction: 'inbound' } });
    const { status, headers, body: problem } = await postZoice(body);
    expect([status, headers.get('content-type')]).toEqual([422, 'application/problem+json']);
    expect(problem).toMatchObject({
      type: 'urn:switchboard:problem:invalid_body',
      title: 'Invalid content',
      status: 422,
      instance: '/api/v1/voice/webhook/asha-clinic',
      request_id: headers.get('x-request-id'),
      code: 'invalid_body',
      errors: [{ location: 'call.id', message: 'is missing', fix: 'Send a string.' }],
    });
    const [letter] = await stack.topics.deadLettersOf(
      ({ event_id }) => event_id === idOf('evt_no_call_id'),
      1,
    );
    expect(letter?.value).toMatchObject({
      reason: 'invalid_body',
      detail: 'call.id is missing',
      call_id: null,
    });
    expect(stack.sealer.open(letter?.value.sealed ?? Buffer.of()).toString()).toBe(body);
  });

  it('of a vendor that nobody knows: 422 and a dead letter', async () => {
    const answer = await postZoice(bodyText('evt_lark'), ashaSecret.text, `${ashaHook()}?vendor=lark`);
    expect([answer.status, answer.body.code]).toEqual([422, 'unknown_vendor']);
    const [letter] = await stack.topics.deadLettersOf(
      ({ event_id }) => event_id === idOf('evt_lark', 'lark'),
      1,
    );
    expect(letter?.value).toMatchObject({ source: 'lark', reason: 'unknown_vendor' });
  });

  it.each([
    ['nothing', '', 400],
    ['an array', '[]', 422],
    ['100,000 levels', `{"a":${'['.repeat(100_000)}${']'.repeat(100_000)}}`, 422],
    ['100,000 open brackets', '['.repeat(100_000), 400],
    ['bytes that are no UTF-8', Buffer.from([0x7b, 0xff, 0x7d]), 400],
    [
      'a number beyond all',
      bodyText('evt_big').replace('"call"', '"quality":{"latency_ms_p50":1e999},"call"'),
      422,
    ],
    [
      '1e9s that grow past the topic’s limit',
      bodyText('evt_grow', { metadata: { a: 'here' } }).replace(
        '"here"',
        `[${Array(1_000_000).fill('1e9').join()}]`,
      ),
      422,
    ],
  ])('like %s: no 5xx, and a dead letter', async (_name, body, status) => {
    const answer = await postZoice(body);
    expect(answer.status).toBe(status);
    await stack.topics.deadLettersOf(({ sealed }) => stack.sealer.open(sealed).equals(Buffer.from(body)), 1);
  });
});

describe('hostile but valid', () => {
  it('names, numbers and texts pass without harm', async () => {
    const body = bodyText('evt_hostile', { summary: 'HERE' })
      .replace(
        '"call":{',
        '"__proto__":{"admin":true},"constructor":{"prototype":{}},"big":12345678901234567890,"call":{"__proto__":{"id":"x"},',
      )
      .replace('HERE', 'a\\u0000b\\ud800c');
    const answer = await postZoice(body);
    expect(answer.status).toBe(202);
    const { value } = await stack.topics.call(String(answer.body.event_id));
    expect(value.summary).toBe('ab\ufffdc');
    expect(value.extra).toBe(
      '{"/__proto__":{"admin":true},"/constructor":{"prototype":{}},"/big":12345678901234567890,"/call/__proto__":{"id":"x"}}',
    );
  });
});

describe('other addresses', () => {
  it('answers 404, 405 and a broken address with problems', async () => {
    const { url } = stack.ingest;
    const answers = await Promise.all([
      answerOf(`${url}/api/v1/nothing`),
      answerOf(ashaHook()),
      answerOf(`${hook}/health`, { method: 'POST', body: '{}' }),
      answerOf(`${hook}/%zz`, { method: 'POST' }),
    ]);
    expect(answers.map(({ status }) => status)).toEqual([404, 405, 405, 400]);
    for (const { headers, body } of answers) {
      expect(headers.get('content-type')).toBe('application/problem+json');
      expect(body.request_id).toBeTypeOf('string');
    }
    expect(answers.map(({ headers }) => headers.get('allow'))).toEqual([null, 'POST', 'GET, HEAD', null]);
  });

  it('says that it is well, and counts without naming anybody', async () => {
    const health = await answerOf(`${hook}/health`);
    expect([health.status, health.body]).toEqual([
      200,
      { status: 'ok', checks: { broker: 'ok', tenants: 'ok' } },
    ]);
    expect((await answerOf(`${stack.ingest.url}/healthz`)).status).toBe(200);
    expect((await answerOf(`${stack.ingest.url}/readyz`)).status).toBe(200);
    const excluded = await answerOf(`${stack.ingest.url}/readyz?exclude=broker`);
    expect([excluded.status, excluded.body]).toEqual([200, { status: 'ok', checks: { tenants: 'ok' } }]);
    const { text } = await answerOf(`${stack.ingest.url}/metrics`);
    expect(text).toMatch(
      /http_request_duration_seconds_count\{.*route="\/api\/v1\/voice\/webhook\/:tenant",status_class="2xx"/,
    );
    expect(text).toMatch(/switchboard_ingest_dead_letters_total\{reason="invalid_body"/);
    expect(text).toMatch(/switchboard_ingest_body_bytes_in_flight\{service="ingest"\} 0/);
    expect(text).not.toContain(asha.slug);
  });

  it('logs nothing of what was sent', async () => {
    const log = await stack.logOf(stack.ingest);
    expect(log).toContain('"answered"');
    for (const planted of ['+919812345678', 'नमस्ते', ashaSecret.text, asha.defaultSecret])
      expect(log).not.toContain(planted);
  });
});

describe('limits', () => {
  it('turns an address away that proves nothing, but not one that does', async () => {
    const limited = await stack.startIngest({ INGEST_ADDRESS_LIMIT_PER_MINUTE: '5' });
    const url = `${limited.url}/api/v1/voice/webhook/${asha.slug}`;
    const proven = () => postZoice(bodyText(), ashaSecret.text, url);
    await eventually(async () => ((await proven()).status === 202 ? true : undefined));
    for (let time = 0; time < 10; time += 1) expect((await proven()).status).toBe(202);
    for (let time = 0; time < 5; time += 1)
      expect((await postZoice(bodyText(), 'another', url)).status).toBe(401);
    const { status, headers, body } = await proven();
    expect([status, body.code]).toEqual([429, 'rate_limited']);
    expect(Number(headers.get('retry-after'))).toBeGreaterThan(0);
    expect([headers.get('ratelimit-limit'), headers.get('ratelimit-remaining')]).toEqual(['5', '0']);
    await limited.stop();
  });

  it('answers 503 when too many bytes are in flight, and takes more when they are gone', async () => {
    const small = await stack.startIngest({ INGEST_MAX_BYTES_IN_FLIGHT: String(5 * mebibyte) });
    const url = `${small.url}/api/v1/voice/webhook/${asha.slug}`;
    const post = () => postZoice(bodyText(), ashaSecret.text, url);
    await eventually(async () => ((await post()).status === 202 ? true : undefined));
    const slow = beginUpload(small.port, 5 * mebibyte);
    slow.write(Buffer.alloc(5 * mebibyte - 100, ' '));
    await eventually(async () => {
      const { text } = await answerOf(`${small.url}/metrics`);
      return text.includes(`body_bytes_in_flight{service="ingest"} ${5 * mebibyte - 100}`) ? true : undefined;
    });
    const overloaded = await post();
    expect(overloaded.status).toBe(503);
    expect([overloaded.body.code, overloaded.headers.get('retry-after')]).toEqual(['overloaded', '2']);
    slow.destroy();
    await eventually(async () => ((await post()).status === 202 ? true : undefined));
    await small.stop();
  });

  it('ends a request that takes too long to arrive', async () => {
    const hasty = await stack.startIngest({ INGEST_REQUEST_TIMEOUT_MS: '1000' });
    await eventually(async () => ((await answerOf(`${hasty.url}/readyz`)).status === 200 ? true : undefined));
    const slow = beginUpload(hasty.port, 1_000);
    const answer = await new Promise<string>((resolve) =>
      slow.once('data', (data) => resolve(data.toString())),
    );
    expect(answer).toMatch(/^HTTP\/1\.1 408 .*application\/problem\+json.*"code":"request_timeout"/s);
    slow.destroy();
    await hasty.stop();
  });
});

describe('when engines are away', () => {
  it('takes webhooks without Postgres, having known its tenants once', async () => {
    await stack.postgres.stop();
    await eventually(async () =>
      (await stack.logOf(stack.ingest)).includes('tenants were not loaded') ? true : undefined,
    );
    const answers = await Promise.all(Array.from({ length: 20 }, () => postZoice(bodyText())));
    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([202]));
    expect((await answerOf(`${hook}/health`)).status).toBe(200);
  });

  it('answers 503 and never 401 before it knew them, and goes to work when Postgres is back', async () => {
    await stack.registry.stop();
    const fresh = await stack.startIngest();
    const url = `${fresh.url}/api/v1/voice/webhook/${asha.slug}`;
    for (const secret of [ashaSecret.text, 'another']) {
      const { status, headers, body } = await postZoice(bodyText(), secret, url);
      expect([status, body.code, headers.get('retry-after')]).toEqual([503, 'starting', '2']);
    }
    const health = await answerOf(`${fresh.url}/api/v1/voice/webhook/health`);
    expect([health.status, health.body.checks]).toMatchObject([
      503,
      { tenants: 'tenants are not loaded yet: Postgres is waited for' },
    ]);
    await stack.postgres.restart();
    // The registry stays away: the schemas' ids are on the disk.
    await eventually(async () =>
      (await postZoice(bodyText(), ashaSecret.text, url)).status === 202 ? true : undefined,
    );
    await fresh.stop();
  });

  it('answers 503 without a broker before a vendor gives up, and takes all again by itself', async () => {
    await stack.kafka.stop();
    const health = await eventually(async () => {
      const answer = await answerOf(`${hook}/health`);
      return answer.status === 503 ? answer : undefined;
    });
    expect(health.body).toMatchObject({ status: 'unavailable', checks: { tenants: 'ok' } });
    const answers = await Promise.all([
      postZoice(bodyText()),
      postZoice(bodyText(undefined, { call: {} })),
      postZoice('no json'),
    ]);
    for (const { status, headers, body, ms } of answers) {
      expect([status, body.code, headers.get('retry-after')]).toEqual([503, 'broker_unavailable', '2']);
      // Its deadline is 1.5 s; without one it would wait for the broker.
      expect(ms).toBeLessThan(10_000);
    }
    expect((await postZoice(bodyText(), 'another')).status).toBe(401);
    await stack.kafka.restart();
    const id = randomUUID();
    const answer = await eventually(async () => {
      const one = await postZoice(bodyText(id));
      return one.status === 202 ? one : undefined;
    });
    await stack.topics.call(String(answer.body.event_id));
    expect((await answerOf(`${hook}/health`)).status).toBe(200);
  });
});

describe('on SIGTERM', () => {
  it('is not ready first, answers what it has, and ends with 0', async () => {
    const ending = await stack.startIngest({ INGEST_DRAIN_DELAY_MS: '10000' });
    const url = `${ending.url}/api/v1/voice/webhook/${asha.slug}`;
    const take = () => postZoice(bodyText(), ashaSecret.text, url);
    await eventually(async () => ((await take()).status === 202 ? true : undefined));
    const unused = text(connect(Number(new URL(ending.url).port), '127.0.0.1'));
    const { exited } = ending;
    await ending.kill('SIGTERM');
    const ready = await eventually(async () => {
      const answer = await answerOf(`${ending.url}/readyz`);
      return answer.status === 503 ? answer : undefined;
    });
    expect(ready.body.status).toBe('draining');
    const { status, headers } = await take();
    expect([status, headers.get('connection')]).toEqual([202, 'close']);
    expect(await exited).toEqual({ code: 0, signal: null });
    // A connection that was never used is ended, and not waited for until its 408.
    expect(await unused).toBe('');
  });
});

/** The headers of a webhook whose body is to follow. */
function beginUpload(port: number, length: number): Socket {
  const socket = connect(port, '127.0.0.1').on('error', () => undefined);
  const headers = Object.entries(zoiceHeaders(ashaSecret.text, ''));
  const lines = headers.map(([name, value]) => `${name}: ${value}`);
  const request = `POST /api/v1/voice/webhook/${asha.slug} HTTP/1.1`;
  socket.write([request, 'host: x', ...lines, `content-length: ${length}`, '', ''].join('\r\n'));
  return socket;
}

/** What ingest answers to these very bytes. */
function raw(lines: readonly string[]): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connect(stack.ingest.port, '127.0.0.1');
    let answer = '';
    socket.on('data', (data) => {
      answer += data.toString('latin1');
    });
    socket.on('error', reject).on('close', () => resolve(answer));
    socket.write(lines.join('\r\n'));
  });
}
