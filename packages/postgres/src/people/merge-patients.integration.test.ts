import { randomUUID } from 'node:crypto';
import { createTestDatabase, type TestDatabase } from '@switchboard/testkit/database';
import { afterAll, beforeAll, beforeEach, describe, expect, inject, it } from 'vitest';
import { stateTouched } from '../facts/state-touched.ts';
import { createPool, lockTenant, type Pool, withTenant } from '../pool.ts';
import { loadTenantSettings, type TenantSettings } from '../tenants.ts';
import { mergePatients, unmergePatients } from './merge-patients.ts';

const pseudonymKey = Buffer.alloc(32, 7);
const now = Date.parse('2026-11-20T10:00:00Z');
const userId = randomUUID();
let database: TestDatabase;
let api: Pool;
let sink: Pool;
let tenant: TenantSettings;

beforeAll(async () => {
  database = await createTestDatabase(inject('engines').postgresAdmin);
  api = createPool({ url: database.urlAs('switchboard_api'), applicationName: 'merge-test', max: 6 });
  sink = createPool({ url: database.urlAs('switchboard_sink'), applicationName: 'merge-test', max: 1 });
});
afterAll(async () => {
  await api?.end();
  await sink?.end();
  await database?.drop();
});

let a: string;
let b: string;
let c: string;
beforeEach(async () => {
  const id = await database.addTenant();
  const settings = (await loadTenantSettings(database.admin, [id])).get(id);
  if (!settings) throw new Error('the clinic was just made');
  tenant = settings;
  [a, b, c] = [await addPatient('1'), await addPatient('2'), await addPatient('3')];
  await stateAll();
});

const run = <R extends object>(sql: string, values: unknown[] = []) =>
  database.admin.query<R & Record<string, unknown>>(sql, [tenant.tenantId, ...values]);

/** With a record of each kind: one that remembers its original patient, and one that does not yet. */
async function addPatient(digit: string): Promise<string> {
  const id = randomUUID();
  await run(
    `INSERT INTO patients (tenant_id, id, first_name, last_name, origin, source, external_id)
     VALUES ($1, $2, $3, 'Patil', 'clinic_system', 'emr', $4)`,
    [id, `Asha${digit}`, `P-${digit}`],
  );
  await run(
    `INSERT INTO patient_identifiers (tenant_id, patient_id, kind, value) VALUES ($1, $2, 'phone', $3)`,
    [id, `+91981234567${digit}`],
  );
  for (const original of [id, null]) await addRecords(id, original, `+91981234567${digit}`);
  return id;
}

async function addRecords(patient: string, original: string | null, phone: string): Promise<void> {
  await run(
    `INSERT INTO voice_calls (tenant_id, id, source, external_id, direction, status, contact_phone, caller_turns, merge_state,
       began_at, patient_id, original_patient_id)
     VALUES ($1, $2, 'zoice', gen_random_uuid(), 'inbound', 'completed', $3, 2, '{}', '2026-11-19T10:00:00Z', $4, $5)`,
    [randomUUID(), phone, patient, original],
  );
  await run(
    `INSERT INTO conversations (tenant_id, id, channel, contact_phone, patient_id, original_patient_id)
     VALUES ($1, $2, 'whatsapp', $3, $4, $5)`,
    [randomUUID(), phone, patient, original],
  );
  await addAppointment(patient, original);
  await run(
    `INSERT INTO journeys (tenant_id, id, journey_type, status, started_at, patient_id, original_patient_id)
     VALUES ($1, $2, 'recall', 'active', '2026-11-01T10:00:00Z', $3, $4)`,
    [randomUUID(), patient, original],
  );
  await run(
    `INSERT INTO booking_requests (tenant_id, id, kind, channel, patient_id, original_patient_id)
     VALUES ($1, $2, 'book', 'voice', $3, $4)`,
    [randomUUID(), patient, original],
  );
}

let appointments = 0;

