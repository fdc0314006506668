import { renameSync, rmSync, writeFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { isHolding, readHolder } from '@switchboard/embedded';
import { z } from 'zod';
import { lockFile } from './lock.ts';

const processShape = z.object({
  name: z.string(),
  kind: z.enum(['engine', 'service', 'traffic']),
  state: z.enum(['runs', 'starts again', 'held']),
  pid: z.number().int(),
  port: z.number().int(),
  logFile: z.string(),
  /** How often it was started again. */
  restarts: z.number().int(),
  /** How it ended last, and how often lately. */
  lastEnd: z.string().optional(),
});

const runningShape = z.object({
  since: z.iso.datetime(),
  /** All of it is up and ready. */
  ready: z.boolean(),
  /** Where engines are reached, a superuser's URLs among them. */
  urls: z.object({
    kafka: z.string().optional(),
    schemaRegistry: z.string().optional(),
    postgres: z.string().optional(),
    clickhouse: z
      .object({
        url: z.string(),
        user: z.string(),
        password: z.string(),
        caFile: z.string().optional(),
        database: z.string().optional(),
      })
      .optional(),
  }),
  processes: z.array(processShape),
});

export type RunningProcess = z.infer<typeof processShape>;
/** What runs on a data directory; the content of `running.json`. */
export type Running = z.infer<typeof runningShape>;

const FILE = 'running.json';

/** Writes `running.json`, for this user's eyes only. */
export function writeRunning(dir: string, running: Running): void {
  const file = join(dir, FILE);
  writeFileSync(`${file}.new`, `${JSON.stringify(running, null, 2)}\n`, { mode: 0o600 });
  renameSync(`${file}.new`, file);
}

export function removeRunning(dir: string): void {
  for (const name of [FILE, `${FILE}.new`]) rmSync(join(dir, name), { force: true });
}

/** The start that uses a data directory now and what it has started so far; `undefined` when none does. */
export async function readRunning(dir: string): Promise<(Running & { pid: number }) | undefined> {
  const holder = await readHolder(lockFile(dir));
  if (!holder || !isHolding(holder)) return undefined;
  try {
    return { pid: holder.pid, ...runningShape.parse(JSON.parse(await readFile(join(dir, FILE), 'utf8'))) };
  } catch {
    return { pid: holder.pid, since: new Date().toISOString(), ready: false, urls: {}, processes: [] };
  }
}
