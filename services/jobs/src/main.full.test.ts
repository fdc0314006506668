import { randomBytes } from 'node:crypto';
import { createSealer } from '@switchboard/platform';
import { createPool, type Pool } from '@switchboard/postgres';
import { createTestDatabase, type TestDatabase } from '@switchboard/testkit/database';
import { startWebhookReceiver, type WebhookReceiver } from '@switchboard/testkit/webhook-receiver';
import { afterAll, afterEach, beforeAll, beforeEach, expect, inject, it } from 'vitest';
import { type Clinic, makeClinic, newSecret, planted } from './testing/clinic.ts';
import { type JobsProcess, startJobs } from './testing/process.ts';

const key = randomBytes(32);
const secret = newSecret();
let database: TestDatabase;
let api: Pool;
let clinic: Clinic;
let receiver: WebhookReceiver;
let processes: JobsProcess[] = [];

beforeAll(async () => {
  database = await createTestDatabase(inject('engines').postgresAdmin);
  api = createPool({ url: database.urlAs('switchboard_api'), applicationName: 'test-api', max: 2 });
});
beforeEach(async () => {
  clinic = await makeClinic(database, api, createSealer(key));
  receiver = await startWebhookReceiver({ secret });
  await clinic.addEndpoint({ url: receiver.url, secret, patientNames: true });
});
afterEach(async () => {
  for (const one of processes) await one.end('SIGKILL');
  processes = [];
  await receiver.close();
  await clinic.run('DELETE FROM webhook_endpoints WHERE tenant_id = $1');
});
afterAll(async () => {
  await api.end();
  await database.drop();
});

async function start(env: Record<string, string> = {}): Promise<JobsProcess> {
  const jobs = await startJobs({
    DATABASE_URL: database.urlAs('switchboard_sink'),
    SECRETS_KEY: key.toString('base64'),
    WEBHOOKS_ALLOW_HTTP: 'true',
    WEBHOOKS_ALLOW_PRIVATE: 'true',
    ...env,
  });
  processes.push(jobs);
  return jobs;
}

const until = (seen: () => unknown) => expect.poll(seen, { timeout: 30_000, interval: 50 });
const states = async () => (await clinic.deliveries()).map(({ state, attempts }) => [state, attempts]);

it('what was sent, and not written down before the process was killed, is sent again with the same id', async () => {
  const killed = await start({ JOBS_WEBHOOK_TIMEOUT_MS: '1000' });
  receiver.answer('nothing');
  await clinic.book();
  await until(() => receiver.received.length).toBe(1);
  expect(await killed.end('SIGKILL')).toBeNull();
  expect(await states()).toEqual([['pending', 0]]);
  receiver.answer({ status: 204 });
  await start({ JOBS_WEBHOOK_TIMEOUT_MS: '1000' });
  await until(states).toEqual([['delivered', 1]]);
  expect(receiver.received).toHaveLength(2);
  expect(receiver.received[1]).toMatchObject({ id: receiver.received[0]?.id, verified: true });
});

it('what is under way when the process is asked to end is finished and written down', async () => {
  const jobs = await start();
  receiver.answer('nothing');
  await clinic.book();
  await until(() => receiver.open()).toBe(1);
  const ended = jobs.end('SIGTERM');
  await until(() => jobs.log.join('')).toContain('"stopping"');
  receiver.release();
  expect(await ended).toBe(0);
  expect(await states()).toEqual([['delivered', 1]]);
});