/** Each at a time of its own, later ones earlier and later. */
async function addAppointment(patient: string, original: string | null): Promise<string> {
  const id = randomUUID();
  const minutes = (++appointments * 7_919) % 50_000;
  await run(
    `INSERT INTO appointments (tenant_id, id, status, starts_at, ends_at, channel, booked_at, patient_id, original_patient_id)
     VALUES ($1, $2, 'completed', timestamptz '2026-10-01T04:00:00Z' + make_interval(mins => $3),
       timestamptz '2026-10-01T04:30:00Z' + make_interval(mins => $3), 'desk', '2026-09-30T10:00:00Z', $4, $5)`,
    [id, minutes, patient, original],
  );
  return id;
}

const tables = ['voice_calls', 'conversations', 'appointments', 'journeys', 'booking_requests'];

async function stateAll(): Promise<void> {
  const idsOf = async (table: string) =>
    (await run<{ id: string }>(`SELECT id FROM ${table} WHERE tenant_id = $1`)).rows.map(({ id }) => id);
  await withTenant(api, tenant.tenantId, async (client) => {
    await lockTenant(client, tenant.tenantId);
    await stateTouched(
      client,
      { tenant, pseudonymKey, cause: { eventId: randomUUID(), traceparent: null } },
      {
        calls: await idsOf('voice_calls'),
        conversations: await idsOf('conversations'),
        appointments: await idsOf('appointments'),
        journeys: await idsOf('journeys'),
      },
    );
  });
}

/** Every row of the clinic in every table, but what may differ: the merges themselves, the outbox, when a row was written. */
async function dump(): Promise<Record<string, unknown[]>> {
  const { rows: found } = await database.admin.query<{ name: string }>(
    `SELECT c.relname AS name FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid AND a.attname = 'tenant_id'
     WHERE c.relnamespace = 'public'::regnamespace AND c.relkind = 'r'
       AND c.relname NOT IN ('audit_log', 'patient_merges', 'outbox') ORDER BY 1`,
  );
  const all: Record<string, unknown[]> = {};
  for (const { name } of found) {
    // What was stated and ceased is null, as what was never stated.
    const where = name === 'fact_current' ? 'AND statement IS NOT NULL' : '';
    const { rows } = await run<{ row: unknown }>(
      `SELECT to_jsonb(t) - '{updated_at,created_at}'::text[] AS row FROM ${name} t WHERE tenant_id = $1 ${where}`,
    );
    all[name] = rows.map(({ row }) => JSON.stringify(row)).sort();
  }
  return all;
}

/** What the outbox's signs come to that is not stated, or the reverse. */
async function imbalance(): Promise<unknown[]> {
  const { rows } = await run(
    `SELECT kind, line, sum(sign) AS sum FROM (
       SELECT kind, line::jsonb - '{sign,event_id,tenant_id}'::text[] AS line, sign FROM outbox WHERE tenant_id = $1
       UNION ALL
       SELECT kind, statement || jsonb_build_object('entity_id', entity_id, 'basis', basis), -1
       FROM fact_current WHERE tenant_id = $1 AND statement IS NOT NULL) s
     GROUP BY kind, line HAVING sum(sign) <> 0`,
  );
  return rows;
}

const by = { userId };
const merge = (survivorId: string, absorbedId: string) =>
  withTenant(api, tenant.tenantId, (client) =>
    mergePatients(client, { tenant, pseudonymKey, survivorId, absorbedId, by, now }),
  );
const unmerge = (survivorId: string, absorbedId: string) =>
  withTenant(api, tenant.tenantId, (client) =>
    unmergePatients(client, { tenant, pseudonymKey, survivorId, absorbedId, by, now }),
  );

/** How many records each patient has, in all tables. */
async function recordsOf(...patients: string[]): Promise<number[]> {
  const counts: number[] = [];
  for (const patient of patients) {
    let count = 0;
    for (const table of tables) {
      const { rowCount } = await run(`SELECT FROM ${table} WHERE tenant_id = $1 AND patient_id = $2`, [
        patient,
      ]);
      count += rowCount ?? 0;
    }
    counts.push(count);
  }
  return counts;
}

const mergedInto = async (...patients: string[]) => {
  const { rows } = await run<{ id: string; merged_into: string | null }>(
    'SELECT id, merged_into FROM patients WHERE tenant_id = $1',
  );
  return patients.map((patient) => rows.find(({ id }) => id === patient)?.merged_into);
};

