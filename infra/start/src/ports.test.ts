import { createServer } from 'node:net';
import { freePort } from '@switchboard/embedded';
import { expect, test } from 'vitest';
import { releasePorts } from './port-claims.ts';
import { choosePorts, portNames, portsFrom } from './ports.ts';

test('a wanted port that is taken gives way to a free one, with a word', async () => {
  const [taken, free] = [await freePort(), await freePort()];
  const server = createServer().listen(taken, '127.0.0.1');
  const lines: string[] = [];
  const ports = await choosePorts({ wanted: { ingest: taken, api: free }, say: (line) => lines.push(line) });
  expect(ports.api).toBe(free);
  expect(ports.ingest).not.toBe(taken);
  await releasePorts(Object.values(ports));
  expect(lines).toHaveLength(1);
  expect(lines[0]).toContain(`port ${taken} is taken by process ${process.pid} (`);
  expect(lines[0]).toMatch(new RegExp(`: ingest uses ${ports.ingest}$`));
  server.close();
});

test('all ports differ', async () => {
  const ports = await choosePorts({ wanted: {}, say: () => undefined });
  await releasePorts(Object.values(ports));
  expect(new Set(Object.values(ports)).size).toBe(portNames.length);
});

test('a port that was asked for by number and is taken ends the start, with who has it', async () => {
  const taken = await freePort();
  const server = createServer().listen(taken, '127.0.0.1');
  const asked = choosePorts({ wanted: { kafka: taken }, insist: true, say: () => undefined });
  await expect(asked).rejects.toMatchObject({
    code: 'port_taken',
    message: expect.stringContaining(`taken by process ${process.pid} (`),
  });
  server.close();
});

test('a port of what is not started may be taken', async () => {
  const taken = await freePort();
  const server = createServer().listen(taken, '127.0.0.1');
  const ports = await choosePorts({
    wanted: { kafka: taken },
    names: ['postgres'],
    insist: true,
    say: () => undefined,
  });
  await releasePorts([ports.postgres]);
  expect(ports.kafka).toBe(taken);
  server.close();
});

test('ports in a row follow the order of their names', () => {
  expect(portsFrom('20000')).toMatchObject({
    ingest: 20_000,
    api: 20_001,
    kafka: 20_006,
    clickhouse: 20_009,
  });
  expect(() => portsFrom('65530')).toThrow('--ports takes the first of 10 ports in a row, 1024 to 65526');
  expect(() => portsFrom('http')).toThrow('--ports takes');
});

test('two starts at the same moment choose different ports, before either listens', async () => {
  const port = await freePort();
  const lines: string[] = [];
  const choose = () =>
    choosePorts({ wanted: { kafka: port }, names: ['kafka'], say: (line) => lines.push(line) });
  const [one, other] = await Promise.all([choose(), choose()]);
  expect(new Set([one.kafka, other.kafka]).size).toBe(2);
  expect(lines).toEqual([
    expect.stringContaining(
      `port ${port} is taken by process ${process.pid} (another start of Switchboard): kafka uses`,
    ),
  ]);
  await releasePorts([one.kafka, other.kafka]);
  expect((await choose()).kafka).toBe(port);
  await releasePorts([port]);
});
