import { randomUUID } from 'node:crypto';
import type { Pool } from '@switchboard/postgres';
import { loadTenantSettings, type TenantSettings } from '@switchboard/postgres/tenants';
import type { VoiceCallEnriched } from '@switchboard/schemas';
import type { TestDatabase } from '@switchboard/testkit/database';
import { analysis, enrichedEvent, receivedEvent } from '@switchboard/testkit/factories';
import { writeEvents } from '../write-events.ts';

/** Monday, 30 November 2026, 08:00 in the clinic, as Unix ms. */
const now = Date.parse('2026-11-30T08:00:00+05:30');
export const patient = '0197a000-0000-7000-8000-000000000001';
const phone = '+919812345678';

/** What an event says that its call asks for. */
export interface Said {
  intent?: string;
  entities?: Record<string, string>;
  status?: string;
  outcome?: string;
  dob?: string;
  type?: string;
  /** Names of the tools that the vendor tells of. */
  tools?: string[];
  /** Seconds after the call's start. */
  at?: number;
  /** When the call began, Unix ms; null: the event does not say. */
  began?: number | null;
}

/** A clinic of one practitioner, Dr. Rohan Mehta, nine to five each day, and of one patient, whose calls ask for visits. */
export interface AskingClinic {
  tenant: TenantSettings;
  run(sql: string, values?: unknown[]): Promise<Record<string, unknown>[]>;
  /** An event of a call, which it tells all of. */
  event(ref: string, said: Said): VoiceCallEnriched;
  /** Writes events, each in a transaction of its own. */
  write(events: readonly VoiceCallEnriched[]): Promise<void>;
}

export async function createAskingClinic(database: TestDatabase, pool: Pool): Promise<AskingClinic> {
  const tenantId = await database.addTenant();
  const tenant = (await loadTenantSettings(pool, [tenantId])).get(tenantId);
  if (!tenant) throw new Error('the tenant is there');
  const run: AskingClinic['run'] = async (sql, values = []) =>
    (await database.admin.query<Record<string, unknown>>(sql, [tenantId, ...values])).rows;
  const [location, practitioner] = [randomUUID(), randomUUID()];
  await run(
    `INSERT INTO locations (tenant_id, id, name, time_zone) VALUES ($1, $2, 'Main', 'Asia/Kolkata')`,
    [location],
  );
  await run(`INSERT INTO practitioners (tenant_id, id, display_name) VALUES ($1, $2, 'Dr. Rohan Mehta')`, [
    practitioner,
  ]);
  await run(
    `INSERT INTO practitioner_schedules (tenant_id, id, practitioner_id, location_id, weekday, starts, ends)
     SELECT $1, gen_random_uuid(), $2, $3, weekday, '09:00', '17:00' FROM generate_series(1, 7) AS weekday`,
    [practitioner, location],
  );
  await run(
    `INSERT INTO patients (tenant_id, id, first_name, last_name, date_of_birth, origin) VALUES ($1, $2, 'Asha', 'Rao', '1984-03-09', 'desk')`,
    [patient],
  );
  await run(
    `INSERT INTO patient_identifiers (tenant_id, patient_id, kind, value) VALUES ($1, $2, 'phone', $3)`,
    [patient, phone],
  );
  const options = { pool, pseudonymKey: Buffer.alloc(32, 7), now: () => now };
  return {
    tenant,
    run,
    event: (ref, said) => eventOf(tenantId, ref, said),
    async write(events) {
      for (const event of events) await writeEvents(options, tenant, [{ event, traceparent: null }]);
    },
  };
}

function eventOf(tenantId: string, ref: string, said: Said): VoiceCallEnriched {
  const {
    intent = 'book_appointment',
    entities = {},
    status = 'completed',
    dob = null,
    at = 0,
    began = now,
    outcome,
  } = said;
  const type = said.type ?? (status === 'completed' ? 'call.completed' : 'call.started');
  const turn = { speaker: 'caller' as const, start_ms: 0, end_ms: null, confidence: null };
  const received = receivedEvent({
    tenant_id: tenantId,
    call_id: ref,
    event_type: type,
    occurred_at: now + at * 1_000,
    transcript: { language: 'en', engine: null, turns: [{ index: 0, text: 'hello', ...turn }] },
    tool_calls: (said.tools ?? []).map((name) => ({
      ...{ id: name, name, requested_at: null, responded_at: null, ok: false },
    })),
    call: { status, from_number: phone, started_at: began },
    ...(outcome && { outcome }),
  });
  const found = Object.entries(entities).map(([name, normalised]) => ({
    ...{ name, value: normalised, normalised, turn: 0, start: 0, end: 5, confidence: 0.9 },
  }));
  return enrichedEvent(received, {
    analysis: analysis({ intent, entities: found }),
    contact_name: 'Asha Rao',
    contact_date_of_birth: dob,
  });
}
