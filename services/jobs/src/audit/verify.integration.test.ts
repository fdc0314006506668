import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { createPool, inTransaction, type Pool, type Queryable, withTenant } from '@switchboard/postgres';
import { writeAudit } from '@switchboard/postgres/api/audit';
import { sealAudit } from '@switchboard/postgres/audit/seals';
import { createTestDatabase, type TestDatabase } from '@switchboard/testkit/database';
import { afterAll, beforeAll, beforeEach, describe, expect, inject, it } from 'vitest';
import { verifyAudit } from './verify.ts';

let database: TestDatabase;
let sink: Pool;
let api: Pool;
let tenantId: string;
let slug: string;

beforeAll(async () => {
  database = await createTestDatabase(inject('engines').postgresAdmin);
  sink = createPool({ url: database.urlAs('switchboard_sink'), applicationName: 'test-jobs', max: 6 });
  api = createPool({ url: database.urlAs('switchboard_api'), applicationName: 'test-api', max: 6 });
});
beforeEach(async () => {
  slug = `clinic-${randomBytes(4).toString('hex')}`;
  tenantId = await database.addTenant({ slug });
});
afterAll(async () => {
  await sink.end();
  await api.end();
  await database.drop();
});

const entry = (action: string) => ({
  tenantId,
  actorKind: 'user' as const,
  actorId: 'user-1',
  action,
  entityKind: 'voice_call',
  entityId: '01890a5d-ac96-774b-bcce-b302099a8057',
  requestId: 'request-1',
  details: { filters: ['q'], rows: 3.5, note: 'ein "Wort",\nनमस्ते' },
});
const write = (...actions: string[]) =>
  withTenant(api, tenantId, async (client) => {
    for (const action of actions) await writeAudit(client, entry(action));
  });
const seal = () => sealAudit(sink, 1_000);

/** Three blocks: two, three and one row. */
async function writeThreeBlocks(): Promise<void> {
  for (const actions of [['a.1', 'a.2'], ['b.1', 'b.2', 'b.3'], ['c.1']]) {
    await write(...actions);
    await seal();
  }
}

async function verify(options: { tenant?: string; head?: string[] } = {}) {
  const lines: string[] = [];
  const code = await verifyAudit(sink, { tenant: slug, json: true, ...options }, (line) => lines.push(line));
  return { code, report: JSON.parse(lines[0] ?? 'null') };
}

const fits = (rows: number, blocks: number, waiting = 0) =>
  expect.objectContaining({
    code: 0,
    report: expect.objectContaining({ rows, blocks, waiting, firstBreak: null }),
  });
const broken = (kind: string, block: number | null) => ({
  code: 1,
  report: { firstBreak: { kind, block } },
});

async function head(): Promise<string> {
  const { report } = await verify();
  return `${slug}:${report.head.number}:${report.head.hash}`;
}

/** As a superuser whom no trigger stops. */
async function tamper(work: (db: Queryable, ids: number[]) => Promise<unknown>): Promise<void> {
  await inTransaction(database.admin, async (client) => {
    await client.query('SET LOCAL session_replication_role = replica');
    const { rows } = await client.query<{ id: number }>(
      'SELECT id FROM audit_log WHERE tenant_id = $1 ORDER BY id',
      [tenantId],
    );
    await work(
      client,
      rows.map(({ id }) => id),
    );
  });
}