it('while Postgres is away it says so and lives on, and goes on when it is back; its log holds nothing of a patient', async () => {
  const jobs = await start();
  const admin = createPool({ url: inject('engines').postgresAdmin, applicationName: 'test-admin', max: 1 });
  const allow = async (yes: boolean) => {
    await admin.query(`ALTER DATABASE ${database.name} ALLOW_CONNECTIONS ${yes}`);
    if (!yes)
      await admin.query(
        `SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = $1 AND usename = 'switchboard_sink'`,
        [database.name],
      );
  };
  await allow(false);
  await until(async () => (await fetch(`${jobs.url}/readyz`)).status).toBe(503);
  await until(() => jobs.log.join('')).toContain('a job failed and comes again');
  await clinic.book();
  await allow(true);
  await until(states).toEqual([['delivered', 1]]);
  expect((await fetch(`${jobs.url}/readyz`)).status).toBe(200);
  const metrics = await (await fetch(`${jobs.url}/metrics`)).text();
  expect(metrics).toMatch(/switchboard_jobs_failures_total\{job="\w+",service="jobs"\} [1-9]/);
  expect(receiver.received[0]?.text).toContain(planted.lastName);
  for (const value of [planted.firstName, planted.lastName, receiver.url])
    expect(jobs.log.join('') + metrics).not.toContain(value);
  await admin.end();
});

it('seals the audit log by itself, and writes each clinic’s newest block into its log', async () => {
  await clinic.run(
    `INSERT INTO audit_log (tenant_id, actor_kind, actor_id, action) VALUES ($1, 'user', 'u', 'call.view')`,
  );
  await start();
  const head = async () => {
    const { rows } = await database.admin.query(
      `SELECT number, rows, encode(hash, 'hex') AS hash FROM audit_seals WHERE tenant_id = $1 ORDER BY number DESC LIMIT 1`,
      [clinic.tenantId],
    );
    return rows[0];
  };
  await until(head).toMatchObject({ number: 1, rows: 1 });
  const { hash } = (await head()) ?? {};
  const next = await start();
  await until(() => next.log.join('').split('\n')).toContainEqual(
    expect.stringMatching(new RegExp(`"tenant_id":"${clinic.tenantId}","block":1,"hash":"${hash}"`)),
  );
});

it('removes holds that are over, leaving facts, bookings and holds that stand', async () => {
  const [over, stands] = [await clinic.addAppointment(), await clinic.addAppointment()];
  const booked = await clinic.addAppointment();
  const hold = (id: string, minutes: number) =>
    clinic.run(
      `UPDATE appointments SET status = 'held', hold_expires_at = now() + make_interval(mins => $3) WHERE tenant_id = $1 AND id = $2`,
      [id, minutes],
    );
  await hold(over, -5);
  await hold(stands, 5);
  await clinic.run(
    `INSERT INTO fact_current (tenant_id, kind, entity_id, basis, statement_version) VALUES ($1, 'appointment', $2, 'created', 1)`,
    [booked],
  );
  const facts = () =>
    database.admin.query(
      `SELECT to_jsonb(f) AS row FROM fact_current f WHERE tenant_id = $1
       UNION ALL SELECT to_jsonb(o) FROM outbox o WHERE tenant_id = $1`,
      [clinic.tenantId],
    );
  const before = (await facts()).rows;
  await start({ JOBS_UPKEEP_MS: '100' });
  const left = async () => {
    const { rows } = await database.admin.query<{ id: string }>(
      'SELECT id FROM appointments WHERE tenant_id = $1 ORDER BY id',
      [clinic.tenantId],
    );
    return rows.map(({ id }) => id);
  };
  await until(left).toEqual([stands, booked].toSorted());
  expect((await facts()).rows).toEqual(before);
});

it('removes what was told long ago, and what a paused endpoint was never told', async () => {
  await clinic.run(
    `UPDATE webhook_endpoints SET paused_at = now(), paused_reason = 'by_user' WHERE tenant_id = $1`,
  );
  for (let count = 0; count < 3; count += 1) await clinic.book();
  await clinic.run(
    `UPDATE webhook_deliveries SET created_at = now() - interval '31 days' WHERE tenant_id = $1`,
  );
  await clinic.run(`UPDATE webhook_deliveries SET state = 'delivered' WHERE tenant_id = $1 AND id IN
    (SELECT id FROM webhook_deliveries WHERE tenant_id = $1 LIMIT 1)`);
  await clinic.book();
  await start({ JOBS_UPKEEP_MS: '100' });
  await until(async () => (await clinic.deliveries()).length).toBe(1);
});
