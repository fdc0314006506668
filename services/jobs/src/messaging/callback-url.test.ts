import { expect, it } from 'vitest';
import { callbackUrl } from './callback-url.ts';

const twilio = 'https://api.twilio.com';
const path = '/api/v1/whatsapp/webhook/t1?send=m1';

it.each([
  ['https://hooks.clinic.example', twilio, `https://hooks.clinic.example${path}`],
  ['https://hooks.clinic.example/', twilio, `https://hooks.clinic.example${path}`],
  ['https://clinic.example/switchboard/', twilio, `https://clinic.example/switchboard${path}`],
  [undefined, twilio, undefined],
  // Twilio refuses a message whose callback it can't reach.
  ['http://127.0.0.1:8080', twilio, undefined],
  ['http://localhost:8080', twilio, undefined],
  ['http://127.0.0.1:8080', 'http://127.0.0.1:9999', `http://127.0.0.1:8080${path}`],
])('%s, asked by %s', (publicUrl, apiUrl, url) => {
  expect(callbackUrl({ publicUrl, apiUrl }, 't1', 'm1')).toBe(url);
});
