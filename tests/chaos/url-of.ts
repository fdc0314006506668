import type { ServiceName } from '@switchboard/start';
import { readRunning } from '@switchboard/start/running-file';

/** Where the service answers that is kept running on this data directory. */
export async function urlOf(dir: string, name: ServiceName): Promise<string> {
  const found = (await readRunning(dir))?.processes.find((one) => one.name === name);
  if (!found) throw new Error(`${name} does not run`);
  return `http://127.0.0.1:${found.port}`;
}
