import { createHmac, randomBytes } from 'node:crypto';
import { Webhook } from 'standardwebhooks';
import { describe, expect, it } from 'vitest';
import { checkClaims, type Prover, readClaims } from './check-signatures.ts';
import { secretScheme } from './secret.ts';
import { createSigningSecret } from './secrets.ts';
import { standardScheme } from './standard.ts';
import { zoiceScheme } from './zoice.ts';

const schemes = [standardScheme, zoiceScheme, secretScheme];
const now = 1_780_000_000;
const body = Buffer.from('{"event":"call.completed","text":"नमस्ते"}');
const text = `whsec_${randomBytes(24).toString('base64')}`;
const secret = createSigningSecret('one', text);
const older = createSigningSecret('older', `whsec_${randomBytes(32).toString('base64')}`);
const allModes = new Set(['standard', 'zoice', 'secret']);

function check(
  headers: Record<string, string>,
  prover: Partial<Prover> | null = {},
  bytes = body,
  repeated = '',
) {
  const rawHeaders = Object.entries(headers).flat();
  if (repeated) rawHeaders.push(repeated, 'x');
  const claims = readClaims({ headers, rawHeaders }, schemes, now);
  if (typeof claims === 'string') return claims;
  const full = prover && { webhookModes: allModes, secrets: [older, secret], ...prover };
  return checkClaims(claims, full ?? undefined, 2, bytes) ?? 'ok';
}

function standard(bytes: Buffer | string = body, at = now, key = text): Record<string, string> {
  return {
    'webhook-id': 'msg_1',
    'webhook-timestamp': String(at),
    'webhook-signature': new Webhook(key).sign('msg_1', new Date(at * 1000), bytes.toString()),
  };
}

function zoice(
  at: number | string = now,
  key: string | Buffer = text,
  bytes: Buffer = body,
): Record<string, string> {
  const digest = createHmac('sha256', key).update(`${at}.`).update(bytes).digest('hex');
  return { 'x-zoice-signature': `t=${at},v1=${digest}` };
}

describe('Standard Webhooks', () => {
  it('takes what the reference library signs', () => {
    expect(check(standard())).toBe('ok');
  });

  it('takes any of several signatures, of any active secret, and passes over other versions', () => {
    const { 'webhook-signature': right, ...rest } = standard();
    const wrong = `v1,${randomBytes(32).toString('base64')}`;
    expect(check({ ...rest, 'webhook-signature': `v1a,abcd ${wrong} ${right}` })).toBe('ok');
    expect(check({ ...rest, 'webhook-signature': `v2${right?.slice(2)}` })).toBe('malformed');
  });

  it.each([
    ['another body', standard('{}')],
    ['another secret', standard(body, now, `whsec_${randomBytes(24).toString('base64')}`)],
    ['another id', { ...standard(), 'webhook-id': 'msg_2' }],
    ['another time', { ...standard(), 'webhook-timestamp': String(now - 1) }],
  ])('refuses %s', (_name, headers) => {
    expect(check(headers)).toBe('wrong');
  });

  it('refuses what is older or further ahead than 5 minutes, and no less', () => {
    expect(check(standard(body, now - 300))).toBe('ok');
    expect(check(standard(body, now + 300))).toBe('ok');
    expect(check(standard(body, now - 301))).toBe('stale');
    expect(check(standard(body, now + 301))).toBe('stale');
  });

  it.each(['', 'x', '1e9', '-1', '1780000000.5', ' 1780000000', '9'.repeat(400)])(
    'refuses the time %j',
    (time) => {
      expect(check({ ...standard(), 'webhook-timestamp': time })).toBe('malformed');
    },
  );

  it('takes a text that is no base64 as its own key, and makes no short or empty one of it', () => {
    const plain = ['!!!!!!!!', 'whsec_!!', 'abcdefgh', 'a plain secret'];
    for (const one of plain) {
      const { standardKey, textKey } = createSigningSecret('plain', one);
      expect(standardKey.equals(textKey)).toBe(true);
    }
    const sign = (key: string) =>
      createHmac('sha256', key).update(`msg_1.${now}.`).update(body).digest('base64');
    const headers = (key: string) => ({ ...standard(), 'webhook-signature': `v1,${sign(key)}` });
    const secrets = [createSigningSecret('plain', 'a plain secret')];
    expect(check(headers('a plain secret'), { secrets })).toBe('ok');
    expect(check(headers(''), { secrets: [createSigningSecret('plain', '!!!!!!!!')] })).toBe('wrong');
  });
});

