import { randomUUID } from 'node:crypto';
import { createSealer } from '@switchboard/platform';
import { searchVersion } from '@switchboard/postgres/pipeline/dead-letters';
import { createTestDatabase, type TestDatabase } from '@switchboard/testkit/database';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import type { AwaitRead } from './await-read.ts';
import { type CommandOptions, commands, withCommandPool } from './commands.ts';

const [oldKey, newKey] = [Buffer.alloc(32, 1), Buffer.alloc(32, 2)];
const original = '{"name":"zzsecretzz"}';
let database: TestDatabase;
let tenant: string;
beforeAll(async () => {
  database = await createTestDatabase(inject('engines').postgresAdmin);
  tenant = await database.addTenant({ slug: 'asha' });
});
afterAll(() => database.drop());

async function store(tenantId: string | null, reason = 'not_json', key = oldKey): Promise<string> {
  const id = randomUUID();
  await database.admin.query(
    `INSERT INTO dead_letters (id, tenant_id, stage, reason, source, content_type, sealed, attempts, first_at, last_at)
     VALUES ($1, $2, 'ingest', $3, 'zoice', 'application/json', $4, 1, now(), now())`,
    [id, tenantId, reason, createSealer(key).seal(Buffer.from(original))],
  );
  return id;
}
const stateOf = async (id: string) =>
  (await database.admin.query('SELECT state, discard_reason FROM dead_letters WHERE id = $1', [id])).rows[0];

async function run(
  name: string,
  options: Partial<CommandOptions> = {},
  keys = [newKey, oldKey],
  awaitRead?: AwaitRead,
) {
  const [SECRETS_KEY = newKey, ...SECRETS_OLD_KEYS] = keys;
  const lines: string[] = [];
  const config = {
    DATABASE_URL: database.urlAs('switchboard_sink'),
    ...{ SECRETS_KEY, SECRETS_OLD_KEYS },
    ...{ KAFKA_SSL: false, KAFKA_TOPIC_PREFIX: '', KAFKA_GROUP_PREFIX: '' },
  };
  const given = { all: false, again: false, json: false, limit: '100', wait: '0', ...options };
  const code = await withCommandPool(config, async ({ pool }) => {
    const command = commands.get(name);
    return command ? command({ pool, config, awaitRead, print: (line) => lines.push(line) }, given) : -1;
  });
  return { code, text: lines.join('\n') };
}

