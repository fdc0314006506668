import { Webhook } from 'standardwebhooks';
import { expect, it } from 'vitest';
import { signWebhook } from './sign.ts';

const secret = (byte: number) => `whsec_${Buffer.alloc(32, byte).toString('base64')}`;
const body = JSON.stringify({ type: 'appointment.booked', note: 'nähe, 你好' });
const now = () => Math.floor(Date.now() / 1_000);

it('signs so that the official library takes it, for whoever knows the old or the new secret, and nobody else', () => {
  const headers = signWebhook({ id: 'msg_1', body, unixSeconds: now(), secrets: [secret(1), secret(2)] });
  for (const known of [1, 2])
    expect(new Webhook(secret(known)).verify(body, headers)).toEqual(JSON.parse(body));
  expect(() => new Webhook(secret(3)).verify(body, headers)).toThrow('No matching signature');
  expect(() => new Webhook(secret(1)).verify(body.replace('booked', 'moved'), headers)).toThrow();
  expect(() => new Webhook(secret(1)).verify(body, { ...headers, 'webhook-id': 'msg_2' })).toThrow();
});
