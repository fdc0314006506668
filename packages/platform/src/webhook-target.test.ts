import { expect, it } from 'vitest';
import { webhookTargetFault } from './webhook-target.ts';

const strict = { WEBHOOKS_ALLOW_HTTP: false, WEBHOOKS_ALLOW_PRIVATE: false };
const local = { WEBHOOKS_ALLOW_HTTP: true, WEBHOOKS_ALLOW_PRIVATE: true };

it.each([
  ['https://clinic.example/hook?key=1', undefined],
  ['https://8.8.8.8/hook', undefined],
  ['http://clinic.example/hook', 'must be an https address'],
  ['ftp://clinic.example/hook', 'must be an https address'],
  ['https://user:pass@clinic.example/', 'must be an address without user, password and fragment'],
  ['https://clinic.example/#a', 'must be an address without user, password and fragment'],
  ['https://127.0.0.1/', 'must be an address of the public internet'],
  ['https://127.1/', 'must be an address of the public internet'],
  ['https://0x7f000001/', 'must be an address of the public internet'],
  ['https://2130706433/', 'must be an address of the public internet'],
  ['https://[::1]/', 'must be an address of the public internet'],
  ['https://[::ffff:10.0.0.1]/', 'must be an address of the public internet'],
  ['https://169.254.169.254/latest/meta-data', 'must be an address of the public internet'],
  ['clinic.example', 'must be a URL of at most 2,000 characters'],
  [`https://clinic.example/${'a'.repeat(2_000)}`, 'must be a URL of at most 2,000 characters'],
])('%s', (url, fault) => {
  expect(webhookTargetFault(url, strict)).toBe(fault);
});

it('lets a local installation have http and private addresses', () => {
  expect(webhookTargetFault('http://127.0.0.1:9000/hook', local)).toBeUndefined();
  expect(webhookTargetFault('ws://127.0.0.1:9000/hook', local)).toBe('must be an http or https address');
});
