import { execFile } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { promisify } from 'node:util';
import { firing } from '@switchboard/monitoring/firing';
import { createLogger, createMetrics } from '@switchboard/platform';
import { startRounds } from '@switchboard/platform/rounds';
import { createPool } from '@switchboard/postgres';
import { searchVersion } from '@switchboard/postgres/pipeline/dead-letters';
import { createTestDatabase, type TestDatabase } from '@switchboard/testkit/database';
import { afterAll, beforeAll, expect, inject, it } from 'vitest';
import { emptyOld } from './retain.ts';

let database: TestDatabase;
const pseudonymKey = Buffer.alloc(32, 5);

beforeAll(async () => {
  database = await createTestDatabase(inject('engines').postgresAdmin);
});
afterAll(() => database.drop());

/** A clinic with a patient, and a call of three years ago. */
async function makeClinic(): Promise<{ tenantId: string; slug: string; patientId: string }> {
  const [tenantId, patientId] = [await database.addTenant(), randomUUID()];
  const { admin } = database;
  const { rows } = await admin.query<{ slug: string }>('SELECT slug FROM tenants WHERE id = $1', [tenantId]);
  await admin.query(
    `INSERT INTO patients (tenant_id, id, last_name, origin) VALUES ($1, $2, 'Rao', 'desk')`,
    [tenantId, patientId],
  );
  await admin.query(
    `INSERT INTO voice_calls (tenant_id, id, source, external_id, direction, summary, merge_state, began_at)
     VALUES ($1, gen_random_uuid(), 'zoice', 'zc_1', 'inbound', 'About a knee.', '{}', now() - interval '3 years')`,
    [tenantId],
  );
  return { tenantId, slug: rows[0]?.slug ?? '', patientId };
}

/** `npm run erase` */
const erase = (slug: string, patientId: string) =>
  promisify(execFile)(
    process.execPath,
    [new URL('main.ts', import.meta.url).pathname, '--tenant', slug, '--patient', patientId],
    {
      env: {
        PATH: process.env.PATH,
        DATABASE_URL: database.urlAs('switchboard_sink'),
        PSEUDONYM_KEY: pseudonymKey.toString('base64'),
      },
    },
  );

it('a patient is erased by one command, and one that there is not is an error', async () => {
  const { tenantId, slug, patientId } = await makeClinic();
  expect((await erase(slug, patientId)).stdout).toMatch(/^erased: calls 0, [^\n]*\n$/);
  const { rows } = await database.admin.query(
    `SELECT p.last_name, p.erased_at IS NOT NULL AS erased, a.action FROM patients p JOIN audit_log a ON a.tenant_id = p.tenant_id
     WHERE p.tenant_id = $1`,
    [tenantId],
  );
  expect(rows).toEqual([{ last_name: null, erased: true, action: 'patient.erase' }]);
  await expect(erase(slug, randomUUID())).rejects.toMatchObject({
    code: 2,
    stderr: 'erase: there is no patient with this id\n',
  });
});

it('an erasure says how many dead letters of the clinic may still be of the patient', async () => {
  const { tenantId, slug, patientId } = await makeClinic();
  for (const [sealed, left, state, version] of [
    ['sealed', 0, 'open', searchVersion],
    ['sealed', 3, 'discarded', searchVersion],
    ['sealed', null, 'open', searchVersion],
    // Searched by an older release, for less.
    ['sealed', null, 'open', 1],
    ['', 0, 'discarded', searchVersion],
  ])
    await database.admin.query(
      `INSERT INTO dead_letters (id, tenant_id, stage, reason, source, content_type, sealed, searches_left, state, search_version, attempts, first_at, last_at)
       VALUES (gen_random_uuid(), $1, 'ingest', 'not_json', 'zoice', 'application/json', $2, $3, $4, $5, 1, now(), now())`,
      [tenantId, sealed, left, state, version],
    );
  expect((await erase(slug, patientId)).stdout.split('\n')[1]).toBe(
    `dead letters that may be of the patient, for nobody searched them: 3 (npm run dead-letters -- list --unsearched --tenant ${slug})`,
  );
});

