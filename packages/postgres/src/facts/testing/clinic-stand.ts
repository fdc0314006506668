import { randomUUID } from 'node:crypto';
import { createTestDatabase, type TestDatabase } from '@switchboard/testkit/database';
import { createPool, lockTenant, type Pool, withTenant } from '../../pool.ts';
import { upsertAppointments } from '../../records/appointments.ts';
import { upsertJourneySteps, upsertJourneys } from '../../records/journeys.ts';
import { upsertMessages } from '../../records/messages.ts';
import { recounts } from '../../recount/index.ts';
import { createUpsert, type Row } from '../../rows.ts';
import { loadTenantSettings, type TenantSettings } from '../../tenants.ts';
import { upsertCalls } from '../../voice/calls.ts';
import { stateTouched, type Touched } from '../state-touched.ts';

/** The tables that facts of records are stated from. */
export type RecordTable = keyof typeof upserts;

const conversationColumns = [
  'channel',
  'state',
  'patient_id',
  'contact_phone',
  'assignee_id',
  'labels',
  'resolved_at',
  'reopened',
  'intent',
  'sentiment',
  'language',
  'created_at',
];
const upserts = {
  patients: createUpsert('patients', ['tenant_id', 'id'], ['origin', 'test_data']),
  departments: createUpsert('departments', ['tenant_id', 'id'], ['name', 'active']),
  practitioners: createUpsert(
    'practitioners',
    ['tenant_id', 'id'],
    ['display_name', 'department_id', 'active', 'placeholder'],
  ),
  appointment_types: createUpsert(
    'appointment_types',
    ['tenant_id', 'id'],
    [
      'name',
      'duration_minutes',
      'buffer_before_minutes',
      'buffer_after_minutes',
      'lead_time_minutes',
      'active',
      'fee_minor',
      'fee_currency',
    ],
  ),
  appointments: upsertAppointments,
  journeys: upsertJourneys,
  journey_steps: upsertJourneySteps,
  conversations: createUpsert('conversations', ['tenant_id', 'id'], conversationColumns),
  conversation_messages: upsertMessages,
  voice_calls: upsertCalls,
};

const defaults: Readonly<Record<RecordTable, Row>> = {
  patients: { origin: 'desk', test_data: false },
  departments: { active: true },
  practitioners: { display_name: 'P', active: true, placeholder: false },
  appointment_types: {
    duration_minutes: 20,
    buffer_before_minutes: 0,
    buffer_after_minutes: 0,
    lead_time_minutes: 0,
    active: true,
  },
  appointments: {
    status: 'scheduled',
    buffer_before_minutes: 0,
    buffer_after_minutes: 0,
    conflict: true,
    moves: 0,
    booking_time_unknown: false,
    channel: 'desk',
    placeholder: false,
    entered_in_error: false,
    version: 1,
  },
  journeys: {
    journey_type: 'recall',
    status: 'active',
    pauses: 0,
    resumes: 0,
    placeholder: false,
    entered_in_error: false,
    version: 1,
  },
  journey_steps: { name: 'S', placeholder: false },
  conversations: {
    channel: 'whatsapp',
    state: 'open',
    labels: [],
    reopened: 0,
    created_at: '2026-01-01T00:00:00Z',
  },
  conversation_messages: {
    kind: 'text',
    entities: [],
    redactions: [],
    entered_in_error: false,
    merge_state: {},
    source: 'twilio',
  },
  voice_calls: { source: 'zoice', direction: 'inbound', merge_state: {} },
};