describe('sealing', () => {
  it('puts each row into one block, and one clinic’s into none of another', async () => {
    await write('a', 'b');
    const other = { id: tenantId, slug };
    slug = `${slug}-2`;
    tenantId = await database.addTenant({ slug });
    await write('c');
    expect(await verify()).toEqual(fits(0, 0, 1));
    await seal();
    await seal();
    expect(await verify()).toEqual(fits(1, 1));
    await write('d');
    await seal();
    expect(await verify()).toEqual(fits(2, 2));
    expect(await verify({ tenant: other.slug })).toEqual(fits(2, 1));
  });

  it('seals once what is committed late, after rows with later numbers, and never what was rolled back', async () => {
    const late = await api.connect();
    await late.query('BEGIN');
    await late.query(`SELECT set_config('app.tenant_id', $1, true)`, [tenantId]);
    await writeAudit(late, entry('late'));
    await expect(
      withTenant(api, tenantId, async (client) => {
        await writeAudit(client, entry('never'));
        throw new Error('rolled back');
      }),
    ).rejects.toThrow('rolled back');
    await write('early');
    await seal();
    expect(await verify()).toEqual(fits(1, 1));
    await late.query('COMMIT');
    late.release();
    expect(await verify()).toEqual(fits(1, 1, 1));
    await seal();
    await seal();
    expect(await verify()).toEqual(fits(2, 2));
    const { rows } = await database.admin.query(
      `SELECT s.number, a.action FROM audit_seals s JOIN audit_log a ON a.tenant_id = s.tenant_id AND a.id = ANY (s.row_ids)
       WHERE s.tenant_id = $1 ORDER BY s.number`,
      [tenantId],
    );
    expect(rows.map(({ action }) => action)).toEqual(['early', 'late']);
  });

  it('by several at once while rows are written seals each row once', async () => {
    let writing = true;
    const sealers = Array.from({ length: 4 }, async () => {
      while (writing) await seal();
    });
    await Promise.all(
      Array.from({ length: 4 }, async () => {
        for (let count = 0; count < 25; count += 1) await write('x', 'y');
      }),
    );
    writing = false;
    await Promise.all(sealers);
    await seal();
    const { report, code } = await verify();
    expect([code, report.rows, report.waiting]).toEqual([0, 200, 0]);
    const { rows } = await database.admin.query(
      'SELECT count(*) AS n, count(DISTINCT id) AS ids FROM (SELECT unnest(row_ids) AS id FROM audit_seals WHERE tenant_id = $1) AS s',
      [tenantId],
    );
    expect(rows).toEqual([{ n: 200, ids: 200 }]);
  });

  it('that dies before its end has sealed nothing, and the next seals it', async () => {
    await write('a');
    await expect(
      inTransaction(sink, async (client) => {
        expect(await sealAudit(client, 10)).toMatchObject([{ tenantId, number: 1, rows: 1 }]);
        throw new Error('dies');
      }),
    ).rejects.toThrow('dies');
    expect(await verify()).toEqual(fits(0, 0, 1));
    await seal();
    expect(await verify()).toEqual(fits(1, 1));
  });

  it('takes no more of a clinic at once than it is told, and the rest with the next block', async () => {
    await write('a', 'b', 'c');
    expect(await sealAudit(sink, 2)).toMatchObject([{ rows: 2 }]);
    expect(await sealAudit(sink, 2)).toMatchObject([{ rows: 1 }]);
    expect(await verify()).toEqual(fits(3, 2));
  });
});

describe('what a superuser does to the log is found', () => {
  beforeEach(writeThreeBlocks);

  it.each([
    [`actor_id = 'nobody'`],
    [`action = 'call.list'`],
    [`at = at + interval '1 microsecond'`],
    [`entity_id = NULL`],
    [`details = details || '{"rows": 4}'`],
    [`request_id = NULL, entity_kind = request_id`],
  ])('a changed cell: %s', async (change) => {
    await tamper((db, ids) => db.query(`UPDATE audit_log SET ${change} WHERE id = $1`, [ids[3]]));
    expect(await verify()).toMatchObject(broken('block_changed', 2));
  });

  it('a removed row, and that other clinics’ rows are as they were', async () => {
    await tamper((db, ids) => db.query('DELETE FROM audit_log WHERE id = $1', [ids[1]]));
    expect(await verify()).toMatchObject(broken('row_missing', 1));
    const all = await verifyAudit(sink, {}, () => undefined);
    expect(all).toBe(1);
    tenantId = await database.addTenant({ slug: `${slug}-2` });
    expect(await verify({ tenant: `${slug}-2` })).toEqual(fits(0, 0));
  });

  it('a row put between sealed ones', async () => {
    await tamper(async (db, ids) => {
      await db.query('DELETE FROM audit_log WHERE id = $1', [ids[5]]);
      await db.query(
        `INSERT INTO audit_log (tenant_id, id, actor_kind, actor_id, action) OVERRIDING SYSTEM VALUE VALUES ($1, $2, 'user', 'u', 'x')`,
        [tenantId, ids[5]],
      );
    });
    expect(await verify()).toMatchObject(broken('block_changed', 3));
  });

  it('a row added past the trigger that notes it', async () => {
    await tamper((db) =>
      db.query(
        `INSERT INTO audit_log (tenant_id, actor_kind, actor_id, action, at) VALUES ($1, 'user', 'u', 'x', now() - interval '1 day')`,
        [tenantId],
      ),
    );
    expect(await verify()).toMatchObject(broken('row_unsealed', null));
  });

  it('rows that changed places', async () => {
    await tamper(async (db, ids) => {
      const move = (from: number | undefined, to: number | undefined) =>
        db.query('UPDATE audit_log SET id = $2 WHERE tenant_id = $3 AND id = $1', [from, to, tenantId]);
      await db.query('ALTER TABLE audit_log ALTER COLUMN id SET GENERATED BY DEFAULT');
      await db.query('ALTER TABLE audit_log ALTER COLUMN id DROP IDENTITY');
      await move(ids[2], -1);
      await move(ids[3], ids[2]);
      await move(-1, ids[3]);
    }).finally(() =>
      database.admin.query(
        `DO $$ BEGIN EXECUTE format('ALTER TABLE audit_log ALTER COLUMN id ADD GENERATED ALWAYS AS IDENTITY (START %s)',
           (SELECT max(id) + 1 FROM audit_log)); END $$`,
      ),
    );
    expect(await verify()).toMatchObject(broken('block_changed', 2));
  });

  it('a removed block in the midst, also when the others are numbered anew', async () => {
    await tamper((db) => db.query('DELETE FROM audit_seals WHERE tenant_id = $1 AND number = 2', [tenantId]));
    expect(await verify()).toMatchObject(broken('block_missing', 2));
    await tamper((db) =>
      db.query('UPDATE audit_seals SET number = 2 WHERE tenant_id = $1 AND number = 3', [tenantId]),
    );
    expect(await verify()).toMatchObject(broken('block_changed', 2));
  });

  it('the removed last block, by its rows', async () => {
    await tamper((db) => db.query('DELETE FROM audit_seals WHERE tenant_id = $1 AND number = 3', [tenantId]));
    expect(await verify()).toMatchObject(broken('row_unsealed', null));
  });

  it('the last block removed with its rows, by what was noted elsewhere alone', async () => {
    const noted = await head();
    await tamper(async (db, ids) => {
      await db.query('DELETE FROM audit_seals WHERE tenant_id = $1 AND number = 3', [tenantId]);
      await db.query('DELETE FROM audit_log WHERE id = $1', [ids[5]]);
    });
    expect(await verify()).toEqual(fits(5, 2));
    expect(await verify({ head: [noted] })).toMatchObject(broken('head_missing', 3));
  });

  it('a chain made anew over changed rows, by what was noted elsewhere alone', async () => {
    const noted = await head();
    await tamper(async (db, ids) => {
      await db.query('DELETE FROM audit_seals WHERE tenant_id = $1 AND number = 3', [tenantId]);
      await db.query(`UPDATE audit_log SET actor_id = 'somebody else' WHERE id = $1`, [ids[5]]);
      await db.query('INSERT INTO audit_unsealed (tenant_id, id) VALUES ($1, $2)', [tenantId, ids[5]]);
    });
    await seal();
    expect(await verify()).toEqual(fits(6, 3));
    expect(await verify({ head: [noted] })).toMatchObject(broken('head_differs', 3));
  });
});