describe('a merge', () => {
  it('gives all records to the survivor, and its undoing gives each back: every row and fact is as before', async () => {
    const before = await dump();
    expect(before.fact_current?.length).toBeGreaterThan(20);
    expect(await merge(a, b)).toEqual({ changed: true, patientId: a });
    expect(await recordsOf(a, b, c)).toEqual([20, 0, 10]);
    expect(await mergedInto(a, b, c)).toEqual([null, a, null]);
    const merged = await dump();
    expect(merged.fact_current).not.toEqual(before.fact_current);
    expect(JSON.stringify(merged.fact_current)).not.toContain(b);
    expect(await imbalance()).toEqual([]);
    expect(await unmerge(a, b)).toEqual({ changed: true, patientId: a });
    expect(await dump()).toEqual(before);
    expect(await imbalance()).toEqual([]);
  });

  it('that a person took back is not made again by the clinic’s system', async () => {
    await merge(a, b);
    await unmerge(a, b);
    const before = await dump();
    const told = await withTenant(api, tenant.tenantId, (client) =>
      mergePatients(client, {
        tenant,
        pseudonymKey,
        survivorId: a,
        absorbedId: b,
        by: { eventId: userId },
        now,
      }),
    );
    expect(told).toEqual({ changed: false, patientId: b });
    expect(await dump()).toEqual(before);
    expect((await merge(a, b)).changed).toBe(true);
    await unmerge(a, b);
  });

  it('in a chain leads to its end, from whichever side it was made, and comes apart in any order', async () => {
    const before = await dump();
    for (const [first, second] of [
      [() => merge(b, a), () => merge(c, b)],
      [() => merge(c, b), () => merge(b, a)],
    ] as const) {
      await first();
      expect(await second()).toEqual({ changed: true, patientId: c });
      expect(await mergedInto(a, b, c)).toEqual([c, c, null]);
      expect(await recordsOf(a, b, c)).toEqual([0, 0, 30]);
      // The later one stands.
      await unmerge(b, a);
      expect(await mergedInto(a, b, c)).toEqual([null, c, null]);
      expect(await recordsOf(a, b, c)).toEqual([10, 0, 20]);
      await merge(b, a);
      // The one in the middle leaves with who was merged into it.
      await unmerge(c, b);
      expect(await mergedInto(a, b, c)).toEqual([b, null, null]);
      expect(await recordsOf(a, b, c)).toEqual([0, 20, 10]);
      await unmerge(b, a);
      expect(await dump()).toEqual(before);
    }
  });

  it('said again does nothing', async () => {
    await merge(b, a);
    await merge(c, b);
    const before = await dump();
    for (const [survivor, absorbed] of [
      [b, a],
      [c, b],
      [c, a],
    ] as const)
      expect(await merge(survivor, absorbed)).toEqual({ changed: false, patientId: c });
    expect(await dump()).toEqual(before);
    expect((await run('SELECT FROM patient_merges WHERE tenant_id = $1')).rowCount).toBe(2);
  });

  it('said the other way round makes the other one the survivor', async () => {
    const before = await dump();
    await merge(b, a);
    await merge(c, b);
    expect(await merge(a, c)).toEqual({ changed: true, patientId: a });
    expect(await mergedInto(a, b, c)).toEqual([null, a, a]);
    expect(await recordsOf(a, b, c)).toEqual([30, 0, 0]);
    await unmerge(a, c);
    expect(await mergedInto(a, b, c)).toEqual([null, c, null]);
    await unmerge(c, b);
    expect(await dump()).toEqual(before);
  });

  it('of who was merged into somebody else, of nobody, of one and the same is refused', async () => {
    await merge(b, a);
    await expect(merge(c, a)).rejects.toMatchObject({ code: 'patient_already_merged' });
    await expect(merge(c, c)).rejects.toMatchObject({ code: 'patient_same' });
    const other = await database.addTenant();
    const stranger = randomUUID();
    await database.admin.query(`INSERT INTO patients (tenant_id, id, origin) VALUES ($1, $2, 'desk')`, [
      other,
      stranger,
    ]);
    for (const unknown of [randomUUID(), stranger]) {
      await expect(merge(c, unknown)).rejects.toMatchObject({ code: 'patient_unknown' });
      await expect(merge(unknown, c)).rejects.toMatchObject({ code: 'patient_unknown' });
      await expect(unmerge(c, unknown)).rejects.toMatchObject({ code: 'patient_unknown' });
    }
    await expect(unmerge(c, a)).rejects.toMatchObject({ code: 'patient_not_merged' });
    await expect(unmerge(a, b)).rejects.toMatchObject({ code: 'patient_not_merged' });
  });

  it('by several at once is one merge', async () => {
    const before = await dump();
    const results = await Promise.all(Array.from({ length: 6 }, () => merge(a, b)));
    expect(results.filter(({ changed }) => changed)).toHaveLength(1);
    await unmerge(a, b);
    expect(await dump()).toEqual(before);
  });

  it('leaves nothing behind when the process dies before its end', async () => {
    const before = await dump();
    const died = withTenant(api, tenant.tenantId, async (client) => {
      await mergePatients(client, { tenant, pseudonymKey, survivorId: a, absorbedId: b, by, now });
      throw new Error('died');
    });
    await expect(died).rejects.toThrow('died');
    expect(await dump()).toEqual(before);
  });

  it('is remembered with who made and who undid it', async () => {
    const eventId = randomUUID();
    await withTenant(api, tenant.tenantId, (client) =>
      mergePatients(client, { tenant, pseudonymKey, survivorId: a, absorbedId: b, by: { eventId }, now }),
    );
    await unmerge(a, b);
    const { rows } = await run(
      'SELECT survivor_id, absorbed_id, merged_by, event_id, unmerged_by, unmerged_at IS NULL AS stands FROM patient_merges WHERE tenant_id = $1',
    );
    expect(rows).toEqual([
      {
        survivor_id: a,
        absorbed_id: b,
        merged_by: null,
        event_id: eventId,
        unmerged_by: userId,
        stands: false,
      },
    ]);
  });
});

