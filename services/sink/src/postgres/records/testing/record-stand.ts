import { randomUUID } from 'node:crypto';
import { type RecordParts, recordEvent } from '@switchboard/domain/records/testing/record-factories';
import { createPool, type Pool, withTenant } from '@switchboard/postgres';
import { stateTouched } from '@switchboard/postgres/facts/state-touched';
import { recounts } from '@switchboard/postgres/recount/index';
import { loadTenantSettings, type TenantSettings } from '@switchboard/postgres/tenants';
import type { RecordReceived } from '@switchboard/schemas';
import { createTestDatabase } from '@switchboard/testkit/database';
import type { WriteOptions } from '../../write-events.ts';
import { writeRecords } from '../write-records.ts';

export type RecordStand = Awaited<ReturnType<typeof openRecordStand>>;

/** When the events of a teller begin, Unix ms. */
export const at = Date.parse('2026-11-20T05:00:00Z');

/** Events of one clinic, each with the minute after `at` it happened in. */
export function teller(tenant: TenantSettings) {
  return (type: string, id: string, after: number, parts: RecordParts = {}) =>
    recordEvent(type, id, { tenant_id: tenant.tenantId, occurred_at: at + after * 60_000, ...parts });
}

/** A database of a test's own, with what the clinic's system tells written to it. */
export async function openRecordStand(postgresAdmin: string) {
  const database = await createTestDatabase(postgresAdmin);
  const pool: Pool = createPool({ url: database.urlAs('switchboard_sink'), applicationName: 'test-sink' });
  const options: WriteOptions = { pool, pseudonymKey: Buffer.alloc(32, 7), now: Date.now };
  const rows = async (sql: string, tenant: TenantSettings, ...values: unknown[]) =>
    (await database.admin.query<Record<string, unknown>>(sql, [tenant.tenantId, ...values])).rows;
  return {
    database,
    options,
    rows,
    async newTenant(): Promise<TenantSettings> {
      const id = await database.addTenant();
      const tenant = (await loadTenantSettings(pool, [id])).get(id);
      if (!tenant) throw new Error('the tenant was just made');
      return tenant;
    },
    /** Writes events in one transaction. @returns how many were new */
    async write(tenant: TenantSettings, ...events: RecordReceived[]): Promise<number> {
      const taken = events.map((event) => ({ event, traceparent: null }));
      return (await writeRecords(options, tenant, taken)).length;
    },
    /** States all facts anew. @returns how many were not what the rows say */
    restate(tenant: TenantSettings): Promise<number> {
      const cause = { eventId: randomUUID(), traceparent: null };
      return withTenant(pool, tenant.tenantId, async (client) => {
        const ids = async (table: string) =>
          (
            await client.query<{ id: string }>(`SELECT id FROM ${table} WHERE tenant_id = $1`, [
              tenant.tenantId,
            ])
          ).rows.map(({ id }) => id);
        return stateTouched(
          client,
          { tenant, pseudonymKey: options.pseudonymKey, cause },
          {
            appointments: await ids('appointments'),
            journeys: await ids('journeys'),
            messages: await ids('conversation_messages'),
            conversations: await ids('conversations'),
          },
        );
      });
    },
    /** What the recounts of the records find to be stated otherwise, or by older rules, by kind. */
    async drift(tenant: TenantSettings): Promise<Record<string, unknown>> {
      const found: Record<string, unknown> = {};
      for (const { kind, recount } of recounts) {
        const { differences, older } = await withTenant(pool, tenant.tenantId, (client) =>
          recount(client, tenant.tenantId, tenant.timeZone),
        );
        if (differences.length + older.length > 0) found[kind] = { differences, older };
      }
      return found;
    },
    /** All that the events left behind, without ids that are drawn anew, versions, and times of writing. */
    async endState(tenant: TenantSettings): Promise<Record<string, unknown>> {
      const entries = Object.entries(endStateSql).map(
        async ([name, sql]) => [name, await rows(sql, tenant)] as const,
      );
      return Object.fromEntries(await Promise.all(entries));
    },
    async close(): Promise<void> {
      await pool.end();
      await database.drop();
    },
  };
}

const drawn = `'{tenant_id,id,created_at,updated_at,version,patient_id,original_patient_id,practitioner_id,location_id,
  appointment_type_id,appointment_type_ids,department_id,journey_id,appointment_id,conversation_id,schedule_id,merged_into,merge_state}'::text[]`;