it('takes no secret that can be guessed', () => {
  for (const text of ['', 'whsec_', '1234567'])
    expect(() => createSigningSecret('weak', text)).toThrow(/8 characters/);
});

describe('Zoice', () => {
  it('takes the HMAC of time and body under the text of the secret', () => {
    expect(check(zoice())).toBe('ok');
    expect(check(zoice(now, text), { secrets: [createSigningSecret('plain', 'пароль-secret')] })).toBe(
      'wrong',
    );
    expect(
      check(zoice(now, 'пароль-secret'), { secrets: [createSigningSecret('plain', 'пароль-secret')] }),
    ).toBe('ok');
  });

  it('takes several v1, one of them right', () => {
    const header = zoice()['x-zoice-signature'] ?? '';
    expect(check({ 'x-zoice-signature': header.replace(',v1=', `,v1=${'0'.repeat(64)},v1=`) })).toBe('ok');
  });

  it.each([
    ['of another body', zoice(now, text, Buffer.from('{}')), 'wrong'],
    ['of another secret', zoice(now, 'another'), 'wrong'],
    ['that is old', zoice(now - 301), 'stale'],
    ['from ahead', zoice(now + 301), 'stale'],
    ['without a time', { 'x-zoice-signature': `v1=${'0'.repeat(64)}` }, 'malformed'],
    ['with two times', { 'x-zoice-signature': `t=${now},t=${now - 1},v1=${'0'.repeat(64)}` }, 'malformed'],
    ['without a digest', { 'x-zoice-signature': `t=${now}` }, 'malformed'],
    ['that is cut', { 'x-zoice-signature': zoice()['x-zoice-signature']?.slice(0, -1) ?? '' }, 'malformed'],
    ['that is empty', { 'x-zoice-signature': '' }, 'malformed'],
  ])('refuses one %s', (_name, headers, reason) => {
    expect(check(headers)).toBe(reason);
  });
});

describe('all of them', () => {
  it('refuses a wrong signature beside a right one', () => {
    expect(check({ ...standard(), ...zoice() })).toBe('ok');
    expect(check({ ...standard(), ...zoice(now, 'another') })).toBe('wrong');
    expect(check({ ...zoice(), ...standard('{}') })).toBe('wrong');
    expect(check({ ...zoice(), 'x-webhook-secret': 'another' })).toBe('wrong');
    expect(check({ ...zoice(), 'x-webhook-secret': text })).toBe('ok');
  });

  it('takes a secret in a header only from a tenant that switched it on', () => {
    expect(check({ 'x-webhook-secret': text })).toBe('ok');
    expect(check({ 'x-webhook-secret': text }, { webhookModes: new Set(['standard', 'zoice']) })).toBe(
      'mode_off',
    );
    expect(check(zoice(), { webhookModes: new Set(['standard']) })).toBe('mode_off');
  });

  it('refuses no signature, a repeated header, an unknown tenant and a tenant without secrets', () => {
    expect(check({})).toBe('missing');
    expect(check({ 'webhook-id': 'msg_1' })).toBe('missing');
    expect(check(zoice(), {}, body, 'X-Zoice-Signature')).toBe('repeated_header');
    expect(check(standard(), {}, body, 'Webhook-Id')).toBe('repeated_header');
    expect(check(zoice(), null)).toBe('unknown_tenant');
    expect(check(zoice(), { secrets: [] })).toBe('wrong');
  });

  it('does as many HMACs for an unknown tenant as for the one with the most secrets', () => {
    let made = 0;
    const claim = {
      presented: [randomBytes(32)],
      expected() {
        made += 1;
        return [randomBytes(32)];
      },
    };
    const count = (prover: Prover | undefined) => {
      made = 0;
      checkClaims([{ scheme: zoiceScheme, claim }], prover, 3, body);
      return made;
    };
    expect(count(undefined)).toBe(3);
    expect(count({ webhookModes: allModes, secrets: [secret] })).toBe(3);
    expect(count({ webhookModes: allModes, secrets: [secret, older, secret] })).toBe(3);
  });
});
