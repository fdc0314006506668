import { randomBytes, randomUUID } from 'node:crypto';
import { readdir } from 'node:fs/promises';
import { createTestDatabase, type TestDatabase } from '@switchboard/testkit/database';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { migrate } from './migrate.ts';

/** For `CREATE DATABASE` alone. */
let database: TestDatabase;
const name = `forward_${randomBytes(6).toString('hex')}`;
const halfMade = `${name}_half`;
const undecided = `${name}_undecided`;
const settled = `${name}_settled`;
const erased = `${name}_erased`;
const clients: pg.Client[] = [];

beforeAll(async () => {
  database = await createTestDatabase(inject('engines').postgresAdmin);
  for (const made of [name, halfMade, undecided, settled, erased])
    await database.admin.query(`CREATE DATABASE ${made}`);
});

afterAll(async () => {
  for (const client of clients) await client.end();
  for (const made of [name, halfMade, undecided, settled, erased])
    await database.admin.query(`DROP DATABASE IF EXISTS ${made} WITH (FORCE)`);
  await database.drop();
});

function urlOf(of = name): string {
  const url = new URL(database.adminUrl);
  url.pathname = `/${of}`;
  return url.href;
}

async function connect(to = name): Promise<pg.Client> {
  const client = new pg.Client({ connectionString: urlOf(to) });
  // The database is dropped under those of an earlier test.
  client.on('error', () => undefined);
  await client.connect();
  clients.push(client);
  return client;
}

/** Migrations of the first release. */
async function firstRelease(): Promise<string[]> {
  const files = await readdir(new URL('../migrations', import.meta.url));
  return files.filter((file) => file < '0015').sort();
}

const addPatient = `INSERT INTO patients (tenant_id, id, origin) VALUES ($1, $2, 'voice')`;
const addConversation = `INSERT INTO conversations (tenant_id, id, channel, patient_id) VALUES ($1, $2, 'voice', $3)`;
const addDecision = `INSERT INTO match_decisions (tenant_id, entity_kind, entity_id, decision, patient_id, model_version)
  VALUES ($1, 'conversation', $2, 'link', $3, '1')`;

async function addContact(client: pg.Client, tenant: string): Promise<void> {
  const [patient, conversation] = [randomUUID(), randomUUID()];
  await client.query('BEGIN');
  await client.query(addPatient, [tenant, patient]);
  await client.query(addConversation, [tenant, conversation, patient]);
  await client.query(addDecision, [tenant, conversation, patient]);
  await client.query('COMMIT');
}

