import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { once } from 'node:events';
import { connect, createServer, type Server, type Socket } from 'node:net';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { type FaultProxy, startFaultProxy } from './fault-proxy.ts';

let echo: Server;
let proxy: FaultProxy;
const clients: Socket[] = [];
/** The proxy's ends of connections, by the client's port: a client is told that it is connected before anybody takes it. */
const taken = new Map<number | undefined, Socket>();
const take = (message: unknown) => {
  const { socket }: { socket: Socket } = Object(message);
  if (socket.localPort === proxy.port) taken.set(socket.remotePort, socket);
};

beforeEach(async () => {
  subscribe('net.server.socket', take);
  echo = createServer((socket) => {
    socket.pipe(socket).on('error', () => undefined);
  });
  echo.listen(0, '127.0.0.1');
  await once(echo, 'listening');
  const address = echo.address();
  if (typeof address !== 'object' || address === null) throw new Error('it does not listen');
  proxy = await startFaultProxy({ host: '127.0.0.1', port: address.port });
});
afterEach(async () => {
  for (const client of clients.splice(0)) client.destroy();
  await proxy.stop();
  echo.close();
  unsubscribe('net.server.socket', take);
  taken.clear();
});

async function client(): Promise<Socket> {
  const socket = connect(proxy.port, '127.0.0.1');
  clients.push(socket);
  socket.on('error', () => undefined);
  await once(socket, 'connect');
  await expect.poll(() => taken.has(socket.localPort), { interval: 1 }).toBe(true);
  return socket;
}

function listen(socket: Socket): () => string {
  let heard = '';
  socket.on('data', (bytes) => {
    heard += String(bytes);
  });
  return () => heard;
}

async function echoed(socket: Socket, text: string): Promise<string> {
  socket.write(text);
  const [bytes] = await once(socket, 'data');
  return String(bytes);
}

it('lets bytes through both ways', async () => {
  expect(await echoed(await client(), 'one')).toBe('one');
});

it('cuts what is connected, and serves whoever comes next', async () => {
  const socket = await client();
  await echoed(socket, 'one');
  const closed = new Promise((resolve) => socket.once('close', resolve));
  proxy.cut();
  await closed;
  expect(await echoed(await client(), 'two')).toBe('two');
});

it('freezes what is connected without a word, and serves whoever comes next', async () => {
  const frozen = await client();
  await echoed(frozen, 'one');
  proxy.freeze();
  const heard = listen(frozen);
  frozen.write('two');
  expect(await echoed(await client(), 'three')).toBe('three');
  expect(heard()).toBe('');
  expect(frozen.destroyed).toBe(false);
});

it('holds bytes back, in their order, also when the delay gets shorter', async () => {
  const socket = await client();
  const heard = listen(socket);
  proxy.delay(60);
  const startedAt = performance.now();
  const read = once(taken.get(socket.localPort) ?? socket, 'data');
  socket.write('a');
  await read;
  proxy.delay(0);
  socket.write('b');
  await expect.poll(heard, { interval: 5 }).toBe('ab');
  expect(performance.now() - startedAt).toBeGreaterThanOrEqual(59);
});

it('takes connections and answers nothing while it swallows', async () => {
  proxy.swallow(true);
  const mute = await client();
  const heard = listen(mute);
  mute.write('one');
  proxy.swallow(false);
  expect(await echoed(await client(), 'two')).toBe('two');
  expect(heard()).toBe('');
});

it('refuses who connects until it is healed', async () => {
  const before = await client();
  proxy.refuse(true);
  const refused = connect(proxy.port, '127.0.0.1').on('error', () => undefined);
  await new Promise((resolve) => refused.once('close', resolve));
  expect(await echoed(before, 'one')).toBe('one');
  proxy.heal();
  expect(await echoed(await client(), 'two')).toBe('two');
});

it('loses the answers of a connection from a text on, and carries on what is asked', async () => {
  const received: string[] = [];
  echo.on('connection', (socket) => socket.on('data', (bytes) => received.push(String(bytes))));
  const [asking, other] = [await client(), await client()];
  expect(await echoed(asking, 'one')).toBe('one');
  proxy.loseAnswersTo('COMMIT');
  const heard = listen(asking);
  asking.write('COMMIT');
  await expect.poll(() => received.join(' ')).toContain('COMMIT');
  asking.write('more');
  await expect.poll(() => received.join(' ')).toContain('more');
  expect(await echoed(other, 'two')).toBe('two');
  expect(heard()).toBe('');
});