describe('npm run dead-letters', () => {
  it('lists those of every clinic and of none, and of those asked for', async () => {
    const [ours, stranger, nobodys] = [await store(tenant), await store(randomUUID()), await store(null)];
    const all = await run('list');
    for (const id of [ours, stranger, nobodys]) expect(all.text).toContain(id);
    expect((await run('list', { tenant: 'none' })).text.split('\t')[0]).toBe(nobodys);
    const asha = await run('list', { tenant: 'asha', json: true });
    expect(JSON.parse(asha.text)).toMatchObject({ id: ours, state: 'open' });
    expect(all.text).not.toContain('zzsecretzz');
  });

  it('means by dates the clinic’s days, the last of them too, as over HTTP', async () => {
    const [first, second] = [await store(tenant, 'not_sendable'), await store(tenant, 'not_sendable')];
    const at = (id: string, time: string) =>
      database.admin.query('UPDATE dead_letters SET last_at = $2 WHERE id = $1', [id, time]);
    // In Kolkata both are of the 20th.
    await at(first, '2026-11-19T18:30:00Z');
    await at(second, '2026-11-20T18:29:59Z');
    const day = (from: string, to: string) => run('list', { 'reason-code': 'not_sendable', from, to });
    const lines = ({ text }: { text: string }) => text.split('\n').map((line) => line.split('\t')[0]);
    expect(lines(await day('2026-11-20', '2026-11-20'))).toEqual([second, first]);
    expect((await day('2026-11-19', '2026-11-19')).text).toBe('');
    expect(lines(await day('2026-11-19T18:30:01Z', '2026-11-20T18:30:00Z'))).toEqual([second]);
    await expect(day('2026-11-31', '2026-12-01')).rejects.toMatchObject({ code: 'usage' });
  });

  it('lists, shows and gives up those that were not searched for their patient', async () => {
    const [unsearched, nobodys] = [await store(tenant, 'bad_payload'), await store(tenant, 'bad_payload')];
    await database.admin.query(
      'UPDATE dead_letters SET searches_left = NULL, search_version = $2 WHERE id = $1',
      [nobodys, searchVersion],
    );
    const meant = { 'reason-code': 'bad_payload', unsearched: true };
    const { text } = await run('list', meant);
    expect([text.split('\n').length, text.split('\t')[0], text.endsWith('\tunsearched')]).toEqual([
      1,
      unsearched,
      true,
    ]);
    expect(JSON.parse((await run('show', { id: unsearched })).text)).toMatchObject({ searched: false });
    expect(JSON.parse((await run('show', { id: nobodys })).text)).toMatchObject({ searched: true });
    expect((await run('discard', { ...meant, reason: 'a test' })).text).toBe('1 given up');
    expect(await stateOf(nobodys)).toMatchObject({ state: 'open' });
  });

  it('shows an original, and a clinic’s audit log tells of it', async () => {
    const id = await store(tenant);
    expect(JSON.parse((await run('show', { id })).text)).toMatchObject({ id, original: { body: original } });
    const { rows } = await database.admin.query(
      `SELECT actor_kind, action FROM audit_log WHERE tenant_id = $1 AND entity_id = $2`,
      [tenant, id],
    );
    expect(rows).toEqual([{ actor_kind: 'system', action: 'dead_letter.view' }]);
    await expect(run('show', { id: randomUUID() })).rejects.toMatchObject({ code: 'dead_letter_unknown' });
  });

  it('says of what was put back that it failed again, when it does so once it is read', async () => {
    const id = await store(tenant, 'row_refused');
    const become = (state: string, when: string) =>
      database.admin.query('UPDATE dead_letters SET state = $2 WHERE id = $1 AND state = $3', [
        id,
        state,
        when,
      ]);
    await database.admin.query(
      `UPDATE dead_letters SET stage = 'sink', topic = 'message.enriched.v1' WHERE id = $1`,
      [id],
    );
    const jobs = setInterval(() => void become('replayed', 'replaying'), 20);
    const again = (fate: (topics: readonly string[]) => Promise<boolean>) =>
      run('replay', { id, again: true, wait: '20' }, undefined, fate);
    try {
      const read: (readonly string[])[] = [];
      expect((await again(async (topics) => read.push(topics) > 0)).code).toBe(0);
      expect(read).toEqual([['message.enriched.v1']]);
      const failed = await again(async () => (await become('open', 'replayed')).rowCount === 1);
      expect(failed).toMatchObject({ code: 1, text: expect.stringContaining('0 put back, 1 failed again') });
      const waits = await again(async () => false);
      expect(waits).toMatchObject({ code: 1, text: expect.stringContaining('1 put back, 0 failed again') });
      expect(waits.text).toContain('has been read yet');
    } finally {
      clearInterval(jobs);
    }
  });

  it('asks for replays and says how many still wait; changes nothing unless told what is meant', async () => {
    const [mine, nobodys] = [await store(tenant, 'too_deep'), await store(null, 'too_deep')];
    const asked = await run('replay', { 'reason-code': 'too_deep' });
    expect(asked).toMatchObject({ code: 1, text: expect.stringContaining('2 still to be put back') });
    for (const id of [mine, nobodys]) expect(await stateOf(id)).toMatchObject({ state: 'replaying' });
    for (const [name, options, code] of [
      ['replay', {}, 'usage'],
      ['replay', { 'reason-code': 'nonsense' }, 'usage'],
      ['replay', { all: true, tenant: 'nobody' }, 'tenant_unknown'],
      ['discard', { all: true }, 'usage'],
      ['list', { from: 'yesterday' }, 'usage'],
    ] as const)
      await expect(run(name, options)).rejects.toMatchObject({ code });
  });

  it('gives up with a reason', async () => {
    const id = await store(null, 'unknown_vendor');
    expect(await run('discard', { id, reason: 'a test' })).toEqual({ code: 0, text: '1 given up' });
    expect(await stateOf(id)).toEqual({ state: 'discarded', discard_reason: 'a test' });
  });

  it('seals anew with the new key, after which the old one may go', async () => {
    const { admin } = database;
    await admin.query(
      `INSERT INTO tenant_webhook_secrets (tenant_id, id, kind, sealed) VALUES ($1, gen_random_uuid(), 'voice', $2)`,
      [tenant, createSealer(oldKey).seal(Buffer.from('of voice'))],
    );
    await admin.query(
      `INSERT INTO webhook_endpoints (tenant_id, id, url, sealed_secret, previous_sealed_secret)
       VALUES ($1, gen_random_uuid(), 'https://emr.example', $2, $3)`,
      [tenant, ...['present', 'previous'].map((text) => createSealer(oldKey).seal(Buffer.from(text)))],
    );
    const emptied = await store(tenant);
    await admin.query(`UPDATE dead_letters SET state = 'discarded', sealed = '' WHERE id = $1`, [emptied]);
    await store(tenant);
    await store(null, 'not_json', newKey);
    const { rows } = await database.admin.query<{ n: number }>('SELECT count(*) AS n FROM dead_letters');
    const before = await run('reseal');
    expect(before).toEqual({
      code: 0,
      text: `${Number(rows[0]?.n) - 2} dead letters and 3 secrets sealed anew, 0 that no key of the settings opens`,
    });
    expect((await run('reseal', {}, [newKey])).text).toBe(
      '0 dead letters and 0 secrets sealed anew, 0 that no key of the settings opens',
    );
    const { rows: secrets } = await admin.query<{ sealed: Buffer }>(
      `SELECT sealed FROM tenant_webhook_secrets UNION ALL SELECT sealed_secret FROM webhook_endpoints
       UNION ALL SELECT previous_sealed_secret FROM webhook_endpoints`,
    );
    expect(secrets.map(({ sealed }) => createSealer(newKey).open(sealed).toString())).toEqual([
      'of voice',
      'present',
      'previous',
    ]);
    expect(JSON.parse((await run('show', { id: emptied })).text)).toMatchObject({ original: null });
    await store(tenant, 'not_json', Buffer.alloc(32, 3));
    expect(await run('reseal')).toMatchObject({ code: 1, text: expect.stringContaining('1 that no key') });
  });
});
