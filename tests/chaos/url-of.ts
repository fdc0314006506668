import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { ServiceName } from '@switchboard/start';
import { z } from 'zod';

const runningShape = z.looseObject({
  processes: z.array(z.looseObject({ name: z.string(), port: z.number() })),
});

/** Where the service answers that is kept running on this data directory. */
export async function urlOf(dir: string, name: ServiceName): Promise<string> {
  const { processes } = runningShape.parse(JSON.parse(await readFile(join(dir, 'running.json'), 'utf8')));
  const found = processes.find((one) => one.name === name);
  if (!found) throw new Error(`${name} does not run`);
  return `http://127.0.0.1:${found.port}`;
}
