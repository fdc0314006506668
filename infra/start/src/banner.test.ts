import { execFileSync } from 'node:child_process';
import { createHmac } from 'node:crypto';
import { expect, test } from 'vitest';
import { webhookCommand } from './banner.ts';

test('the printed line signs what it sends, in plain bash', () => {
  const secret = 'whsec_c2VjcmV0/+=';
  const command = webhookCommand({ ingest: 'http://127.0.0.1:8080', webhook_secret: secret });
  const dry = command.replace(/curl .*$/, `printf '%s\\n%s\\n%s' "$t" "$sig" "$body"`);
  const [time, signature, body = ''] = execFileSync('bash', ['-c', dry], { encoding: 'utf8' }).split('\n');
  expect(signature).toBe(createHmac('sha256', secret).update(`${time}.${body}`).digest('hex'));
  const event = JSON.parse(body);
  expect(event.event_id).toBe(`evt_${time}`);
  expect(Math.abs(Date.parse(event.occurred_at) - Date.now())).toBeLessThan(60_000);
  expect(command).not.toContain('\n');
});
