import { connect } from 'node:net';
import { z } from 'zod';
import type { RunningProcess } from '../running-file.ts';

export interface Probed {
  /** In a word or two; of what isn't ready, what is missing. */
  health: string;
  well: boolean;
  /** Messages that its consumers have not finished, as they last said (every 10 s). */
  lag?: number;
}

const TIMEOUT_MS = 2_000;
const readiness = z.object({ status: z.string(), checks: z.record(z.string(), z.unknown()).optional() });

/** Asks a process how it is: a service at `/readyz`, an engine by a connection to its port. */
export async function probe({ kind, port }: Pick<RunningProcess, 'kind' | 'port'>): Promise<Probed> {
  if (kind === 'traffic') return { health: 'posts', well: true };
  if (kind === 'engine') {
    const well = await accepts(port);
    return { health: well ? 'listens' : 'does not listen', well };
  }
  const url = `http://127.0.0.1:${port}`;
  try {
    const response = await fetch(`${url}/readyz`, { signal: AbortSignal.timeout(TIMEOUT_MS) });
    const { status, checks = {} } = readiness.parse(await response.json());
    const missing = Object.entries(checks).filter(([, said]) => said !== 'ok');
    const health = [status, ...missing.map(([name, said]) => `${name}: ${String(said)}`)].join(', ');
    return { health: response.ok ? 'ready' : health, well: response.ok, lag: await lagAt(url) };
  } catch {
    return { health: 'does not answer', well: false };
  }
}

async function lagAt(url: string): Promise<number | undefined> {
  try {
    const response = await fetch(`${url}/metrics`, { signal: AbortSignal.timeout(TIMEOUT_MS) });
    const values = [...(await response.text()).matchAll(/^switchboard_kafka_lag_messages\{.*\} (\d+)$/gm)];
    return values.length === 0 ? undefined : values.reduce((sum, [, value]) => sum + Number(value), 0);
  } catch {
    return undefined;
  }
}

function accepts(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ port, host: '127.0.0.1', timeout: TIMEOUT_MS });
    const end = (well: boolean) => {
      socket.destroy();
      resolve(well);
    };
    socket.once('connect', () => end(true));
    socket.once('error', () => end(false));
    socket.once('timeout', () => end(false));
  });
}
