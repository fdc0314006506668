import { z } from 'zod';
import type { ServiceState } from './pipeline-schema.ts';

/** Where a process of a service answers; several may have one name. */
export interface ServiceAddress {
  name: string;
  url: string;
}

// Ingest, whose health vendors ask too, has words of its own for ready and not ready.
const readiness = z.object({ status: z.string(), checks: z.record(z.string(), z.string()).default({}) });

/**
 * `name=url`, as `API_SERVICES` has it.
 * @returns undefined when it is not of that form
 */
export function parseServiceAddress(text: string): ServiceAddress | undefined {
  const [, name, address] = /^([a-z-]+)=(https?:\/\/\S+)$/.exec(text) ?? [];
  const url = address === undefined ? null : URL.parse(address);
  return name !== undefined && url ? { name, url: url.href.replace(/\/$/, '') } : undefined;
}

/**
 * Asks each process at `/readyz` how it is, all at once. One that lives, but whose engines let it wait for longer than
 * `timeoutMs`, is `not ready`; one that does not answer at all is `away`.
 */
export function readServiceStates(
  addresses: readonly ServiceAddress[],
  timeoutMs: number,
): Promise<ServiceState[]> {
  return Promise.all(addresses.map((address) => readOne(address, timeoutMs)));
}

async function readOne({ name, url }: ServiceAddress, timeoutMs: number): Promise<ServiceState> {
  const ask = (path: string) => fetch(`${url}${path}`, { signal: AbortSignal.timeout(timeoutMs) });
  const lives = ask('/healthz').then(
    ({ ok }) => ok,
    () => false,
  );
  try {
    const answer = await ask('/readyz');
    const { status, checks } = readiness.parse(await answer.json());
    const missing = Object.entries(checks).filter(([, said]) => said !== 'ok');
    const state = answer.ok ? 'ready' : status === 'draining' ? 'draining' : 'not ready';
    return { name, state, waits_for: missing.map(([check, detail]) => ({ check, detail })) };
  } catch {
    if (!(await lives)) return { name, state: 'away', waits_for: [] };
    return { name, state: 'not ready', waits_for: [{ check: 'readyz', detail: 'no answer in time' }] };
  }
}