describe('a database of the first release', () => {
  it('is brought forward with its data while the old release goes on writing, and a long transaction holds a table', async () => {
    const released = await firstRelease();
    expect(await migrate({ adminUrl: urlOf(), count: released.length })).toHaveLength(released.length);
    const [seeder, writer, holder] = [await connect(), await connect(), await connect()];
    const tenant = randomUUID();
    await seeder.query(
      `INSERT INTO tenants (id, slug, name, time_zone, country) VALUES ($1, 'first', 'First', 'Asia/Kolkata', 'IN')`,
      [tenant],
    );
    for (let at = 0; at < 200; at += 1) await addContact(seeder, tenant);

    await holder.query('BEGIN');
    await holder.query('LOCK TABLE patients IN ROW EXCLUSIVE MODE');

    let migrated = false;
    let written = 0;
    const writing = (async () => {
      while (!migrated) {
        await addContact(writer, tenant);
        written += 1;
      }
    })();
    const migrating = migrate({ adminUrl: urlOf() }).finally(() => {
      migrated = true;
    });
    for (const done of [writing, migrating]) done.catch(() => undefined);

    // Writers queue behind a migration that waits for the table: they pass while it is held only if the migration steps back.
    const waiting = `SELECT FROM pg_locks WHERE relation = 'patients'::regclass AND mode = 'AccessExclusiveLock' AND NOT granted`;
    await expect.poll(async () => (await seeder.query(waiting)).rowCount, { timeout: 60_000 }).toBe(1);
    const before = written;
    // The first may have been past that table already.
    await expect.poll(() => written, { timeout: 60_000 }).toBeGreaterThan(before + 1);
    await holder.query('COMMIT');
    const [applied] = await Promise.all([migrating, writing]);

    expect(applied[0]).toBe('0015_clinic_settings');
    const { rows } = await seeder.query(
      `SELECT (SELECT count(*)::int FROM patients WHERE active AND NOT placeholder) AS patients,
         (SELECT count(*)::int FROM conversations WHERE unread = 0) AS conversations,
         (SELECT count(*)::int FROM match_decisions) AS decisions,
         (SELECT count(*)::int FROM pg_index WHERE NOT indisvalid) AS invalid_indexes,
         (SELECT count(*)::int FROM pg_constraint WHERE NOT convalidated) AS unchecked_constraints`,
    );
    const all = 200 + written;
    expect(rows).toEqual([
      { patients: all, conversations: all, decisions: all, invalid_indexes: 0, unchecked_constraints: 0 },
    ]);
  }, 180_000);

  it('whose migration died while it built an index is finished by the next', async () => {
    const files = (await readdir(new URL('../migrations', import.meta.url))).sort();
    const before = files.filter((file) => file < '0023').length;
    expect(await migrate({ adminUrl: urlOf(halfMade), count: before })).toHaveLength(before);
    const client = await connect(halfMade);
    await client.query(`DELETE FROM schema_migrations WHERE name >= '0022'`);
    await client.query(
      `UPDATE pg_index SET indisvalid = false, indisready = false WHERE indexrelid = 'patients_born'::regclass`,
    );
    expect(await migrate({ adminUrl: urlOf(halfMade) })).toHaveLength(files.length - before + 1);
    const { rows } = await client.query(
      `SELECT i.indisvalid FROM pg_index i WHERE i.indexrelid = 'patients_born'::regclass`,
    );
    expect(rows).toEqual([{ indisvalid: true }]);
  }, 180_000);

  it('has a review for each call whose patient was left to a person before there were reviews', async () => {
    const files = (await readdir(new URL('../migrations', import.meta.url))).sort();
    const before = files.filter((file) => file < '0028').length;
    expect(await migrate({ adminUrl: urlOf(undecided), count: before })).toHaveLength(before);
    const client = await connect(undecided);
    const [tenant, call, likely, less] = [randomUUID(), randomUUID(), randomUUID(), randomUUID()];
    await client.query(
      `INSERT INTO tenants (id, slug, name, time_zone, country) VALUES ($1, 'first', 'First', 'Asia/Kolkata', 'IN')`,
      [tenant],
    );
    await client.query(
      `INSERT INTO match_decisions (tenant_id, entity_kind, entity_id, decision, breakdown, model_version)
       VALUES ($1, 'voice_call', $2, 'review', $3, '1'), ($1, 'voice_call', gen_random_uuid(), 'new', '{}', '1')`,
      [tenant, call, { [less]: 0.25, [likely]: 0.4 }],
    );
    await migrate({ adminUrl: urlOf(undecided) });
    const { rows } = await client.query('SELECT entity_id, state, candidates FROM match_reviews');
    expect(rows).toEqual([
      {
        entity_id: call,
        state: 'open',
        candidates: [
          { patient_id: likely, score: 0.4, breakdown: {} },
          { patient_id: less, score: 0.25, breakdown: {} },
        ],
      },
    ]);
  }, 180_000);

  it('has lost what an erasure left of callers whose number could not be read, and of what tools were asked', async () => {
    const files = (await readdir(new URL('../migrations', import.meta.url))).sort();
    const before = files.filter((file) => file < '0100').length;
    expect(await migrate({ adminUrl: urlOf(erased), count: before })).toHaveLength(before);
    const client = await connect(erased);
    const tenant = randomUUID();
    await client.query(
      `INSERT INTO tenants (id, slug, name, time_zone, country) VALUES ($1, 'first', 'First', 'Asia/Kolkata', 'IN')`,
      [tenant],
    );
    const addCall = (id: string, direction: string, phone: string | null, emptied: string[]) =>
      client.query(
        `INSERT INTO voice_calls (tenant_id, id, source, external_id, direction, from_number, to_number, contact_phone, merge_state,
           began_at, emptied)
         VALUES ($1, gen_random_uuid(), 'zoice', $2, $3, 'a', 'b', $4, '{}', now(), $5)`,
        [tenant, id, direction, phone, emptied],
      );
    await addCall('1 in', 'inbound', null, ['caller', 'number']);
    await addCall('2 out', 'outbound', null, ['caller']);
    await addCall('3 still calls', 'inbound', '+919812345678', ['caller']);
    await addCall('4 kept', 'outbound', null, ['texts']);
    const addUse = (key: string | null, spoken: string) =>
      client.query(
        `INSERT INTO voice_tool_uses (tenant_id, id, tool, call_ref, use_key, ok, code, latency_ms, answer)
         VALUES ($1, gen_random_uuid(), 'book', 'c', $2, true, 'BOOKED', 5, $3)`,
        [tenant, key, key && { ok: true, code: 'BOOKED', spoken }],
      );
    await addUse('hash-1', '');
    await addUse('hash-2', 'Booked.');
    await addUse('book:t1', '');
    await addUse(null, '');

    await migrate({ adminUrl: urlOf(erased) });
    const { rows: calls } = await client.query(
      'SELECT external_id AS id, from_number, to_number FROM voice_calls ORDER BY 1',
    );
    expect(calls).toEqual([
      { id: '1 in', from_number: null, to_number: 'b' },
      { id: '2 out', from_number: 'a', to_number: null },
      { id: '3 still calls', from_number: 'a', to_number: 'b' },
      { id: '4 kept', from_number: 'a', to_number: 'b' },
    ]);
    const { rows: uses } = await client.query(
      `SELECT replace(use_key, id::text, 'own id') AS key FROM voice_tool_uses ORDER BY 1`,
    );
    expect(uses.map(({ key }) => key)).toEqual(['book:own id', 'book:t1', 'hash-2', null]);
    const { rows: rights } = await client.query(
      `SELECT has_any_column_privilege('switchboard_definer', t, 'UPDATE') AS may FROM unnest('{voice_calls,voice_tool_uses}'::text[]) AS t`,
    );
    expect(rights).toEqual([{ may: false }, { may: false }]);
  }, 180_000);

  it('has what later releases give every clinic, and keeps what a clinic has chosen', async () => {
    const files = (await readdir(new URL('../migrations', import.meta.url))).sort();
    const before = files.filter((file) => file < '0045').length;
    expect(await migrate({ adminUrl: urlOf(settled), count: before })).toHaveLength(before);
    const client = await connect(settled);
    const slugs = ['a-as-made', 'b-changed', 'c-unsigned', 'd-later'] as const;
    const add = (slug: string, more: Record<string, unknown> = {}) => {
      const columns = {
        id: randomUUID(),
        slug,
        name: slug,
        time_zone: 'Asia/Kolkata',
        country: 'IN',
        ...more,
      };
      const names = Object.keys(columns);
      return client.query(
        `INSERT INTO tenants (${names.join(', ')}) VALUES (${names.map((_, at) => `$${at + 1}`).join(', ')})`,
        Object.values(columns),
      );
    };
    await add(slugs[0]);
    await add(slugs[1], { settings_version: 2 });
    await add(slugs[2], { webhook_modes: ['standard'] });
    const later = files.filter((file) => file < '0089').length - before;
    expect(await migrate({ adminUrl: urlOf(settled), count: later })).toHaveLength(later);
    await add(slugs[3]);
    const [tenant, practitioner, location] = [randomUUID(), randomUUID(), randomUUID()];
    await client.query(
      `INSERT INTO tenants (id, slug, name, time_zone, country) VALUES ($1, 'e-slots', 'E', 'Asia/Kolkata', 'IN')`,
      [tenant],
    );
    await client.query(`INSERT INTO practitioners (tenant_id, id, display_name) VALUES ($1, $2, 'D')`, [
      tenant,
      practitioner,
    ]);
    await client.query(
      `INSERT INTO locations (tenant_id, id, name, time_zone) VALUES ($1, $2, 'L', 'Asia/Kolkata')`,
      [tenant, location],
    );
    const addHours = (slot: number) =>
      client.query(
        `INSERT INTO practitioner_schedules (tenant_id, id, practitioner_id, location_id, weekday, starts, ends, slot_minutes)
         VALUES ($1, gen_random_uuid(), $2, $3, 1, '09:00', '17:00', $4)`,
        [tenant, practitioner, location, slot],
      );
    for (const slot of [-5, 0, 15, 1_440, 1_441]) await addHours(slot);

    await migrate({ adminUrl: urlOf(settled) });
    const { rows } = await client.query(
      `SELECT slug, array_to_string(webhook_modes, ' ') AS modes, retention_days ? 'audit' AS audit, settings_version AS version
       FROM tenants WHERE slug <> 'e-slots' ORDER BY slug`,
    );
    const all = 'standard zoice vapi retell';
    expect(rows).toEqual([
      { slug: 'a-as-made', modes: all, audit: false, version: 2 },
      { slug: 'b-changed', modes: 'standard zoice', audit: false, version: 3 },
      { slug: 'c-unsigned', modes: 'standard', audit: false, version: 2 },
      { slug: 'd-later', modes: all, audit: false, version: 1 },
    ]);
    const { rows: slots } = await client.query('SELECT slot_minutes FROM practitioner_schedules ORDER BY 1');
    expect(slots.map(({ slot_minutes }) => slot_minutes)).toEqual([15, 1_440, null, null, null]);
    await expect(addHours(0)).rejects.toMatchObject({ code: '23514' });
    const { rows: open } = await client.query(
      `SELECT relname FROM pg_class WHERE relrowsecurity AND NOT relforcerowsecurity`,
    );
    expect(open).toEqual([]);
  }, 180_000);
});
