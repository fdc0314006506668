import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import { connect, type Socket } from 'node:net';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { rememberUnusedConnections } from './unused-connections.ts';

let server: Server;
let endUnused: () => void;
let port: number;

beforeEach(async () => {
  server = createServer((_request, response) => void response.end('answered'));
  endUnused = rememberUnusedConnections(server);
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const address = server.address();
  port = typeof address === 'object' && address !== null ? address.port : 0;
});
afterEach(() => server.closeAllConnections());

/** A client and its connection as the server has it. */
async function open(): Promise<{ client: Socket; accepted: Socket }> {
  const connection = once(server, 'connection');
  const client = connect(port, '127.0.0.1');
  const [accepted] = await connection;
  return { client, accepted };
}

test('a server stops although a client holds a connection that it never used', async () => {
  const { client } = await open();
  const left = once(client, 'close');
  const closed = new Promise((resolve) => server.close(resolve));
  endUnused();
  expect(await closed).toBeUndefined();
  await left;
});

test('a request that is on its way when the server stops is answered', async () => {
  const { client, accepted } = await open();
  client.write('GET / HTTP/1.1\r\nHost: here\r\n');
  await vi.waitFor(() => expect(accepted.bytesRead).toBeGreaterThan(0), 15_000);
  const closed = new Promise((resolve) => server.close(resolve));
  endUnused();
  client.write('Connection: close\r\n\r\n');
  let answer = '';
  for await (const chunk of client.setEncoding('utf8')) answer += chunk;
  expect(answer).toMatch(/^HTTP\/1\.1 200 /);
  expect(answer).toContain('answered');
  expect(await closed).toBeUndefined();
});