describe('npm run audit', () => {
  const run = async (...args: string[]) => {
    const main = fileURLToPath(new URL('./main.ts', import.meta.url));
    const env = { PATH: process.env.PATH, DATABASE_URL: database.urlAs('switchboard_sink') };
    try {
      const { stdout } = await promisify(execFile)(process.execPath, [main, ...args], { env });
      return { code: 0, stdout, stderr: '' };
    } catch (error) {
      const failed = Object(error);
      return { code: failed.code, stdout: String(failed.stdout), stderr: String(failed.stderr) };
    }
  };

  it('verify ends with 0 when all fits, 1 at a break, 2 when it can’t tell, and says what it saw', async () => {
    await writeThreeBlocks();
    const noted = await head();
    const good = await run('verify', '--tenant', slug, '--head', noted);
    expect(good).toMatchObject({ code: 0 });
    expect(good.stdout).toBe(
      `${slug}: 6 rows in 3 blocks, 0 waiting; ends with ${noted}\nall fits: clinics 1\n`,
    );
    await tamper((db, ids) => db.query(`UPDATE audit_log SET action = 'x' WHERE id = $1`, [ids[0]]));
    const bad = await run('verify', '--tenant', slug);
    expect(bad).toMatchObject({ code: 1, stdout: expect.stringContaining('BREAK at block 1, rows') });
    expect(await run('verify', '--tenant', 'nobody')).toMatchObject({
      code: 2,
      stderr: 'audit: there is no clinic nobody\n',
    });
    expect(await run('verify', '--head', 'x')).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('--head takes'),
    });
    expect(await run('prove')).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('npm run audit -- verify'),
    });
  });

  it('list prints the rows that match', async () => {
    await write('call.view', 'call.list', 'auth.login');
    const listed = await run('list', '--tenant', slug, '--action', 'call', '--actor', 'user-1');
    expect(listed.stdout.split('\n').map((line) => line.split('\t')[4])).toEqual([
      'call.view',
      'call.list',
      undefined,
    ]);
    const one = await run('list', '--tenant', slug, '--from', '2026-01-01', '--limit', '1', '--json');
    expect(JSON.parse(one.stdout)).toMatchObject({ action: 'auth.login', details: { rows: 3.5 } });
    expect((await run('list', '--tenant', slug, '--to', '2020-01-01')).stdout).toBe('');
    expect(await run('list', '--tenant', slug, '--from', 'soon')).toMatchObject({ code: 2 });
  });
});
