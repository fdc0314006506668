import { randomBytes } from 'node:crypto';
import { uuidV7 } from '@switchboard/domain/ids';
import type { Sealer } from '@switchboard/platform';
import { lockTenant, type Pool, withTenant } from '@switchboard/postgres';
import type { AppointmentEventType } from '@switchboard/postgres/webhooks/event-types';
import { type AppointmentChange, tellAppointments } from '@switchboard/postgres/webhooks/tell-appointments';
import type { TestDatabase } from '@switchboard/testkit/database';

/** Values that stand in bodies at most. */
export const planted = { firstName: 'Rohinibai', lastName: 'Deshpande' } as const;

export const newSecret = () => `whsec_${randomBytes(32).toString('base64')}`;

export interface EndpointOptions {
  url: string;
  secret: string;
  eventTypes?: readonly AppointmentEventType[];
  patientNames?: boolean;
}

/** A clinic whose appointments are told to endpoints. */
export interface Clinic {
  tenantId: string;
  addEndpoint(options: EndpointOptions): Promise<string>;
  /** A scheduled appointment of version 1, told to nobody. */
  addAppointment(): Promise<string>;
  /** Raises the version, and tells it in the same transaction. */
  change(appointmentId: string, type: AppointmentEventType, by?: AppointmentChange['by']): Promise<number>;
  /** A new appointment, told as booked. @returns its id */
  book(): Promise<string>;
  deliveries(endpointId?: string): Promise<Delivery[]>;
  endpoint(id: string): Promise<Record<string, unknown>>;
  run(sql: string, values?: unknown[]): Promise<void>;
}

export interface Delivery {
  id: string;
  entity_id: string;
  entity_version: number;
  event_type: string;
  state: string;
  attempts: number;
  last_status: number | null;
  last_error: string | null;
  claim: string | null;
  /** Between the last change and the next attempt. */
  due_in_seconds: number;
}

export async function makeClinic(database: TestDatabase, api: Pool, sealer: Sealer): Promise<Clinic> {
  const tenantId = await database.addTenant();
  const { admin } = database;
  const [patientId, practitionerId] = [uuidV7(Date.now()), uuidV7(Date.now())];
  const run = async (sql: string, values: unknown[] = []) => {
    await admin.query(sql, [tenantId, ...values]);
  };
  await run(
    `INSERT INTO patients (tenant_id, id, first_name, last_name, origin, source, external_id)
     VALUES ($1, $2, $3, $4, 'desk', 'his', 'pat-7')`,
    [patientId, planted.firstName, planted.lastName],
  );
  await run(
    `INSERT INTO practitioners (tenant_id, id, display_name, source, external_id) VALUES ($1, $2, 'Dr. Mehta', 'his', 'doc-3')`,
    [practitionerId],
  );
  let hours = 0;

  const clinic: Clinic = {
    tenantId,
    run,
    async addEndpoint({ url, secret, eventTypes = [], patientNames = false }) {
      const id = uuidV7(Date.now());
      await run(
        `INSERT INTO webhook_endpoints (tenant_id, id, url, sealed_secret, event_types, patient_names) VALUES ($1, $2, $3, $4, $5, $6)`,
        [id, url, sealer.seal(Buffer.from(secret)), eventTypes, patientNames],
      );
      return id;
    },
    async addAppointment() {
      const id = uuidV7(Date.now());
      hours += 1;
      await run(
        `INSERT INTO appointments (tenant_id, id, patient_id, practitioner_id, status, starts_at, ends_at, channel, booked_at)
         VALUES ($1, $2, $3, $4, 'scheduled', timestamptz '2026-12-01 04:30:00Z' + make_interval(hours => $5),
           timestamptz '2026-12-01 05:00:00Z' + make_interval(hours => $5), 'voice', now())`,
        [id, patientId, practitionerId, hours],
      );
      return id;
    },
    change: (appointmentId, type, by = 'voice_agent') =>
      withTenant(api, tenantId, async (client) => {
        await lockTenant(client, tenantId);
        await client.query('UPDATE appointments SET version = version + 1 WHERE tenant_id = $1 AND id = $2', [
          tenantId,
          appointmentId,
        ]);
        return tellAppointments(client, tenantId, [{ appointmentId, type, at: new Date(), by }]);
      }),
    async book() {
      const id = await clinic.addAppointment();
      await clinic.change(id, 'appointment.booked');
      return id;
    },
    async deliveries(endpointId) {
      const { rows } = await admin.query<Delivery>(
        `SELECT id, entity_id, entity_version, event_type, state, attempts, last_status, last_error, claim,
           extract(epoch FROM next_attempt_at - updated_at)::float8 AS due_in_seconds
         FROM webhook_deliveries WHERE tenant_id = $1 AND ($2::uuid IS NULL OR endpoint_id = $2) ORDER BY id`,
        [tenantId, endpointId ?? null],
      );
      return rows;
    },
    async endpoint(id) {
      const { rows } = await admin.query<Record<string, unknown>>(
        `SELECT paused_reason, paused_at IS NOT NULL AS paused, failing_since IS NOT NULL AS failing,
           coalesce(not_before > now(), false) AS waits FROM webhook_endpoints WHERE tenant_id = $1 AND id = $2`,
        [tenantId, id],
      );
      return rows[0] ?? {};
    },
  };
  return clinic;
}
