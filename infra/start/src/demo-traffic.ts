import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { childEnv, type ManagedProcess, startProcess } from '@switchboard/embedded';

export interface DemoTrafficOptions {
  /** The data directory, whose `demo.json` says where to post. */
  dir: string;
  /** Calls per second. */
  rate: number;
  say: (line: string) => void;
  /** Called when another process does the posting. */
  changed: (process: ManagedProcess) => void;
}

/** What posts simulated calls and records. */
export interface DemoTraffic {
  stop(): Promise<void>;
}

const SIMULATE = fileURLToPath(new URL('../../../packages/testkit/src/simulate/main.ts', import.meta.url));
/** The simulation keeps the times of its answers, so it is started anew now and then. */
const ROUND = '10m';
const PAUSE_MS = 2_000;
/** Of the demo clinic: whom the history tells of, calls today. */
const PATIENTS = ['--patients', '300'];
const HISTORY = ['--days', '90', ...PATIENTS];

/**
 * Posts the demo clinic's last 90 days, once for a data directory, and beside it simulated calls and records for as long as
 * it is let, by rounds of `npm run simulate`, no call of one in another.
 */
export async function startDemoTraffic({
  dir,
  rate,
  say,
  changed,
}: DemoTrafficOptions): Promise<DemoTraffic> {
  const stopped = new AbortController();
  const seed = () => String(Math.floor(Date.now() / 1000) % 2 ** 32);
  const simulate = (name: string, args: readonly string[]) =>
    startProcess({
      name,
      port: 0,
      url: '',
      logFile: join(dir, 'logs', `${name}.log`),
      command: process.execPath,
      args: [SIMULATE, ...args],
      // It looks for .switchboard/demo.json.
      cwd: dirname(dir),
      env: childEnv(),
      isReady: () => true,
      readyTimeoutMs: 10_000,
      stopSignal: 'SIGINT',
      stopTimeoutMs: 2_000,
    });
  const round = async () => {
    const live = await simulate('simulate', [
      '--rate',
      String(rate),
      '--for',
      ROUND,
      '--seed',
      seed(),
      ...PATIENTS,
    ]);
    changed(live);
    return live;
  };
  const past = await simulate('simulate-history', [
    '--history',
    ...HISTORY,
    '--state',
    join(dir, 'demo-history.json'),
  ]);
  const told = past.exited.then(({ code }) => {
    if (code !== 0 && !stopped.signal.aborted)
      say('the demo clinic’s history was not posted whole; the next start goes on');
  });
  let current = await round();
  const goOn = async () => {
    while (!stopped.signal.aborted) {
      const { code, signal } = await current.exited;
      if (stopped.signal.aborted) return;
      if (code !== 0) say(`simulated traffic ended (${signal ?? `exit code ${code}`}); starting it again`);
      await sleep(code === 0 ? 0 : PAUSE_MS, undefined, { signal: stopped.signal }).catch(() => undefined);
      if (!stopped.signal.aborted) current = await round();
    }
  };
  const going = goOn().catch((error: unknown) => say(`simulated traffic can't be started: ${String(error)}`));
  return {
    async stop() {
      stopped.abort();
      await Promise.all([past.stop(), current.stop()]);
      await Promise.all([told, going]);
    },
  };
}