const nameOf = (table: string, column: string, name = 'external_id') =>
  `(SELECT coalesce(o.${name}::text, 'unnumbered') FROM ${table} o WHERE o.tenant_id = $1 AND o.id = t.${column})`;

const endStateSql = {
  patients: `SELECT to_jsonb(t) - ${drawn} AS row, ${nameOf('patients', 'merged_into')} AS into,
    ARRAY (SELECT kind || ' ' || value FROM patient_identifiers i WHERE i.tenant_id = $1 AND i.patient_id = t.id ORDER BY 1) AS identifiers
    FROM patients t WHERE tenant_id = $1 ORDER BY external_id, first_name, 3`,
  locations: `SELECT to_jsonb(t) - ${drawn} AS row FROM locations t WHERE tenant_id = $1 ORDER BY external_id, name`,
  practitioners: `SELECT to_jsonb(t) - ${drawn} AS row, ${nameOf('departments', 'department_id', 'name')} AS department
    FROM practitioners t WHERE tenant_id = $1 ORDER BY external_id, display_name`,
  types: `SELECT to_jsonb(t) - ${drawn} AS row FROM appointment_types t WHERE tenant_id = $1 ORDER BY external_id, name`,
  schedules: `SELECT to_jsonb(t) - ${drawn} AS row, ${nameOf('practitioners', 'practitioner_id')} AS practitioner, ${nameOf('locations', 'location_id')} AS location,
    ARRAY (SELECT y.name FROM appointment_types y WHERE y.tenant_id = $1 AND y.id = ANY (t.appointment_type_ids) ORDER BY 1) AS types
    FROM practitioner_schedules t WHERE tenant_id = $1 ORDER BY 2, 1, 3, 4`,
  exceptions: `SELECT to_jsonb(t) - ${drawn} AS row, ${nameOf('practitioners', 'practitioner_id')} AS practitioner
    FROM schedule_exceptions t WHERE tenant_id = $1 ORDER BY 2, 1`,
  appointments: `SELECT to_jsonb(t) - ${drawn} AS row, ${nameOf('patients', 'patient_id')} AS patient,
    ${nameOf('patients', 'original_patient_id')} AS original_patient, ${nameOf('practitioners', 'practitioner_id')} AS practitioner,
    ${nameOf('locations', 'location_id')} AS location, ${nameOf('appointment_types', 'appointment_type_id')} AS type
    FROM appointments t WHERE tenant_id = $1 ORDER BY external_id`,
  journeys: `SELECT to_jsonb(t) - ${drawn} AS row, ${nameOf('patients', 'patient_id')} AS patient,
    ${nameOf('practitioners', 'practitioner_id')} AS practitioner, ${nameOf('departments', 'department_id', 'name')} AS department
    FROM journeys t WHERE tenant_id = $1 ORDER BY external_id`,
  steps: `SELECT to_jsonb(t) - ${drawn} AS row, ${nameOf('journeys', 'journey_id')} AS journey, ${nameOf('appointments', 'appointment_id')} AS appointment
    FROM journey_steps t WHERE tenant_id = $1 ORDER BY 2, external_id`,
  conversations: `SELECT to_jsonb(t) - ${drawn} AS row, ${nameOf('patients', 'patient_id')} AS patient
    FROM conversations t WHERE tenant_id = $1 ORDER BY channel, contact_phone, external_id`,
  messages: `SELECT to_jsonb(t) - ${drawn} AS row, ${nameOf('conversations', 'conversation_id', 'contact_phone')} AS conversation
    FROM conversation_messages t WHERE tenant_id = $1 ORDER BY external_id`,
  openReviews: `SELECT r.entity_kind, jsonb_array_length(r.candidates) AS candidates FROM match_reviews r WHERE tenant_id = $1 AND r.state = 'open' ORDER BY 1, 2`,
  states: `SELECT kind, external_id, state, awaits IS NOT NULL AS awaits FROM record_states WHERE tenant_id = $1 ORDER BY kind, external_id`,
  facts: `SELECT kind, basis, count(*)::int AS facts FROM fact_current WHERE tenant_id = $1 AND statement IS NOT NULL GROUP BY 1, 2 ORDER BY 1, 2`,
};