it('what clinics keep no longer is emptied clinic by clinic, though one’s can’t be, and who is on call is told of that one', async () => {
  const [broken, well] = [await makeClinic(), await makeClinic()];
  await database.admin.query(`UPDATE tenants SET retention_days = '{"transcripts": "many"}' WHERE id = $1`, [
    broken.tenantId,
  ]);
  const pool = createPool({ url: database.urlAs('switchboard_sink'), applicationName: 'test' });
  const log: string[] = [];
  const logger = createLogger({ service: 'test', level: 'info' }, { write: (line) => log.push(line) });
  const metrics = createMetrics('jobs');
  const failures = metrics.counter('switchboard_jobs_failures_total', 'Failures.', ['job']);
  const work = (signal: AbortSignal) => emptyOld({ pool, pseudonymKey, logger, now: Date.now }, signal);
  const rounds = startRounds({ name: 'retention', everyMs: 10, work, logger, failures });
  const render = async () => (await metrics.render()).body;
  await expect.poll(render).toContain('job="retention"');
  const before = await render();
  await expect
    .poll(async () => firing('JobFails', { before, now: await render() }))
    .toMatchObject([{ labels: { exported_job: 'retention' } }]);
  await rounds.stop();
  await database.admin.query(`UPDATE tenants SET retention_days = '{}' WHERE id = $1`, [broken.tenantId]);
  await work(new AbortController().signal);
  await pool.end();
  const { rows } = await database.admin.query(
    'SELECT tenant_id, summary FROM voice_calls WHERE tenant_id = ANY ($1) ORDER BY summary NULLS LAST',
    [[broken.tenantId, well.tenantId]],
  );
  expect(rows).toEqual([
    { tenant_id: broken.tenantId, summary: 'About a knee.' },
    { tenant_id: well.tenantId, summary: null },
  ]);
  expect(log.join()).toContain(broken.tenantId);
  expect(log.join()).not.toContain('knee');
});

it('what the tools keep of calls of which no event came is emptied by its age', async () => {
  const { tenantId } = await makeClinic();
  const { admin } = database;
  await admin.query(`UPDATE tenants SET retention_days = '{"calls": 30}' WHERE id = $1`, [tenantId]);
  const use = async (call: string, daysAgo: number) => {
    const values = [tenantId, call, daysAgo];
    await admin.query(
      `INSERT INTO voice_tool_callers (tenant_id, call_ref, phone, created_at) VALUES ($1, $2, '+919820012345', now() - make_interval(days => $3))`,
      values,
    );
    await admin.query(
      `INSERT INTO voice_tool_uses (tenant_id, id, tool, call_ref, use_key, ok, code, latency_ms, answer, asked_for, created_at)
       SELECT $1, gen_random_uuid(), 'book-appointment', $2, key, true, 'BOOKED', 5, '{"ok": true, "code": "BOOKED", "spoken": "Rao"}', 'hash',
         now() - make_interval(days => $3) FROM generate_series(1, 600) AS key`,
      values,
    );
  };
  await use('never-told', 31);
  await use('just-now', 29);
  // It began the day before yesterday, whenever its tools were used: its own date counts.
  await admin.query(
    `INSERT INTO voice_calls (tenant_id, id, source, external_id, direction, merge_state, began_at)
     VALUES ($1, gen_random_uuid(), 'zoice', 'told', 'inbound', '{}', now() - interval '2 days')`,
    [tenantId],
  );
  await use('told', 31);
  const pool = createPool({ url: database.urlAs('switchboard_sink'), applicationName: 'test' });
  const logger = createLogger({ service: 'test', level: 'silent' });
  const round = () => emptyOld({ pool, pseudonymKey, logger, now: Date.now }, new AbortController().signal);
  const kept = async () => {
    const { rows } = await admin.query(
      `SELECT u.call_ref, u.answer, u.asked_for, NOT starts_with(u.use_key, u.tool) AS hashed, count(*)::int AS uses, count(DISTINCT c.phone)::int AS callers
       FROM voice_tool_uses u LEFT JOIN voice_tool_callers c USING (tenant_id, call_ref)
       WHERE u.tenant_id = $1 GROUP BY 1, 2, 3, 4 ORDER BY 1`,
      [tenantId],
    );
    return rows;
  };
  await round();
  const said = { ok: true, code: 'BOOKED', spoken: 'Rao' };
  const untouched = { answer: said, asked_for: 'hash', hashed: true, uses: 600, callers: 1 };
  const emptied = { answer: { ...said, spoken: '' }, asked_for: null, hashed: false, uses: 600, callers: 0 };
  expect(await kept()).toEqual([
    { call_ref: 'just-now', ...untouched },
    { call_ref: 'never-told', ...emptied },
    { call_ref: 'told', ...untouched },
  ]);
  // What was said may be kept for a shorter time than who called.
  await admin.query(`UPDATE tenants SET retention_days = '{"transcripts": 20}' WHERE id = $1`, [tenantId]);
  await round();
  expect((await kept())[0]).toEqual({ call_ref: 'just-now', ...emptied, callers: 1 });
  await pool.end();
});
