import { setTimeout as sleep } from 'node:timers/promises';
import { StartError } from '@switchboard/embedded';
import type { ServiceName } from './services.ts';
import type { Supervisor } from './supervisor.ts';

const READY_MS = 90_000;

/**
 * Waits until these services answer that they are ready.
 *
 * @throws StartError `process_hung` when one isn't in time; the supervisor's reason when it gave up.
 */
export async function untilReady(
  supervisor: Supervisor,
  names: readonly ServiceName[],
  { signal, patienceMs = READY_MS }: { signal?: AbortSignal; patienceMs?: number },
): Promise<void> {
  const gaveUp = supervisor.gaveUp.then((reason) => {
    throw reason;
  });
  gaveUp.catch(() => undefined);
  await Promise.all(
    names.map((name) => Promise.race([gaveUp, poll(supervisor.get(name), patienceMs, signal)])),
  );
}

async function poll(
  { url, name, logFile }: { url: string; name: string; logFile: string },
  patienceMs: number,
  signal: AbortSignal | undefined,
): Promise<void> {
  const deadline = Date.now() + patienceMs;
  let last = 'it does not answer';
  while (Date.now() < deadline) {
    signal?.throwIfAborted();
    try {
      const response = await fetch(`${url}/readyz`, { signal: AbortSignal.timeout(3_000) });
      if (response.ok) return;
      last = (await response.text()).slice(0, 500);
    } catch {
      last = 'it does not answer';
    }
    await sleep(50);
  }
  throw new StartError(
    'process_hung',
    `${name} was not ready within ${patienceMs / 1000} s: ${last}. On a slow machine give it longer: npm start -- --patience SECONDS. Its log is ${logFile}.`,
  );
}
