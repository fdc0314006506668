/**
 * A container's health check: exit code 0 when the service of this container answers `/healthz`, 1 when not. For a person, with a
 * path (`/readyz`): prints what is answered there.
 */
import { z } from 'zod';
import { loadConfig } from './config.ts';
import { baseShape } from './shapes.ts';

const timeoutMs = 4_000;

const { HOST, PORT } = loadConfig({ HOST: baseShape.HOST, PORT: z.coerce.number() });
const [path = '/healthz'] = process.argv.slice(2);
const host = HOST === '0.0.0.0' || HOST === '::' ? '127.0.0.1' : HOST;
try {
  const answer = await fetch(`http://${host}:${PORT}${path}`, { signal: AbortSignal.timeout(timeoutMs) });
  process.stdout.write(`${await answer.text()}\n`);
  if (!answer.ok) throw new Error(`${path} answered ${answer.status}`);
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : 'no answer'}\n`);
  process.exitCode = 1;
}
