import { uuidV7 } from '@switchboard/domain/ids';
import { clinicNumberSql } from '../people/answered-patients.ts';
import type { Queryable } from '../pool.ts';
import { type AppointmentEventType, wakeWebhooksSql } from './event-types.ts';

/** A change of an appointment, already written in the open transaction. */
export interface AppointmentChange {
  appointmentId: string;
  type: AppointmentEventType;
  /** When it happened. */
  at: Date;
  /** Who changed it. What the clinic's own system told us is not told back to it. */
  by: 'user' | 'api_key' | 'voice_agent' | 'clinic_system' | 'system';
}

interface Endpoint {
  id: string;
  event_types: string[];
  patient_names: boolean;
}

interface AppointmentRow {
  id: string;
  version: number;
  status: string;
  starts_at: Date;
  ends_at: Date;
  external_id: string | null;
  patient_external_id: string | null;
  first_name: string | null;
  last_name: string | null;
  practitioner_external_id: string | null;
}

/**
 * Writes what the clinic's endpoints are to be told of changes, in the transaction of the changes, so that none is told
 * that did not happen and none is lost. The body has the appointment as the transaction leaves it, with our
 * `appointment_id`, by which the clinic system's answer names it. The caller holds the tenant's lock, which makes an
 * appointment's versions follow each other. Told twice, a version is delivered once.
 * @returns how many deliveries were written
 */
export async function tellAppointments(
  client: Queryable,
  tenantId: string,
  changes: Iterable<AppointmentChange>,
): Promise<number> {
  const told = [...changes].filter(({ by }) => by !== 'clinic_system');
  if (told.length === 0) return 0;
  const { rows: endpoints } = await client.query<Endpoint>(
    `SELECT id, event_types, patient_names FROM webhook_endpoints
     WHERE tenant_id = $1 AND (event_types = '{}' OR event_types && $2)`,
    [tenantId, told.map(({ type }) => type)],
  );
  if (endpoints.length === 0) return 0;
  const appointments = await readAppointments(client, tenantId, told);
  const deliveries = told.flatMap((change) => {
    const appointment = appointments.get(change.appointmentId);
    if (!appointment) return [];
    return endpoints
      .filter(({ event_types: wanted }) => wanted.length === 0 || wanted.includes(change.type))
      .map((endpoint) => deliveryOf(tenantId, endpoint, change, appointment));
  });
  return writeDeliveries(client, deliveries);
}

export interface DeliveryRow {
  tenant_id: string;
  /** Also the body's `id` and the header `webhook-id`. */
  id: string;
  endpoint_id: string;
  event_type: string;
  entity_id: string;
  entity_version: number;
  body: Readonly<Record<string, unknown>>;
}

/** Stores deliveries that are due at once and wakes the worker. @returns how many were not there yet */
export async function writeDeliveries(
  client: Queryable,
  deliveries: readonly DeliveryRow[],
): Promise<number> {
  if (deliveries.length === 0) return 0;
  const { rowCount } = await client.query(
    `INSERT INTO webhook_deliveries (tenant_id, id, endpoint_id, event_type, entity_id, entity_version, body)
     SELECT tenant_id, id, endpoint_id, event_type, entity_id, entity_version, body
     FROM jsonb_populate_recordset(NULL::webhook_deliveries, $1::jsonb) ON CONFLICT DO NOTHING`,
    [JSON.stringify(deliveries)],
  );
  await client.query(wakeWebhooksSql);
  return rowCount ?? 0;
}

async function readAppointments(
  client: Queryable,
  tenantId: string,
  changes: readonly AppointmentChange[],
): Promise<Map<string, AppointmentRow>> {
  const { rows } = await client.query<AppointmentRow>(
    `SELECT a.id, a.version, a.status, a.starts_at, a.ends_at, a.external_id, ${clinicNumberSql} AS patient_external_id,
       p.first_name, p.last_name, d.external_id AS practitioner_external_id
     FROM appointments a
     LEFT JOIN patients p ON p.tenant_id = a.tenant_id AND p.id = a.patient_id
     LEFT JOIN practitioners d ON d.tenant_id = a.tenant_id AND d.id = a.practitioner_id
     WHERE a.tenant_id = $1 AND a.id = ANY ($2)`,
    [tenantId, [...new Set(changes.map(({ appointmentId }) => appointmentId))]],
  );
  return new Map(rows.map((row) => [row.id, row]));
}

function deliveryOf(
  tenantId: string,
  endpoint: Endpoint,
  { type, at }: AppointmentChange,
  appointment: AppointmentRow,
): DeliveryRow {
  const id = uuidV7(Date.now());
  const { first_name, last_name } = appointment;
  return {
    tenant_id: tenantId,
    id,
    endpoint_id: endpoint.id,
    event_type: type,
    entity_id: appointment.id,
    entity_version: appointment.version,
    body: {
      id,
      type,
      timestamp: at.toISOString(),
      data: {
        appointment_id: appointment.id,
        external_id: appointment.external_id,
        version: appointment.version,
        status: appointment.status,
        start: appointment.starts_at.toISOString(),
        end: appointment.ends_at.toISOString(),
        practitioner: { external_id: appointment.practitioner_external_id },
        patient: {
          external_id: appointment.patient_external_id,
          ...(endpoint.patient_names && { first_name, last_name }),
        },
      },
    },
  };
}
