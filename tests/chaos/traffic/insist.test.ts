import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect, test } from 'vitest';
import { insist } from './insist.ts';

test('what was never taken tells what came last, and how its tries ended: refused, broken off, or never answered', async () => {
  let asked = 0;
  const server = createServer((_, response) => {
    asked += 1;
    if (asked === 1) response.writeHead(503).end('{"code":"store_unavailable"}');
    if (asked === 2) response.destroy();
    // The third is never answered.
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const now = () => (asked < 3 ? 0 : Number.POSITIVE_INFINITY);
  try {
    const asking = insist(`http://127.0.0.1:${port}/x`, {
      init: () => ({}),
      asked: [],
      tryTimeoutMs: 3_000,
      now,
    });
    await expect(asking).rejects.toThrow(
      '/x was never taken: no answer within 3 s (tries by their end: 503: 1; no connection, or it broke: 1; no answer within 3 s: 1)',
    );
  } finally {
    server.closeAllConnections();
    server.close();
  }
});
