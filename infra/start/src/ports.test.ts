import { createServer } from 'node:net';
import { freePort } from '@switchboard/embedded';
import { expect, test } from 'vitest';
import { choosePorts, portNames } from './ports.ts';

test('a wanted port that is taken gives way to a free one, with a word', async () => {
  const [taken, free] = [await freePort(), await freePort()];
  const server = createServer().listen(taken, '127.0.0.1');
  const lines: string[] = [];
  const ports = await choosePorts({ ingest: taken, api: free }, (line) => lines.push(line));
  expect(ports.api).toBe(free);
  expect(ports.ingest).not.toBe(taken);
  expect(lines).toEqual([`port ${taken} is taken: ingest uses ${ports.ingest}`]);
  server.close();
});

test('all ports differ', async () => {
  const ports = await choosePorts({}, () => undefined);
  expect(new Set(Object.values(ports)).size).toBe(portNames.length);
});
