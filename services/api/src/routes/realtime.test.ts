import { connect } from 'node:net';
import { createLogger, createMetrics } from '@switchboard/platform';
import { type FastifyInstance, fastify } from 'fastify';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { Caller } from '../auth/caller.ts';
import { answerWithProblems } from '../plugins/problems.ts';
import { validateWithZod } from '../plugins/validation.ts';
import { type ConversationFeed, createConversationFeed } from '../realtime/conversation-feed.ts';
import { createHub, type Hub } from '../realtime/hub.ts';
import type { Snapshot } from '../realtime/snapshots.ts';
import { realtimeRoutes } from './realtime.ts';

const path = '/api/v1/analytics/realtime';
const streamsPerTenant = 5;
const caller: Caller = {
  kind: 'api_key',
  id: 'k',
  tenantId: 't',
  name: 'Test',
  scopes: ['analytics:read'],
};
const snapshot: Snapshot = {
  watermark: 1,
  dayEnds: Number.POSITIVE_INFINITY,
  body: {
    watermark: 1,
    as_of: null,
    freshness_ms: null,
    period: { time_period: 'today', start: '', end: '', time_zone: 'UTC' },
    voice_calls: { summary: {} },
    now: { calls_in_progress: 0 },
  },
};
let app: FastifyInstance;
let hub: Hub;
let conversations: ConversationFeed;
let port: number;
/** Whose right was checked, by the query that each asked with. */
let rechecks: string[];
let reading: PromiseWithResolvers<Snapshot>;
let rendered: () => Promise<string>;

beforeEach(async () => {
  rechecks = [];
  reading = Promise.withResolvers();
  const logger = createLogger({ service: 'test', level: 'silent' });
  const own = createMetrics('api');
  rendered = async () => (await own.render()).body;
  hub = createHub({ read: () => reading.promise, logger, isHearing: () => true, now: Date.now });
  conversations = createConversationFeed();
  app = fastify({ forceCloseConnections: true });
  answerWithProblems(app, logger);
  validateWithZod(app);
  app.decorateRequest('caller', null);
  realtimeRoutes(app, {
    hub,
    conversations,
    metrics: own,
    logger,
    streamsPerTenant,
    streams: 100,
    recheckMs: 5,
    identify: async ({ url }) => {
      rechecks.push(url);
      return caller;
    },
    allow: () => async (request) => {
      request.caller = caller;
    },
  });
  await app.listen({ host: '127.0.0.1', port: 0 });
  const address = app.server.address();
  port = typeof address === 'object' && address !== null ? address.port : 0;
});
afterEach(async () => {
  reading.resolve(snapshot);
  await app.close();
});

const openStreams = async () => Number(/^switchboard_api_streams\S* (\d+)$/m.exec(await rendered())?.[1]);
const ask = (signal?: AbortSignal, query = '') =>
  fetch(`http://127.0.0.1:${port}${path}${query}`, { signal });

test('a client that leaves before its first snapshot leaves nothing behind', async () => {
  const gone = new AbortController();
  const asked = Array.from({ length: streamsPerTenant }, () => ask(gone.signal).catch(() => undefined));
  await expect.poll(openStreams).toBe(streamsPerTenant);
  gone.abort();
  await Promise.all(asked);
  await expect.poll(openStreams).toBe(0);
  reading.resolve(snapshot);
  const staying = new AbortController();
  expect((await ask(staying.signal)).status).toBe(200);
  staying.abort();
  await expect.poll(openStreams).toBe(0);
  expect(hub.size()).toBe(0);
  rechecks = [];
  const later = new AbortController();
  expect((await ask(later.signal, '?interval=7')).status).toBe(200);
  // Any timer that was left would have come as often as this one's.
  await expect.poll(() => rechecks.length).toBeGreaterThan(5);
  expect(new Set(rechecks)).toEqual(new Set([`${path}?interval=7`]));
  later.abort();
});

test('the limit holds for those that come at once', async () => {
  const ending = new AbortController();
  const asked = Array.from({ length: 20 }, () => ask(ending.signal));
  await expect.poll(openStreams).toBe(streamsPerTenant);
  reading.resolve(snapshot);
  const statuses = (await Promise.all(asked)).map(({ status }) => status);
  expect(statuses.filter((status) => status === 200)).toHaveLength(streamsPerTenant);
  expect(statuses.filter((status) => status === 429)).toHaveLength(20 - streamsPerTenant);
  ending.abort();
  await expect.poll(openStreams).toBe(0);
});

test('a place is free again when the snapshot could not be read', async () => {
  reading.promise.catch(() => undefined);
  reading.reject(new Error('away'));
  for (let index = 0; index <= streamsPerTenant; index += 1) expect((await ask()).status).toBe(500);
  await expect.poll(openStreams).toBe(0);
});

test('HEAD is answered, and the connection serves on', async () => {
  const socket = connect(port, '127.0.0.1');
  let received = '';
  socket.on('data', (data) => {
    received += data.toString();
  });
  const line = (method: string, of: string) => `${method} ${of} HTTP/1.1\r\nHost: x\r\n\r\n`;
  socket.write(line('HEAD', path) + line('GET', '/nowhere'));
  await expect.poll(() => received.match(/HTTP\/1\.1 404/g)?.length).toBe(2);
  socket.destroy();
});
