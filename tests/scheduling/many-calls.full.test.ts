import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { type ProcessName, type Switchboard, startSwitchboard } from '@switchboard/start';
import { openStores, type Stores } from '@switchboard/testkit/open-stores';
import { createRandom } from '@switchboard/testkit/simulate/random';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { comeToRest } from '../chaos/come-to-rest.ts';
import { runVerify } from '../chaos/run-verify.ts';
import { type Promised, runWorker } from './simulated-worker.ts';

/** `SCHEDULING_STEPS=10000` for the whole of it. */
const steps = Number(process.env.SCHEDULING_STEPS ?? 400);
const workers = 4;
const killed: readonly ProcessName[] = ['api', 'sink-postgres'];
const killEveryMs = 15_000;
const unlimited = {
  API_ADDRESS_LIMIT_PER_MINUTE: '1000000000',
  API_TENANT_LIMIT_PER_MINUTE: '1000000000',
  INGEST_ADDRESS_LIMIT_PER_MINUTE: '1000000000',
  INGEST_TENANT_LIMIT_PER_MINUTE: '1000000000',
};

let dir: string;
let running: Switchboard;
let stores: Stores;

beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'switchboard-scheduling-'));
  running = await startSwitchboard({ dir, env: unlimited });
  stores = openStores(running.demo, { applicationName: 'test', statementTimeoutMs: 120_000 });
}, 300_000);
afterAll(async () => {
  await stores?.close();
  await running?.stop();
  await rm(dir, { recursive: true, force: true });
}, 120_000);

const rows = async (sql: string, values: unknown[] = []) =>
  (await stores.postgres.query<Record<string, unknown>>(sql, [running.demo.tenant, ...values])).rows;

test('calls and the desk book, hold, move and cancel while api and sink are killed: no overlap, one appointment a call, drift 0', async () => {
  const practitioners = (
    await rows('SELECT display_name AS name FROM practitioners WHERE tenant_id = $1')
  ).map(({ name }) => String(name));
  const patients = (
    await rows(
      `SELECT p.id, concat_ws(' ', first_name, last_name) AS name, date_of_birth::text AS born, i.value AS phone
       FROM patients p JOIN patient_identifiers i ON i.tenant_id = $1 AND i.patient_id = p.id WHERE p.tenant_id = $1`,
    )
  ).map(({ id, name, born, phone }) => ({
    id: String(id),
    name: String(name),
    born: String(born),
    phone: String(phone),
  }));
  const done = new AbortController();
  const killing = killInTurn(done.signal);
  const promises = await Promise.all(
    Array.from({ length: workers }, (_, seed) =>
      runWorker({
        demo: running.demo,
        random: createRandom(seed + 1),
        practitioners,
        patients,
        steps: Math.ceil(steps / workers),
        seed: seed + 1,
      }),
    ),
  );
  done.abort();
  const kills = await killing;
  await running.ready();
  await comeToRest(running.demo, stores.postgres, 300_000);
  const promised = promises.flat();
  console.log(
    `${promised.length} appointments and holds were promised in ${steps} steps, with ${kills} kills`,
  );
  expect(kills).toBeGreaterThan(1);

  expect(
    await rows(
      `SELECT a.id, b.id AS other FROM appointments a JOIN appointments b ON b.tenant_id = a.tenant_id AND b.id > a.id
         AND b.practitioner_id = a.practitioner_id AND b.starts_at < a.ends_at AND a.starts_at < b.ends_at
       WHERE a.tenant_id = $1 AND a.status IN ('held', 'scheduled', 'confirmed', 'checked_in')
         AND b.status IN ('held', 'scheduled', 'confirmed', 'checked_in')
         AND (a.status <> 'held' OR a.hold_expires_at > now()) AND (b.status <> 'held' OR b.hold_expires_at > now())`,
    ),
  ).toEqual([]);
  expect(await kept(promised)).toEqual([]);
  // A call that booked has that appointment and no other.
  expect(
    await rows(
      `SELECT c.external_id, count(a.id)::int AS n FROM voice_calls c LEFT JOIN appointments a ON a.tenant_id = $1 AND a.call_id = c.id
       WHERE c.tenant_id = $1 AND c.external_id = ANY ($2) GROUP BY c.external_id HAVING count(a.id) <> 1`,
      [promised.flatMap(({ callRef }) => callRef ?? [])],
    ),
  ).toEqual([]);
  expect(
    await rows(
      'SELECT call_id FROM appointments WHERE tenant_id = $1 AND call_id IS NOT NULL GROUP BY call_id HAVING count(*) > 1',
    ),
  ).toEqual([]);
  const { drift, findings } = await runVerify(running.demo);
  expect([drift, findings]).toEqual([0, []]);
}, 14_400_000);

/** Kills api and sink in turn until it is told to stop. @returns how often */
async function killInTurn(signal: AbortSignal): Promise<number> {
  let kills = 0;
  while (!signal.aborted) {
    await sleep(killEveryMs, undefined, { signal }).catch(() => undefined);
    const name = killed[kills % killed.length];
    if (signal.aborted || !name) break;
    await running.kill(name);
    kills += 1;
    await running.ready();
  }
  return kills;
}

/** What was promised and is not so; a hold that is over may be gone. */
async function kept(promised: readonly Promised[]): Promise<unknown[]> {
  const found = await rows(
    `SELECT a.id, a.status, a.starts_at, c.external_id AS call FROM appointments a
     LEFT JOIN voice_calls c ON c.tenant_id = $1 AND c.id = a.call_id WHERE a.tenant_id = $1 AND a.id = ANY ($2::uuid[])`,
    [promised.map(({ id }) => id)],
  );
  const byId = new Map(found.map((row) => [row.id, row]));
  return promised.filter(({ id, callRef, status, start }) => {
    const row = byId.get(id);
    if (status === 'unknown') return false;
    if (status === 'held') return row !== undefined && row.status !== 'held';
    const isThen = row?.starts_at instanceof Date && row.starts_at.getTime() === Date.parse(start);
    return !row || row.status !== status || !isThen || (callRef !== null && row.call !== callRef);
  });
}
