import { execFile } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { promisify } from 'node:util';
import { createLogger } from '@switchboard/platform';
import { createPool } from '@switchboard/postgres';
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

it('a patient is erased by one command, and one that there is not is an error', async () => {
  const { tenantId, slug, patientId } = await makeClinic();
  const run = (patient: string) =>
    promisify(execFile)(
      process.execPath,
      [new URL('main.ts', import.meta.url).pathname, '--tenant', slug, '--patient', patient],
      {
        env: {
          PATH: process.env.PATH,
          DATABASE_URL: database.urlAs('switchboard_sink'),
          PSEUDONYM_KEY: pseudonymKey.toString('base64'),
        },
      },
    );
  expect((await run(patientId)).stdout).toMatch(/^erased: calls 0, /);
  const { rows } = await database.admin.query(
    `SELECT p.last_name, p.erased_at IS NOT NULL AS erased, a.action FROM patients p JOIN audit_log a ON a.tenant_id = p.tenant_id
     WHERE p.tenant_id = $1`,
    [tenantId],
  );
  expect(rows).toEqual([{ last_name: null, erased: true, action: 'patient.erase' }]);
  await expect(run(randomUUID())).rejects.toMatchObject({
    code: 2,
    stderr: 'erase: there is no patient with this id\n',
  });
});

it('what clinics keep no longer is emptied clinic by clinic, though one’s can’t be', async () => {
  const [broken, well] = [await makeClinic(), await makeClinic()];
  await database.admin.query(`UPDATE tenants SET retention_days = '{"transcripts": "many"}' WHERE id = $1`, [
    broken.tenantId,
  ]);
  const pool = createPool({ url: database.urlAs('switchboard_sink'), applicationName: 'test' });
  const log: string[] = [];
  const logger = createLogger({ service: 'test', level: 'info' }, { write: (line) => log.push(line) });
  await emptyOld({ pool, pseudonymKey, logger, now: Date.now }, new AbortController().signal);
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
