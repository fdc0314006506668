import { IncomingMessage } from 'node:http';
import { Socket } from 'node:net';
import { createMetrics } from '@switchboard/platform';
import { RequestProblem } from '@switchboard/platform/problem';
import { createQuota } from '@switchboard/platform/quota';
import { expect, test } from 'vitest';
import { createInFlight } from '../admission/in-flight.ts';
import { createRateLimit } from '../admission/rate-limit.ts';
import { createIngestMetrics } from '../ingest-metrics.ts';
import type { Tenant } from '../tenants/tenant-directory.ts';
import { createAdmission } from './admit-request.ts';
import { createTakeVoiceWebhook } from './take-voice-webhook.ts';
import type { AuthenticWebhook } from './voice-webhook.ts';

const now = () => 0;
const addressLimit = 3;

function takeWith({ loaded = true, active = true }: { loaded?: boolean; active?: boolean }) {
  const state = { loaded, active };
  const tenant = (): Tenant => ({
    id: 't',
    slug: 't',
    active: state.active,
    webhookModes: new Set(),
    secrets: [],
    twilioSecrets: [],
    numbers: [],
    apiKeys: [],
    quotas: {},
  });
  const request = Object.assign(new IncomingMessage(new Socket()), {
    headers: { 'content-type': 'application/json' },
  });
  const webhook = { request, address: '203.0.113.7', tenantName: undefined, vendorName: 'zoice' };
  const quota = createQuota({ name: 'test', windowMs: 60_000, redis: undefined });
  const take = createTakeVoiceWebhook({
    admission: createAdmission({
      addressLimit: createRateLimit({ limit: addressLimit, windowMs: 60_000, now }),
      takeQuota: ({ id }) => quota.take(id, 1_000),
      chargeQuota: ({ id }, events) => quota.charge(id, events),
      inFlight: createInFlight({ maxRequests: 1, maxBytes: 1_000 }),
      maxBodyBytes: 1_000,
      checkMedia: () => undefined,
      isLoaded: () => state.loaded,
      metrics: createIngestMetrics(createMetrics('test')),
    }),
    authenticateSender: async (): Promise<AuthenticWebhook> => ({
      tenant: tenant(),
      vendorName: 'zoice',
      vendor: undefined,
      body: Buffer.alloc(0),
      contentType: 'application/json',
      receivedAt: 0,
      headers: { 'tenant-id': 't', traceparent: '', 'received-at': '' },
    }),
    acceptEvent: async () => 'event',
  });
  const outcome = () =>
    take(webhook).catch((error: unknown) =>
      error instanceof RequestProblem ? error.problem.status : String(error),
    );
  return { state, outcome };
}

test('a vendor that was told to come again is not told that it came too often', async () => {
  const { state, outcome } = takeWith({ loaded: false });
  for (let time = 0; time < addressLimit * 3; time += 1) expect(await outcome()).toBe(503);
  state.loaded = true;
  expect(await outcome()).toBe('event');
});

test('a suspended clinic does not lock out the others on its vendor’s address', async () => {
  const { state, outcome } = takeWith({ active: false });
  for (let time = 0; time < addressLimit * 3; time += 1) expect(await outcome()).toBe(403);
  state.active = true;
  expect(await outcome()).toBe('event');
});