/** A clinic of its own in a database of its own, whose rows are written and stated as a writer does it. */
export interface ClinicStand {
  database: TestDatabase;
  pool: Pool;
  tenant: TenantSettings;
  /** Writes rows, whole, and states what that touched; each row may leave out what is usual. */
  write(rows: Partial<Record<RecordTable, readonly Row[]>>, touched: Touched): Promise<number>;
  /** What is stated of an entity, by basis. */
  stated(kind: string, id: string): Promise<Record<string, Record<string, unknown>>>;
  /** All that is stated of records but calls, by `kind id basis`. */
  allStated(): Promise<Record<string, Record<string, unknown>>>;
  /** Forgets all rows and statements, and gives the clinic these business hours. */
  reset(hours: unknown): Promise<void>;
  /** What the recounts of the records find to be stated otherwise, by kind. */
  recount(): Promise<Record<string, unknown>>;
  /** What the outbox's signs come to that is not stated, or the reverse. */
  imbalance(): Promise<unknown[]>;
  close(): Promise<void>;
}

export const standKey = Buffer.alloc(32, 3);

export async function createClinicStand(
  postgresAdmin: string,
  role: 'switchboard_sink' | 'switchboard_api' = 'switchboard_sink',
  timeZone = 'Asia/Kolkata',
): Promise<ClinicStand> {
  const database = await createTestDatabase(postgresAdmin);
  const pool = createPool({ url: database.urlAs(role), applicationName: 'facts-test' });
  const tenantId = await database.addTenant({ timeZone });
  const tenant = (await loadTenantSettings(pool, [tenantId])).get(tenantId);
  if (!tenant) throw new Error('the tenant was just made');
  return {
    database,
    pool,
    tenant,
    write: (rows, touched) =>
      withTenant(pool, tenantId, async (client) => {
        await lockTenant(client, tenantId);
        for (const [table, upsert] of Object.entries(upserts))
          await upsert(
            client,
            (rows[table as RecordTable] ?? []).map((row) => ({
              tenant_id: tenantId,
              ...defaults[table as RecordTable],
              ...row,
            })),
          );
        return stateTouched(
          client,
          { tenant, pseudonymKey: standKey, cause: { eventId: randomUUID(), traceparent: null } },
          touched,
        );
      }),
    async stated(kind, id) {
      const { rows } = await database.admin.query<{ basis: string; statement: Record<string, unknown> }>(
        'SELECT basis, statement FROM fact_current WHERE kind = $1 AND entity_id = $2 AND statement IS NOT NULL',
        [kind, id],
      );
      return Object.fromEntries(rows.map(({ basis, statement }) => [basis, statement]));
    },
    async allStated() {
      const { rows } = await database.admin.query<{ key: string; statement: Record<string, unknown> }>(
        `SELECT kind || ' ' || entity_id || ' ' || basis AS key, statement FROM fact_current
         WHERE statement IS NOT NULL AND kind <> 'voice_call'`,
      );
      return Object.fromEntries(rows.map(({ key, statement }) => [key, statement]));
    },
    async reset(hours) {
      await database.admin.query(`TRUNCATE ${Object.keys(upserts).join(', ')}, fact_current, outbox CASCADE`);
      await database.admin.query('UPDATE tenants SET business_hours = $1', [JSON.stringify(hours)]);
    },
    async recount() {
      const found: Record<string, unknown> = {};
      for (const { kind, recount } of recounts) {
        const { differences, older } = await withTenant(pool, tenantId, (client) =>
          recount(client, tenantId, tenant.timeZone),
        );
        if (differences.length + older.length > 0) found[kind] = { differences, older };
      }
      return found;
    },
    async imbalance() {
      const { rows } = await database.admin.query(
        `SELECT kind, line, sum(sign) AS sum FROM (
           SELECT kind, line::jsonb - '{sign,event_id,tenant_id}'::text[] AS line, sign FROM outbox
           UNION ALL
           SELECT kind, statement || jsonb_build_object('entity_id', entity_id, 'basis', basis), -1
           FROM fact_current WHERE statement IS NOT NULL) s
         GROUP BY kind, line HAVING sum(sign) <> 0`,
      );
      return rows;
    },
    async close() {
      await pool.end();
      await database.drop();
    },
  };
}