describe('a visit that was booked here for one and told by the clinic’s system for the other', () => {
  const times = ['2026-12-01T04:00:00Z', '2026-12-01T04:30:00Z'];
  let own: string;
  let told: string;

  /** With the other patient's visit, which is a conflict while they are two. */
  beforeEach(async () => {
    const doctor = randomUUID();
    [own, told] = [randomUUID(), randomUUID()];
    await run(`INSERT INTO practitioners (tenant_id, id, display_name) VALUES ($1, $2, 'Dr. Mehta')`, [
      doctor,
    ]);
    const insert = `INSERT INTO appointments (tenant_id, id, patient_id, original_patient_id, practitioner_id, status, starts_at, ends_at,
       booked_at, channel, conflict, source, external_id) VALUES ($1, $2, $3, $3, $4, 'scheduled', $5, $6, $5, $7, $8, $9, $10)`;
    await run(insert, [own, a, doctor, ...times, 'voice', false, null, null]);
    await run(insert, [told, b, doctor, ...times, 'desk', true, 'clinic', 'A-1']);
    await stateAll();
  });

  const standing = async () => {
    const { rows } = await run<{ id: string; conflict: boolean }>(
      `SELECT id, conflict FROM appointments WHERE tenant_id = $1 AND id = ANY ($2) AND NOT entered_in_error ORDER BY conflict`,
      [[own, told]],
    );
    return rows;
  };
  const counted = async () => {
    const { rows } = await run<{ entity_id: string }>(
      `SELECT DISTINCT entity_id FROM fact_current WHERE tenant_id = $1 AND kind = 'appointment' AND statement IS NOT NULL
         AND entity_id = ANY ($2)`,
      [[own, told]],
    );
    return rows.length;
  };

  it.each([
    ['who has the one', () => [a, b]],
    ['who has the other', () => [b, a]],
  ] as const)(
    'is one visit once both are one patient, and two again when they are two: %s survives',
    async (_who, pair) => {
      const before = await dump();
      expect(await standing()).toEqual([
        { id: own, conflict: false },
        { id: told, conflict: true },
      ]);
      const [survivor = '', absorbed = ''] = pair();
      await merge(survivor, absorbed);
      expect(await standing()).toEqual([{ id: own, conflict: false }]);
      expect(await counted()).toBe(1);
      expect(await imbalance()).toEqual([]);
      await merge(survivor, c);
      expect(await standing()).toEqual([{ id: own, conflict: false }]);
      await unmerge(survivor, c);
      await unmerge(survivor, absorbed);
      expect(await dump()).toEqual(before);
      expect(await counted()).toBe(2);
      expect(await imbalance()).toEqual([]);
    },
  );

  it('has its time to itself after an unmerge, where ours was given up meanwhile', async () => {
    await merge(a, b);
    await run(
      `UPDATE appointments SET status = 'cancelled', cancelled_at = now() WHERE tenant_id = $1 AND id = $2`,
      [own],
    );
    await unmerge(a, b);
    expect(await standing()).toEqual(
      expect.arrayContaining([
        { id: own, conflict: false },
        { id: told, conflict: false },
      ]),
    );
  });
});

