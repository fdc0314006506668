import { type ChildProcess, spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import type { Demo } from '@switchboard/start';
import { maintenanceEnv } from '../chaos/run-verify.ts';

const MAIN = fileURLToPath(new URL('../../services/sink/src/clickhouse/rebuild/main.ts', import.meta.url));

/** `npm run rebuild`; `ended` is its exit code, or the signal that ended it. */
export function startRebuild(demo: Demo): {
  child: ChildProcess;
  ended: Promise<number | NodeJS.Signals | null>;
} {
  const child = spawn(process.execPath, [MAIN], { env: maintenanceEnv(demo), stdio: 'ignore' });
  const { promise, resolve } = Promise.withResolvers<number | NodeJS.Signals | null>();
  child.once('close', (code, signal) => resolve(signal ?? code));
  return { child, ended: promise };
}
