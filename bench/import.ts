import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { childEnv } from '@switchboard/embedded';
import { type ProcessName, startSwitchboard } from '@switchboard/start';
import { openStores } from '@switchboard/testkit/open-stores';
import { measureLimit } from './pipeline/limit-of-stores.ts';
import { untilTaken } from './pipeline/until-taken.ts';
import { watchUsage } from './process-usage.ts';
import { type Bench, round } from './report.ts';

const APPOINTMENTS = 100_000;
const PATIENTS = 20_000;
const PRACTITIONERS = 40;
const dayMs = 86_400_000;
const main = fileURLToPath(new URL('../services/ingest/src/import/main.ts', import.meta.url));
const processes: readonly ProcessName[] = [
  'sink-postgres',
  'sink-clickhouse',
  'kafka',
  'postgres',
  'clickhouse',
];
const written = {
  tables: ['inbox', 'practitioners', 'patients', 'appointments', 'appointment_history', 'fact_current'],
  kinds: ['appointment'],
  count: APPOINTMENTS,
};

/** A file of appointments, from the command's start until it ends, and until all are in Postgres and ClickHouse. */
export const importFiles: Bench = async ({ emit, say }) => {
  const dir = await mkdtemp(join(tmpdir(), 'switchboard-bench-'));
  const running = await startSwitchboard({ dir: join(dir, '.switchboard'), env: {}, say });
  const stores = openStores(running.demo, { applicationName: 'bench', statementTimeoutMs: 600_000 });
  try {
    await writeFile(join(dir, 'appointments.csv'), appointmentsFile(Date.now()));
    say(`importing ${APPOINTMENTS} appointments`);
    const begunAt = performance.now();
    const child = spawn(process.execPath, [main, '--appointments', 'appointments.csv'], {
      cwd: dir,
      env: childEnv(),
      stdio: ['ignore', 'ignore', 'inherit'],
    });
    const watch = watchUsage(() => ({
      ...Object.fromEntries(processes.map((name) => [name, running.pid(name)])),
    }));
    const [code] = await once(child, 'exit');
    if (code !== 0) throw new Error(`the import ended with ${code}`);
    const sentAt = performance.now();
    const sunkAt = await untilTaken(stores, APPOINTMENTS);
    const seconds = (performance.now() - begunAt) / 1_000;
    const cpu = watch.cpuMs();
    await watch.stop();
    const limit = await measureLimit(stores, { ...written, seconds }, say);
    const since = (at: number) => round((at - begunAt) / 1_000);
    emit({
      bench: 'import',
      what: `a file of ${APPOINTMENTS} appointments of ${PATIENTS} patients, until all are in Postgres and ClickHouse`,
      count: APPOINTMENTS,
      unit: 'appointments',
      seconds: round(seconds),
      per_second: round(APPOINTMENTS / seconds, 0),
      peak_memory_mib: watch.peaks(),
      cpu_ms_per_unit: Object.fromEntries(
        Object.entries(cpu).map(([name, ms]) => [name, round(ms / APPOINTMENTS, 3)]),
      ),
      ...limit,
      figures: { command_seconds: since(sentAt), postgres_seconds: since(sunkAt), ...limit.figures },
    });
  } finally {
    await stores.close();
    await running.stop();
    await rm(dir, { recursive: true, force: true });
  }
};

/** Five months of visits of half an hour, side by side with forty practitioners, most of them over. */
function appointmentsFile(now: number): string {
  const perDay = PRACTITIONERS * 16;
  const firstDay = now - 120 * dayMs - (now % dayMs);
  const lines = Array.from({ length: APPOINTMENTS }, (_, index) => {
    const slot = index % perDay;
    const startsAt = firstDay + Math.floor(index / perDay) * dayMs + 3.5 * 3_600_000;
    const start = new Date(startsAt + Math.floor(slot / PRACTITIONERS) * 1_800_000);
    const over = start.getTime() < now;
    const status = over
      ? ['completed', 'completed', 'completed', 'no_show', 'cancelled'][index % 5]
      : 'booked';
    return `A-${index},P-${(index * 7919) % PATIENTS},D-${slot % PRACTITIONERS},${start.toISOString()},30,${status}`;
  });
  return `id,patient_id,practitioner_id,start,minutes,status\n${lines.join('\n')}\n`;
}
