import { once } from 'node:events';
import { createServer, type ServerResponse } from 'node:http';
import { connect } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, expect, it } from 'vitest';
import { createEventStream } from './event-stream.ts';

const server = createServer();
afterEach(() => server.close());

it('a reader that reads nothing is cut off once its stream has ended', async () => {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  const client = connect(typeof address === 'object' && address ? address.port : 0, '127.0.0.1').pause();
  client.on('error', () => undefined);
  client.write('GET / HTTP/1.1\r\nhost: x\r\n\r\n');
  const [, response]: [unknown, ServerResponse] = await once(server, 'request').then(([first, second]) => [
    first,
    second,
  ]);
  const stream = createEventStream(response, 3_000, 50);
  // Until the system takes no more for the reader.
  while (response.writableLength < 100_000) {
    stream.send('metrics', undefined, 'x'.repeat(50_000));
    await sleep(1);
  }
  stream.end();
  await once(response, 'close');
  expect(response.destroyed).toBe(true);
  client.destroy();
});
