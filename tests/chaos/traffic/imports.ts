import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { childEnv } from '@switchboard/embedded';
import { createRandom } from '@switchboard/testkit/simulate/random';
import { goOn } from './go-on.ts';
import { compareRows, createFindings } from './list-findings.ts';
import type { Asked, World, Writer } from './world.ts';

const mainAt = (path: string) =>
  fileURLToPath(new URL(`../../../services/ingest/src/import/${path}`, import.meta.url));
const MAIN = mainAt('main.ts');
const FAULTY_MAIN = mainAt('testing/faulty-main.ts');
const importEveryMs = 30_000;
const patientsPerFile = 40;
const dayMs = 86_400_000;

/** Somebody who imports files, and whose command is killed in the middle now and then: the same command goes on. */
export function writeImports(world: World): Writer {
  const { running, seed, durationMs, stores, ended, importFault } = world;
  const { demo } = running;
  const random = createRandom(seed + 70);
  const asked: Asked[] = [];
  const wanted = new Map<string, string>();
  const wrong: string[] = [];
  let killed = 0;

  async function importFiles(index: number): Promise<void> {
    const dir = await mkdtemp(join(tmpdir(), 'switchboard-import-'));
    try {
      const key = `${seed}-${index}`;
      const numbers = Array.from({ length: patientsPerFile }, (_, number) => number);
      const patients = numbers.map(
        (number) => `P-imp-${key}-${number},Imported${key}x${number},Person,1980-05-1${number % 10}`,
      );
      const appointments = numbers.map((number) => {
        const start = new Date(Date.now() - (10 + number) * dayMs).toISOString();
        return `A-imp-${key}-${number},P-imp-${key}-${number},${start},15,completed`;
      });
      const write = (name: string, header: string, rows: readonly string[]) =>
        writeFile(join(dir, name), `${[header, ...rows].join('\n')}\n`);
      await write('patients.csv', 'id,first_name,last_name,date_of_birth', patients);
      await write('appointments.csv', 'id,patient_id,start,duration_minutes,status', appointments);
      const killAfterMs = random.chance(world.once ? 0 : 0.6) ? random.between(300, 2_500) : undefined;
      const begunAt = performance.now();
      let tries = 1;
      if (killAfterMs !== undefined && (await runImport(dir, killAfterMs)) === null) {
        killed += 1;
        tries += 1;
      }
      // An engine that is away ends the command in the end: somebody starts it again.
      for (let code = await runImport(dir); code !== 0; code = await runImport(dir)) {
        tries += 1;
        if (code === 1) return void wrong.push(`${key}: rows were wrong`);
        if (performance.now() - begunAt > 300_000) return void wrong.push(`${key}: never done`);
        await sleep(2_000);
      }
      asked.push({ status: 0, tries, answerMs: performance.now() - begunAt });
      for (const number of numbers) {
        wanted.set(`P-imp-${key}-${number}`, 'active');
        wanted.set(`A-imp-${key}-${number}`, 'completed');
      }
    } finally {
      await rm(dir, { recursive: true, force: true });
    }
  }

  async function runImport(dir: string, killAfterMs?: number): Promise<number | null> {
    const child = spawn(
      process.execPath,
      [
        importFault === undefined ? MAIN : FAULTY_MAIN,
        '--patients',
        'patients.csv',
        '--appointments',
        'appointments.csv',
      ],
      {
        cwd: dir,
        stdio: 'ignore',
        env: childEnv({
          KAFKA_BROKERS: demo.kafka,
          SCHEMA_REGISTRY_URL: demo.schema_registry,
          DATABASE_URL: demo.postgres,
          PSEUDONYM_KEY: demo.pseudonym_key,
          DEFAULT_TENANT_ID: demo.tenant,
          ...(importFault !== undefined && { SWITCHBOARD_FAULT_FILE: importFault }),
        }),
      },
    );
    const timer =
      killAfterMs === undefined ? undefined : setTimeout(() => child.kill('SIGKILL'), killAfterMs);
    const [code] = await once(child, 'exit');
    clearTimeout(timer);
    return code;
  }

  async function check(): Promise<string[]> {
    const { rows } = await stores.postgres.query<{ key: string; says: string }>(
      `SELECT external_id AS key, status AS says FROM patients WHERE tenant_id = $1 AND external_id = ANY ($2)
       UNION ALL SELECT external_id, status FROM appointments WHERE tenant_id = $1 AND external_id = ANY ($2)`,
      [demo.tenant, [...wanted.keys()]],
    );
    const findings = createFindings();
    findings.list('imports that went wrong', wrong);
    return [...findings.lines, ...compareRows('imported records', wanted, rows)];
  }

  return {
    name: 'imports',
    asked,
    run: () => goOn({ everyMs: importEveryMs, forMs: durationMs, ended }, importFiles),
    check,
    events: () => wanted.size,
    notes: () => ({ records: wanted.size, killed }),
  };
}