describe('what the clinic’s system says', () => {
  const tell = (survivorId: string, absorbedId: string) =>
    withTenant(sink, tenant.tenantId, (client) =>
      mergePatients(client, {
        tenant,
        pseudonymKey,
        survivorId,
        absorbedId,
        by: { eventId: randomUUID() },
        now,
      }),
    );

  it('it may change itself: the patient goes to the other survivor, and the first one is as before', async () => {
    const before = await dump();
    await tell(a, b);
    expect(await tell(c, b)).toEqual({ changed: true, patientId: c });
    expect(await mergedInto(a, b, c)).toEqual([null, c, null]);
    expect(await recordsOf(a, b, c)).toEqual([10, 0, 20]);
    await unmerge(c, b);
    expect(await dump()).toEqual(before);
  });

  it('does not join again whom a person took out of a chain, by whichever of the chain it names them', async () => {
    await tell(b, a);
    await tell(c, b);
    expect(await unmerge(c, a)).toEqual({ changed: true, patientId: c });
    const before = await dump();
    expect(await tell(c, a)).toEqual({ changed: false, patientId: a });
    expect(await tell(b, a)).toEqual({ changed: false, patientId: a });
    expect(await tell(a, c)).toEqual({ changed: false, patientId: c });
    expect(await dump()).toEqual(before);
    // Nor by one who is one with them since.
    const d = await addPatient('4');
    await tell(d, a);
    expect(await tell(c, d)).toEqual({ changed: false, patientId: d });
    expect(await mergedInto(a, b, c, d)).toEqual([d, c, null, null]);
    expect(await merge(c, d)).toEqual({ changed: true, patientId: c });
  });

  it('changes nothing that a person said, either way round', async () => {
    await merge(a, b);
    const before = await dump();
    expect(await tell(c, b)).toEqual({ changed: false, patientId: a });
    expect(await tell(b, a)).toEqual({ changed: false, patientId: a });
    expect(await dump()).toEqual(before);
  });
});

describe('a record that came after the merge', () => {
  it('for the absorbed patient goes with it, for the survivor stays', async () => {
    await merge(a, b);
    // As a writer stores it that found b by its own id, and a by hers.
    const ofB = await addAppointment(a, b);
    const ofA = await addAppointment(a, a);
    const unaware = await addAppointment(b, b);
    await merge(c, a);
    expect(await recordsOf(a, b, c)).toEqual([0, 0, 33]);
    await unmerge(c, a);
    await unmerge(a, b);
    const { rows } = await run<{ id: string; patient_id: string }>(
      'SELECT id, patient_id FROM appointments WHERE tenant_id = $1 AND id = ANY ($2)',
      [[ofA, ofB, unaware]],
    );
    expect(new Map(rows.map((row) => [row.id, row.patient_id]))).toEqual(
      new Map([
        [ofA, a],
        [ofB, b],
        [unaware, b],
      ]),
    );
  });
});
