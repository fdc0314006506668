import { execFile } from 'node:child_process';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, it } from 'vitest';

/** A service that lives and waits for Postgres. */
const service = createServer((request, response) => {
  const lives = request.url === '/healthz';
  response.writeHead(lives ? 200 : 503).end(lives ? 'alive' : 'postgres is away');
});
beforeAll(() => new Promise<void>((resolve) => service.listen(0, '127.0.0.1', resolve)));
afterAll(() => service.close());

function ask(...args: string[]): Promise<{ code: number | null; printed: string }> {
  const { port } = service.address() as AddressInfo;
  const program = fileURLToPath(new URL('check-health.ts', import.meta.url));
  const env = { PATH: process.env.PATH, PORT: String(port) };
  return new Promise((resolve) => {
    const child = execFile(process.execPath, [program, ...args], { env }, (_, printed) =>
      resolve({ code: child.exitCode, printed }),
    );
  });
}

it('tells whether the service lives, and a person what it waits for', async () => {
  expect(await ask()).toEqual({ code: 0, printed: 'alive\n' });
  expect(await ask('/readyz')).toEqual({ code: 1, printed: 'postgres is away\n' });
});
