import { readFile } from 'node:fs/promises';
import { SwitchboardError, type WebhookTargets } from '@switchboard/platform';
import { resolveHost } from '@switchboard/platform/resolve-host';
import { type Certificates, makeCertificates } from '@switchboard/testkit/certificates';
import { startWebhookReceiver, type WebhookReceiver } from '@switchboard/testkit/webhook-receiver';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { newSecret } from '../testing/clinic.ts';
import { type PostOptions, postWebhook } from './post.ts';

const local: WebhookTargets = { WEBHOOKS_ALLOW_HTTP: true, WEBHOOKS_ALLOW_PRIVATE: true };
const publicOnly: WebhookTargets = { WEBHOOKS_ALLOW_HTTP: true, WEBHOOKS_ALLOW_PRIVATE: false };
const secret = newSecret();
let certificates: Certificates;
let receiver: WebhookReceiver;

beforeAll(async () => {
  certificates = await makeCertificates();
});
afterAll(() => certificates.remove());
beforeEach(async () => {
  receiver = await startWebhookReceiver({ secret });
});
afterEach(() => receiver.close());

const post = (url: string, options: Partial<PostOptions> = {}) =>
  postWebhook(
    { url, headers: { 'webhook-id': 'msg_1' }, body: '{}' },
    { timeoutMs: 5_000, targets: local, resolve: resolveHost, ...options },
  );

describe('a post', () => {
  it('tells the status and what Retry-After says', async () => {
    receiver.answer({ status: 429, headers: { 'retry-after': '30' } });
    expect(await post(receiver.url)).toEqual({ status: 429, retryAfter: '30' });
  });

  it.each([301, 302, 303, 307, 308])('follows no redirect (%i)', async (status) => {
    const elsewhere = await startWebhookReceiver({ secret });
    receiver.answer({ status, headers: { location: elsewhere.url } });
    expect(await post(receiver.url)).toEqual({ status });
    expect(elsewhere.received).toEqual([]);
    await elsewhere.close();
  });

  it('ends when the receiver hangs up', async () => {
    receiver.answer('hang up');
    expect(await post(receiver.url)).toEqual({ fault: 'not_connected' });
  });

  it('ends when nobody listens', async () => {
    await receiver.close();
    expect(await post(receiver.url)).toEqual({ fault: 'not_connected' });
  });

  it('ends when its time is over, and leaves no connection', async () => {
    receiver.answer('nothing');
    expect(await post(receiver.url, { timeoutMs: 200 })).toEqual({ fault: 'timeout' });
    await expect.poll(() => receiver.open()).toBe(0);
  });

  it('ends when its time is over while the name is looked up', async () => {
    const never = () => new Promise<string[]>(() => undefined);
    expect(await post('http://slow.example/', { timeoutMs: 200, resolve: never })).toEqual({
      fault: 'timeout',
    });
  });

  it('takes the status of a receiver that sends and sends, and hangs up on it', async () => {
    receiver.answer('endless');
    expect(await post(receiver.url)).toEqual({ status: 200 });
    await expect.poll(() => receiver.open()).toBe(0);
  });

  it('takes no certificate that nobody vouches for', async () => {
    const [key, cert] = await Promise.all([
      readFile(certificates.key, 'utf8'),
      readFile(certificates.certificate, 'utf8'),
    ]);
    const secure = await startWebhookReceiver({ secret, tls: { key, cert } });
    expect(await post(secure.url)).toEqual({ fault: 'tls_failed' });
    expect(secure.received).toEqual([]);
    await secure.close();
  });
});

describe('where only public addresses are allowed', () => {
  const port = () => new URL(receiver.url).port;

  it.each(['127.0.0.1', '[::1]', '[::ffff:127.0.0.1]', '127.1', '2130706433', '0'])(
    'none is posted to %s',
    async (host) => {
      expect(await post(`http://${host}:${port()}/`, { targets: publicOnly })).toEqual({
        fault: 'address_refused',
      });
      expect(receiver.open()).toBe(0);
    },
  );

  it.each([[['127.0.0.1']], [['::1', '::ffff:127.0.0.1']], [['10.0.0.1', '192.168.0.1', '169.254.169.254']]])(
    'none is posted to a name that leads to %s',
    async (addresses) => {
      const answer = await post(`http://clinic.example:${port()}/`, {
        targets: publicOnly,
        resolve: async () => addresses,
      });
      expect(answer).toEqual({ fault: 'address_refused' });
      expect(receiver.received).toEqual([]);
    },
  );

  it('the answer that was looked at is the one that is connected to: a name that leads elsewhere at a second look gains nothing', async () => {
    const answers = [['192.88.99.1'], ['127.0.0.1']];
    let asked = 0;
    const rebinding = async () => answers[asked++] ?? [];
    const url = `http://rebind.example:${port()}/`;
    expect(await post(url, { targets: publicOnly, resolve: rebinding })).toEqual({
      fault: 'address_refused',
    });
    expect(asked).toBe(1);
    expect(await post(url, { targets: publicOnly, resolve: rebinding })).toEqual({
      fault: 'address_refused',
    });
    expect(asked).toBe(2);
    expect(receiver.received).toEqual([]);
  });

  it('of several addresses of a name only public ones are tried', async () => {
    const answer = await post(`http://clinic.example:${port()}/`, {
      targets: publicOnly,
      timeoutMs: 500,
      resolve: async () => ['127.0.0.1', '2620:4f:8000::1'],
    });
    expect(answer).toMatchObject({ fault: expect.stringMatching(/^(not_connected|timeout)$/) });
    expect(receiver.received).toEqual([]);
  });

  it('none is posted without TLS unless that is allowed', async () => {
    const strict = { WEBHOOKS_ALLOW_HTTP: false, WEBHOOKS_ALLOW_PRIVATE: true };
    expect(await post(receiver.url, { targets: strict })).toEqual({ fault: 'address_refused' });
    expect(receiver.received).toEqual([]);
  });
});

describe('a host name', () => {
  it('is found where the system finds it', async () => {
    expect(await resolveHost('localhost')).toEqual(
      expect.arrayContaining([expect.stringMatching(/^(127\.0\.0\.1|::1)$/)]),
    );
    expect(await resolveHost('192.0.2.1')).toEqual(['192.0.2.1']);
  });

  it('that does not exist is no address', { timeout: 120_000 }, async () => {
    // However long name servers take to say so.
    await expect(resolveHost('nobody.invalid')).rejects.toMatchObject({ code: 'not_resolved' });
    const resolve = async () => {
      throw new SwitchboardError('not_resolved', 'a host name leads to no address');
    };
    expect(await post('http://nobody.invalid/', { resolve })).toEqual({ fault: 'not_resolved' });
    expect(receiver.received).toEqual([]);
  });
});
